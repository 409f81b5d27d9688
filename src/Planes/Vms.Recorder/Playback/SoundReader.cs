using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Vms.Codecs;
using Vms.Codecs.Pcm;
using Vms.Containers;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback;

/// <summary>
/// Makes the sound of a body's fragments. Sound is stored in the order of its arrival: what is heard with the pictures of one fragment
/// may stand in its neighbours, so those are read as well, up to a second to both sides. What is nowhere is silence. The bytes depend
/// on the fragments alone, not on what was read before. One caller at a time.
/// </summary>
/// <param name="around">The runs the body is made of, and what lies beside it, on the body's timeline and in its order.</param>
internal sealed class SoundReader(IReadOnlyList<PlannedRun> around, FragmentReader reader) : IDisposable
{
    /// <summary>No sound is further away from its pictures.</summary>
    public const long SlackTicks = FragmentEntry.TicksPerSecond;

    private readonly Dictionary<TrackInfo, PcmDecoder> _decoders = [];
    private List<Neighbour> _neighbours = [];
    private SafeFileHandle? _file;
    private string? _path;
    private short[] _decoded = [];

    /// <summary>Writes the sound of all expanded tracks between two times of the body.</summary>
    /// <param name="sequence">mfhd sequence number of the first fragment written.</param>
    /// <param name="destination">As long as <see cref="ExpandedTrack.BytesOf"/> says of all of them.</param>
    public async ValueTask WriteAsync(
        IReadOnlyList<ExpandedTrack> tracks, long startTicks, long endTicks, uint sequence, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await MoveToAsync(startTicks - SlackTicks, endTicks + SlackTicks, cancellationToken);
        foreach (var track in tracks)
        {
            var (first, count) = track.SamplesOf(startTicks, endTicks);
            if (count == 0) continue;
            short[] samples = ArrayPool<short>.Shared.Rent(count * track.Channels);
            try
            {
                var wanted = samples.AsSpan(0, count * track.Channels);
                wanted.Clear();
                foreach (var decoder in _decoders.Values) decoder.Reset();
                foreach (var neighbour in _neighbours) Lay(neighbour, track, first, wanted);
                destination = destination[track.Write(sequence++, wanted, first, destination.Span)..];
            }
            finally
            {
                ArrayPool<short>.Shared.Return(samples);
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private async ValueTask MoveToAsync(long from, long to, CancellationToken cancellationToken)
    {
        var before = _neighbours;
        _neighbours = [];
        foreach (var run in around)
        {
            if (run.StartTicks >= to) break;
            if (run.EndTicks <= from) continue;
            for (int i = run.FirstEndingBehind(from); i < run.Fragments.Length; i++)
            {
                var fragment = run.Fragments.Span[i];
                if (fragment.StartTicks + run.ShiftTicks >= to) break;
                var known = before.Find(n => n.Offset == fragment.Offset && ReferenceEquals(n.Run, run));
                _neighbours.Add(known ?? await LoadAsync(run, fragment, cancellationToken));
            }
        }
    }

    private async ValueTask<Neighbour> LoadAsync(PlannedRun run, FragmentEntry fragment, CancellationToken cancellationToken)
    {
        byte[] stored = ArrayPool<byte>.Shared.Rent(fragment.Length);
        try
        {
            if (_path != run.Segment.Path)
            {
                _file?.Dispose();
                _file = null;
                _file = reader.Open(run.Segment.Path);
                _path = run.Segment.Path;
            }

            await reader.ReadStoredAsync(_file!, run.Segment.Path, fragment, stored.AsMemory(0, fragment.Length), cancellationToken);
            return Neighbour.Of(run, fragment.Offset, stored.AsSpan(0, fragment.Length));
        }
        catch (RecordingUnreadableException e) when (e.Reason != UnreadableReason.ReadError)
        {
            // Whoever asks for its pictures is told. Its sound is missing from a second of others.
            if (_file is null) _path = null;
            return new Neighbour(run, fragment.Offset, [], []);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>Puts what a fragment holds of a track where it belongs.</summary>
    private void Lay(Neighbour neighbour, ExpandedTrack track, long first, Span<short> wanted)
    {
        if (track.Index >= neighbour.Run.Segment.Tracks.Count) return;
        var stored = neighbour.Run.Segment.Tracks[track.Index];
        if (!_decoders.TryGetValue(stored, out var decoder))
        {
            if (!PcmDecoder.TryCreate(stored, out decoder)) return;
            _decoders.Add(stored, decoder);
        }

        // The camera was set to another rate meanwhile.
        if (decoder.AsFlac.Timescale != track.Timescale || decoder.Channels != track.Channels) return;
        int channels = track.Channels;
        long shift = track.SampleAt(neighbour.Run.ShiftTicks);
        foreach (var frame in neighbour.Frames)
        {
            if (frame.Track != track.Index) continue;
            int count = decoder.SamplesIn(frame.Length);
            if (_decoded.Length < count * channels) _decoded = new short[count * channels];
            decoder.Decode(neighbour.Bytes.AsSpan(frame.Offset, frame.Length), _decoded.AsSpan(0, count * channels));

            long at = frame.Time + shift - first;      // in `wanted`
            int from = (int)Math.Clamp(-at, 0, count);
            int to = (int)Math.Clamp(wanted.Length / channels - at, from, count);
            if (to > from) _decoded.AsSpan(from * channels, (to - from) * channels).CopyTo(wanted[(int)((at + from) * channels)..]);
        }
    }

    /// <summary>One frame of sound.</summary>
    /// <param name="Time">On the segment's timeline, in samples.</param>
    /// <param name="Offset">In <see cref="Neighbour.Bytes"/>.</param>
    private readonly record struct Frame(int Track, long Time, int Offset, int Length);

    /// <summary>A fragment without its pictures.</summary>
    private sealed record Neighbour(PlannedRun Run, long Offset, Frame[] Frames, byte[] Bytes)
    {
        /// <summary>A second of eight channels at 96 kHz; more is no sound of a camera.</summary>
        private const int MaxBytes = 2 << 20;

        public static Neighbour Of(PlannedRun run, long offset, ReadOnlySpan<byte> fragment)
        {
            var frames = new List<Frame>();
            var bytes = new ArrayBufferWriter<byte>();
            for (int i = 0; i < run.Segment.Tracks.Count; i++)
            {
                if (!ExpandedTrack.Is(run.Segment.Tracks[i])) continue;
                var samples = new StoredTrack(fragment, i);
                while (samples.Next() && bytes.WrittenCount + samples.Payload.Length <= MaxBytes)
                {
                    frames.Add(new Frame(i, samples.Time, bytes.WrittenCount, samples.Payload.Length));
                    bytes.Write(samples.Payload);
                }
            }

            return new Neighbour(run, offset, [.. frames], bytes.WrittenSpan.ToArray());
        }
    }
}
