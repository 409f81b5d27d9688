using System.Collections.Frozen;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Vms.Control.Auth;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>
/// Passes a request on to a plane's local socket, for installations where only control's port is reachable. The user was checked
/// here; the plane trusts the identity header on that socket alone. Any thread.
/// </summary>
/// <remarks>No redirects, cookies or decompression; hop-by-hop headers (RFC 9110 §7.6.1) and access tokens stay here; an aborted
/// client cancels upstream; a plane that dies mid-body aborts the client, which resumes by range or reconnects.</remarks>
internal sealed partial class PlaneForwarder : IDisposable
{
    /// <summary>Time to the first byte of an answer. Bodies and WebSockets may take as long as they like.</summary>
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>After one side of a WebSocket ended, the other may finish what it says.</summary>
    private static readonly TimeSpan s_halfCloseGrace = TimeSpan.FromSeconds(2);

    private static readonly FrozenSet<string> s_notForwarded = new[]
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization, "Proxy-Connection",
        HeaderNames.TE, HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade, "HTTP2-Settings", HeaderNames.Expect,
        HeaderNames.Cookie, TicketGate.IdentityHeader, Viewer.AccountHeader, Viewer.AddressHeader,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly string _plane;
    private readonly TimeProvider _time;
    private readonly ILogger<PlaneForwarder> _logger;
    private readonly HttpMessageInvoker _http;

    public PlaneForwarder(string plane, PlaneOptions options, TimeProvider time, ILogger<PlaneForwarder> logger)
    {
        _plane = plane;
        _time = time;
        _logger = logger;
        _http = new HttpMessageInvoker(LocalHttp.Handler(options.SocketOf(plane, "http")));
    }

    public async Task ForwardAsync(HttpContext context)
    {
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var isUpgrade = upgrade?.IsUpgradableRequest == true
            && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);
        using var response = await AskAsync(context, isUpgrade);
        if (response is null)
            return;
        if (isUpgrade && response.StatusCode == HttpStatusCode.SwitchingProtocols)
            await CopyBothWaysAsync(context, upgrade!, response);
        else
            await CopyAnswerAsync(context, response);
    }

    /// <summary>The plane's answer up to its headers, for a caller that adds to it. Null when there was none: then the client has its problem
    /// document already. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage?> AskAsync(HttpContext context) => AskAsync(context, isUpgrade: false);

    /// <summary>Passes an answer on as it is.</summary>
    public async Task CopyAnswerAsync(HttpContext context, HttpResponseMessage response)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        CopyHeaders(context, response, withContent: true);
        // A paused player stops reading for minutes: that is not an attack.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            await context.Response.StartAsync(context.RequestAborted);
            await body.CopyToAsync(context.Response.Body, 64 * 1024, context.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (!context.RequestAborted.IsCancellationRequested)
                Log.CutOff(_logger, _plane, Loggable(context.Request.Path), e.Message);
            context.Abort();   // the client must not take half an answer for a whole one
        }
    }

    private async Task<HttpResponseMessage?> AskAsync(HttpContext context, bool isUpgrade)
    {
        using var request = RequestFor(context, isUpgrade);
        using var timeout = new CancellationTokenSource(s_answerTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            return await _http.SendAsync(request, linked.Token);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return null;   // the client hung up
        }
        catch (OperationCanceledException)
        {
            await Problems.Of(StatusCodes.Status504GatewayTimeout, "planeTimeout", $"The {_plane} plane did not answer in time").ExecuteAsync(context);
            return null;
        }
        catch (HttpRequestException e) when (e.InnerException is BadHttpRequestException bad)
        {
            throw bad;   // the client's body was too large or cut off: its fault, not the plane's
        }
        catch (HttpRequestException e)
        {
            Log.Away(_logger, _plane, Loggable(context.Request.Path), e.Message);
            context.Response.Headers.RetryAfter = "1";
            await Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "planeUnavailable", $"The {_plane} plane is not available", "It restarts by itself. Try again in a moment.")
                .ExecuteAsync(context);
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>HLS and DASH have the ticket in the path.</summary>
    private static string Loggable(PathString path)
    {
        var text = path.Value ?? "";
        var ticket = text.IndexOf("/t/", StringComparison.Ordinal);
        return ticket < 0 ? text : text[..(ticket + 3)] + "…";
    }

    private static HttpRequestMessage RequestFor(HttpContext context, bool isUpgrade)
    {
        var incoming = context.Request;
        var request = new HttpRequestMessage(
            new HttpMethod(incoming.Method), new Uri($"http://plane{incoming.Path.ToUriComponent()}{incoming.QueryString.ToUriComponent()}"))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true && !isUpgrade)
            request.Content = new StreamContent(incoming.Body);

        // A ticket may be bound to a time span: the plane that knows what it serves checks it. For a user control's word stands alone.
        var byTicket = Caller.Of(context.User) is { Ticket: not null };
        var named = NamedInConnection(incoming.Headers.Connection);
        foreach (var (name, values) in incoming.Headers)
        {
            if (s_notForwarded.Contains(name) || named.Contains(name) || (!byTicket && name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase)))
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        if (isUpgrade)
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Connection, "Upgrade");
            request.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, "websocket");
        }

        if (context.Connection.RemoteIpAddress is { } address)
            request.Headers.TryAddWithoutValidation(Viewer.AddressHeader, address.ToString());
        if (!byTicket && Caller.Of(context.User) is { Principal: { } who } caller)
            request.Headers.TryAddWithoutValidation(Viewer.AccountHeader, Viewer.Account(who.Id, caller.SignInId, who.TenantId, who.Rights.AsOf));
        if (!byTicket && context.User.Identity?.IsAuthenticated == true)
            request.Headers.TryAddWithoutValidation(TicketGate.IdentityHeader, Uri.EscapeDataString(context.User.FindFirstValue(ClaimTypes.Name) ?? ""));
        return request;
    }

    private static async Task CopyBothWaysAsync(HttpContext context, IHttpUpgradeFeature upgrade, HttpResponseMessage response)
    {
        CopyHeaders(context, response, withContent: false);
        context.Response.Headers.Upgrade = "websocket";   // hop by hop: this hop's own
        await using var upstream = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        await using var client = await upgrade.UpgradeAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var toPlane = CopyAsync(client, upstream, end.Token);
        var toClient = CopyAsync(upstream, client, end.Token);
        await Task.WhenAny(toPlane, toClient);
        end.CancelAfter(s_halfCloseGrace);
        await Task.WhenAll(toPlane, toClient);
    }

    /// <summary>Ends at end of file, at an error of either side, or when cancelled: for the other direction these are the same.</summary>
    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, 64 * 1024, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException)
        {
            return;
        }
    }

    private static void CopyHeaders(HttpContext context, HttpResponseMessage response, bool withContent)
    {
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (!s_notForwarded.Contains(name))
                context.Response.Headers[name] = new StringValues([.. values]);
        }

        if (!withContent)
            return;
        foreach (var (name, values) in response.Content.Headers.NonValidated)
            context.Response.Headers[name] = new StringValues([.. values]);
    }

    private static HashSet<string> NamedInConnection(StringValues connection) =>
        connection.Count == 0
            ? []
            : new(connection.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), StringComparer.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(1050, LogLevel.Debug, "Plane {Plane} is away, {Path} answered with 503: {Reason}")]
        public static partial void Away(ILogger logger, string plane, string path, string reason);

        [LoggerMessage(1051, LogLevel.Debug, "Plane {Plane} broke off while answering {Path}: {Reason}")]
        public static partial void CutOff(ILogger logger, string plane, string path, string reason);
    }
}
