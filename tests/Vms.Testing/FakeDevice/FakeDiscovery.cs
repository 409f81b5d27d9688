using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Vms.Testing.FakeDevice;

/// <summary>
/// WS-Discovery's answers of devices (April 2005) over real UDP: to datagrams at the port, and to those of a multicast group on loopback.
/// </summary>
public sealed class FakeDiscovery : IAsyncDisposable
{
    public static readonly IPAddress Group = IPAddress.Parse("239.255.255.250");

    private static readonly XNamespace s_d = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
    private static readonly XNamespace s_a = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

    private readonly Socket _socket;
    private readonly Func<IReadOnlyList<FakeDevice>> _devices;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;
    private int _probes;

    private FakeDiscovery(Socket socket, Func<IReadOnlyList<FakeDevice>> devices)
    {
        _socket = socket;
        _devices = devices;
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>Probes that came, whether they were answered or not.</summary>
    public int Probes => Volatile.Read(ref _probes);

    /// <summary>Every device answers a probe twice, as some do.</summary>
    public bool AnswersTwice { get; set; }

    /// <summary>Datagrams that come before each answer.</summary>
    public IReadOnlyList<byte[]> Garbage { get; set; } = [];

    /// <param name="address">Where datagrams are taken; each of 127.0.0.0/8 is another device to the one who asks.</param>
    /// <param name="port">0: any free port.</param>
    /// <param name="multicast">Also those of the group, on loopback; then <paramref name="address"/> is the sender of the answers.</param>
    public static FakeDiscovery Start(IPAddress address, int port, bool multicast, params FakeDevice[] devices)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        if (multicast)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(Group, IPAddress.Loopback));
        }
        else
        {
            socket.Bind(new IPEndPoint(address, port));
        }

        return new FakeDiscovery(socket, () => devices);
    }

    public static IReadOnlyList<string> ScopesOf(FakeDeviceOptions options) =>
    [
        "onvif://www.onvif.org/type/video_encoder", "onvif://www.onvif.org/Profile/Streaming", $"onvif://www.onvif.org/name/{Uri.EscapeDataString(options.Manufacturer + " " + options.Model)}",
        $"onvif://www.onvif.org/hardware/{Uri.EscapeDataString(options.Model)}", "onvif://www.onvif.org/location/country/nowhere",
    ];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _serving;
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[65_536];
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token);
                if (ProbeOf(buffer.AsSpan(0, received.ReceivedBytes)) is { } probe)
                    await AnswerAsync(probe, received.RemoteEndPoint);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP answer to an earlier send: the one who asked is gone.
            }
        }
    }

    private async Task AnswerAsync((string MessageId, string? Type) probe, EndPoint to)
    {
        int number = Interlocked.Increment(ref _probes);
        foreach (var device in _devices())
        {
            if (number <= device.Quirks.LostProbes || probe.Type is not (null or "NetworkVideoTransmitter" or "Device"))
                continue;
            foreach (byte[] garbage in Garbage)
                await _socket.SendToAsync(garbage, to, _stopping.Token);
            byte[] answer = Encoding.UTF8.GetBytes(Answer(device, probe.MessageId));
            for (int i = 0; i < (AnswersTwice ? 2 : 1); i++)
                await _socket.SendToAsync(answer, to, _stopping.Token);
        }
    }

    /// <summary>The datagram, as text.</summary>
    public static string Answer(FakeDevice device, string relatesTo)
    {
        string uuid = device.Quirks.HasNilUuid ? Guid.Empty.ToString() : device.Options.Uuid;
        return """<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" """
            + """xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><SOAP-ENV:Header>"""
            + $"""<wsa:MessageID>urn:uuid:{Guid.NewGuid()}</wsa:MessageID><wsa:RelatesTo>{relatesTo}</wsa:RelatesTo><wsa:To SOAP-ENV:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>"""
            + """<wsa:Action SOAP-ENV:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action><d:AppSequence MessageNumber="1" InstanceId="1"/></SOAP-ENV:Header>"""
            + $"<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:{uuid}</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
            + $"<d:Scopes>{FakeSoap.Text(string.Join(' ', ScopesOf(device.Options)))}</d:Scopes><d:XAddrs>{device.AddressOf("/onvif/device_service").Trim()} http://[fe80::1]/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
            + "</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>";
    }

    /// <summary>As strict as a schema; the type has to resolve by its prefix.</summary>
    private static (string MessageId, string? Type)? ProbeOf(ReadOnlySpan<byte> datagram)
    {
        try
        {
            var root = XElement.Parse(Encoding.UTF8.GetString(datagram));
            var soap = root.Name.Namespace;
            string? id = root.Element(soap + "Header")?.Element(s_a + "MessageID")?.Value.Trim();
            if (id is null || root.Element(soap + "Body")?.Element(s_d + "Probe") is not { } probe)
                return null;

            var types = probe.Element(s_d + "Types");
            string? type = types?.Value.Trim() is { Length: > 0 } text ? text.Split(' ')[0] : null;
            if (type is not null && (!type.Contains(':', StringComparison.Ordinal) || types!.GetNamespaceOfPrefix(type.Split(':')[0]) is null))
                return null;
            return (id, type?.Split(':')[1]);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
