using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Vms.Hosting;

/// <summary>Marks connections that came over the plane's own socket: only processes of this installation's user can open it.</summary>
public static class LocalSocket
{
    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }

    /// <summary>True when the request came over the local socket and its identity header may be trusted.</summary>
    public static bool IsLocalSocket(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<Mark>() is not null;
    }

    internal static void MarkLocal(this ListenOptions options) => options.Use(next => connection =>
    {
        connection.Features.Set(Mark.Instance);
        return next(connection);
    });
}
