using Google.Protobuf;
using Vms.Contracts.Media;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>
/// The video track of a replay: RTP packets to access units, each with the time that the device recorded it at. One caller at a time.
/// </summary>
internal sealed class FootageTrack
{
    /// <summary>Larger access units are left out, and what follows up to the next keyframe: they fit into no message between planes.</summary>
    public const int MaxSampleBytes = 15 << 20;

    /// <summary>RTP timestamps and recording times may disagree by so much within a run.</summary>
    private const long JitterUs = 500_000;

    private readonly ReorderBuffer _order = new(0, 0);
    private readonly RtpClock _clock = new(SampleAppender.VideoTimescale);
    private readonly VideoDepacketizer _depacketizer;
    private readonly FootageTimes _times;
    private readonly Func<Footage?> _besides;
    private readonly int _payloadType;
    private readonly long _clockOffsetUs;
    private bool _broken = true;            // the next sample does not follow
    private bool _awaitsKeyframe = true;
    private uint? _appliedSets;
    private (long Pts, long CaptureUs)? _last;
    private long _firstPts;

    /// <param name="stretch">As for <see cref="FootageTimes"/>.</param>
    /// <param name="besides">Tells the other track, directly behind this one's first telling; null when there is none, or its times are not known yet.</param>
    public FootageTrack(MediaDescription media, long clockOffsetUs, (long FromUs, long ToUs)? stretch, Func<Footage?> besides)
    {
        _besides = besides;
        _times = new FootageTimes(SampleAppender.VideoTimescale, stretch);
        _payloadType = media.PayloadType;
        _clockOffsetUs = clockOffsetUs;
        _depacketizer = VideoFormats.NewDepacketizer(media.Encoding);
        if (_depacketizer is H265Depacketizer hevc)
            hevc.HasDecodingOrderNumbers = media.FormatParameters.HasDecodingOrderNumbers;
        foreach (var set in media.FormatParameters.ParameterSets())
            _depacketizer.UpdateParameterSets(set.Span);
    }

    /// <summary>Capture time of the newest access unit, microseconds by our clock; null before the first.</summary>
    public long? ReachedUs => _last?.CaptureUs;

    /// <summary>How much of it has come, by the packets' clock.</summary>
    public long PlayedUs => _last is { } last ? (last.Pts - _firstPts) * 1_000_000 / SampleAppender.VideoTimescale : 0;

    /// <summary>The device said of its newest packet that a stretch without a hole ends with it.</summary>
    public bool SectionEnded => _times.SectionEnded;

    /// <summary>As for <see cref="FootageTimes"/>.</summary>
    public bool IsSettled => _times.IsSettled;

    /// <summary>When a report says that a packet was recorded, by the device's clock; null without one.</summary>
    public long? ReportedAt(uint timestamp) => _times.IsReported ? _times.RecordedAt(timestamp) : null;

    /// <summary>Its track was told: what belongs to it can be placed.</summary>
    public bool IsDescribed => _appliedSets is not null;

    /// <summary>Access units that came without any time.</summary>
    public long Untimed { get; private set; }

    /// <param name="datagram">One RTP packet; borrowed.</param>
    /// <param name="into">Gets what is complete.</param>
    public void Receive(ReadOnlySpan<byte> datagram, Queue<Footage> into)
    {
        if (!RtpPacketView.TryParse(datagram, out var packet) || packet.PayloadType != _payloadType
            || _order.Push(datagram, 0, out int lostBefore) != ReorderOutcome.Next)
        {
            return;
        }

        _times.Heard(packet);
        _broken |= _times.TakeBroken();
        var result = _depacketizer.Push(packet, lostBefore);
        while (result.IsAccessUnit && _depacketizer.Units.TryTake(out var unit))
            Take(unit, into);
    }

    public void Reported(in RtcpSenderReport report) => _times.Reported(report);

    private void Take(in AccessUnit unit, Queue<Footage> into)
    {
        var info = unit.Info;
        _broken |= info.DroppedBefore > 0;
        if (unit.Data.Length > MaxSampleBytes)
            _awaitsKeyframe = true;
        if (_awaitsKeyframe && (!info.IsKeyframe || unit.Data.Length > MaxSampleBytes))
        {
            _broken = true;
            return;
        }

        if (_times.RecordedAt(info.Timestamp) is not { } recordedUs)
        {
            Untimed++;
            _broken = _awaitsKeyframe = true;
            return;
        }

        if (info.ParameterSetsVersion != _appliedSets)
        {
            if (!info.IsKeyframe || _depacketizer.Describe(0) is not { } track)
            {
                _broken = _awaitsKeyframe = true;
                return;
            }

            _appliedSets = info.ParameterSetsVersion;
            _broken = true;
            into.Enqueue(new Footage
            {
                Track = new Contracts.Media.FootageTrack
                {
                    Codec = (int)track.Codec,
                    Timescale = track.Timescale,
                    CodecParameters = ByteString.CopyFrom(track.CodecParameters.Span),
                    Width = track.Width,
                    Height = track.Height,
                },
            });
            if (_besides() is { } sound)
                into.Enqueue(sound);
        }

        _awaitsKeyframe = false;
        long pts = _clock.Unwrap(info.Timestamp);
        long captureUs = recordedUs - _clockOffsetUs;
        into.Enqueue(new Footage
        {
            Sample = new FootageSample
            {
                Payload = ByteString.CopyFrom(unit.Data),
                Keyframe = info.IsKeyframe,
                Discontinuity = _broken || !Follows(pts, captureUs),
                Pts = pts,
                CaptureUnixUs = captureUs,
            },
        });
        _broken = false;
        if (_last is null)
            _firstPts = pts;
        _last = (pts, captureUs);
    }

    private bool Follows(long pts, long captureUs) =>
        _last is not { } last || Math.Abs(captureUs - last.CaptureUs - ((pts - last.Pts) * 1_000_000 / SampleAppender.VideoTimescale)) <= JitterUs;
}
