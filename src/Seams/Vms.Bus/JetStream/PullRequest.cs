using System.Text.Json;

namespace Vms.Bus;

/// <summary>Why a pull request ended.</summary>
internal enum PullEnd
{
    /// <summary>All that was asked for came.</summary>
    Complete,

    /// <summary>Nothing (more) is stored (404), or nothing came in time (408).</summary>
    NoMessages,

    /// <summary>The connection was lost or the server is shutting down: ask again.</summary>
    Interrupted,

    /// <summary>Not even a heartbeat came. Servers up to 2.9 say nothing when there is no such consumer.</summary>
    Silent,

    /// <summary>There is no such consumer (any more).</summary>
    ConsumerGone,

    /// <summary>The server does not like the request.</summary>
    Refused,
}

/// <summary>One request for the next messages of a consumer, and its answers. Used by one caller; disposed after its end.</summary>
internal sealed class PullRequest : IDisposable
{
    /// <summary>Status messages that may come beside the messages asked for.</summary>
    private const int RoomForStatus = 16;

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly BusConnection _bus;
    private readonly ReplyStream _replies;
    private readonly TimeProvider _time;
    private readonly TimeSpan _silenceMax;
    private int _missing;

    private PullRequest(BusConnection bus, int batch, TimeSpan silenceMax, TimeProvider time)
    {
        _bus = bus;
        _replies = bus.OpenReplies(batch + RoomForStatus);
        _missing = batch;
        _silenceMax = silenceMax;
        _time = time;
    }

    public PullEnd End { get; private set; }

    /// <summary>The server's words, where the end is an error.</summary>
    public string EndText { get; private set; } = "";

    /// <param name="bus">The connection; it should be connected.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="consumer">The consumer.</param>
    /// <param name="batch">At most so many messages.</param>
    /// <param name="expires">How long the server waits for messages; zero: only what is there.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    public static async Task<PullRequest> SendAsync(
        BusConnection bus, string stream, string consumer, int batch, TimeSpan expires, TimeProvider time, CancellationToken cancellationToken)
    {
        // The server wants at least two heartbeats to fit into the request.
        var heartbeat = expires >= s_heartbeat * 2 ? s_heartbeat : TimeSpan.Zero;
        var request = new PullRequest(bus, batch, heartbeat > TimeSpan.Zero ? heartbeat * 2 + s_grace : expires + s_grace, time);
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(
                new NextRequest(batch, expires, heartbeat, NoWait: expires == TimeSpan.Zero), JetStreamJson.Default.NextRequest);
            await bus.PublishRequestAsync($"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", body, request._replies, cancellationToken);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>The next message; null at the end, which <see cref="End"/> explains.</summary>
    public async ValueTask<BusMessage?> NextAsync(CancellationToken cancellationToken)
    {
        while (_missing > 0)
        {
            if (!_replies.Messages.TryRead(out var message))
            {
                if (await WaitAsync(cancellationToken) is not { } end) continue;
                return Finish(end, "");
            }

            if (message.Status == 0)
            {
                _missing--;
                return message;
            }

            if (message.Status != 100) return Finish(EndOf(message), $"{message.Status} {message.StatusText}");
        }

        return null;
    }

    public void Dispose() => _bus.CloseReplies(_replies);

    private static PullEnd EndOf(BusMessage status) => status.Status switch
    {
        404 or 408 => PullEnd.NoMessages,
        503 => PullEnd.ConsumerGone,
        409 when Says(status, "Consumer Deleted") => PullEnd.ConsumerGone,
        409 when Says(status, "Server Shutdown") || Says(status, "Leadership Change") => PullEnd.Interrupted,
        409 when Says(status, "Message Size Exceeds") || Says(status, "Batch Completed") => PullEnd.Complete,
        _ => PullEnd.Refused,
    };

    private static bool Says(BusMessage status, string words) => status.StatusText.Contains(words, StringComparison.OrdinalIgnoreCase);

    private BusMessage? Finish(PullEnd end, string text)
    {
        _missing = 0;
        End = end;
        EndText = text;
        return null;
    }

    /// <summary>Null when there is something to read.</summary>
    private async ValueTask<PullEnd?> WaitAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(_silenceMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await _replies.Messages.WaitToReadAsync(either.Token) ? null : PullEnd.Interrupted;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PullEnd.Silent;
        }
        catch (BusException)
        {
            return PullEnd.Interrupted;   // the session died
        }
    }
}
