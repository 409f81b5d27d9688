using Vms.Contracts;

namespace Vms.Control.Integrations.RabbitMq;

/// <summary>The three queues: what was detected, how cameras are, and what the system tells about itself.</summary>
internal sealed record RabbitMqQueues(string Prefix)
{
    public string Detections => Prefix + ".ai.detections";

    public string CameraStatus => Prefix + ".camera.status";

    public string Notifications => Prefix + ".system.notifications";

    public IReadOnlyList<string> All => [Detections, CameraStatus, Notifications];

    public string Of(string type) =>
        type.Split('.')[0] is "camera" or "stream" ? CameraStatus : BusLayout.IsOwnEvent(type) ? Notifications : Detections;
}
