using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;

namespace Vms.Containers.Mp4;

/// <summary>Where a part stands on its track's timeline, in the track's timescale.</summary>
/// <param name="Duration">As far as it is known before the next sample comes: the distance to the sample before.</param>
public readonly record struct PartTimes(long DecodeTime, long PresentationTime, int Duration);

/// <summary>
/// Live fragments: one `moof` + `mdat` per sample, the smallest thing that MSE accepts, and in front a `prft` that says when the sample was captured
/// (ISO/IEC 14496-12 §8.16.5). The header has a constant size, so that it
/// can stand in front of a payload that is copied once.
/// </summary>
/// <remarks>
/// Decode times come without waiting: a video sample decodes when the picture that is <c>reorderDepth</c> pictures older in
/// presentation order does (H.264 §C.4.5.3, "bumping"); with depth 0 that is its own PTS. Times rise over a discontinuity: the
/// timeline goes on by as much as the capture time did. No allocation after <see cref="Begin"/>. One caller at a time.
/// </remarks>
public sealed class CmafPartBuilder
{
    /// <summary>Bytes in front of the payload of every part.</summary>
    public const int HeaderBytes = PrftBytes + MoofBytes + 8;

    /// <summary>H.264 allows no more.</summary>
    public const int MaxReorderDepth = 16;

    private const int PrftBytes = 8 + 4 + 4 + 8 + 8;
    private const uint Captured = 24;           // prft: the UTC time at which the sample was captured
    private const int MoofBytes = 8 + 16 + TrafBytes;
    private const int TrafBytes = 8 + 20 + 20 + TrunBytes;
    private const int TrunBytes = 8 + 4 + 4 + 4 + 16;

    private readonly int[] _trackOfId = new int[byte.MaxValue + 1];
    private Track[] _tracks = [];
    private uint _sequence;
    private bool _anchored;
    private long _anchorUs;             // timeline − capture time, µs: how tracks whose PTS share no origin meet

