using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Vms.Rtp;
using Vms.Rtp.Rtcp;
using Vms.Rtsp;

namespace Vms.Media.Tests.Egress.Rtsp;

/// <summary>One RTP packet as a viewer got it.</summary>
internal sealed record ReceivedPacket(ushort Sequence, uint Timestamp, uint Ssrc, bool Marker, byte[] Payload);

/// <summary>An RTSP client that keeps everything it is sent.</summary>
internal sealed class RtspPeer : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private readonly TcpClient _client;
    private readonly Channel<RtspMessage> _replies = Channel.CreateUnbounded<RtspMessage>();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Task _receiving;
    private int _cseq;

    private RtspPeer(TcpClient client)
    {
        _client = client;
        _receiving = ReceiveAsync();
    }

    public ConcurrentQueue<ReceivedPacket> Packets { get; } = new();

    /// <summary>RTCP compounds.</summary>
    public ConcurrentQueue<byte[]> Reports { get; } = new();

    public string? Session { get; private set; }

    /// <summary>The server has closed the connection.</summary>
    public bool IsClosed => _receiving.IsCompleted;

    public int Frames => Packets.Count(p => p.Marker);

    public bool GotGoodbye => Reports.Any(HasGoodbye);

    public static async Task<RtspPeer> ConnectAsync(EgressHost host)
    {
        var client = new TcpClient { ReceiveBufferSize = 32 * 1024 };
        await client.ConnectAsync(host.Egress.Rtsp!.LocalEndPoint!);
        return new RtspPeer(client);
    }

    /// <summary>Connects and plays the video over the connection.</summary>
    public static async Task<RtspPeer> PlayAsync(EgressHost host, string cameraId = "1", string? ticket = null)
    {
        var peer = await ConnectAsync(host);
        string url = host.Rtsp(cameraId, ticket);
        await peer.PlayAsync(url, "RTP/AVP/TCP;unicast;interleaved=0-1");
        return peer;
    }

    /// <returns>The reply to SETUP, and the one to PLAY.</returns>
    public async Task<(RtspMessage SetUp, RtspMessage Play)> PlayAsync(string url, string transport)
    {
        var described = await AskAsync("DESCRIBE", url);
        Assert.Equal(200, described.StatusCode);
        var description = SessionDescription.Parse(described.Body.Span);
        var setUp = await AskAsync("SETUP", description!.FirstVideo("H264")!.Control!, ("Transport", transport));
        Assert.Equal(200, setUp.StatusCode);
        Session = setUp.Headers["Session"]!.Split(';')[0];
        var play = await AskAsync("PLAY", url);
        Assert.Equal(200, play.StatusCode);
        return (setUp, play);
    }

    public async Task<RtspMessage> AskAsync(string method, string url, params (string Name, string Value)[] headers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{method} {url} RTSP/1.0\r\nCSeq: {++_cseq}\r\n");
        if (Session is not null)
            text.Append("Session: ").Append(Session).Append("\r\n");
        foreach (var (name, value) in headers)
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        await SendAsync(Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()));
        using var limit = new CancellationTokenSource(s_deadline);
        var reply = await _replies.Reader.ReadAsync(limit.Token);
        Assert.Equal(_cseq, reply.CSeq);
        return reply;
    }

    /// <summary>Further requests name none.</summary>
    public void ForgetSession() => Session = null;

    public Task SendAsync(byte[] bytes) => _client.GetStream().WriteAsync(bytes).AsTask();

    /// <summary>Reads no more until the result is disposed: a viewer whose link is too slow.</summary>
    public async Task<IDisposable> StallAsync()
    {
        await _reading.WaitAsync();
        return new Resume(_reading);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _receiving;
        _reading.Dispose();
    }

    public static bool HasGoodbye(byte[] compound)
    {
        foreach (var packet in new RtcpReader(compound))
        {
            if (packet.Type == RtcpPacketType.Goodbye)
                return true;
        }

        return false;
    }

    public static ReceivedPacket Parse(ReadOnlySpan<byte> bytes)
    {
        Assert.True(RtpPacketView.TryParse(bytes, out var packet));
        return new ReceivedPacket(packet.SequenceNumber, packet.Timestamp, packet.Ssrc, packet.Marker, packet.Payload.ToArray());
    }

    private async Task ReceiveAsync()
    {
        var reader = new RtspMessageReader();
        var buffer = new byte[RtspMessageReader.MaxItemBytes];
        int length = 0;
        try
        {
            var stream = _client.GetStream();
            while (true)
            {
                await _reading.WaitAsync();
                _reading.Release();
                int received = await stream.ReadAsync(buffer.AsMemory(length));
                if (received == 0)
                    return;
                length = Take(reader, buffer, length + received);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return;
        }
    }

    /// <returns>Bytes left.</returns>
    private int Take(RtspMessageReader reader, byte[] buffer, int length)
    {
        int consumed = 0;
        while (true)
        {
            var item = reader.Read(buffer.AsSpan(consumed, length - consumed));
            consumed += item.Consumed;
            if (item.Kind == RtspItemKind.NeedMore)
                break;
            if (item.Kind == RtspItemKind.Message)
                _replies.Writer.TryWrite(item.Message!);
            else if (item.Channel == 0)
                Packets.Enqueue(Parse(item.Payload));
            else
                Reports.Enqueue(item.Payload.ToArray());
        }

        Assert.Equal(0, reader.GarbageBytes);
        buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
        return length - consumed;
    }

    private sealed class Resume(SemaphoreSlim reading) : IDisposable
    {
        public void Dispose() => reading.Release();
    }
}
