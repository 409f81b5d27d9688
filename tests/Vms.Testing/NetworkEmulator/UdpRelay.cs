using System.Net;
using System.Net.Sockets;

namespace Vms.Testing.NetworkEmulator;

/// <summary>A bad network between a UDP client and a server on loopback: clients send to <see cref="Port"/> instead of the
/// server's port; each client gets an upstream socket of its own, so the server still tells them apart.</summary>
public sealed class UdpRelay : IAsyncDisposable
{
    private const int MaxDatagram = 65_535;
    private const int SocketBuffer = 4 << 20;

    private readonly IPEndPoint _server;
    private readonly Socket _front;
    private readonly Dictionary<SocketAddress, Socket> _upstreams = [];
    private readonly List<Task> _loops = [];
    private readonly DelayLine _late = new();
    private volatile bool _stopping;
    private volatile bool _down;

    public UdpRelay(IPEndPoint server, int seed = 1)
    {
        _server = server;
        ToServer = new PacketImpairment(seed);
        ToClient = new PacketImpairment(seed + 1);
        _front = NewSocket();
        _front.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_front.LocalEndPoint!).Port;
        _loops.Add(ForwardUpAsync());
    }

    public int Port { get; }

    public PacketImpairment ToServer { get; }

    public PacketImpairment ToClient { get; }

    /// <summary>True: nothing passes in either direction, nobody is told.</summary>
    public bool IsDown { get => _down; set => _down = value; }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _front.Dispose();
        await _loops[0];
        foreach (var upstream in _upstreams.Values)
            upstream.Dispose();
        await Task.WhenAll(_loops);
        _late.Dispose();
    }

    private void Pass(PacketImpairment network, ReadOnlySpan<byte> datagram, PacketImpairment.Sink send) =>
        network.Pass(datagram, packet => _late.Pass(packet, network.NextDelay(), p =>
        {
            if (!_down && !_stopping)
                send(p);
        }));

    private async Task ForwardUpAsync()
    {
        byte[] buffer = new byte[MaxDatagram];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (await ReceiveAsync(_front, buffer, from) is >= 0 and int length)
        {
            if (!_upstreams.TryGetValue(from, out var upstream))
            {
                var client = new SocketAddress(from.Family, from.Size);
                from.Buffer.CopyTo(client.Buffer);
                upstream = NewSocket();
                upstream.Connect(_server);
                _upstreams.Add(client, upstream);
                _loops.Add(ForwardDownAsync(upstream, client));
            }

            if (!_down)
                Pass(ToServer, buffer.AsSpan(0, length), packet => upstream.Send(packet, SocketFlags.None, out _));
        }
    }

    private async Task ForwardDownAsync(Socket upstream, SocketAddress client)
    {
        byte[] buffer = new byte[MaxDatagram];
        while (await ReceiveAsync(upstream, buffer, null) is >= 0 and int length)
        {
            if (!_down)
                Pass(ToClient, buffer.AsSpan(0, length), packet => _front.SendTo(packet, SocketFlags.None, client));
        }
    }

    /// <returns>-1 when the relay stops.</returns>
    private async Task<int> ReceiveAsync(Socket socket, byte[] buffer, SocketAddress? from)
    {
        while (!_stopping)
        {
            try
            {
                return from is null
                    ? await socket.ReceiveAsync(buffer, SocketFlags.None)
                    : await socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
            }
            catch (SocketException) when (!_stopping)
            {
                // An ICMP answer to an earlier send: the other side is not there (yet), which a network does not care about.
            }
            catch (Exception e) when (_stopping && e is SocketException or ObjectDisposedException)
            {
                return -1;
            }
        }

        return -1;
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
    {
        SendBufferSize = SocketBuffer,
        ReceiveBufferSize = SocketBuffer,
    };
}
