using System.ComponentModel;
using System.Net.Sockets;
using Vms.Media.Ingest.Rtsp;

namespace Vms.Media.Ingest;

internal sealed partial class IngestThread
{
    /// <summary>Waits until a connection that has been started stands. Any thread.</summary>
    /// <param name="socket">Non-blocking, connecting.</param>
    public Task<SocketError> WaitConnectedAsync(Socket socket, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref _load);
        Command(now =>
        {
            try
            {
                var connecting = new Connecting(socket, now.Monotonic + timeout, result);
                connecting.Token = Add(new(SourceKind.Connecting, socket, null, connecting), connecting: true);
                _connecting.Add(connecting);
            }
            catch (Win32Exception)      // the system has no room for another watch
            {
                result.TrySetResult(SocketError.NoBufferSpaceAvailable);
            }
        });
        return WaitAsync();

        async Task<SocketError> WaitAsync()
        {
            using var registration = cancellationToken.Register(() => Command(_ =>
            {
                if (_connecting.Find(c => c.Result == result) is { } connecting)
                    Connected(connecting, SocketError.OperationAborted);
            }));
            try
            {
                return await result.Task;
            }
            finally
            {
                Interlocked.Decrement(ref _load);
            }
        }
    }

    /// <summary>See <see cref="IIngestLoop.RunAsync"/>. Any thread.</summary>
    public async Task RunAsync(RtspMediaSession session, CancellationToken cancellationToken)
    {
        var driven = new Driven(session, new(TaskCreationOptions.RunContinuationsAsynchronously));
        Interlocked.Increment(ref _load);
        Command(now => Begin(driven, now));
        using var registration = cancellationToken.Register(() => Command(now =>
        {
            session.Stop(now);
            Reap();
        }));
        await driven.Done.Task;
    }

    private void Begin(Driven driven, IngestTime now)
    {
        var session = driven.Session;
        _driven.Add(driven);
        try
        {
            Watch(driven, session);
            session.Start(now);
        }
        catch (Exception e)
        {
            session.Break(e);
        }

        Reap();
    }

    private void Watch(Driven driven, RtspMediaSession session)
    {
        driven.Tokens.Add(Add(new(SourceKind.Control, session.Control.Socket, driven, null), connecting: false));
        session.PortsOpened = (track, udp) =>
        {
            udp.Rtp.Blocking = udp.Rtcp.Blocking = false;
            driven.Tokens.Add(Add(new(SourceKind.Rtp, udp.Rtp, driven, null) { Track = track }, connecting: false));
            driven.Tokens.Add(Add(new(SourceKind.Rtcp, udp.Rtcp, driven, null) { Track = track }, connecting: false));
        };
    }
}
