using System.Buffers.Binary;
using System.Text;

namespace Vms.Fuzz.Tests;

/// <summary>Makes new inputs out of old ones: one to eight small changes, some of them at the places where parsers go wrong (lengths, counts,
/// ends). The same random numbers give the same inputs.</summary>
internal sealed class Mutator(Random random, FuzzTarget target)
{
    private static readonly byte[] s_bytes = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, (byte)'\r', (byte)'\n', (byte)' ', (byte)'$', (byte)'0'];
    private static readonly uint[] s_numbers = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];
    private static readonly string[] s_digits = ["0", "-1", "65535", "65536", "2147483647", "4294967296", "99999999999999999999"];

    /// <param name="pool">Not empty; parts of others are spliced in.</param>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> pool)
    {
        var bytes = new List<byte>(input);
        for (int changes = 1 + random.Next(8); changes > 0; changes--)
            Change(bytes, pool);
        if (bytes.Count > target.MaxInput)
            bytes.RemoveRange(target.MaxInput, bytes.Count - target.MaxInput);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> pool)
    {
        int at = random.Next(bytes.Count + 1);
        switch (random.Next(12))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when at < bytes.Count:
                bytes[at] = s_bytes[random.Next(s_bytes.Length)];
                break;
            case 3:
                Overwrite(bytes, at, Number());
                break;
            case 4:
                bytes.RemoveRange(at, Math.Min(Length(), bytes.Count - at));
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(Length(), bytes.Count - at)));
                break;
            case 6:
                var noise = new byte[Length()];
                random.NextBytes(noise);
                bytes.InsertRange(at, noise);
                break;
            case 7 when target.Words.Count > 0:
                bytes.InsertRange(at, target.Words[random.Next(target.Words.Count)]);
                break;
            case 8 when target.Words.Count > 0:
                Overwrite(bytes, at, target.Words[random.Next(target.Words.Count)]);
                break;
            case 9:
                Splice(bytes, at, pool[random.Next(pool.Count)]);
                break;
            case 10:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 11:
                ChangeDigits(bytes, at);
                break;
        }
    }

    /// <summary>Mostly short, now and then long.</summary>
    private int Length() => 1 + random.Next(1 << random.Next(1, 11));

    private byte[] Number()
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, s_numbers[random.Next(s_numbers.Length)]);
        return number[(4 - (1 << random.Next(3)))..].ToArray();
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        for (int i = 0; i < with.Length && at + i < bytes.Count; i++)
            bytes[at + i] = with[i];
    }

    private void Splice(List<byte> bytes, int at, byte[] other)
    {
        int from = random.Next(other.Length + 1);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other[from..]);
    }

    /// <summary>The next decimal number in the text becomes another one.</summary>
    private void ChangeDigits(List<byte> bytes, int at)
    {
        int start = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0)
            return;
        int end = bytes.FindIndex(start, b => b is < (byte)'0' or > (byte)'9');
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.ASCII.GetBytes(s_digits[random.Next(s_digits.Length)]));
    }
}
