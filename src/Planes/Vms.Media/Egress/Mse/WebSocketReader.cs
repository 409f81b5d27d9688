using System.Buffers.Binary;

namespace Vms.Media.Egress.Mse;

/// <summary>A viewer broke RFC 6455 or a ceiling; its connection is closed.</summary>
internal sealed class WebSocketProtocolException(string message) : Exception(message);

/// <summary>Reads what a viewer sends (RFC 6455 §5): short masked messages. One caller at a time.</summary>
internal sealed class WebSocketReader(Stream stream)
{
    /// <summary>A hello with every codec a browser knows has some hundred bytes.</summary>
    public const int MaxMessageLength = 4096;

    private const int MaskLength = 4;
    private const int MaxControlLength = 125;
    private readonly byte[] _header = new byte[8];
    private readonly byte[] _message = new byte[MaxMessageLength];
    private readonly byte[] _control = new byte[MaxControlLength];

    /// <summary>The next message or control frame.</summary>
    /// <returns>Its kind and payload, valid until the next call.</returns>
    /// <exception cref="EndOfStreamException">The viewer has gone.</exception>
    /// <exception cref="WebSocketProtocolException">It breaks the rules.</exception>
    public async ValueTask<(WebSocketOpcode Opcode, ReadOnlyMemory<byte> Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        var message = WebSocketOpcode.Continuation;
        int length = 0;
        while (true)
        {
            var (opcode, final, payloadLength) = await ReadHeaderAsync(cancellationToken);
            bool control = opcode >= WebSocketOpcode.Close;
            if (control)
            {
                if (payloadLength > MaxControlLength || !final)
                    throw new WebSocketProtocolException("A control frame is too long.");
                await ReadPayloadAsync(_control.AsMemory(0, payloadLength), cancellationToken);
                return (opcode, _control.AsMemory(0, payloadLength));
            }

            if (opcode == WebSocketOpcode.Continuation != (message != WebSocketOpcode.Continuation) || payloadLength > MaxMessageLength - length)
                throw new WebSocketProtocolException("A message is malformed or too long.");
            if (opcode != WebSocketOpcode.Continuation)
                message = opcode;
            await ReadPayloadAsync(_message.AsMemory(length, payloadLength), cancellationToken);
            length += payloadLength;
            if (final)
                return (message, _message.AsMemory(0, length));
        }
    }

    private async ValueTask<(WebSocketOpcode Opcode, bool Final, int Length)> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        await stream.ReadExactlyAsync(_header.AsMemory(0, 2), cancellationToken);
        var opcode = (WebSocketOpcode)(_header[0] & 0x0F);
        bool final = (_header[0] & 0x80) != 0;
        bool masked = (_header[1] & 0x80) != 0;
        int length = _header[1] & 0x7F;
        if (!masked || (_header[0] & 0x70) != 0 || !Enum.IsDefined(opcode) || length == 127)
            throw new WebSocketProtocolException("A frame is not masked, too long, or of an unknown kind.");     // §5.1, §5.2

        if (length == 126)
        {
            await stream.ReadExactlyAsync(_header.AsMemory(0, 2), cancellationToken);
            length = BinaryPrimitives.ReadUInt16BigEndian(_header);
        }

        return (opcode, final, length);
    }

    private async ValueTask ReadPayloadAsync(Memory<byte> payload, CancellationToken cancellationToken)
    {
        await stream.ReadExactlyAsync(_header.AsMemory(0, MaskLength), cancellationToken);
        await stream.ReadExactlyAsync(payload, cancellationToken);
        var bytes = payload.Span;
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] ^= _header[i % MaskLength];        // §5.3
    }
}
