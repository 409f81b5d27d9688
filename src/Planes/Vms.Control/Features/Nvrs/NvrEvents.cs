using System.Text.Json;
using System.Threading.Channels;
using Vms.Bus;
using Vms.Contracts;

namespace Vms.Control.Features.Nvrs;

/// <summary>An event on its way to the event stream. The same message id is the same message, however often it is sent.</summary>
internal sealed record NvrEventMessage(string Subject, string MessageId, byte[] Payload);

/// <summary>Sends what happens at recorders to the event stream. While that is away events wait here, and the oldest are dropped. Any thread.</summary>
internal sealed partial class NvrEvents(BusConnection bus, TimeProvider time, ILogger<NvrEvents> logger) : BackgroundService
{
    /// <summary>Of all recorders together.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>In <c>source</c> of an event.</summary>
    private const string Source = "nvr";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly Channel<NvrEventMessage> _waiting =
        Channel.CreateBounded<NvrEventMessage>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <param name="id">The same from the beginning of a happening to its end.</param>
    /// <param name="cameraId">Null: it is the recorder's own.</param>
    /// <param name="saidAt">Of what goes on: when that was said; each time is a message of its own.</param>
    public void Tell(
        Guid id, string type, string siteId, string? cameraId, DateTimeOffset at, DateTimeOffset? endAt, bool ongoing, DateTimeOffset saidAt, object data)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new { id = id.ToString(), type, cameraId, at, endAt, ongoing, source = Source, data }, JsonSerializerOptions.Web);
        var moment = ongoing ? saidAt : endAt ?? at;
        _waiting.Writer.TryWrite(new NvrEventMessage(BusLayout.EventSubject(siteId, cameraId, type), $"{id:n}-{(ongoing ? "o" : endAt is null ? "i" : "e")}{moment.UtcTicks}", payload));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var message in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TrySendAsync(message, stoppingToken))
                await Task.Delay(s_retry, time, stoppingToken);
        }
    }

    private async Task<bool> TrySendAsync(NvrEventMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await bus.WaitUntilConnectedAsync(cancellationToken);
            await bus.JetStream.PublishAsync(message.Subject, message.Payload, message.MessageId, cancellationToken);
            return true;
        }
        catch (BusException e) when (e.IsTransient)
        {
            return false;
        }
        catch (BusException e)
        {
            Log.Refused(logger, message.Subject, e.Message);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1131, LogLevel.Error, "The event stream refuses {Subject}, which is dropped: {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);
    }
}
