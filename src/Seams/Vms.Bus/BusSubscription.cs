using System.Threading.Channels;

namespace Vms.Bus;

/// <summary>
/// Messages of one subject, in order, for one reader. It outlives connections: it is subscribed again after each reconnect (what
/// was published in between is not delivered; use a JetStream consumer where that matters). A reader that is too slow loses
/// the newest messages, which are counted. Disposing unsubscribes.
/// </summary>
public sealed class BusSubscription : IAsyncEnumerable<BusMessage>, IDisposable
{
    private readonly BusConnection _connection;
    private readonly Channel<BusMessage> _messages;
    private readonly int _bytesMax;
    private long _bytes;
    private long _dropped;

    internal BusSubscription(BusConnection connection, long id, string subject, string? queueGroup, BusOptions options)
    {
        _connection = connection;
        Id = id;
        Subject = subject;
        QueueGroup = queueGroup;
        _bytesMax = options.SubscriptionBytesMax;
        _messages = Channel.CreateBounded<BusMessage>(new BoundedChannelOptions(options.SubscriptionMessagesMax)
        {
            FullMode = BoundedChannelFullMode.Wait,   // TryWrite fails when full: the newest is dropped here, where it is counted
            SingleWriter = true,
        });
    }

    public string Subject { get; }

    public string? QueueGroup { get; }

    /// <summary>Messages lost because the reader was slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal long Id { get; }

    public async IAsyncEnumerator<BusMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out var message))
            {
                Interlocked.Add(ref _bytes, -message.Payload.Length);
                yield return message;
            }
        }
    }

    public void Dispose()
    {
        _connection.Unsubscribe(this);
        Complete();
    }

    internal void Deliver(BusMessage message)
    {
        if (Interlocked.Read(ref _bytes) + message.Payload.Length <= _bytesMax && _messages.Writer.TryWrite(message))
        {
            Interlocked.Add(ref _bytes, message.Payload.Length);
            return;
        }

        Interlocked.Increment(ref _dropped);
        BusMetrics.Dropped("slow_subscriber");
    }

    /// <summary>What was received can still be read; then the enumeration ends.</summary>
    internal void Complete() => _messages.Writer.TryComplete();
}
