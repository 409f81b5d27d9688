using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Media.Egress.Mse;

/// <summary>Frame types (RFC 6455 §11.8).</summary>
internal enum WebSocketOpcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>
/// A server's WebSocket frames (RFC 6455 §5.2). They are not masked, so a frame is the same bytes for every viewer: it is
/// written once per access unit, header included, and shared. That is why .NET's WebSocket, which frames per connection, is
/// not used here.
/// </summary>
internal static class WebSocketFrame
{
    public const int MaxHeaderLength = 10;
    private const byte Final = 0x80;
    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";     // §1.3

    public static int HeaderLength(int payloadLength) => payloadLength < 126 ? 2 : payloadLength <= ushort.MaxValue ? 4 : MaxHeaderLength;

    /// <returns>Bytes written.</returns>
    public static int WriteHeader(Span<byte> frame, WebSocketOpcode opcode, int payloadLength)
    {
        int length = HeaderLength(payloadLength);
        frame[0] = (byte)(Final | (byte)opcode);
        switch (length)
        {
            case 2:
                frame[1] = (byte)payloadLength;
                break;
            case 4:
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payloadLength);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)payloadLength);
                break;
        }

        return length;
    }

    /// <summary>A whole frame.</summary>
    public static byte[] Of(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength(payload.Length) + payload.Length];
        payload.CopyTo(frame.AsSpan(WriteHeader(frame, opcode, payload.Length)));
        return frame;
    }

    /// <summary>Payload of a close frame (§5.5.1).</summary>
    public static byte[] ClosePayload(int status, string reason)
    {
        var payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)status);
        Encoding.ASCII.GetBytes(reason, payload.AsSpan(2));
        return payload;
    }

    /// <summary>The answer to a client's key (§4.2.2).</summary>
    public static string AcceptOf(string key) => Convert.ToBase64String(Sha1(Encoding.ASCII.GetBytes(key + AcceptGuid)));

#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1; nothing secret depends on it.
    private static byte[] Sha1(byte[] bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350
}
