using System.Buffers;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Containers;
using Vms.Containers.Flv;
using Vms.Containers.Mp4;

namespace Vms.Recorder.Playback;

/// <summary>A piece of the archive in H.264: its fragments, with the piece's beginning at media time 0.</summary>
internal sealed class ConvertedPiece
{
    private const int TicksPerMs = FragmentEntry.TicksPerSecond / 1000;

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _fragments;
    private readonly long _leadTicks;

    private ConvertedPiece(TrackInfo track, IReadOnlyList<ReadOnlyMemory<byte>> fragments, long leadTicks)
    {
        Track = track;
        _fragments = fragments;
        _leadTicks = leadTicks;
        Bytes = fragments.Sum(f => (long)f.Length);
    }

    /// <summary>As an init segment describes it; the same for all pieces of one recording.</summary>
    public TrackInfo Track { get; }

    public long Bytes { get; }

    /// <param name="others">Tracks behind the video in the same segment, as they are sent.</param>
    public byte[] Init(IEnumerable<TrackInfo> others)
    {
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, [Track, .. others]);
        return init.WrittenSpan.ToArray();
    }

    /// <summary>The piece at its place on a playlist's timeline.</summary>
    public byte[] At(long startTicks, uint number)
    {
        var body = new byte[Bytes];
        int at = 0;
        foreach (var fragment in _fragments)
        {
            var part = body.AsSpan(at, fragment.Length);
            fragment.Span.CopyTo(part);
            new FragmentPatch(number++, startTicks + _leadTicks, [Track], [1], default).TryApply(part);
            at += part.Length;
        }

        return body;
    }

    /// <summary>Reads what the converter writes until it ends; null when that is no video of ours.</summary>
    /// <param name="startMs">The converter's time of the piece's beginning.</param>
    /// <param name="durationTicks">How long the piece lasts.</param>
    /// <param name="startUs">Capture time of its beginning.</param>
    public static async Task<ConvertedPiece?> ReadAsync(
        Stream output, long startMs, long durationTicks, long startUs, CancellationToken cancellationToken)
    {
        var flv = new FlvVideoReader();
        var writing = new Writing(startMs, durationTicks, startUs);
        while (await output.ReadAsync(flv.Room, cancellationToken) is > 0 and int count)
        {
            flv.Filled(count);
            if (!writing.Take(flv))
                return null;
        }

        return writing.Finish();
    }

    private sealed class Writing(long startMs, long durationTicks, long startUs)
    {
        private readonly Fmp4FragmentBuilder _builder = new();
        private readonly List<ReadOnlyMemory<byte>> _fragments = [];
        private TrackInfo? _track;
        private long? _firstTicks;
        private long _sequence;

        public bool Take(FlvVideoReader flv)
        {
            while (true)
            {
                switch (flv.TryRead(out var payload))
                {
                    case FlvRead.Incomplete:
                        return true;
                    case FlvRead.Configuration when _track is null && TryBegin(payload.ToArray()):
                        break;
                    case FlvRead.Picture when _track is not null:
                        Add(HeaderAt((flv.PresentationMs - startMs) * TicksPerMs, flv.IsKeyframe), payload);
                        break;
                    default:
                        return false;
                }
            }
        }

        public ConvertedPiece? Finish()
        {
            if (_track is null || _firstTicks is not { } lead)
                return null;
            var end = HeaderAt(durationTicks, isKeyframe: true);
            _fragments.Add(_builder.Finish(end, out _).ToArray());
            return new ConvertedPiece(_track, _fragments, lead);
        }

        private bool TryBegin(byte[] avcC)
        {
            if (!AvcDecoderConfiguration.TryParse(avcC, out var avc) || avc.Sps.Count == 0 || !H264Sps.TryParse(avc.Sps[0].Span, out var sps))
                return false;
            _track = new TrackInfo(0, CodecKind.H264, FragmentEntry.TicksPerSecond, avcC, sps.Width, sps.Height);
            _builder.BeginSegment([_track], 1, 1);
            return true;
        }

        private void Add(in SampleHeader header, ReadOnlySpan<byte> payload)
        {
            _firstTicks ??= header.Pts;
            if (_builder.AddSample(header, ++_sequence, payload))
                return;
            _fragments.Add(_builder.Finish(header, out _).ToArray());
            _builder.AddSample(header, _sequence, payload);
        }

        private SampleHeader HeaderAt(long ticks, bool isKeyframe) => new(
            0, isKeyframe ? SampleFlags.Keyframe : SampleFlags.None, GapCause.None, 1, ticks,
            startUs + new MediaTime(ticks, FragmentEntry.TicksPerSecond).ToMicroseconds());
    }
}
