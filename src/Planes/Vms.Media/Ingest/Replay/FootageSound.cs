using Google.Protobuf;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.Rtp.Reception;
using Vms.Rtp.Rtcp;
using Vms.Rtp.Time;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Replay;

/// <summary>The sound of a replay, beside its pictures. What comes without a time is left out: the pictures do not wait for it. One caller at a time.</summary>
internal sealed class FootageSound(int payloadType, TrackFormat format, long clockOffsetUs, (long FromUs, long ToUs)? stretch)
{
    /// <summary>In <c>track_id</c>.</summary>
    public const int TrackId = 1;

    /// <summary>The times that are told and the packets' clock may disagree by so much within a run.</summary>
    private const long JitterUs = 200_000;

    private readonly FootageTimes _times = new(format.Timescale, stretch);
    private readonly ReorderBuffer _order = new(0, 0);
    private readonly RtpClock _clock = new(format.Timescale);
    private readonly SampleDepacketizer _depacketizer = format.NewDepacketizer();
    private (long Pts, long CaptureUs)? _last;
    private bool _described;

    /// <summary>Is it one that the archive keeps as it is?</summary>
    public static bool IsKept(MediaDescription media) =>
        media.IsAudio && TrackFormat.TryFrom(media, out var format) && format.Codec is CodecKind.Aac or CodecKind.PcmA or CodecKind.PcmU or CodecKind.Opus;

    /// <param name="datagram">One RTP packet; borrowed.</param>
    /// <param name="into">Gets what is complete, behind the track; null while there are no pictures that it belongs to.</param>
    public void Receive(ReadOnlySpan<byte> datagram, Queue<Footage>? into)
    {
        if (!RtpPacketView.TryParse(datagram, out var packet) || packet.PayloadType != payloadType
            || _order.Push(datagram, 0, out int lostBefore) != ReorderOutcome.Next)
        {
            return;
        }

        _times.Heard(packet);
        if (_times.TakeBroken())
            _last = null;
        _depacketizer.Push(packet, lostBefore);
        while (_depacketizer.TryTake(out var sample))
        {
            if (into is not null)
                Take(sample, into);
        }
    }

    /// <summary>Its track, once; null when it was told, or while nobody knows the times of its samples.</summary>
    public Footage? Describe()
    {
        if (_described || !_times.AreKnown)
            return null;
        _described = true;
        return new Footage
        {
            Track = new Contracts.Media.FootageTrack
            {
                Id = TrackId,
                Codec = (int)format.Codec,
                Timescale = format.Timescale,
                CodecParameters = ByteString.CopyFrom(format.CodecParameters.Span),
            },
        };
    }

    public void Reported(in RtcpSenderReport report) => _times.Reported(report);

    /// <summary>As for <see cref="FootageTimes"/>.</summary>
    public void BeginsAt(long recordedUs) => _times.BeginsAt(recordedUs);

    private void Take(in PayloadSample sample, Queue<Footage> into)
    {
        if (_times.RecordedAt(sample.Timestamp) is not { } recordedUs)
            return;
        if (Describe() is { } track)
            into.Enqueue(track);
        var (pts, captureUs) = (_clock.Unwrap(sample.Timestamp), recordedUs - clockOffsetUs);
        bool follows = sample.DroppedBefore == 0 && _last is { } last
            && Math.Abs(captureUs - last.CaptureUs - MediaTime.Rescale(pts - last.Pts, format.Timescale, 1_000_000)) <= JitterUs;
        into.Enqueue(new Footage
        {
            Sample = new FootageSample
            {
                TrackId = TrackId,
                Payload = ByteString.CopyFrom(sample.Data),
                Keyframe = true,
                Discontinuity = !follows,
                Pts = pts,
                CaptureUnixUs = captureUs,
            },
        });
        _last = (pts, captureUs);
    }
}
