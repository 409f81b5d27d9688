using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Vms.Hosting;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Egress.Hls;
using Vms.Media.Egress.Mjpeg;
using Vms.Media.Egress.Mse;
using Vms.Media.Egress.Rtsp;
using Vms.Media.Egress.WebRtc;
using Vms.Media.Streams;
using Vms.Native.OpenSsl;

namespace Vms.Media.Egress;

/// <summary>Live video going out: starts and stops the egress threads, the WebRTC socket, the MSE viewers, the windows of HLS and DASH and
/// the RTSP server.</summary>
/// <remarks>Stop order: viewers are told, then the threads that tell them end, then the socket goes.</remarks>
internal sealed partial class LiveEgress : IHostedService, IDisposable
{
    private readonly StreamRegistry _streams;
    private readonly EgressThreads _threads;
    private readonly SharedStreams<CmafStream> _packaged;
    private readonly EgressMetrics _metrics;
    private readonly ControlAccess _control;
    private bool _stopped;
    private bool _disposed;     // the container disposes a hosted service once per registration

    public LiveEgress(
        PlaneOptions options, StreamRegistry streams, TicketVerifier tickets, RevokedRights revoked, Viewings viewings, ProgressMonitor progress, TimeProvider time,
        ILoggerFactory loggers)
    {
        _streams = streams;
        _threads = new EgressThreads(time, progress, loggers.CreateLogger<EgressThread>());
        WebRtc = TryCreateWebRtc(options, progress, time, loggers, _threads);
        var cmafCounters = new CmafCounters();
        _packaged = new SharedStreams<CmafStream>(_threads, (stream, thread) => new CmafStream(stream, thread, cmafCounters, time));
        Mse = new MseServer(_packaged, time, loggers.CreateLogger<MseServer>());
        Windows = new CmafWindows(_packaged, cmafCounters, time);
        SegmentViewers = new SegmentViewers(tickets, viewings, time);
        Mjpeg = new MjpegEndpoint(streams, time);
        if (OperatingSystem.IsLinux())
            Hls = new HlsServer(streams, Windows, SegmentViewers, time, progress, loggers.CreateLogger<HlsServer>());
        Viewers = WebRtc is null ? null : new ViewerSessions(WebRtc, viewings, options.IceServers, time);
        _control = new ControlAccess(options, revoked, time);
        if (options.RtspPort is not null || options.RtspsPort is not null)
        {
            var address = IPAddress.Parse(options.BindAddress);
            Rtsp = new RtspServer(
                options.RtspPort is { } port ? new IPEndPoint(address, port) : null,
                options.RtspsPort is { } securePort ? new IPEndPoint(address, securePort) : null,
                options.RtspsPort is null ? null : ServerCertificate.LoadOrCreate(options, time),
                options.RtspConnections, _threads, streams, new RtspAccess(tickets, _control), viewings, time, loggers.CreateLogger<RtspServer>());
        }

        _metrics = new EgressMetrics(WebRtc, Mse, Windows, SegmentViewers, Mjpeg, Rtsp);
    }

    /// <summary>Null when OpenSSL is missing: viewers fall back to MSE.</summary>
    public WebRtcServer? WebRtc { get; }

    public MseServer Mse { get; }

    /// <summary>Null when it is off.</summary>
    public RtspServer? Rtsp { get; }

    /// <summary>What HLS and DASH are served from.</summary>
    public CmafWindows Windows { get; }

    public SegmentViewers SegmentViewers { get; }

    public MjpegEndpoint Mjpeg { get; }

    /// <summary>Null where Kestrel answers alone.</summary>
    public HlsServer? Hls { get; }

    /// <summary>The streams that are packaged for MSE, HLS or DASH.</summary>
    public IReadOnlyList<CmafStream> Packaged => _packaged.All;

    /// <summary>Null with <see cref="WebRtc"/>.</summary>
    public ViewerSessions? Viewers { get; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _streams.Removed += OnStreamRemoved;
        _threads.Start();
        WebRtc?.Start();
        Rtsp?.Start();
        if (OperatingSystem.IsLinux())
            Hls?.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Stop();
        WebRtc?.Dispose();
        Windows.Dispose();
        Rtsp?.Dispose();
        _control.Dispose();
        _metrics.Dispose();
    }

    private void Stop()
    {
        if (_stopped)
            return;
        _stopped = true;
        _streams.Removed -= OnStreamRemoved;
        if (OperatingSystem.IsLinux())
            Hls?.Dispose();
        Mse.Stop();
        Windows.Stop();
        WebRtc?.Stop();
        Rtsp?.Stop();
        _threads.Dispose();
    }

    private void OnStreamRemoved(LiveStream stream)
    {
        WebRtc?.CloseAll(stream);
        Mse.CloseAll(stream);
        Windows.CloseAll(stream);
        Mjpeg.CloseAll(stream);
        Rtsp?.CloseAll(stream);
    }

    private static WebRtcServer? TryCreateWebRtc(
        PlaneOptions options, ProgressMonitor progress, TimeProvider time, ILoggerFactory loggers, EgressThreads threads)
    {
        var bind = new IPEndPoint(IPAddress.Parse(options.BindAddress), options.WebRtcPort);
        try
        {
            return new WebRtcServer(bind, options.WebRtcAddresses, threads, progress, time, loggers.CreateLogger<WebRtcServer>());
        }
        catch (Exception e) when (e is DllNotFoundException or OpenSslException)
        {
            Log.NoWebRtc(loggers.CreateLogger<LiveEgress>(), e);
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new IOException($"UDP {bind} for WebRTC (VMS_WEBRTC_PORT) is taken", new AddressInUseException(e.Message, e));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Error, "WebRTC is off: OpenSSL 3 cannot be used. Viewers fall back to MSE")]
        public static partial void NoWebRtc(ILogger logger, Exception exception);
    }
}
