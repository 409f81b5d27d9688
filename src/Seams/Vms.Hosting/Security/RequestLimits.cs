using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Vms.Hosting;

/// <summary>How large a request may be and how slowly it may come, the same on every port of every plane. Whoever sends a byte now and then
/// holds a connection for as long as this and no longer; he never holds a thread.</summary>
internal static class RequestLimits
{
    private const long MaxBodyBytes = 1 << 20;

    /// <summary>A ticket for 64 cameras has some kilobytes.</summary>
    private const int MaxHeadersBytes = 32 << 10;

    private const int MaxHeaders = 64;

    /// <summary>From the first byte of a request to the end of its headers.</summary>
    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(10);

    /// <summary>Without a request; players that pause connect again.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(60);

    /// <summary>A body that comes more slowly for five seconds is given up on.</summary>
    private static readonly MinDataRate s_bodyRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeadersBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.RequestHeadersTimeout = s_headers;
        limits.KeepAliveTimeout = s_idle;
        limits.MinRequestBodyDataRate = s_bodyRate;
    }
}
