using System.Net;
using System.Net.Sockets;
using Vms.Media.Ingest.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>Moves bytes between sockets and sessions: own threads with epoll on Linux, asynchronous sockets elsewhere.</summary>
internal interface IIngestLoop : IDisposable
{
    /// <summary>Connects a fresh socket.</summary>
    /// <returns><see cref="SocketError.Success"/>, or why not; <see cref="SocketError.TimedOut"/> also for our own time-out.</returns>
    Task<SocketError> ConnectAsync(Socket socket, EndPoint address, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Drives the session until it has ended, by itself or because of the token (then it says TEARDOWN). One session is never
    /// called by two threads at a time. The sockets stay open: they are the caller's.</summary>
    Task RunAsync(RtspMediaSession session, CancellationToken cancellationToken);

    /// <summary>The loop for sessions in TLS, whose sockets must be asynchronous ones of .NET.</summary>
    IIngestLoop ForTls { get; }

    /// <summary>The implementation for this system.</summary>
    static IIngestLoop Create(IngestOptions options, TimeProvider clock, Hosting.ProgressMonitor progress) =>
        OperatingSystem.IsLinux() && !options.Portable
            ? new IngestThreads(options, clock, progress)
            : new SocketIngest(clock);
}
