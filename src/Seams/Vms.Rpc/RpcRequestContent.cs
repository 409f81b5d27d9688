using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Vms.Rpc.Wire;

namespace Vms.Rpc;

/// <summary>Request body that sends messages as the caller produces them. Owned by its request.</summary>
internal sealed class RpcRequestContent<T> : HttpContent
    where T : class, IMessage<T>
{
    private readonly IAsyncEnumerable<T> _messages;
    private readonly CancellationToken _callEnded;

    public RpcRequestContent(IAsyncEnumerable<T> messages, CancellationToken callEnded)
    {
        _messages = messages;
        _callEnded = callEnded;
        Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
    }

    /// <summary>What the caller's own sequence, or a message that is too large, threw while being sent.</summary>
    public Exception? Fault { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // Headers leave now: a duplex caller may wait for the server's first message before it produces its own.
        await stream.FlushAsync(_callEnded);
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        await using var messages = _messages.GetAsyncEnumerator(_callEnded);
        while (await NextAsync(messages) is { } message)
        {
            WriteFrame(output, message);
            await output.FlushAsync(_callEnded);
            await stream.FlushAsync(_callEnded);
        }

        await output.CompleteAsync();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async ValueTask<T?> NextAsync(IAsyncEnumerator<T> messages)
    {
        try
        {
            return await messages.MoveNextAsync() ? messages.Current : null;
        }
        catch (Exception e) when (!_callEnded.IsCancellationRequested)
        {
            Fault = e;
            throw;
        }
    }

    private void WriteFrame(PipeWriter output, T message)
    {
        try
        {
            GrpcFraming.Write(output, message);
        }
        catch (RpcException e)
        {
            Fault = e;
            throw;
        }
    }
}
