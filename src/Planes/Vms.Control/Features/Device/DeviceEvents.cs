using Vms.Control.Reconciliation;
using Vms.Hosting.Events;

namespace Vms.Control.Features.Device;

/// <summary>What control finds out about cameras, on its way to the event stream. Any thread.</summary>
internal sealed class DeviceEvents(DesiredState desired, EventOutbox outbox)
{
    /// <summary>Something that has happened, and has no length.</summary>
    /// <param name="id">Told twice it is still one event.</param>
    /// <param name="data">Serialized here.</param>
    public void Add(string cameraId, string type, string id, DateTimeOffset at, object data) =>
        Add(cameraId, type, id, new { id, type, cameraId, at, source = "control", data });

    /// <param name="messageId">Sent twice it is still one message.</param>
    /// <param name="body">The event as it travels; serialized here.</param>
    public void Add(string cameraId, string type, string messageId, object body) =>
        outbox.Add(desired.Cameras?.GetValueOrDefault(cameraId)?.Row.Settings.SiteId, cameraId, type, messageId, body);
}
