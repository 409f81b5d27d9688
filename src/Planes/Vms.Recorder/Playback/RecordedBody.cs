using System.Security.Cryptography;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>Neighbouring fragments of one archive file as they will be sent.</summary>
/// <param name="FirstPatch">How the first of them moves; the others get the numbers that follow.</param>
/// <param name="ParameterSets">Go into every fragment that starts with a keyframe; empty for none.</param>
internal sealed record SentRun(
    SegmentRow Segment, ReadOnlyMemory<FragmentEntry> Fragments, FragmentPatch FirstPatch, ReadOnlyMemory<byte> ParameterSets)
{
    public int LengthOf(in FragmentEntry fragment) => fragment.Length + ParameterSetsOf(fragment).Length;

    public ReadOnlyMemory<byte> ParameterSetsOf(in FragmentEntry fragment) => fragment.StartsWithKeyframe ? ParameterSets : default;
}

/// <summary>One fragment of a body.</summary>
/// <param name="Start">Its first byte in the body.</param>
/// <param name="Path">The archive file it is in.</param>
internal readonly record struct SentFragment(long Start, string Path, FragmentEntry Stored, FragmentPatch Patch)
{
    public int Length => Stored.Length + Patch.ParameterSets.Length;
}

/// <summary>
/// A response body made of bytes in memory and stored fragments. Its length and its entity tag follow from the index alone: no file
/// is opened before a byte of it is asked for.
/// </summary>
internal sealed class RecordedBody
{
    private readonly IReadOnlyList<SentRun> _runs;
    private readonly long[] _starts;

    public RecordedBody(ReadOnlyMemory<byte> head, IReadOnlyList<SentRun> runs)
    {
        Head = head;
        Length = head.Length;
        _runs = runs;
        _starts = new long[runs.Count];
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = Length;
            foreach (ref readonly var fragment in runs[i].Fragments.Span) Length += runs[i].LengthOf(fragment);
        }

        EntityTag = TagOf(head.Span, runs);
    }

    public ReadOnlyMemory<byte> Head { get; }

    public long Length { get; }

    /// <summary>Strong: equal tags, equal bytes. Without quotes.</summary>
    public string EntityTag { get; }

    /// <summary>The fragment that holds a byte of the body behind <see cref="Head"/>.</summary>
    public SentFragment At(long position)
    {
        int index = Array.BinarySearch(_starts, position);
        index = index < 0 ? ~index - 1 : index;
        var run = _runs[index];
        var fragments = run.Fragments.Span;
        long start = _starts[index];
        int i = 0;
        for (; start + run.LengthOf(fragments[i]) <= position; i++) start += run.LengthOf(fragments[i]);
        var patch = run.FirstPatch with
        {
            FragmentNumber = run.FirstPatch.FragmentNumber + (uint)i,
            ParameterSets = run.ParameterSetsOf(fragments[i]),
        };
        return new SentFragment(start, run.Segment.Path, fragments[i], patch);
    }

    // Archive files are never changed: which bytes of which file, and how they move, is all there is to know.
    private static string TagOf(ReadOnlySpan<byte> head, IReadOnlyList<SentRun> runs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (var run in runs)
        {
            hash.AppendData(run.Segment.Id.ToByteArray());
            foreach (long value in (ReadOnlySpan<long>)
                [
                    run.Fragments.Span[0].Offset, run.Fragments.Span[^1].EndOffset, run.FirstPatch.ShiftTicks, run.FirstPatch.FragmentNumber,
                    run.FirstPatch.SampleDescriptions[0], run.ParameterSets.Length,
                ])
            {
                hash.AppendData(BitConverter.GetBytes(value));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
