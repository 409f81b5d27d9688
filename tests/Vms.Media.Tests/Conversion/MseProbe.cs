using System.Net.WebSockets;
using System.Text;

namespace Vms.Media.Tests.Conversion;

/// <summary>A viewer by MSE that plays H.264 alone.</summary>
internal sealed class MseProbe : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(90);
    private readonly ClientWebSocket _socket = new();

    public static async Task<MseProbe> OpenAsync(Uri url)
    {
        var probe = new MseProbe();
        await probe._socket.ConnectAsync(url, CancellationToken.None);
        await probe._socket.SendAsync(
            Encoding.UTF8.GetBytes("""{"type":"mse","value":"avc1.640028"}"""), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return probe;
    }

    /// <summary>Returns when so many more pictures have come.</summary>
    public async Task ReadFragmentsAsync(int count)
    {
        while (count > 0)
        {
            var (type, bytes, closed) = await ReadAsync();
            Assert.Null(closed);
            if (type == WebSocketMessageType.Text)
                Assert.Contains("avc1.", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
            else if (bytes.AsSpan(4).StartsWith("prft"u8))
                count--;
        }
    }

    /// <summary>Why the server closed.</summary>
    public async Task<string?> ReadUntilClosedAsync()
    {
        while (true)
        {
            var (_, _, closed) = await ReadAsync();
            if (closed is not null)
                return closed;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<(WebSocketMessageType Type, byte[] Bytes, string? Closed)> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(s_deadline);
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                return (received.MessageType, [], _socket.CloseStatusDescription ?? "");
            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
                return (received.MessageType, message.ToArray(), null);
        }
    }
}
