using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Vms.Containers;

/// <summary>
/// The compact list of a segment's fragments, as it stands in the index (docs/ref/segment-format.md): one version byte, then per
/// fragment six variable-length integers, each relative to what the fragment before predicts. About 10 bytes per fragment.
/// </summary>
/// <remarks>Append-only: the encoding of n fragments is a prefix of the encoding of n + 1.</remarks>
public static class GopTable
{
    public const byte FormatVersion = 1;

    /// <summary>Decoding refuses more. At one fragment a second this is 36 hours of one segment.</summary>
    public const int MaxFragments = 131_072;

    /// <summary>Decoding refuses a fragment longer than this; the builder refuses to write one.</summary>
    public const int MaxFragmentBytes = 64 * 1024 * 1024;

    private const int MaxBytesPerEntry = 6 * Varint.MaxBytes;
    private const int MinBytesPerEntry = 6;

    public static byte[] Encode(ReadOnlySpan<FragmentEntry> fragments)
    {
        var buffer = new ArrayBufferWriter<byte>(1 + fragments.Length * 16);
        var previous = default(FragmentEntry);
        buffer.Write([FormatVersion]);
        foreach (ref readonly var fragment in fragments)
        {
            Append(buffer, previous, fragment);
            previous = fragment;
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Adds one fragment to a table that starts with <see cref="FormatVersion"/>.</summary>
    /// <param name="previous">The fragment before it; default for the first.</param>
    public static void Append(IBufferWriter<byte> table, in FragmentEntry previous, in FragmentEntry fragment)
    {
        var span = table.GetSpan(MaxBytesPerEntry);
        int n = Varint.Write(span, (ulong)(fragment.Offset - previous.EndOffset));
        n += Varint.Write(span[n..], (ulong)fragment.Length);
        n += Varint.Write(span[n..], Varint.ZigZag(fragment.StartTicks - previous.EndTicks));
        n += Varint.Write(span[n..], (ulong)fragment.DurationTicks);
        n += Varint.Write(span[n..], ((ulong)fragment.SampleCount << 1) | (fragment.StartsWithKeyframe ? 1u : 0u));
        n += Varint.Write(span[n..], Varint.ZigZag(fragment.CaptureTimeUs - PredictedCapture(previous)));
        table.Advance(n);
    }

    /// <summary>False for anything that <see cref="Encode"/> cannot have written. Safe for any input.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> table, [NotNullWhen(true)] out FragmentEntry[]? fragments)
    {
        fragments = null;
        if (table.IsEmpty || table[0] != FormatVersion) return false;

        table = table[1..];
        var list = new List<FragmentEntry>(Math.Min(table.Length / MinBytesPerEntry, 4096));
        var previous = default(FragmentEntry);
        while (!table.IsEmpty)
        {
            if (list.Count == MaxFragments || !TryReadEntry(ref table, previous, out var entry)) return false;
            list.Add(entry);
            previous = entry;
        }

        fragments = [.. list];
        return true;
    }

    private static bool TryReadEntry(ref ReadOnlySpan<byte> table, in FragmentEntry previous, out FragmentEntry entry)
    {
        entry = default;
        if (!Varint.TryRead(ref table, out ulong skipped) || skipped > long.MaxValue / 2
            || !Varint.TryRead(ref table, out ulong length) || length is 0 or > MaxFragmentBytes
            || !Varint.TryRead(ref table, out ulong startDelta)
            || !Varint.TryRead(ref table, out ulong duration) || duration > int.MaxValue
            || !Varint.TryRead(ref table, out ulong count) || count >> 1 > int.MaxValue
            || !Varint.TryRead(ref table, out ulong captureDelta))
        {
            return false;
        }

        long offset = unchecked(previous.EndOffset + (long)skipped);
        if (offset < 0 || offset > long.MaxValue - MaxFragmentBytes) return false;

        entry = new FragmentEntry(
            offset,
            (int)length,
            unchecked(previous.EndTicks + Varint.UnZigZag(startDelta)),
            (int)duration,
            (int)(count >> 1),
            (count & 1) != 0,
            unchecked(PredictedCapture(previous) + Varint.UnZigZag(captureDelta)));
        return true;
    }

    // A steady camera's next fragment starts exactly one duration later on both clocks: the deltas are then 0 or a few µs.
    private static long PredictedCapture(in FragmentEntry previous) =>
        unchecked(previous.CaptureTimeUs + previous.DurationTicks * 100L / 9);
}
