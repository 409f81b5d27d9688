using Vms.Hosting.Events;

namespace Vms.Media.Pipelines;

/// <summary>What happened to cameras and what they report, on its way to the event stream. Any thread.</summary>
internal sealed class MediaEvents(PipelineTable table, EventOutbox outbox)
{
    /// <param name="messageId">Sent twice it is still one message.</param>
    /// <param name="body">The event as it travels; serialized here.</param>
    public void Add(string cameraId, string type, string messageId, object body) =>
        outbox.Add(table.All.FirstOrDefault(p => p.Live.CameraId == cameraId)?.Spec.SiteId, cameraId, type, messageId, body);
}
