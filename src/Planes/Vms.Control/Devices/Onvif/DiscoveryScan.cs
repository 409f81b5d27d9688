using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Threading.Channels;
using Vms.Onvif.Discovery;

namespace Vms.Control.Devices.Onvif;

/// <summary>How a scan asks.</summary>
internal sealed record DiscoveryOptions
{
    public int Port { get; init; } = Probe.Port;

    /// <summary>Own addresses whose networks are asked by multicast; null: those of all interfaces that are up, without loopback.</summary>
    public IReadOnlyList<IPAddress>? Interfaces { get; init; }

    /// <summary>Datagrams to single addresses in a second: a network of 254 takes eleven seconds, and no switch notices.</summary>
    public int ProbesPerSecond { get; init; } = 200;

    /// <summary>Between a multicast probe and its repetition (WS-Discovery: 50 to 500 ms).</summary>
    public TimeSpan Repetition { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Answers are awaited so long after the last probe; devices wait up to half a second by the specification, and longer in fact.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(3);
}

/// <summary>Asks a network for its devices, by multicast or one address after the other.</summary>
internal sealed class DiscoveryScan(DiscoveryOptions options, TimeProvider time)
{
    /// <summary>Answers that wait to be read; more are dropped, and come again with the next probe.</summary>
    private const int MaxWaiting = 1024;

    private const int TicksPerSecond = 20;

    /// <summary>Not beyond the first router.</summary>
    private const int MulticastTimeToLive = 1;

    /// <param name="subnet">Every host of it is asked. Null: by multicast.</param>
    /// <param name="found">Called as devices answer, one call at a time: again for a device of which more is known than before.</param>
    /// <param name="asked">Called now and then: how many questions were sent, and how many there are.</param>
    /// <returns>All of them. Less than all when cancelled: an <see cref="OperationCanceledException"/> comes, and <paramref name="found"/> has had the rest.</returns>
    public async Task<IReadOnlyCollection<DiscoveredDevice>> RunAsync(Subnet? subnet, Action<DiscoveredDevice> found, Action<long, long>? asked, CancellationToken cancellationToken)
    {
        var answers = Channel.CreateBounded<(IPAddress From, byte[] Datagram)>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropNewest, SingleReader = true });
        var devices = new DiscoveredDevices();
        var sockets = subnet is null ? MulticastSockets() : [NewSocket(IPAddress.Any)];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task[] receiving = [.. sockets.Select(socket => ReceiveAsync(socket, answers.Writer, ending.Token))];
            var asking = AskAsync(sockets, subnet, answers.Writer, asked, ending.Token);
            await foreach (var (from, datagram) in answers.Reader.ReadAllAsync(cancellationToken))
            {
                foreach (var match in ProbeMatch.Read(datagram))
                {
                    if (devices.Add(from, match) is { } device)
                        found(device);
                }
            }

            await asking;
            await ending.CancelAsync();
            await Task.WhenAll(receiving);
            return devices.All;
        }
        finally
        {
            await ending.CancelAsync();
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private async Task AskAsync(List<Socket> sockets, Subnet? subnet, ChannelWriter<(IPAddress, byte[])> answers, Action<long, long>? asked, CancellationToken cancellationToken)
    {
        try
        {
            if (subnet is null)
                await AskGroupAsync(sockets, asked, cancellationToken);
            else
                await AskHostsAsync(sockets[0], subnet, asked, cancellationToken);
            await Task.Delay(options.Patience, time, cancellationToken);
            answers.Complete();
        }
        catch (Exception e)
        {
            answers.Complete(e);
        }
    }

    private async Task AskGroupAsync(List<Socket> sockets, Action<long, long>? asked, CancellationToken cancellationToken)
    {
        byte[][] probes = NewProbes();
        var group = new IPEndPoint(Probe.Group, options.Port);
        for (int sent = 0; sent < Probe.Sends; sent++)
        {
            if (sent > 0)
                await Task.Delay(options.Repetition, time, cancellationToken);
            foreach (var socket in sockets)
            {
                foreach (byte[] probe in probes)
                    await SendAsync(socket, probe, group, cancellationToken);
            }

            asked?.Invoke(sent + 1, Probe.Sends);
        }
    }

    private async Task AskHostsAsync(Socket socket, Subnet subnet, Action<long, long>? asked, CancellationToken cancellationToken)
    {
        byte[][] probes = NewProbes();
        int perTick = Math.Max(1, options.ProbesPerSecond / TicksPerSecond);
        int left = perTick;
        long done = 0, total = (long)Probe.Sends * probes.Length * subnet.Hosts().LongCount();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        for (int sent = 0; sent < Probe.Sends; sent++)
        {
            foreach (byte[] probe in probes)
            {
                foreach (var host in subnet.Hosts())
                {
                    if (left-- == 0)
                    {
                        asked?.Invoke(done, total);
                        await pace.WaitForNextTickAsync(cancellationToken);
                        left = perTick - 1;
                    }

                    await SendAsync(socket, probe, new IPEndPoint(host, options.Port), cancellationToken);
                    done++;
                }
            }
        }

        asked?.Invoke(done, total);
    }

    private static byte[][] NewProbes() => [.. Probe.Forms.Select(form => Probe.Write(form, Guid.NewGuid()))];

    private static async Task SendAsync(Socket socket, byte[] probe, IPEndPoint to, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendToAsync(probe, to, cancellationToken);
        }
        catch (SocketException)
        {
            // No route to this one, or an interface that has just gone: the others are asked all the same.
        }
    }

    private static async Task ReceiveAsync(Socket socket, ChannelWriter<(IPAddress, byte[])> answers, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[ProbeMatch.MaxDatagram];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, anybody, cancellationToken);
                answers.TryWrite((((IPEndPoint)received.RemoteEndPoint).Address, buffer[..received.ReceivedBytes]));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP answer to an earlier probe: nobody listens there.
            }
        }
    }

    private List<Socket> MulticastSockets()
    {
        var sockets = new List<Socket>();
        foreach (var address in options.Interfaces ?? OwnAddresses())
        {
            Socket? socket = null;
            try
            {
                socket = NewSocket(address);
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, address.GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, MulticastTimeToLive);
                sockets.Add(socket);
            }
            catch (SocketException)
            {
                socket?.Dispose();      // the interface has gone since it was listed
            }
        }

        return sockets;
    }

    private static Socket NewSocket(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        from face in NetworkInterface.GetAllNetworkInterfaces()
        where face.OperationalStatus == OperationalStatus.Up && face.SupportsMulticast && face.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from unicast in face.GetIPProperties().UnicastAddresses
        where unicast.Address.AddressFamily == AddressFamily.InterNetwork
        select unicast.Address;
}
