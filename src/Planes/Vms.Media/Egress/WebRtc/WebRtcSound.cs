using Vms.Codecs;
using Vms.Media.Egress.Sound;
using Vms.Native.Opus;
using Vms.Rtp;
using Vms.Rtp.Payloads;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Sending;

namespace Vms.Media.Egress.WebRtc;

/// <summary>
/// The sound of one stream as RTP payloads for all its WebRTC viewers: Opus and G.711 as the camera sends them, AAC converted to Opus
/// while somebody listens.
/// </summary>
/// <remarks>Egress thread only, but for <see cref="FormatOf(TrackInfo)"/> and <see cref="ConverterId"/>.</remarks>
internal sealed class WebRtcSound(string cameraId, Action signal, SoundCounters counters, TimeProvider time, ILogger logger) : IDisposable
{
    private const int G711Rate = 8000;

    /// <summary>More than a second of sound: who is further behind goes on with the newest.</summary>
    private const int HistoryPackets = 64;

    /// <summary>Kept after the last listener: a page that is loaded again.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    /// <summary>Before a converter that was lost is replaced.</summary>
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly byte[] _packet = new byte[OpusEncoder.MaxPacketBytes];
    private byte[] _staged = new byte[2048];
    private int _stagedLength;
    private TrackInfo? _track;
    private FramePacketizer? _packetizer;       // G.711 only: a frame may be longer than a packet
    private SoundConverter? _converter;
    private bool _hasListeners;
    private bool _isLive;
    private TimeSpan _lastListener;
    private TimeSpan _nextStart;

    /// <summary>What there is to send next, without markers: they mean the end of a silence in sound.</summary>
    public RtpHistory History { get; } = new(HistoryPackets, HistoryPackets);

    public RtpTimeline Timeline { get; private set; } = new();

    /// <summary>Null: there is none that could be sent.</summary>
    public SoundFormat? Format { get; private set; }

    /// <summary>Process id of the converter's child.</summary>
    public int? ConverterId => Volatile.Read(ref _converter)?.ChildId;

    /// <summary>How a track goes out; null when it does not.</summary>
    public static SoundFormat? FormatOf(TrackInfo track) => track.Codec switch
    {
        CodecKind.Opus or CodecKind.Aac => SoundFormat.Opus,
        CodecKind.PcmU when track.Timescale == G711Rate => SoundFormat.PcmU,
        CodecKind.PcmA when track.Timescale == G711Rate => SoundFormat.PcmA,
        _ => null,
    };

    /// <summary>The stream's sound that can be sent.</summary>
    public static SoundFormat? FormatOf(IReadOnlyList<TrackInfo> tracks) => tracks.Select(FormatOf).FirstOrDefault(f => f is not null);

    public bool Wants(byte trackId) => _track is { } track && track.Id == trackId;

    public void Configure(IReadOnlyList<TrackInfo> tracks)
    {
        var track = tracks.FirstOrDefault(t => FormatOf(t) is not null);
        if (track is not null && track.Equals(_track))
            return;
        EndConverter();
        _nextStart = TimeSpan.Zero;
        _track = track;
        Format = track is null ? null : FormatOf(track);
        _packetizer = null;
        if (track is null)
            return;
        Timeline = new RtpTimeline(Format == SoundFormat.Opus ? OpusEncoder.Rate : G711Rate);
        if (Format != SoundFormat.Opus)
            _packetizer = new FramePacketizer(track, RtpPacketView.FixedHeaderSize + RtpHistory.MaxPayloadLength);
    }

    public void Stage(ReadOnlySpan<byte> frame)
    {
        if (_staged.Length < frame.Length)
            _staged = new byte[frame.Length * 3 / 2];
        frame.CopyTo(_staged);
        _stagedLength = frame.Length;
    }

    public void Publish(in SampleHeader header, TimeSpan now)
    {
        var frame = _staged.AsSpan(0, _stagedLength);
        if (_track!.Codec == CodecKind.Aac)
            Convert(header, frame, now);
        else if (_packetizer is not null)
            AddG711(header, frame);
        else
            AddOpus(header, frame);
    }

    /// <summary>What the log holds has been taken: what comes now is new.</summary>
    public void ReachedEnd() => _isLive = true;

    /// <summary>Samples are missing; what comes next may be old.</summary>
    public void Gap() => _isLive = false;

    /// <summary>Takes what has been converted, and looks after the converter.</summary>
    /// <param name="hasListeners">Somebody wants to hear.</param>
    public void Work(TimeSpan now, bool hasListeners)
    {
        _hasListeners = hasListeners;
        if (hasListeners)
            _lastListener = now;
        if (_converter is not { } converter)
            return;
        while (converter.TryTake(_packet, out var header, out int length))
            AddOpus(header, _packet.AsSpan(0, length));
        if (now - _lastListener > s_idle)
        {
            EndConverter();
        }
        else if (converter.IsStuck || converter.HasEnded)
        {
            if (!converter.HasEnded)
                counters.LoseConverter();
            EndConverter();
            _nextStart = now + s_retry;
        }
    }

    public void Dispose() => EndConverter();

    private void Convert(in SampleHeader header, ReadOnlySpan<byte> frame, TimeSpan now)
    {
        if (!_isLive || !_hasListeners)
            return;
        if (_converter is null && now >= _nextStart && counters.TryBeginConverter())
            Volatile.Write(ref _converter, new SoundConverter(_track!, cameraId, signal, counters, time, logger));
        if (_converter is null)
            counters.Drop();
        else
            _converter.Offer(header, frame);
    }

    private void AddOpus(in SampleHeader header, ReadOnlySpan<byte> packet)
    {
        if (packet.Length is 0 or > RtpHistory.MaxPayloadLength)
        {
            counters.Unfit();
            return;
        }

        packet.CopyTo(History.Reserve());
        History.Commit(packet.Length, Timeline.Map(header), marker: false, startsKeyframe: false);
        Timeline.Take(header);
    }

    private void AddG711(in SampleHeader header, ReadOnlySpan<byte> frame)
    {
        _packetizer!.Packetize(frame);
        uint timestamp = Timeline.Map(header);
        for (int i = 0; i < _packetizer.Packets.Count; i++)
        {
            var payload = _packetizer.Packets[i][RtpPacketView.FixedHeaderSize..];
            payload.CopyTo(History.Reserve());
            History.Commit(payload.Length, timestamp, marker: false, startsKeyframe: false);
            timestamp += (uint)_packetizer.TicksPerPacket;
        }

        Timeline.Take(header);
    }

    private void EndConverter()
    {
        if (_converter is null)
            return;
        _converter.Dispose();
        counters.EndConverter();
        Volatile.Write(ref _converter, null);
    }
}
