using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Vms.Rpc.Wire;

/// <summary>
/// Length-prefixed messages: one byte "compressed", four bytes length (big-endian), the protobuf message.
/// Nothing is allocated for a length before it was checked against <see cref="MaxMessageBytes"/>.
/// </summary>
internal static class GrpcFraming
{
    /// <summary>Larger messages are refused with RESOURCE_EXHAUSTED, in both directions.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    private const int PrefixBytes = 5;

    public static void Write(IBufferWriter<byte> output, IMessage message)
    {
        var length = message.CalculateSize();
        if (length > MaxMessageBytes)
            throw new RpcException(RpcStatus.ResourceExhausted, $"A message of {length} bytes is larger than {MaxMessageBytes}.");

        var prefix = output.GetSpan(PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
        output.Advance(PrefixBytes);
        message.WriteTo(output);
    }

    /// <summary>Reads one message. Null at the end of the stream.</summary>
    /// <exception cref="RpcException">INTERNAL: truncated, compressed or not a protobuf message. RESOURCE_EXHAUSTED: too large.</exception>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader input, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (result.IsCanceled) throw new OperationCanceledException("The read was cancelled.");

            T? message;
            try
            {
                message = TryParse(ref buffer, parser);
            }
            catch
            {
                input.AdvanceTo(buffer.Start);
                throw;
            }

            if (message is not null)
            {
                input.AdvanceTo(buffer.Start);   // the rest is not examined: the next call must see it
                return message;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted) continue;

            return buffer.IsEmpty ? null : throw new RpcException(RpcStatus.Internal, "The stream ended inside a message.");
        }
    }

    private static T? TryParse<T>(ref ReadOnlySequence<byte> buffer, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        if (buffer.Length < PrefixBytes) return null;

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] != 0) throw new RpcException(RpcStatus.Internal, "A compressed message came without a grpc-encoding.");

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > MaxMessageBytes)
            throw new RpcException(RpcStatus.ResourceExhausted, $"A message of {length} bytes is larger than {MaxMessageBytes}.");
        if (buffer.Length < PrefixBytes + length) return null;

        try
        {
            var message = parser.ParseFrom(buffer.Slice(PrefixBytes, length));
            buffer = buffer.Slice(PrefixBytes + length);
            return message;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(RpcStatus.Internal, "The message is not valid protobuf.", e);
        }
    }
}
