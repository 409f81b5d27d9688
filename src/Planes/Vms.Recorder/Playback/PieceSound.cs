using System.Buffers;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>The sound of a piece without its pictures, in fragments of its own: as it is stored, or expanded.</summary>
internal static class PieceSound
{
    /// <summary>Some minutes of sound; pieces are about 4 s long, and end where the camera sends a keyframe.</summary>
    private const int MaxBytes = 8 << 20;

    /// <param name="fragments">Neighbours in the segment's file.</param>
    /// <param name="shiftTicks">Time of the piece = media time of the segment + this.</param>
    /// <param name="tracks">Positions in the segment's table.</param>
    /// <param name="around">As <see cref="SoundAround"/> finds it, for tracks that are expanded.</param>
    /// <exception cref="RecordingUnreadableException">It is not on the disk (any more).</exception>
    public static async Task<byte[]> MakeAsync(
        SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, long shiftTicks, IReadOnlyList<int> tracks, IReadOnlyList<PlannedRun> around,
        FragmentReader reader, CancellationToken cancellationToken)
    {
        if (tracks.Count == 0) return [];
        var run = SentRun.Of(segment, fragments, shiftTicks, number: 1, GetPlaybackMedia.Descriptions(segment));
        ExpandedTrack[] expanded = [.. run.Sound.Where(t => tracks.Contains(t.Index))];
        int[] stored = [.. tracks.Where(t => expanded.All(e => e.Index != t))];
        var sound = new ArrayBufferWriter<byte>();
        using var file = reader.Open(segment.Path);
        using var expanding = new SoundReader(around, reader);
        byte[] buffer = [];
        uint sequence = 1;
        for (int i = 0; i < fragments.Length && sound.WrittenCount < MaxBytes; i++)
        {
            if (stored.Length > 0)
            {
                var fragment = fragments.Span[i];
                if (buffer.Length < fragment.Length) buffer = new byte[fragment.Length];
                await reader.ReadStoredAsync(file, segment.Path, fragment, buffer.AsMemory(0, fragment.Length), cancellationToken);
                foreach (int track in stored)
                {
                    long shift = MediaTime.Rescale(shiftTicks, FragmentEntry.TicksPerSecond, segment.Tracks[track].Timescale);
                    Append(sound, sequence++, buffer.AsSpan(0, fragment.Length), shift, track);
                }
            }

            var (start, end) = run.SoundOf(i);
            int bytes = expanded.Sum(track => track.BytesOf(start, end));
            if (bytes == 0) continue;
            await expanding.WriteAsync(expanded, start, end, sequence, sound.GetMemory(bytes)[..bytes], cancellationToken);
            sound.Advance(bytes);
            sequence += (uint)expanded.Length;
        }

        return sound.WrittenSpan.ToArray();
    }

    /// <summary>The sound of a stored fragment as a fragment of its own; nothing when it has none.</summary>
    private static void Append(ArrayBufferWriter<byte> destination, uint sequence, ReadOnlySpan<byte> stored, long shift, int track)
    {
        var samples = new List<SoundSample>();
        var payload = new ArrayBufferWriter<byte>();
        long start = 0;
        var reading = new StoredTrack(stored, track);
        while (reading.Next())
        {
            if (samples.Count == 0) start = reading.Time;
            samples.Add(new SoundSample(reading.Payload.Length, reading.Ticks));
            payload.Write(reading.Payload);
        }

        if (samples.Count == 0) return;
        int header = CmafSoundFragment.HeaderBytes(samples.Count);
        CmafSoundFragment.WriteHeader(sequence, track, Math.Max(0, start + shift), samples.ToArray(), destination.GetSpan(header));
        destination.Advance(header);
        destination.Write(payload.WrittenSpan);
    }
}