    /// <summary>Starts over with a new track table: viewers need the init segment of <see cref="Fmp4Writer.WriteInit"/> first.</summary>
    /// <param name="reorderDepth">Of the video: max_num_reorder_frames of the SPS; 0 when B-frames are impossible, 4 when not known.</param>
    public void Begin(IReadOnlyList<TrackInfo> tracks, int reorderDepth)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)reorderDepth, (uint)MaxReorderDepth, nameof(reorderDepth));
        _tracks = new Track[tracks.Count];
        _anchored = false;
        Array.Clear(_trackOfId);
        for (int i = 0; i < _tracks.Length; i++)
        {
            _tracks[i] = new Track(tracks[i], tracks[i].IsVideo ? reorderDepth : 0);
            _trackOfId[tracks[i].Id] = i + 1;
        }
    }

    /// <summary>The number of a fragment that is built elsewhere and goes between these.</summary>
    public uint NextSequence() => ++_sequence;

    /// <summary>Writes the header of one part and the payload behind it.</summary>
    /// <param name="destination">At least <see cref="HeaderBytes"/> + payload.</param>
    /// <returns>Bytes written.</returns>
    public int Write(in SampleHeader header, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        payload.CopyTo(destination[HeaderBytes..]);
        WriteHeader(header, payload.Length, destination);
        return HeaderBytes + payload.Length;
    }

    /// <summary>Writes only the header, when the payload is already (or will be) behind it.</summary>
    public PartTimes WriteHeader(in SampleHeader header, int payloadBytes, Span<byte> destination)
    {
        int index = _trackOfId[header.TrackId] - 1;
        if (index < 0) ThrowUnknownTrack(header.TrackId);
        var track = _tracks[index];
        if (!track.IsStarted) Start(track, header);
        var times = track.Next(header);

        long presentation = times.Dts + times.CompositionOffset;
        var boxes = new FixedBoxWriter(destination[..HeaderBytes]);
        boxes.FullBox(PrftBytes, "prft"u8, version: 1, Captured);
        boxes.U32(Fmp4Writer.TrackIdAt(index));
        boxes.U64(NtpTime.FromUnixMicroseconds(header.CaptureTimeUs));
        boxes.U64((ulong)presentation);
        boxes.Box(MoofBytes, "moof"u8);
        boxes.FullBox(16, "mfhd"u8, version: 0, flags: 0);
        boxes.U32(++_sequence);
        boxes.Box(TrafBytes, "traf"u8);
        boxes.FullBox(20, "tfhd"u8, version: 0, flags: 0x02_0002);      // default-base-is-moof, sample-description-index-present
        boxes.U32(Fmp4Writer.TrackIdAt(index));
        boxes.U32(1);
        boxes.FullBox(20, "tfdt"u8, version: 1, flags: 0);              // 64 bit
        boxes.U64((ulong)times.Dts);
        boxes.FullBox(TrunBytes, "trun"u8, version: 0, flags: 0x0F01);  // data-offset, sample-duration, -size, -flags, composition-time-offsets
        boxes.U32(1);
        boxes.U32(MoofBytes + 8);                                       // data_offset from the start of moof
        boxes.U32((uint)times.Duration);
        boxes.U32((uint)payloadBytes);
        boxes.U32(header.IsKeyframe || !track.Info.IsVideo ? SampleDependency.Sync : SampleDependency.NonSync);
        boxes.U32((uint)times.CompositionOffset);
        boxes.Box(8 + payloadBytes, "mdat"u8);
        return new PartTimes(times.Dts, presentation, times.Duration);
    }

    // The first track to come keeps its stream time, the others join it by capture time.
    private void Start(Track track, in SampleHeader first)
    {
        if (_anchored)
        {
            track.StartAt(first.Pts, Math.Max(0, MediaTime.FromMicroseconds(first.CaptureTimeUs + _anchorUs, track.Info.Timescale).Ticks));
            return;
        }

        long time = Math.Max(first.Pts, track.Room);
        track.StartAt(first.Pts, time);
        _anchorUs = new MediaTime(time, track.Info.Timescale).ToMicroseconds() - first.CaptureTimeUs;
        _anchored = true;
    }

    [DoesNotReturn]
    private static void ThrowUnknownTrack(byte trackId) =>
        throw new ArgumentException($"Track {trackId} is not in the track table", nameof(trackId));

    private readonly record struct Times(long Dts, int Duration, int CompositionOffset);

    /// <summary>A track's live clock: PTS of the pictures still to be shown, lowest first.</summary>
    private sealed class Track(TrackInfo info, int reorderDepth)
    {
        private readonly PriorityQueue<long, long> _waiting = new(MaxReorderDepth + 1);
        private long _offset;                   // timeline = PTS + offset
        private long _lastDts = -1;             // timeline, as the next
        private long _maxTime;
        private long _lastCaptureUs;
        private long _lastStep;
        private int _nominal = info.Timescale / 25;

        public TrackInfo Info => info;

        public bool IsStarted { get; private set; }

        /// <summary>What must lie before the first picture: the decode times of those that are shown after it.</summary>
        public long Room => (long)reorderDepth * _nominal;

        /// <summary>Puts a PTS at a place of the timeline, as if <c>reorderDepth</c> pictures had come before it.</summary>
        public void StartAt(long pts, long time)
        {
            IsStarted = true;
            _offset = time - pts;
            _waiting.Clear();
            for (int i = 1; i <= reorderDepth; i++) _waiting.Enqueue(time - (long)i * _nominal, time - (long)i * _nominal);
        }

        public Times Next(in SampleHeader header)
        {
            bool restarts = header.IsDiscontinuity && _lastDts >= 0;
            if (restarts)
            {
                long gap = MediaTime.FromMicroseconds(Math.Max(0, header.CaptureTimeUs - _lastCaptureUs), info.Timescale).Ticks;
                StartAt(header.Pts, _maxTime + Math.Max(gap, Room + _nominal));
            }

            long presentation = header.Pts + _offset;
            long ideal = _waiting.EnqueueDequeue(presentation, presentation);
            long dts = Math.Max(ideal, _lastDts + 1);
            long step = ideal - _lastDts;
            // The time the camera was away, or stood still, is not how long a picture lasts: it would become the longest part of a playlist, for
            // ever. Another rate is believed when it lasts.
            if (!restarts && _lastDts >= 0 && step > 0 && step <= (long)info.Timescale * MaxNominalSeconds)
            {
                if (_lastStep == 0 || step <= 4L * _nominal || step < 2 * _lastStep) _nominal = (int)step;
                _lastStep = step;
            }

            _lastDts = dts;
            _maxTime = Math.Max(_maxTime, Math.Max(presentation, dts));
            _lastCaptureUs = header.CaptureTimeUs;
            return new Times(dts, _nominal, (int)Math.Clamp(presentation - dts, 0, int.MaxValue));
        }

        // A camera in night mode sends one picture in a few seconds; anything longer is a hole, not a rate.
        private const int MaxNominalSeconds = 10;
    }
}
