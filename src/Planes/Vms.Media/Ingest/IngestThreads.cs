using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Vms.Hosting;
using Vms.Media.Ingest.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>The Linux ingest: a few <see cref="IngestThread"/>s, each session on the one with the least to do.</summary>
[SupportedOSPlatform("linux")]
internal sealed class IngestThreads : IIngestLoop
{
    private readonly IngestThread[] _threads;
    private readonly SocketIngest _portable;

    public IngestThreads(IngestOptions options, TimeProvider clock, ProgressMonitor progress)
    {
        _portable = new(clock);
        _threads = [.. Enumerable.Range(1, options.Threads).Select(n => new IngestThread(n, options, clock, progress))];
        foreach (var thread in _threads)
            thread.Start();
    }

    public IIngestLoop ForTls => _portable;

    public Task<SocketError> ConnectAsync(Socket socket, EndPoint address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Never an asynchronous call of .NET on this socket: it would put it on the shared engine for good.
        socket.Blocking = false;
        try
        {
            socket.Connect(address);
            return Task.FromResult(SocketError.Success);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return LeastBusy().WaitConnectedAsync(socket, timeout, cancellationToken);
        }
        catch (SocketException e)
        {
            return Task.FromResult(e.SocketErrorCode);
        }
    }

    public Task RunAsync(RtspMediaSession session, CancellationToken cancellationToken) =>
        LeastBusy().RunAsync(session, cancellationToken);

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
    }

    private IngestThread LeastBusy() => _threads.MinBy(t => t.Load)!;
}
