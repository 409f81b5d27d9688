using System.Net.WebSockets;
using System.Threading.Channels;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>What one listener has not been sent yet. A listener that is too slow for its bound is cut off: it comes back and starts
/// from a fresh picture, which beats one with holes in it. One reader, any number of writers.</summary>
internal sealed class FeedQueue
{
    private const int Capacity = 512;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ChannelReader<byte[]> Messages => _messages.Reader;

    /// <summary>Told the rights that count from now on. Must not block.</summary>
    public Action<Rights>? RightsChanged { get; set; }

    /// <summary>How the connection ends once everything queued was sent. The first reason counts.</summary>
    public FeedEnd? End { get; private set; }

    public void TryAdd(byte[] message)
    {
        if (!_messages.Writer.TryWrite(message))
            Close(FeedEnd.TooSlow);   // full; when closed already, the first reason stays
    }

    public void Close(FeedEnd end)
    {
        lock (_messages)
            End ??= end;
        _messages.Writer.TryComplete();
    }
}

internal sealed record FeedEnd(WebSocketCloseStatus Status, string Reason)
{
    public static FeedEnd Goodbye { get; } = new(WebSocketCloseStatus.NormalClosure, "");

    public static FeedEnd SignedOut { get; } = new(WebSocketCloseStatus.PolicyViolation, "signed out");

    public static FeedEnd TooSlow { get; } = new(WebSocketCloseStatus.PolicyViolation, "too slow: connect again");

    public static FeedEnd TooBig { get; } = new(WebSocketCloseStatus.MessageTooBig, "message too big");

    public static FeedEnd Restarting { get; } = new(WebSocketCloseStatus.EndpointUnavailable, "restarting: connect again");
}
