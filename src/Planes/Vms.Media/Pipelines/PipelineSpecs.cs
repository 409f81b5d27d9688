using System.Security.Cryptography;
using Vms.Contracts.Media;
using Vms.Media.Ingest.Rtsp;
using Vms.Rtsp;
using Vms.StreamLog;

namespace Vms.Media.Pipelines;

/// <summary>Reads what control asks for.</summary>
internal static class PipelineSpecs
{
    /// <summary>The URL of a stream that is sent to us.</summary>
    private const string Push = "push:";

    public static bool IsPush(PipelineSpec spec) => spec.Url == Push;

    /// <summary>What is wrong with a spec, in one sentence; null when it can be applied.</summary>
    public static string? Fault(PipelineSpec spec)
    {
        if (spec.Stream is not ("main" or "sub"))
            return "stream is neither main nor sub.";
        if (!IsPush(spec) && !RtspUrl.TryParse(spec.Url, out _))
            return "url is neither rtsp:// nor rtsps:// nor push:.";
        if (spec.TlsCertificateSha256.Length > 0 && ToHash(spec.TlsCertificateSha256) is null)
            return "tls_certificate_sha256 is no SHA-256 in hexadecimal digits.";
        try
        {
            _ = StreamLogDirectory.NameOf(spec.CameraId, spec.Stream);
            return null;
        }
        catch (ArgumentException)
        {
            return "camera_id holds more than letters, digits, '-' and '_'.";
        }
    }

    /// <summary>Whether the next one pulls the very same, and only tells more or less of what the camera reports.</summary>
    public static bool DifferInEventsAlone(PipelineSpec spec, PipelineSpec next)
    {
        if (spec.IgnoreCameraEvents == next.IgnoreCameraEvents)
            return false;
        var same = spec.Clone();
        (same.Generation, same.IgnoreCameraEvents) = (next.Generation, next.IgnoreCameraEvents);
        return same.Equals(next);
    }

    /// <summary>Credentials may stand in the URL; those in fields of their own win.</summary>
    /// <param name="allowBasicInClear">For every camera of the node.</param>
    public static RtspPullSpec ToPull(PipelineSpec spec, bool allowBasicInClear)
    {
        if (!RtspUrl.TryParse(spec.Url, out var url))
            throw new ArgumentException("url is neither rtsp:// nor rtsps://.", nameof(spec));

        bool own = spec.Username.Length > 0;
        return new(
            spec.CameraId,
            spec.Stream,
            url.WithoutCredentials(),
            own ? spec.Username : url.Username,
            own ? spec.Password : url.Password,
            spec.Transport switch
            {
                Transport.Tcp => RtspTransport.Tcp,
                Transport.Udp => RtspTransport.Udp,
                Transport.Multicast => RtspTransport.Multicast,
                Transport.Http => RtspTransport.Http,
                _ => null,
            },
            spec.OnDemand,
            spec.AllowBasicInClear || allowBasicInClear,
            ToHash(spec.TlsCertificateSha256));
    }

    /// <summary>As certificate tools print it: with or without colons.</summary>
    public static ReadOnlyMemory<byte>? ToHash(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal);
        if (digits.Length != 2 * SHA256.HashSizeInBytes || !digits.All(char.IsAsciiHexDigit))
            return null;

        return new(Convert.FromHexString(digits));
    }

    public static StreamLogOptions ToLog(PipelineSpec spec) => new()
    {
        InitialCapacityBytes = spec.Stream == "sub" ? 1 << 20 : 8 << 20,
        PreRoll = TimeSpan.FromSeconds(Math.Clamp(spec.PreRollSeconds, 0, 300)),
    };
}
