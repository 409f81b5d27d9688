using Vms.Rtsp;

namespace Vms.Media.Ingest.Rtsp;

/// <summary>What to pull.</summary>
/// <param name="Url">Without credentials.</param>
/// <param name="Transport">Null: TCP, and UDP where the camera refuses it.</param>
/// <param name="OnDemand">Pull only while somebody holds a demand.</param>
/// <param name="AllowBasicInClear">The password may go over a connection that is not encrypted as it is.</param>
/// <param name="CertificateSha256">rtsps: the only certificate that is accepted, as its SHA-256; null: any, cameras sign their own.</param>
internal sealed record RtspPullSpec(
    string CameraId, string Stream, RtspUrl Url, string? Username, string? Password, RtspTransport? Transport, bool OnDemand,
    bool AllowBasicInClear, ReadOnlyMemory<byte>? CertificateSha256)
{
    /// <summary>No credentials, in case it meets a log.</summary>
    public override string ToString() => $"{CameraId}.{Stream} {Url}";
}
