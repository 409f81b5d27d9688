using System.Buffers.Binary;
using System.Text;
using Vms.Testing.Footage;

namespace Vms.LiveLoad;

/// <summary>Fragments over WebSocket, one per frame.</summary>
internal sealed class MseViewer : TcpViewer
{
    private const int Binary = 2;
    private const int Close = 8;
    private bool _upgraded;

    public MseViewer(Uri url)
        : base(url)
    {
        Send(Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    }

    protected override int Take(ReadOnlySpan<byte> bytes)
    {
        if (!_upgraded)
            return TakeHead(bytes);
        if (bytes.Length < 2)
            return 0;
        int header = bytes[1] switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < header)
            return 0;
        int length = header + header switch
        {
            4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            10 => checked((int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
            _ => bytes[1],
        };
        if (bytes.Length < length)
            return 0;
        int opcode = bytes[0] & 0x0F;
        if (opcode == Close)
            Failure = "the server said good-bye";
        else if (opcode == Binary && FrameStamp.TryFind(bytes[header..Math.Min(length, StampWithin)], out var stamp))
            Count(stamp);
        return length;
    }

    private int TakeHead(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return 0;
        _upgraded = bytes.StartsWith("HTTP/1.1 101"u8);
        if (!_upgraded)
        {
            Failure = Encoding.ASCII.GetString(bytes[..end]);
            return end + 4;
        }

        // Not before the answer (RFC 6455 §4.1): the server's first frames could overtake it.
        var hello = """{"type":"mse","value":""}"""u8;
        Send([0x81, (byte)(0x80 | hello.Length), 0, 0, 0, 0, .. hello]);     // masked with zeros
        return end + 4;
    }
}
