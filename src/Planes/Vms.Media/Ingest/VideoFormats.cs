using Vms.Rtp.Payloads;
using Vms.Rtp.Payloads.H264;
using Vms.Rtp.Payloads.H265;
using Vms.Rtp.Payloads.Mjpeg;

namespace Vms.Media.Ingest;

/// <summary>The video encodings that are pulled, the preferred one first, by their names in the SDP.</summary>
internal static class VideoFormats
{
    public static IReadOnlyList<string> Encodings { get; } = ["H264", "H265", "JPEG"];

    /// <param name="encoding">One of <see cref="Encodings"/>.</param>
    public static VideoDepacketizer NewDepacketizer(string encoding) => encoding switch
    {
        "H264" => new H264Depacketizer(new AccessUnitBuffer()),
        "H265" => new H265Depacketizer(new AccessUnitBuffer()),
        "JPEG" => new MjpegDepacketizer(new AccessUnitBuffer()),
        _ => throw new ArgumentException("No video encoding that is pulled.", nameof(encoding)),
    };
}
