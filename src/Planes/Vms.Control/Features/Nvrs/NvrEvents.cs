using Vms.Hosting.Events;

namespace Vms.Control.Features.Nvrs;

/// <summary>What happens at recorders, on its way to the event stream. Any thread.</summary>
internal sealed class NvrEvents(EventOutbox outbox)
{
    /// <summary>In <c>source</c> of an event.</summary>
    private const string Source = "nvr";

    /// <param name="id">The same from the beginning of a happening to its end.</param>
    /// <param name="cameraId">Null: it is the recorder's own.</param>
    /// <param name="saidAt">Of what goes on: when that was said; each time is a message of its own.</param>
    public void Tell(
        Guid id, string type, string siteId, string? cameraId, DateTimeOffset at, DateTimeOffset? endAt, bool ongoing, DateTimeOffset saidAt, object data)
    {
        var moment = ongoing ? saidAt : endAt ?? at;
        outbox.Add(
            siteId, cameraId ?? "", type, $"{id:n}-{(ongoing ? "o" : endAt is null ? "i" : "e")}{moment.UtcTicks}",
            new { id = id.ToString(), type, cameraId, at, endAt, ongoing, source = Source, data });
    }
}
