using System.Security.Cryptography;
using System.Text;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.Features.Health;

/// <summary>GET /metrics on the public port: for whoever may read the system, or for a scraper of this machine that knows the token in
/// <c>keys/metrics.token</c>. The local socket needs neither.</summary>
internal sealed class Metrics
{
    private readonly byte[] _token;
    private readonly PrometheusMetrics _metrics;

    public Metrics(PlaneOptions options, PrometheusMetrics metrics)
    {
        _metrics = metrics;
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var path = Path.Combine(options.KeysDirectory, "metrics.token");
        if (!File.Exists(path))
            PrivateFiles.TryCreate(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)) + "\n"));
        _token = Encoding.ASCII.GetBytes("Bearer " + File.ReadAllText(path).Trim());
    }

    /// <summary>After authentication, before the endpoint that every plane has on its local socket.</summary>
    public Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.Equals("/metrics", StringComparison.Ordinal) || context.IsLocalSocket())
            return next(context);
        var caller = Caller.Of(context.User);
        if (caller is not null && !caller.Rights.AllowsTenant(Permissions.SystemRead))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your role does not allow this").ExecuteAsync(context);
        if (caller is null && !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(context.Request.Headers.Authorization.ToString()), _token))
            return Problems.Of(StatusCodes.Status401Unauthorized, "unauthenticated", "A valid credential is required").ExecuteAsync(context);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(_metrics.Render(), context.RequestAborted);
    }
}
