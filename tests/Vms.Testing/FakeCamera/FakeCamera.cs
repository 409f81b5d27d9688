using Vms.Testing.Footage;

namespace Vms.Testing.FakeCamera;

/// <summary>One simulated camera: its stream, its faults and what clients did to it. Any thread.</summary>
/// <remarks>
/// The frame number follows from time, so a client that comes back sees where the camera is now, and what it missed. Every camera
/// has its own phase and its own RTP timestamp base; timestamps go on at the loop of the footage.
/// </remarks>
public sealed class FakeCamera
{
    private const long NsPerSecond = 1_000_000_000;

    private readonly FakeCameraOptions _options;
    private readonly long _epochNs;
    private readonly Lock _gate = new();
    private readonly List<RtspConnection> _connections = [];
    private volatile FootagePackets _packets;
    private long _firstFrame;           // frame number of the footage's first picture
    private int _framesSent;
    private int _attempts;
    private int _wrongPasswords;
    private int _describes;
    private int _plays;
    private int _keepalives;
    private int _teardowns;
    private int _clientRtcp;

    internal FakeCamera(int number, FakeCameraOptions options, VideoFootage footage, long epochNs)
    {
        Number = number;
        _options = options;
        _epochNs = epochNs + ((number * 2654435761L) % 4000 * 10_000);      // 0 to 40 ms
        EpochUtc = TimeProvider.System.GetUtcNow() + TimeSpan.FromTicks((_epochNs - FrameStamp.NowNs) / 100);
        _packets = FootagePackets.Of(footage, options.MaxPayload);
        Faults = new FakeCameraFaults();
    }

    /// <summary>From 1.</summary>
    public int Number { get; }

    public FakeCameraFaults Faults { get; }

    public VideoFootage Footage => _packets.Footage;

    /// <summary>Frames handed to any client.</summary>
    public int FramesSent => Volatile.Read(ref _framesSent);

    /// <summary>Requests that carried credentials.</summary>
    public int LoginAttempts => Volatile.Read(ref _attempts);

    /// <summary>Those of them that were wrong.</summary>
    public int WrongPasswords => Volatile.Read(ref _wrongPasswords);

    public int Describes => Volatile.Read(ref _describes);

    public int Plays => Volatile.Read(ref _plays);

    /// <summary>OPTIONS, GET_PARAMETER and SET_PARAMETER inside a session.</summary>
    public int Keepalives => Volatile.Read(ref _keepalives);

    public int Teardowns => Volatile.Read(ref _teardowns);

    /// <summary>RTCP packets that came from clients of this camera over TCP.</summary>
    public int ClientRtcp => Volatile.Read(ref _clientRtcp);

    /// <summary>Clients that play now.</summary>
    public int Viewers
    {
        get
        {
            lock (_gate)
                return _connections.Count(connection => connection.IsPlaying);
        }
    }

    /// <summary>TCP connections that have named this camera and are open.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    /// <summary>Number of the frame that is due now.</summary>
    public uint CurrentFrame => (uint)Math.Max(FrameAt(FrameStamp.NowNs), 0);

    /// <summary>Closes all TCP connections of this camera, without TEARDOWN or BYE.</summary>
    public void DropConnections() => ForEachConnection(connection => connection.Close());

    /// <summary>Sends an RTCP BYE to all players and stops their streams; the connections stay.</summary>
    public void SayGoodbye() => ForEachConnection(connection => connection.SendGoodbye());

    /// <summary>Puts raw bytes between two interleaved packets of every TCP player.</summary>
    public void SendRaw(ReadOnlyMemory<byte> bytes) => ForEachConnection(connection => connection.SendRaw(bytes));

    /// <summary>An interleaved header that promises 65,535 bytes of RTP which never come as such.</summary>
    public void SendOversizedLength() => SendRaw(new byte[] { (byte)'$', 0, 0xFF, 0xFF });

    /// <summary>The next packet of every track beside the video is lost on its way.</summary>
    public void SkipSound() => ForEachConnection(connection => connection.SkipSound());

    /// <summary>From the next frame on another piece of footage, beginning with its keyframe: new resolution, new parameter sets.</summary>
    public void SwitchTo(VideoFootage footage)
    {
        lock (_gate)
        {
            _firstFrame = FrameAt(FrameStamp.NowNs) + 1;
            _packets = FootagePackets.Of(footage, _options.MaxPayload);
        }
    }

    /// <summary>From one frame to the next.</summary>
    public long FrameNs => NsPerSecond / _packets.Footage.Spec.FrameRate;

    internal int TicksPerFrame => 90_000 / _packets.Footage.Spec.FrameRate;

    internal FootagePackets Packets => _packets;

    internal IReadOnlyList<SideTrack> SideTracks => _options.SideTracks;

    internal long EpochNs => _epochNs;

    /// <summary>When frame 0 was sent, by the wall clock.</summary>
    public DateTimeOffset EpochUtc { get; }

    internal FakeRecording? Recording => _options.Recording;

    internal uint TimestampBase => (uint)(Number * 2246822519L);

    internal long FrameAt(long ns) => Math.DivRem(ns - _epochNs, FrameNs).Quotient;

    /// <summary>Frames until the burnt-in counter begins again.</summary>
    public int LoopFrames => _packets.Frames.Count;

    /// <summary>When a frame is sent, by <see cref="FrameStamp.NowNs"/>.</summary>
    public long DueNs(long frame) => _epochNs + (frame * FrameNs);

    internal uint TimestampOf(long frame) => TimestampBase + (uint)(frame * TicksPerFrame) + (uint)(Faults.TimestampShiftSeconds * 90_000);

    internal uint TimestampAt(long ns) =>
        TimestampBase + (uint)(long)((Int128)(ns - _epochNs) * 90_000 / NsPerSecond) + (uint)(Faults.TimestampShiftSeconds * 90_000);

    internal FootagePackets.Frame PacketsOf(long frame)
    {
        var packets = _packets;
        long index = (frame - Volatile.Read(ref _firstFrame)) % packets.Frames.Count;
        return packets.Frames[(int)(index < 0 ? index + packets.Frames.Count : index)];
    }

    internal void Add(RtspConnection connection)
    {
        lock (_gate)
        {
            if (!_connections.Contains(connection))
                _connections.Add(connection);
        }
    }

    internal void Remove(RtspConnection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    internal void CountFrame() => Interlocked.Increment(ref _framesSent);

    internal void CountLogin(bool right)
    {
        Interlocked.Increment(ref _attempts);
        if (!right)
            Interlocked.Increment(ref _wrongPasswords);
    }

    internal void CountClientRtcp() => Interlocked.Increment(ref _clientRtcp);

    internal void CountRequest(string method, bool inSession)
    {
        switch (method)
        {
            case "DESCRIBE":
                Interlocked.Increment(ref _describes);
                break;
            case "PLAY":
                Interlocked.Increment(ref _plays);
                break;
            case "TEARDOWN":
                Interlocked.Increment(ref _teardowns);
                break;
            case "OPTIONS" or "GET_PARAMETER" or "SET_PARAMETER" when inSession:
                Interlocked.Increment(ref _keepalives);
                break;
        }
    }

    private void ForEachConnection(Action<RtspConnection> action)
    {
        RtspConnection[] connections;
        lock (_gate)
            connections = [.. _connections];
        foreach (var connection in connections)
            action(connection);
    }
}
