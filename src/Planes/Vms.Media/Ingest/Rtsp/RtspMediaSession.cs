using System.Net;
using System.Net.Sockets;
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
    private readonly VideoTrackReceiver _video;
    private readonly SampleAppender _samples;
    private readonly IngestCounters _counters;
    private readonly IngestOptions _options;
    private readonly IPAddress _peer;
    private readonly byte[] _peerAddress;
    private readonly TaskCompletionSource _playing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstSample = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _report = new byte[4 + RtcpWriter.MaxCompoundSize];
    private readonly uint _ssrc = (uint)Random.Shared.NextInt64();

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(InitialBufferBytes, pinned: true);
    private int _start;
    private int _end;
    private bool _mediaOpen;            // SETUP is agreed: RTP may come
    private bool _heard;                // at least one RTSP message came
    private byte _rtpChannel;
    private byte _rtcpChannel;
    private TimeSpan? _playingSince;
    private TimeSpan? _farewellUntil;   // TEARDOWN is on its way; media counts no more
    private TimeSpan _reportAt;
    private TimeSpan _heartbeatAt;
    private long _garbageAtUnit;        // skipped bytes when the last access unit was complete
    private long _garbageCounted;

    /// <param name="control">Connected. Owned.</param>
    /// <param name="udp">Null for RTP over the RTSP connection. Owned.</param>
    public RtspMediaSession(
        RtspSessionOptions rtsp, Socket control, UdpPortPair? udp, VideoTrackReceiver video, SampleAppender samples, IngestCounters counters, IngestOptions options)
    {
        _rtsp = new(rtsp);
        Control = control;
        Udp = udp;
        _video = video;
        _samples = samples;
        _counters = counters;
        _options = options;
        _peer = ((IPEndPoint)control.RemoteEndPoint!).Address;
        _peerAddress = (_peer.IsIPv4MappedToIPv6 ? _peer.MapToIPv4() : _peer).GetAddressBytes();
    }

    public Socket Control { get; }

    public UdpPortPair? Udp { get; }

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

    /// <summary>Its bytes are to be received soon: somebody waits for the pictures, or they come in datagrams, of which the system keeps
    /// only so many.</summary>
    public bool IsUrgent => Udp is not null || _samples.IsWatched;

    public void Start(in IngestTime now)
    {
        _rtsp.Start(now.Monotonic);
        AfterSignalling(now);
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

        _rtsp.Tick(now.Monotonic);
        AfterSignalling(now);
        if (End is not null)
            return;

        if (_mediaOpen)
            _video.Tick(now);
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
            SendReport(now);
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
        Udp?.Dispose();
    }

    /// <summary>The camera lives as long as pictures come; an open connection says nothing.</summary>
    private void Watch(TimeSpan since, in IngestTime now)
    {
        var limit = 2 * _samples.Gop;
        limit = limit < _options.WatchdogMinimum ? _options.WatchdogMinimum : limit > _options.WatchdogMaximum ? _options.WatchdogMaximum : limit;
        var last = _video.LastUnitAt ?? since;
        if (now.Monotonic - last < limit)
            return;

        Finish(_reader.GarbageBytes > _garbageAtUnit
            ? new(PullEndKind.ProtocolViolation, $"The camera sends bytes that are neither RTSP nor RTP, and no picture for {limit.TotalSeconds:0.#} s.")
            : new(PullEndKind.NoVideo, $"The camera is connected and sent no picture for {limit.TotalSeconds:0.#} s."));
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
