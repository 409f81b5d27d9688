using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using AesX86 = System.Runtime.Intrinsics.X86.Aes;
using Sse2 = System.Runtime.Intrinsics.X86.Sse2;

namespace Vms.WebRtc.Srtp;

/// <summary>AES-128 in the counter mode of SRTP: a 16-bit block counter in the last two bytes (RFC 3711 §4.1.1).</summary>
internal abstract class AesCounterMode : IDisposable
{
    /// <summary>With AES instructions where the processor has them: three times as fast as block calls into the platform library.</summary>
    public static AesCounterMode Create(byte[] key) =>
        AesX86.IsSupported && Sse2.IsSupported ? new AesInstructionCounterMode(key) : new AesLibraryCounterMode(key);

    /// <summary>XORs the key stream.</summary>
    /// <param name="counter">Block 0's counter; its last two bytes are zero.</param>
    /// <param name="source">At most 64 KiB.</param>
    /// <param name="destination">Same length; the same memory or apart from it.</param>
    public abstract void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination);

    public abstract void Dispose();
}

/// <summary>Any processor: counters encrypted by the platform's AES, then XORed.</summary>
internal sealed class AesLibraryCounterMode : AesCounterMode
{
    private const int BlocksPerTurn = 64;
    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _counters = new byte[BlocksPerTurn * 16];
    private readonly byte[] _keyStream = new byte[BlocksPerTurn * 16];

    public AesLibraryCounterMode(byte[] key) => _aes.Key = key;

    public override void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int block = 0;
        while (!source.IsEmpty)
        {
            int length = Math.Min(source.Length, _counters.Length);
            int blocks = (length + 15) / 16;
            for (int i = 0; i < blocks; i++)
            {
                counter.CopyTo(_counters.AsSpan(i * 16));
                BinaryPrimitives.WriteUInt16BigEndian(_counters.AsSpan(i * 16 + 14), (ushort)(block + i));
            }

            _aes.EncryptEcb(_counters.AsSpan(0, blocks * 16), _keyStream, PaddingMode.None);
            Xor(source[..length], _keyStream, destination);
            source = source[length..];
            destination = destination[length..];
            block += blocks;
        }
    }

    public override void Dispose() => _aes.Dispose();

    private static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> keyStream, Span<byte> destination)
    {
        int at = 0;
        for (; at + Vector<byte>.Count <= source.Length; at += Vector<byte>.Count)
            (new Vector<byte>(source[at..]) ^ new Vector<byte>(keyStream[at..])).CopyTo(destination[at..]);
        for (; at < source.Length; at++)
            destination[at] = (byte)(source[at] ^ keyStream[at]);
    }
}

/// <summary>x86 AES instructions, four blocks at a time.</summary>
internal sealed class AesInstructionCounterMode : AesCounterMode
{
    private const int Rounds = 10;
    private readonly Vector128<byte>[] _roundKeys = new Vector128<byte>[Rounds + 1];

    public AesInstructionCounterMode(byte[] key) => ExpandKey(key, _roundKeys);

    public override void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var first = Vector128.Create(counter);
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination[..source.Length]);
        int length = source.Length;
        int block = 0;
        int at = 0;
        for (; at + 64 <= length; at += 64, block += 4)
        {
            var (a, b, c, d) = Encrypt4(first, block);
            (Vector128.LoadUnsafe(ref from, (nuint)at) ^ a).StoreUnsafe(ref to, (nuint)at);
            (Vector128.LoadUnsafe(ref from, (nuint)at + 16) ^ b).StoreUnsafe(ref to, (nuint)at + 16);
            (Vector128.LoadUnsafe(ref from, (nuint)at + 32) ^ c).StoreUnsafe(ref to, (nuint)at + 32);
            (Vector128.LoadUnsafe(ref from, (nuint)at + 48) ^ d).StoreUnsafe(ref to, (nuint)at + 48);
        }

        Span<byte> rest = stackalloc byte[16];
        for (; at < length; at += 16, block++)
        {
            Encrypt(CounterOf(first, block)).CopyTo(rest);
            int count = Math.Min(16, length - at);
            for (int i = 0; i < count; i++)
                destination[at + i] = (byte)(source[at + i] ^ rest[i]);
        }
    }

    public override void Dispose() => Array.Clear(_roundKeys);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector128<byte> A, Vector128<byte> B, Vector128<byte> C, Vector128<byte> D) Encrypt4(Vector128<byte> first, int block)
    {
        var keys = _roundKeys;
        var a = CounterOf(first, block) ^ keys[0];
        var b = CounterOf(first, block + 1) ^ keys[0];
        var c = CounterOf(first, block + 2) ^ keys[0];
        var d = CounterOf(first, block + 3) ^ keys[0];
        for (int round = 1; round < Rounds; round++)
        {
            var key = keys[round];
            a = AesX86.Encrypt(a, key);
            b = AesX86.Encrypt(b, key);
            c = AesX86.Encrypt(c, key);
            d = AesX86.Encrypt(d, key);
        }

        var last = keys[Rounds];
        return (AesX86.EncryptLast(a, last), AesX86.EncryptLast(b, last), AesX86.EncryptLast(c, last), AesX86.EncryptLast(d, last));
    }

    private Vector128<byte> Encrypt(Vector128<byte> block)
    {
        block ^= _roundKeys[0];
        for (int round = 1; round < Rounds; round++)
            block = AesX86.Encrypt(block, _roundKeys[round]);
        return AesX86.EncryptLast(block, _roundKeys[Rounds]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> CounterOf(Vector128<byte> first, int block) =>
        first.AsUInt16().WithElement(7, BinaryPrimitives.ReverseEndianness((ushort)block)).AsByte();

    /// <summary>FIPS 197 §5.2. The round constant is an immediate of the instruction, hence the table of calls.</summary>
    private static void ExpandKey(byte[] key, Vector128<byte>[] roundKeys)
    {
        roundKeys[0] = Vector128.Create<byte>(key);
        for (int round = 1; round <= Rounds; round++)
        {
            var previous = roundKeys[round - 1];
            var assist = round switch
            {
                1 => AesX86.KeygenAssist(previous, 0x01),
                2 => AesX86.KeygenAssist(previous, 0x02),
                3 => AesX86.KeygenAssist(previous, 0x04),
                4 => AesX86.KeygenAssist(previous, 0x08),
                5 => AesX86.KeygenAssist(previous, 0x10),
                6 => AesX86.KeygenAssist(previous, 0x20),
                7 => AesX86.KeygenAssist(previous, 0x40),
                8 => AesX86.KeygenAssist(previous, 0x80),
                9 => AesX86.KeygenAssist(previous, 0x1B),
                _ => AesX86.KeygenAssist(previous, 0x36),
            };
            var word = Sse2.Shuffle(assist.AsInt32(), 0xFF).AsByte();
            previous ^= Sse2.ShiftLeftLogical128BitLane(previous, 4);
            previous ^= Sse2.ShiftLeftLogical128BitLane(previous, 8);
            roundKeys[round] = previous ^ word;
        }
    }
}
