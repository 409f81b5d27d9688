using Vms.Containers;
using Vms.Containers.Mp4;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>Files of the archive: somebody may have changed them, and a power cut may have torn them.</summary>
internal static class ContainerTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("mp4-init", Init) { MaxInput = 8192, MaxAllocated = 1 << 20 },
        new FuzzTarget("mp4-fragments", Fragments),
        new FuzzTarget("gop-table", Gops) { MaxInput = 4096 },
    ];

    private static void Init(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (!Fmp4InitReader.TryRead(input, out var tracks, out int bytes))
            return;

        outcome.AddSize(bytes);
        foreach (var track in tracks)
            outcome.Add((int)track.Codec);
    }

    private static void Fragments(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        using var file = new MemoryStream(input.ToArray());
        var scan = Fmp4FragmentScanner.Scan(file, 0);
        outcome.Add(scan.Fragments.Count);
        outcome.AddSize(scan.GoodEnd);
        outcome.Add(Fmp4FragmentScanner.IsGood(input));
        foreach (var fragment in scan.Fragments)
            outcome.AddSize(StoredKeyframe.TryRead(input.Slice((int)fragment.Offset, fragment.Length), out var keyframe) ? 1 + keyframe.Length : 0);

        for (int track = 0; track < 2; track++)
        {
            var samples = new StoredTrack(input, track);
            while (samples.Next())
            {
                outcome.AddSize(samples.Payload.Length);
                if (input.Slice(samples.PayloadOffset, samples.Payload.Length) != samples.Payload)
                    throw new InvalidDataException("A sample is not where it is said to be.");
            }
        }

        if (scan.GoodEnd > input.Length)
            throw new InvalidDataException("Good content ends behind the end of the file.");
    }

    private static void Gops(ReadOnlySpan<byte> input, ref Outcome outcome) =>
        outcome.AddSize(GopTable.TryDecode(input, out var fragments) ? 1 + fragments.Length : 0);
}
