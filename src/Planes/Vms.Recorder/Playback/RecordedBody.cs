using System.Runtime.InteropServices;
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
    /// <summary>Tracks whose sound is made while sending; what is stored of them is left out by <see cref="FirstPatch"/>.</summary>
    public IReadOnlyList<ExpandedTrack> Sound { get; init; } = [];

    /// <summary>Nothing else than <see cref="Sound"/> is sent.</summary>
    public bool SoundAlone { get; init; }

    /// <summary>All that is recorded, with the sound that browsers do not play made into such that they do.</summary>
    /// <param name="shiftTicks">Time of the body = media time of the segment + this.</param>
    /// <param name="number">Of the first fragment.</param>
    /// <param name="descriptions">Per track its sample_description_index.</param>
    public static SentRun Of(
        SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, long shiftTicks, uint number, IReadOnlyList<uint> descriptions,
        ReadOnlyMemory<byte> parameterSets = default)
    {
        var sound = ExpandedTrack.In(segment.Tracks, descriptions);
        byte leftOut = 0;
        foreach (var track in sound) leftOut |= (byte)(1 << track.Index);
        var patch = new FragmentPatch(number, shiftTicks, segment.Tracks, descriptions, default) { LeftOut = leftOut };
        return new SentRun(segment, fragments, patch, parameterSets) { Sound = sound };
    }

    /// <summary>Where the fragment's sound begins in the body, and where it ends.</summary>
    public (long StartTicks, long EndTicks) SoundOf(int fragment)
    {
        var fragments = Fragments.Span;
        long end = fragment + 1 < fragments.Length ? fragments[fragment + 1].StartTicks : fragments[fragment].EndTicks;
        return (fragments[fragment].StartTicks + FirstPatch.ShiftTicks, end + FirstPatch.ShiftTicks);
    }

    public int LengthOf(int fragment) => StoredLengthOf(fragment) + SoundLengthOf(fragment);

    /// <summary>What is sent of a stored fragment, with the parameter sets.</summary>
    public int StoredLengthOf(int fragment) => SoundAlone ? 0 : Fragments.Span[fragment].Length + ParameterSetsOf(fragment).Length;

    public ReadOnlyMemory<byte> ParameterSetsOf(int fragment) => Fragments.Span[fragment].StartsWithKeyframe ? ParameterSets : default;

    private int SoundLengthOf(int fragment)
    {
        if (Sound.Count == 0) return 0;
        var (start, end) = SoundOf(fragment);
        int bytes = 0;
        foreach (var track in Sound) bytes += track.BytesOf(start, end);
        return bytes;
    }
}

/// <summary>One fragment of a body.</summary>
/// <param name="Start">Its first byte in the body.</param>
/// <param name="Length">With its sound.</param>
/// <param name="StoredLength">Of what is stored, with the parameter sets; the sound follows.</param>
/// <param name="Index">In the run.</param>
internal readonly record struct SentFragment(long Start, int Length, int StoredLength, SentRun Run, int Index, FragmentPatch Patch)
{
    /// <summary>The archive file it is in.</summary>
    public string Path => Run.Segment.Path;

    public FragmentEntry Stored => Run.Fragments.Span[Index];
}

/// <summary>
/// A response body made of bytes in memory and stored fragments. Its length and its entity tag follow from the index alone: no file
/// is opened before a byte of it is asked for.
/// </summary>
internal sealed class RecordedBody
{
    private readonly IReadOnlyList<SentRun> _runs;
    private readonly long[] _starts;
    private readonly uint _numbersEach;         // its sound needs sequence numbers of its own

    /// <param name="around">Where the sound of the runs is: they themselves and what lies beside them, on the body's timeline.</param>
    public RecordedBody(ReadOnlyMemory<byte> head, IReadOnlyList<SentRun> runs, IReadOnlyList<PlannedRun>? around = null)
    {
        Head = head;
        Around = around ?? [];
        _numbersEach = Around.Count > 0 ? FragmentHeader.MaxTracks + 1u : 1;
        Length = head.Length;
        _runs = runs;
        _starts = new long[runs.Count];
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = Length;
            for (int fragment = 0; fragment < runs[i].Fragments.Length; fragment++) Length += runs[i].LengthOf(fragment);
        }

        EntityTag = TagOf(head.Span, runs, Around);
    }

    public ReadOnlyMemory<byte> Head { get; }

    public IReadOnlyList<PlannedRun> Around { get; }

    public long Length { get; }

    /// <summary>Strong: equal tags, equal bytes. Without quotes.</summary>
    public string EntityTag { get; }

    /// <summary>The fragment that holds a byte of the body behind <see cref="Head"/>.</summary>
    public SentFragment At(long position)
    {
        int index = Array.BinarySearch(_starts, position);
        index = index < 0 ? ~index - 1 : index;
        var run = _runs[index];
        long start = _starts[index];
        int i = 0;
        int length;
        while (start + (length = run.LengthOf(i)) <= position)
        {
            start += length;
            i++;
        }

        var patch = run.FirstPatch with
        {
            FragmentNumber = (run.FirstPatch.FragmentNumber + (uint)i) * _numbersEach,
            ParameterSets = run.ParameterSetsOf(i),
        };
        return new SentFragment(start, length, run.StoredLengthOf(i), run, i, patch);
    }

    // Archive files are never changed: which bytes of which file, and how they move, is all there is to know.
    private static string TagOf(ReadOnlySpan<byte> head, IReadOnlyList<SentRun> runs, IReadOnlyList<PlannedRun> around)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (var run in runs)
        {
            Append(run.Segment, run.Fragments.Span,
            [
                run.FirstPatch.ShiftTicks, run.FirstPatch.FragmentNumber, run.FirstPatch.SampleDescriptions[0], run.FirstPatch.LeftOut,
                run.ParameterSets.Length, run.Sound.Count, run.SoundAlone ? 1 : 0,
            ]);
        }

        // The newest footage gets neighbours, and with them the last of its sound.
        foreach (var run in around) Append(run.Segment, run.Fragments.Span, [run.ShiftTicks]);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));

        void Append(SegmentRow segment, ReadOnlySpan<FragmentEntry> fragments, ReadOnlySpan<long> values)
        {
            hash.AppendData(segment.Id.ToByteArray());
            hash.AppendData(MemoryMarshal.AsBytes<long>([fragments[0].Offset, fragments[^1].EndOffset]));
            hash.AppendData(MemoryMarshal.AsBytes(values));
        }
    }
}
