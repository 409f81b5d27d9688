using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>What one listener has not been sent yet. A listener that is too slow for its bounds is cut off: it comes back and starts
/// from a fresh picture, which beats one with holes in it. One reader, any number of writers.</summary>
internal sealed class FeedQueue
{
    /// <summary>Eight seconds of a thousand events each. Listeners share the messages: a place costs them a reference.</summary>
    public const int MaxMessages = 8192;

    /// <summary>Of messages that wait: what a listener alone can hold back.</summary>
    public const long MaxWaitingBytes = 8 << 20;

    /// <summary>While more than this waits, what is of use only now is left out.</summary>
    private const long MaxBeforePassing = 256 << 10;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MaxMessages) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private long _waitingBytes;

    /// <summary>Told the rights that count from now on. Must not block.</summary>
    public Action<Rights>? RightsChanged { get; set; }

    /// <summary>How the connection ends once everything queued was sent. The first reason counts.</summary>
    public FeedEnd? End { get; private set; }

    public void TryAdd(byte[] message)
    {
        // Full; when closed already, the first reason stays.
        if (Interlocked.Add(ref _waitingBytes, message.Length) > MaxWaitingBytes || !_messages.Writer.TryWrite(message))
            Close(FeedEnd.TooSlow);
    }

    /// <summary>Something that is of use only now: left out for a listener that has not even what came before.</summary>
    public void TryAddPassing(byte[] message)
    {
        if (Interlocked.Read(ref _waitingBytes) < MaxBeforePassing)
            TryAdd(message);
    }

    /// <summary>Until it is closed and empty.</summary>
    public async IAsyncEnumerable<byte[]> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out var message))
            {
                Interlocked.Add(ref _waitingBytes, -message.Length);
                yield return message;
            }
        }
    }

    public void Close(FeedEnd end)
    {
        lock (_messages)
            End ??= end;
        _messages.Writer.TryComplete();
    }
}

/// <param name="Name">As the metrics call it; null for an end in order.</param>
internal sealed record FeedEnd(WebSocketCloseStatus Status, string Reason, string? Name = null)
{
    public static FeedEnd Goodbye { get; } = new(WebSocketCloseStatus.NormalClosure, "");

    public static FeedEnd SignedOut { get; } = new(WebSocketCloseStatus.PolicyViolation, "signed out", "signedOut");

    public static FeedEnd TooSlow { get; } = new(WebSocketCloseStatus.PolicyViolation, "too slow: connect again", "tooSlow");

    public static FeedEnd TooBig { get; } = new(WebSocketCloseStatus.MessageTooBig, "message too big", "tooBig");

    public static FeedEnd Restarting { get; } = new(WebSocketCloseStatus.EndpointUnavailable, "restarting: connect again");
}
