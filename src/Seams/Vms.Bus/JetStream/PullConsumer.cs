using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Vms.Bus;

/// <summary>
/// Reads a durable consumer by asking for messages: the reader's pace is the pace, nothing piles up here. Several readers of
/// one durable share its messages.
/// </summary>
public sealed partial class PullConsumer
{
    /// <summary>The server's own default ceiling for a batch.</summary>
    private const int MaxBatch = 1000;

    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_infoTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(250);

    private readonly BusConnection _bus;
    private readonly string _stream;
    private readonly string _durable;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    internal PullConsumer(BusConnection bus, string stream, string durable, ILogger logger, TimeProvider time)
    {
        _bus = bus;
        _stream = stream;
        _durable = durable;
        _logger = logger;
        _time = time;
    }

    /// <summary>
    /// Up to <paramref name="batch"/> messages; ends early when <paramref name="expires"/> is over or the connection was lost.
    /// </summary>
    /// <exception cref="BusException">
    /// NoResponders: there is no such consumer. Refused. Closed. Timeout or Disconnected while asking why nothing comes.
    /// </exception>
    public async IAsyncEnumerable<JetStreamMessage> FetchAsync(
        int batch, TimeSpan expires, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch, MaxBatch);
        await _bus.WaitUntilConnectedAsync(cancellationToken);
        using var request = await PullRequest.SendAsync(_bus, _stream, _durable, batch, expires, _time, cancellationToken);
        while (await request.NextAsync(cancellationToken) is { } message)
        {
            if (JetStreamMessage.Delivery.TryParse(message.ReplyTo, out var delivery))
                yield return new JetStreamMessage(_bus, message, delivery);
            else
                BusMetrics.Dropped("malformed");
        }

        if (request.End is PullEnd.ConsumerGone || (request.End is PullEnd.Silent && await IsMissingAsync(cancellationToken)))
            throw new BusException(BusErrorKind.NoResponders, $"Consumer {_stream}/{_durable} is not there.");
        if (request.End is PullEnd.Refused)
            throw new BusException(BusErrorKind.Refused, $"Consumer {_stream}/{_durable}: {request.EndText}.");
    }

    /// <summary>All messages until the token fires; waits through reconnects and server restarts.</summary>
    /// <exception cref="BusException">Closed.</exception>
    public async IAsyncEnumerable<JetStreamMessage> ConsumeAsync(int batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var messages = FetchAsync(batch, s_wait, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryNextAsync(messages, cancellationToken)) yield return messages.Current;
        }
    }

    /// <summary>The number in its stream up to which every message was acknowledged, by this reader or one before; of a new consumer the number before its first.</summary>
    /// <exception cref="BusException">NoResponders, or Refused: there is no such consumer. Timeout, Disconnected.</exception>
    public async Task<ulong> AcknowledgedAsync(CancellationToken cancellationToken)
    {
        await _bus.WaitUntilConnectedAsync(cancellationToken);
        var reply = JetStream.Parse(await AskAsync(cancellationToken), JetStreamJson.Default.ConsumerInfoReply);
        JetStream.ThrowIf(reply.Error, $"Consumer {_stream}/{_durable}");
        return reply.AckFloor?.StreamSeq ?? 0;
    }

    private Task<BusMessage> AskAsync(CancellationToken cancellationToken) =>
        _bus.RequestAsync($"$JS.API.CONSUMER.INFO.{_stream}.{_durable}", default, null, s_infoTimeout, cancellationToken);

    private async Task<bool> IsMissingAsync(CancellationToken cancellationToken)
    {
        return JetStream.Parse(await AskAsync(cancellationToken), JetStreamJson.Default.ApiReply).Error?.ErrCode
            is JetStreamError.ConsumerNotFound or JetStreamError.StreamNotFound;
    }

    private async ValueTask<bool> TryNextAsync(IAsyncEnumerator<JetStreamMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (BusException e) when (e.Kind is not BusErrorKind.Closed)
        {
            Log.FetchFailed(_logger, _stream, _durable, e.Message);
            await Task.Delay(s_retryDelay, _time, cancellationToken);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6120, LogLevel.Debug, "Bus: fetch from {Stream}/{Consumer} failed ({Reason}), trying again")]
        public static partial void FetchFailed(ILogger logger, string stream, string consumer, string reason);
    }
}
