namespace Vms.Testing.FakeCamera;

/// <summary>Switches a test flips while the camera runs. Any thread; each takes effect with the next frame or request.</summary>
public sealed class FakeCameraFaults
{
    private volatile bool _refusePath;
    private volatile bool _stopSending;
    private volatile bool _stopSound;
    private volatile bool _stopVideo;
    private volatile bool _noVideoInSdp;
    private volatile bool _dropUdp;
    private volatile bool _stopAnswering;
    private volatile bool _stopSendingAudio;
    private volatile bool _noParameterSetsInSdp;
    private volatile bool _noParameterSetsInBand;
    private volatile bool _unsupportedCodecOnly;
    private volatile bool _rtpBeforePlayReply;
    private volatile bool _noSenderReports;
    private volatile bool _noMarker;
    private volatile bool _refuseUdp;
    private volatile bool _refuseTcp;
    private volatile int _contentLengthError;
    private volatile int _headerPadding;
    private double _udpLoss;
    private double _udpDuplication;
    private double _udpReordering;
    private long _senderReportShiftMs;
    private long _timestampShiftSeconds;

    /// <summary>404 for every request.</summary>
    public bool RefusePath { get => _refusePath; set => _refusePath = value; }

    /// <summary>No media, no RTCP; connections stay open and requests are answered.</summary>
    public bool StopSending { get => _stopSending; set => _stopSending = value; }

    /// <summary>No packets of tracks beside the video.</summary>
    public bool StopSound { get => _stopSound; set => _stopSound = value; }

    /// <summary>No packets of the video; the other tracks go on.</summary>
    public bool StopVideo { get => _stopVideo; set => _stopVideo = value; }

    /// <summary>The description names only the tracks beside the video.</summary>
    public bool NoVideoInSdp { get => _noVideoInSdp; set => _noVideoInSdp = value; }

    /// <summary>UDP is agreed to, and no datagram ever leaves: a firewall.</summary>
    public bool DropUdp { get => _dropUdp; set => _dropUdp = value; }

    /// <summary>Requests are read and never answered.</summary>
    public bool StopAnswering { get => _stopAnswering; set => _stopAnswering = value; }

    /// <summary>The sound stops; the picture goes on. <see cref="StopSending"/> is the other way round.</summary>
    public bool StopSendingAudio { get => _stopSendingAudio; set => _stopSendingAudio = value; }

    public bool NoParameterSetsInSdp { get => _noParameterSetsInSdp; set => _noParameterSetsInSdp = value; }

    public bool NoParameterSetsInBand { get => _noParameterSetsInBand; set => _noParameterSetsInBand = value; }

    /// <summary>The SDP offers a codec nobody takes.</summary>
    public bool UnsupportedCodecOnly { get => _unsupportedCodecOnly; set => _unsupportedCodecOnly = value; }

    /// <summary>The first packets overtake the answer to PLAY.</summary>
    public bool RtpBeforePlayReply { get => _rtpBeforePlayReply; set => _rtpBeforePlayReply = value; }

    public bool NoSenderReports { get => _noSenderReports; set => _noSenderReports = value; }

    /// <summary>The marker bit is never set (FLIR M400).</summary>
    public bool NoMarker { get => _noMarker; set => _noMarker = value; }

    /// <summary>461 for UDP.</summary>
    public bool RefuseUdp { get => _refuseUdp; set => _refuseUdp = value; }

    /// <summary>461 for TCP.</summary>
    public bool RefuseTcp { get => _refuseTcp; set => _refuseTcp = value; }

    /// <summary>Added to the Content-Length of DESCRIBE.</summary>
    public int ContentLengthError { get => _contentLengthError; set => _contentLengthError = value; }

    /// <summary>Bytes of a header nobody asked for, in every answer.</summary>
    public int HeaderPadding { get => _headerPadding; set => _headerPadding = value; }

    /// <summary>Share of UDP packets that are not sent, 0 to 1, by a seeded generator per session; 1 pauses UDP.</summary>
    public double UdpLoss { get => Volatile.Read(ref _udpLoss); set => Volatile.Write(ref _udpLoss, value); }

    /// <summary>Share of UDP packets that are sent twice.</summary>
    public double UdpDuplication { get => Volatile.Read(ref _udpDuplication); set => Volatile.Write(ref _udpDuplication, value); }

    /// <summary>Share of UDP packets that three later ones overtake.</summary>
    public double UdpReordering { get => Volatile.Read(ref _udpReordering); set => Volatile.Write(ref _udpReordering, value); }

    /// <summary>Added to the NTP time of sender reports.</summary>
    public TimeSpan SenderReportShift
    {
        get => TimeSpan.FromMilliseconds(Volatile.Read(ref _senderReportShiftMs));
        set => Volatile.Write(ref _senderReportShiftMs, (long)value.TotalMilliseconds);
    }

    /// <summary>Added to every RTP timestamp: a camera whose media clock jumps.</summary>
    public long TimestampShiftSeconds
    {
        get => Volatile.Read(ref _timestampShiftSeconds);
        set => Volatile.Write(ref _timestampShiftSeconds, value);
    }
}
