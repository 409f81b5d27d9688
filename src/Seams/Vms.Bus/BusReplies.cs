using System.Threading.Channels;

namespace Vms.Bus;

/// <summary>Where the answers to one request go. Lives from the request until the last answer; the connection holds it.</summary>
internal abstract class BusReplies(string subject)
{
    /// <summary>The reply subject.</summary>
    public string Subject { get; } = subject;

    /// <summary>The session the request went out on; null while it waits for one. Guarded by the connection's lock.</summary>
    public Wire.BusSession? Session { get; set; }

    public abstract void Deliver(BusMessage message);

    /// <summary>The session died: no answer will come.</summary>
    public abstract void Fail(BusException reason);
}

/// <summary>One answer to one request.</summary>
internal sealed class SingleReply(string subject) : BusReplies(subject)
{
    private readonly TaskCompletionSource<BusMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<BusMessage> Answer => _answer.Task;

    public override void Deliver(BusMessage message) => _answer.TrySetResult(message);

    public override void Fail(BusException reason)
    {
        _answer.TrySetException(reason);
        _ = _answer.Task.Exception;   // the one who asked may have given up already
    }
}

/// <summary>
/// A known number of answers (a pull request). They come with the subjects of the stored messages, so this needs a subscription
/// of its own. The capacity is what was asked for, plus the server's status messages.
/// </summary>
internal sealed class ReplyStream(long id, string subject, int capacity) : BusReplies(subject)
{
    private readonly Channel<BusMessage> _messages = Channel.CreateBounded<BusMessage>(
        new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Of its subscription.</summary>
    public long Id { get; } = id;

    public ChannelReader<BusMessage> Messages => _messages.Reader;

    public override void Deliver(BusMessage message)
    {
        if (!_messages.Writer.TryWrite(message)) BusMetrics.Dropped("unexpected_reply");
    }

    public override void Fail(BusException reason) => _messages.Writer.TryComplete(reason);
}
