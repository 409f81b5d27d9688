using System.Diagnostics.CodeAnalysis;

namespace Vms.Media.Egress.Rtsp;

/// <summary>Where cameras are on the RTSP server: <c>/cam_{id}</c>, and <c>/cam_{id}/sub</c>; converted, <c>/cam_{id}/main-h264</c>.</summary>
internal static class RtspPath
{
    private const string Prefix = "/cam_";
    private const int MaxIdLength = 64;

    public static bool TryParse(string path, [NotNullWhen(true)] out string? cameraId, out string stream)
    {
        (cameraId, stream) = (null, "main");
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
            return false;

        string id = path[Prefix.Length..];
        int slash = id.IndexOf('/');
        if (slash >= 0)
        {
            stream = id[(slash + 1)..];
            id = id[..slash];
        }

        if (id.Length is 0 or > MaxIdLength || stream is not ("main" or "sub" or "main-h264" or "sub-h264"))
            return false;
        cameraId = id;
        return true;
    }
}
