using System.Net;
using Vms.Rtp.Rtcp;
using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>
/// One connection to a camera from the first request to the last byte: signalling and media of it, without knowing how bytes
/// are received. An <see cref="IIngestLoop"/> feeds it, never from two threads at a time. Owns its sockets, which the puller
/// disposes after the loop has let go.
/// </summary>
/// <remarks>Nothing here blocks, logs or touches a disk. Media allocates nothing; signalling does.</remarks>
internal sealed partial class RtspMediaSession : IDisposable
{
    private const int InitialBufferBytes = 64 << 10;
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(5);        // RFC 3550 §6.2
    private static readonly TimeSpan s_heartbeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);       // longest wait for the answer to TEARDOWN

    private readonly RtspSession _rtsp;
    private readonly RtspMessageReader _reader = new();
    private readonly TrackReceivers _tracks;
    private readonly SampleAppender _samples;
    private readonly IngestCounters _counters;
    private readonly IngestOptions _options;
    private readonly IPAddress _peer;
    private readonly byte[] _peerAddress;
    private readonly TaskCompletionSource _playing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstSample = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _report = new byte[4 + RtcpWriter.MaxCompoundSize];
    private readonly List<UdpPortPair> _udp = [];            // by track
    private readonly RtspTransport _transport;
    private readonly RtspHttpTunnel? _tunnel;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialBufferBytes, pinned: true);
    private int _start;
    private int _end;
    private bool _mediaOpen;            // SETUP is agreed: RTP may come
    private bool _heard;                // at least one RTSP message came
    private readonly byte[] _channels = new byte[byte.MaxValue + 1];     // interleaved channel → 1 + 2 × track, + 1 for RTCP; 0: nobody's
    private TimeSpan? _tunnelUntil;     // the answer to the tunnel's GET is awaited
    private TimeSpan? _playingSince;
    private TimeSpan? _farewellUntil;   // TEARDOWN is on its way; media counts no more
    private TimeSpan _reportAt;
    private TimeSpan _heartbeatAt;
    private long _garbageAtUnit;        // skipped bytes when the last access unit was complete
    private long _garbageCounted;

    /// <param name="control">Connected. Owned.</param>
    public RtspMediaSession(
        RtspSessionOptions rtsp, ControlConnection control, TrackReceivers tracks, SampleAppender samples, IngestCounters counters, IngestOptions options)
    {
        _rtsp = new(rtsp with { ClientRtpPort = OpenPorts });
        _transport = rtsp.Transport;
        _tunnel = control.IsTunnel ? new(rtsp.Url) : null;
        Control = control;
        _tracks = tracks;
        _samples = samples;
        _counters = counters;
        _options = options;
        _peer = control.Peer;
        _peerAddress = (_peer.IsIPv4MappedToIPv6 ? _peer.MapToIPv4() : _peer).GetAddressBytes();
    }

    public ControlConnection Control { get; }

    /// <summary>Told of each pair of sockets that datagrams of a track come to; set by the loop before <see cref="Start"/>.</summary>
    public Action<int, UdpPortPair>? PortsOpened { get; set; }

    /// <summary>What the camera offers and is not pulled.</summary>
    public IReadOnlyList<string> LeftOut => _rtsp.LeftOut;

    /// <summary>Completes, elsewhere, when the camera has agreed to play.</summary>
    public Task Playing => _playing.Task;

    /// <summary>Completes, elsewhere, when the first sample is in the log.</summary>
    public Task FirstSample => _firstSample.Task;

    /// <summary>Set once the session is over.</summary>
    public PullEnd? End { get; private set; }

    /// <summary>Requests with credentials that the camera refused.</summary>
    public int RefusedAnswers => _rtsp.RefusedAnswers;

    /// <summary>At least one sample of this session is in the log.</summary>
    public bool HasPlayed => _firstSample.Task.IsCompleted;

    /// <summary>Its bytes are to be received soon: somebody waits for the pictures, their time is that of their arrival, or they come in
    /// datagrams, of which the system keeps only so many.</summary>
    public bool IsUrgent => _udp.Count > 0 || _samples.IsUrgent || _tracks.Video.GoesByArrival;

    /// <summary>It has played for so long that its clocks no longer go by single arrivals, and nobody watches.</summary>
    public bool IsSettled(in IngestTime now) => !_samples.IsWatched && now.Monotonic - _playingSince >= _options.SettledAfter;

    public void Start(in IngestTime now)
    {
        if (_tunnel is null)
        {
            _rtsp.Start(now.Monotonic);
            AfterSignalling(now);
            return;
        }

        _tunnelUntil = now.Monotonic + _options.RequestTimeout;
        Transmit(Control.Send(_tunnel.GetRequest()));
    }

    /// <summary>Says TEARDOWN where there is something to tear down, and waits a moment for the answer: closing a connection on which
    /// media still arrives resets it, and the camera would never read what we said.</summary>
    public void Stop(in IngestTime now)
    {
        if (End is not null || _farewellUntil is not null)
            return;

        bool playing = _mediaOpen;
        _mediaOpen = false;
        _rtsp.Stop();
        Flush();
        if (playing && End is null)
            _farewellUntil = now.Monotonic + s_farewell;
        else
            AfterSignalling(now);
    }

    /// <summary>Time-outs, keep-alives, the watchdog, reports. Called about ten times a second.</summary>
    public void Tick(in IngestTime now)
    {
        if (End is not null)
            return;
        if (_farewellUntil is { } until)
        {
            if (now.Monotonic >= until)
                EndFarewell();
            return;
        }

        if (now.Monotonic >= _tunnelUntil)
        {
            Finish(new(PullEndKind.Timeout, $"No answer to GET within {_options.RequestTimeout.TotalSeconds:0.#} s: the camera has no RTSP over HTTP there."));
            return;
        }

        _rtsp.Tick(now.Monotonic);
        AfterSignalling(now);
        if (End is not null)
            return;

        if (_mediaOpen)
            _tracks.Tick(now);
        _counters.Measure(now.Monotonic);
        _counters.Garbage(_reader.GarbageBytes - _garbageCounted);
        _garbageCounted = _reader.GarbageBytes;
        if (now.Monotonic >= _heartbeatAt)
        {
            _heartbeatAt = now.Monotonic + s_heartbeatInterval;
            _samples.Heartbeat();
        }

        if (_playingSince is not { } since)
            return;

        Watch(since, now);
        if (now.Monotonic >= _reportAt && End is null)
        {
            _reportAt = now.Monotonic + s_reportInterval;
            SendReports(now);
        }
    }

    /// <summary>After all bytes of a receive pass.</summary>
    public void EndPass() => _samples.EndPass();

    /// <summary>A bug met on the way of this camera's bytes must not touch the others.</summary>
    public void Break(Exception error) =>
        Finish(new(PullEndKind.Internal, "The camera's stream met an internal error.") { Error = error });

    public void Dispose()
    {
        Control.Dispose();
        foreach (var udp in _udp)
            udp.Dispose();
    }

    /// <summary>The camera lives as long as pictures come; an open connection says nothing.</summary>
    private void Watch(TimeSpan since, in IngestTime now)
    {
        var limit = 2 * _samples.Gop;
        limit = limit < _options.WatchdogMinimum ? _options.WatchdogMinimum : limit > _options.WatchdogMaximum ? _options.WatchdogMaximum : limit;
        _counters.Silent(_tracks.CountSilent(since, _options.AudioWatchdog, now));
        if (_udp.Count > 0 && !_tracks.Video.HasPackets && !_tracks.HasOnlyOthers && now.Monotonic - since >= _options.FirstPacketTimeout)
        {
            string way = _transport == RtspTransport.Multicast ? "multicast" : "UDP";
            Finish(new(PullEndKind.NoPackets, $"The camera plays, and no packet came over {way} within {_options.FirstPacketTimeout.TotalSeconds:0.#} s: a firewall, most often."));
            return;
        }

        var decodable = 10 * _options.WatchdogMaximum;      // keyframes minutes apart are somebody's setting
        if (_samples.RunSamples == 0 && now.Monotonic - since >= decodable && _tracks.Video.LastSampleAt is not null)
        {
            Finish(new(PullEndKind.NoVideo, $"The camera sends pictures, and for {decodable.TotalSeconds:0.#} s none that decoding can begin with: no keyframe, or no parameter sets."));
            return;
        }

        var last = _tracks.Video.LastSampleAt ?? since;
        if (now.Monotonic - last < limit)
            return;

        string time = $"{limit.TotalSeconds:0.#} s";
        Finish(_reader.GarbageBytes > _garbageAtUnit
            ? new(PullEndKind.ProtocolViolation, $"The camera sends bytes that are neither RTSP nor RTP, and no picture for {time}.")
            : new(PullEndKind.NoVideo, _tracks.HasOnlyOthers ? $"The camera sends sound or metadata, and no picture for {time}." : $"The camera is connected and sent no picture for {time}."));
    }

    private void EndFarewell() => Finish(PullEnd.From(_rtsp.Failure!));

    private void Finish(PullEnd end)
    {
        if (End is not null)
            return;

        End = end;
        if (_rtsp.State != RtspSessionState.Ended)
        {
            _rtsp.Stop();
            Flush();
        }

        _samples.EndPass();
        _counters.StopMeasuring();
    }
}
