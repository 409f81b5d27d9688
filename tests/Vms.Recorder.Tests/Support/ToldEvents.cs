using System.Text.Json;
using Vms.Hosting.Events;
using Vms.Recorder.Events;
using Vms.Testing;

namespace Vms.Recorder.Tests.Support;

/// <summary>An outbox on a directory of its own, and what waits in one for the bus.</summary>
internal sealed class ToldEvents : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly EventOutbox _outbox;

    public ToldEvents()
    {
        _outbox = new EventOutbox(_directory.Path, RecorderEvents.Source, "vms_recorder_events_dropped_total", "vms_recorder_events_waiting_bytes");
        Events = new RecorderEvents(_outbox);
    }

    public RecorderEvents Events { get; }

    public List<RecorderEvent> Take() => Take(_outbox);

    /// <summary>All that was told since somebody took it last.</summary>
    public static List<RecorderEvent> Take(EventOutbox outbox)
    {
        var told = new List<RecorderEvent>();
        while (outbox.Spool.TryNext(out var next))
        {
            told.Add(Read(next));
            outbox.Spool.Done(next);
        }

        return told;
    }

    /// <summary>The next one; waits for it.</summary>
    public static async Task<RecorderEvent> NextAsync(EventOutbox outbox)
    {
        var next = await outbox.Spool.NextAsync(CancellationToken.None);
        outbox.Spool.Done(next);
        return Read(next);
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _directory.Dispose();
    }

    private static RecorderEvent Read(SpooledEvent spooled)
    {
        using var document = JsonDocument.Parse(spooled.Payload);
        var body = document.RootElement;
        return new RecorderEvent(
            body.GetProperty("id").GetGuid(),
            body.GetProperty("type").GetString()!,
            body.GetProperty("cameraId").GetString()!,
            body.GetProperty("at").GetDateTimeOffset(),
            body.GetProperty("endAt") is { ValueKind: JsonValueKind.String } end ? end.GetDateTimeOffset() : null,
            body.GetProperty("data").EnumerateObject().ToDictionary(
                p => p.Name, p => p.Value.ValueKind == JsonValueKind.Number ? p.Value.GetInt64() : (object)p.Value.ToString()));
    }
}
