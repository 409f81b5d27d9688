using System.Net.Sockets;
using System.Text;

namespace Vms.Rtp.Tests.Testing;

/// <summary>Just enough RTSP to talk to the fake camera without the product.</summary>
internal sealed class RtspTestClient : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _sequence;

    public RtspTestClient(int port)
    {
        _client.Connect("127.0.0.1", port);
        _stream = _client.GetStream();
    }

    public async Task<string> RequestAsync(string method, string url, string header = "X: y")
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {url} RTSP/1.0\r\nCSeq: {++_sequence}\r\n{header}\r\n\r\n"));
        var reply = new StringBuilder();
        do
        {
            int read = await _stream.ReadAsync(_buffer);
            Assert.NotEqual(0, read);
            reply.Append(Encoding.Latin1.GetString(_buffer, 0, read));
        }
        while (!reply.ToString().Contains("\r\n\r\n", StringComparison.Ordinal));
        return reply.ToString();
    }

    /// <param name="udpPort">Where RTP shall go; null: over this connection.</param>
    public async Task PlayAsync(string url, int? udpPort = null)
    {
        string transport = udpPort is null ? "RTP/AVP/TCP;unicast;interleaved=0-1" : $"RTP/AVP;unicast;client_port={udpPort}-{udpPort + 1}";
        await RequestAsync("SETUP", $"{url}/trackID=0", $"Transport: {transport}");
        await RequestAsync("PLAY", url);
    }

    public async Task ReadToEndAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (await _stream.ReadAsync(_buffer, deadline.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset instead of closed: just as gone.
        }
    }

    public void Dispose() => _client.Dispose();
}
