using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>What to pull.</summary>
/// <param name="Url">Without credentials.</param>
/// <param name="Transport">Null: TCP, and UDP where the camera refuses it.</param>
/// <param name="OnDemand">Pull only while somebody holds a demand.</param>
internal sealed record RtspPullSpec(
    string CameraId, string Stream, RtspUrl Url, string? Username, string? Password, RtspTransport? Transport, bool OnDemand)
{
    /// <summary>No credentials, in case it meets a log.</summary>
    public override string ToString() => $"{CameraId}.{Stream} {Url}";
}
