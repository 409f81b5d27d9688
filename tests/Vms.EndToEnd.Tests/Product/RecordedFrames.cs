using System.Globalization;
using System.Text;

namespace Vms.EndToEnd.Tests.Product;

/// <summary>Reads the frame numbers that the simulated cameras put into every access unit out of recorded bytes, no demuxer needed.</summary>
public static class RecordedFrames
{
    private static readonly byte[] s_mark = Encoding.ASCII.GetBytes("VMSSIM c=");

    /// <summary>Frame numbers by camera number, in the order of the bytes.</summary>
    public static Dictionary<int, List<long>> In(IEnumerable<string> files)
    {
        var frames = new Dictionary<int, List<long>>();
        foreach (var file in files)
            Add(frames, File.ReadAllBytes(file));
        return frames;
    }

    public static void Add(Dictionary<int, List<long>> frames, ReadOnlySpan<byte> bytes)
    {
        // "VMSSIM c=00001 n=0000000042 t=…"
        while (bytes.IndexOf(s_mark) is >= 0 and var at && at + s_mark.Length + 18 <= bytes.Length)
        {
            bytes = bytes[(at + s_mark.Length)..];
            if (!int.TryParse(bytes[..5], CultureInfo.InvariantCulture, out var camera) || !long.TryParse(bytes.Slice(8, 10), CultureInfo.InvariantCulture, out var number))
                continue;
            if (!frames.TryGetValue(camera, out var numbers))
                frames[camera] = numbers = [];
            numbers.Add(number);
        }
    }

    /// <summary>Numbers missing between the first and the last, and numbers seen more than once.</summary>
    public static (IReadOnlyList<long> Lost, IReadOnlyList<long> Repeated) Account(IReadOnlyList<long> numbers)
    {
        var seen = numbers.CountBy(n => n).ToDictionary();
        var lost = new List<long>();
        for (var n = numbers.Min(); n <= numbers.Max(); n++)
        {
            if (!seen.ContainsKey(n))
                lost.Add(n);
        }

        return (lost, [.. seen.Where(s => s.Value > 1).Select(s => s.Key)]);
    }
}
