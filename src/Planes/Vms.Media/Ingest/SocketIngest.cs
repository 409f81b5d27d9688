using System.Net;
using System.Net.Sockets;
using Vms.Media.Ingest.Rtsp;

namespace Vms.Media.Ingest;

/// <summary>The portable ingest, for systems without epoll: asynchronous receives, one at a time per socket, the session behind a
/// lock. Correct, and several times as expensive (docs/design/ingest.md).</summary>
internal sealed class SocketIngest(TimeProvider clock) : IIngestLoop
{
    private const int MaxDatagramBytes = 65536;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    public IIngestLoop ForTls => this;

    public async Task<SocketError> ConnectAsync(Socket socket, EndPoint address, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address, both.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? SocketError.OperationAborted : SocketError.TimedOut;
        }
    }

    public async Task RunAsync(RtspMediaSession session, CancellationToken cancellationToken)
    {
        using var ended = new CancellationTokenSource();
        var gate = new Lock();
        List<Task> datagrams = [];      // under the gate until the session has ended
        session.PortsOpened = (track, udp) =>
        {
            datagrams.Add(Task.Run(() => ReceiveDatagramsAsync(udp.Rtp, track, session, session.RtpReceived, gate, ended)));
            datagrams.Add(Task.Run(() => ReceiveDatagramsAsync(udp.Rtcp, track, session, session.RtcpReceived, gate, ended)));
        };
        Guard(session, gate, ended, session.Start);
        using var registration = cancellationToken.Register(() => Guard(session, gate, ended, session.Stop));
        await Task.WhenAll(TickAsync(session, gate, ended), ReceiveControlAsync(session, gate, ended), session.Control.WriteAsync(ended.Token));
        await Task.WhenAll(datagrams);
    }

    public void Dispose()
    {
    }

    private delegate void SessionCall(in IngestTime now);

    private delegate void DatagramCall(int track, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> source, in IngestTime now);

    private void Guard(RtspMediaSession session, Lock gate, CancellationTokenSource ended, SessionCall call)
    {
        lock (gate)
        {
            try
            {
                if (session.End is null)
                    call(IngestTime.Now(clock));
            }
            catch (Exception e)
            {
                session.Break(e);
            }

            session.EndPass();
            if (session.End is not null)
                ended.Cancel();
        }
    }

    private async Task TickAsync(RtspMediaSession session, Lock gate, CancellationTokenSource ended)
    {
        using var timer = new PeriodicTimer(s_tick, clock);
        while (await EndedInsteadAsync(timer.WaitForNextTickAsync(ended.Token)))
            Guard(session, gate, ended, session.Tick);
    }

    private async Task ReceiveControlAsync(RtspMediaSession session, Lock gate, CancellationTokenSource ended)
    {
        while (!ended.IsCancellationRequested)
        {
            int received = 0;
            var error = SocketError.Success;
            try
            {
                received = session.Control.Secure is { } secure
                    ? await secure.ReadAsync(session.ReceiveSpace, ended.Token)
                    : await session.Control.Socket.ReceiveAsync(session.ReceiveSpace, SocketFlags.None, ended.Token);
            }
            catch (SocketException e)
            {
                error = e.SocketErrorCode;
            }
            catch (IOException)
            {
                error = SocketError.ConnectionReset;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Guard(session, gate, ended, (in now) =>
            {
                if (received > 0)
                    session.ControlReceived(received, now);
                else
                    session.ControlClosed(error);
            });
        }
    }

    private async Task ReceiveDatagramsAsync(
        Socket socket, int track, RtspMediaSession session, DatagramCall call, Lock gate, CancellationTokenSource ended)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(MaxDatagramBytes, pinned: true);
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, ended.Token);
                var address = ((IPEndPoint)received.RemoteEndPoint).Address;
                byte[] source = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
                Guard(session, gate, ended, (in now) => call(track, buffer.AsSpan(0, received.ReceivedBytes), source, now));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // An ICMP answer to a datagram of ours: nobody listens for RTCP there.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async ValueTask<bool> EndedInsteadAsync(ValueTask<bool> tick)
    {
        try
        {
            return await tick;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
