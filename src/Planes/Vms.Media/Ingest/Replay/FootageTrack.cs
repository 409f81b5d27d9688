using Google.Protobuf;
using Vms.Contracts.Media;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Reception;
using Vms.Rtp.Time;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>
/// The video track of a replay: RTP packets to access units, each with the time that the device recorded it at, as ONVIF's header extension says. The
/// packets' own clock says nothing of that: it goes on over holes of the recording. One caller at a time.
/// </summary>
internal sealed class FootageTrack
{
    /// <summary>Larger access units are left out, and what follows up to the next keyframe: they fit into no message between planes.</summary>
    public const int MaxSampleBytes = 15 << 20;

    /// <summary>Access units that a depacketizer may hold back, and as many again.</summary>
    private const int RememberedTimes = 16;

    /// <summary>RTP timestamps and recording times may disagree by so much within a run.</summary>
    private const long JitterUs = 500_000;

    private readonly (uint Timestamp, long RecordedUs)[] _times = new (uint, long)[RememberedTimes];
    private readonly ReorderBuffer _order = new(0, 0);
    private readonly RtpClock _clock = new(SampleAppender.VideoTimescale);
    private readonly VideoDepacketizer _depacketizer;
    private readonly int _payloadType;
    private readonly long _clockOffsetUs;
    private int _timesCount;
    private int _newest = -1;
    private bool _broken = true;            // the next sample does not follow
    private bool _awaitsKeyframe = true;
    private uint? _appliedSets;
    private (long Pts, long CaptureUs)? _last;
    private long _firstPts;

    public FootageTrack(MediaDescription media, long clockOffsetUs)
    {
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
    public bool SectionEnded { get; private set; }

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

        if (ReplayExtension.TryParse(packet.Extension, out var replay))
        {
            SectionEnded = replay.EndsSection;
            _broken |= replay.IsDiscontinuous;
            Remember(packet.Timestamp, replay.RecordedUs);
        }

        var result = _depacketizer.Push(packet, lostBefore);
        while (result.IsAccessUnit && _depacketizer.Units.TryTake(out var unit))
            Take(unit, into);
    }

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

        if (RecordedAt(info.Timestamp) is not { } recordedUs)
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

    private void Remember(uint timestamp, long recordedUs)
    {
        if (_newest >= 0 && _times[_newest].Timestamp == timestamp)
            return;
        _newest = (_newest + 1) % RememberedTimes;
        _times[_newest] = (timestamp, recordedUs);
        _timesCount = Math.Min(_timesCount + 1, RememberedTimes);
    }

    /// <summary>As it was told for this access unit; some devices tell it of keyframes alone, and the packets' clock leads on from there.</summary>
    private long? RecordedAt(uint timestamp)
    {
        if (_timesCount == 0)
            return null;

        var nearest = _times[_newest];
        for (int i = 0; i < _timesCount; i++)
        {
            if (Distance(_times[i].Timestamp) < Distance(nearest.Timestamp))
                nearest = _times[i];
        }

        return nearest.RecordedUs + ((long)(int)(timestamp - nearest.Timestamp) * 1_000_000 / SampleAppender.VideoTimescale);

        long Distance(uint other) => Math.Abs((long)(int)(timestamp - other));
    }
}
