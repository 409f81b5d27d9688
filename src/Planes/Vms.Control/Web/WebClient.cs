using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;
using Vms.Control.Federation;
using Vms.Hosting;

namespace Vms.Control.Web;

/// <summary>
/// Serves the web client from the folder <c>web</c> beside the program: files with a hash in their name for ever, the page itself never
/// from a cache, <c>.br</c> and <c>.gz</c> twins where the browser takes them, the page for every route that the client owns.
/// </summary>
internal sealed class WebClient(PlaneOptions options, IConfiguration configuration, ServerDirectory servers)
{
    private const string Page = "/index.html";
    private const string HashedFolder = "/assets/";   // the bundler puts files with a content hash here, and nothing else

    /// <summary>Where people look for it, and where it is.</summary>
    private const string Admin = "/admin";
    private const string Settings = "/settings";

    private static readonly string[] s_notOurs = ["/api", "/hls", "/dash", "/webrtc", "/mse", "/mjpeg", "/health", "/metrics"];
    private static readonly FileExtensionContentTypeProvider s_types = new() { Mappings = { [".webmanifest"] = "application/manifest+json" } };

    private readonly string _folder = configuration["VMS_WEB_DIR"] ?? Path.Combine(AppContext.BaseDirectory, "web");
    private readonly Lock _gate = new();
    private Snapshot? _snapshot;

    /// <summary>Before authorisation: these files are open, everything else needs a credential.</summary>
    public async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "/";
        var readOnly = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!readOnly || context.GetEndpoint() is not null || s_notOurs.Any(p => context.Request.Path.StartsWithSegments(p, StringComparison.Ordinal)))
        {
            await next(context);
            return;
        }

        if (context.Request.Path.StartsWithSegments(Admin, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect(Settings);
            return;
        }

        var files = Current().Files;
        if (!files.TryGetValue(path, out var file) && (Path.HasExtension(path) || !files.TryGetValue(Page, out file)))
        {
            await Problems.NotFound("notFound", "There is nothing at this address").ExecuteAsync(context);
            return;
        }

        await SendAsync(context, file);
    }

    private async Task SendAsync(HttpContext context, StaticFile file)
    {
        var response = context.Response;
        response.ContentType = file.ContentType;
        response.Headers.CacheControl = file.Hashed ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.ContentSecurityPolicy = SecurityHeaders.PagePolicy(context.Request, options, servers.Peers.Select(p => p.Row.Address));
        response.Headers.Vary = HeaderNames.AcceptEncoding;

        var (physicalPath, encoding) = Choose(file, context.Request.Headers.AcceptEncoding.ToString());
        var tag = encoding is null ? $"\"{file.Hash}\"" : $"\"{file.Hash}-{encoding}\"";
        response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (encoding is not null)
            response.Headers.ContentEncoding = encoding;
        response.ContentLength = new FileInfo(physicalPath).Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.SendFileAsync(physicalPath, context.RequestAborted);
    }

    private static (string Path, string? Encoding) Choose(StaticFile file, string accepted)
    {
        if (file.Brotli && accepted.Contains("br", StringComparison.OrdinalIgnoreCase))
            return (file.Path + ".br", "br");
        if (file.Gzip && accepted.Contains("gzip", StringComparison.OrdinalIgnoreCase))
            return (file.Path + ".gz", "gzip");
        return (file.Path, null);
    }

    /// <summary>What is in the folder; read again when the page was replaced (an update, or a build beside a running program).</summary>
    private Snapshot Current()
    {
        var written = File.GetLastWriteTimeUtc(Path.Combine(_folder, "index.html"));
        lock (_gate)
        {
            if (_snapshot is null || _snapshot.Written != written)
                _snapshot = new Snapshot(written, Read());
            return _snapshot;
        }
    }

    private FrozenDictionary<string, StaticFile> Read()
    {
        if (!Directory.Exists(_folder))
            return FrozenDictionary<string, StaticFile>.Empty;
        var files = new Dictionary<string, StaticFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            if (path.EndsWith(".br", StringComparison.Ordinal) || path.EndsWith(".gz", StringComparison.Ordinal))
                continue;
            var name = "/" + Path.GetRelativePath(_folder, path).Replace(Path.DirectorySeparatorChar, '/');
            using var stream = File.OpenRead(path);
            files[name] = new StaticFile(
                path,
                s_types.TryGetContentType(name, out var type) ? type : "application/octet-stream",
                Convert.ToHexStringLower(SHA256.HashData(stream))[..16],
                Hashed: name.StartsWith(HashedFolder, StringComparison.Ordinal),
                Brotli: File.Exists(path + ".br"),
                Gzip: File.Exists(path + ".gz"));
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private sealed record Snapshot(DateTime Written, FrozenDictionary<string, StaticFile> Files);

    private sealed record StaticFile(string Path, string ContentType, string Hash, bool Hashed, bool Brotli, bool Gzip);
}
