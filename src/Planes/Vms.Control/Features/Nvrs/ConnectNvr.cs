using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Sites;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>POST /api/nvr/connect: asks a recorder for its channels and makes cameras of them. Again it adds what is missing and changes what is another; nothing is
/// doubled. A recorder that is away, or does not let us in, leaves no trace; the password is tried once.</summary>
internal static class ConnectNvr
{
    /// <summary>All questions together: a browser waits for the answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    /// <param name="Ip">Address or host name of the recorder.</param>
    /// <param name="Port">Of its web server: 80 when absent; HTTPS on 443.</param>
    /// <param name="Vendor">onvif, hikvision or dahua; absent: is found out, without risking the password.</param>
    /// <param name="Channels">Those that become cameras; absent: all that the recorder does not call offline; empty: none, it is stored and its channels can be listed.</param>
    /// <param name="SiteId">Where a new recorder and its cameras come to stand.</param>
    public sealed record Request(
        string? Ip, int? Port, string? Username, string? Password, string? Vendor, IReadOnlyList<string>? Channels, string? Name, string? SiteId);

    /// <param name="Cameras">All channels of the recorder that are cameras.</param>
    public sealed record Response(string NvrId, IReadOnlyList<ChannelCamera> Cameras);

    /// <param name="Id">Of the camera.</param>
    public sealed record ChannelCamera(string Id, string Channel, string Name);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api/nvr/connect", Handle).WithName(nameof(ConnectNvr)).WithSummary("Connect a recorder and register its channels as cameras; again adds what is missing.")
            .WithTags("Recorders").Needs(Permissions.CamerasWrite)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, NvrConnector connector, NvrImport import, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        DeviceAddress.Check(request.Ip, request.Port, request.Username, request.Password, problems);
        var vendor = NvrRow.VendorOf(request.Vendor);
        if (!string.IsNullOrEmpty(request.Vendor) && vendor is null)
            problems.Add(new FieldProblem("vendor", "invalidValue", "Use onvif, hikvision or dahua"));
        if (request.Channels is { Count: > NvrChannel.MaxChannels } || request.Channels?.Any(c => string.IsNullOrEmpty(c) || c.Length > ToldChannel.MaxId) == true)
            problems.Add(new FieldProblem("channels", "invalidValue", $"Name at most {NvrChannel.MaxChannels} channels"));
        NvrProblems.CheckName(request.Name, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (caller, host, port) = (Caller.Of(context), request.Ip!.Trim(), request.Port ?? NvrRow.UsualPort);
        NvrRow? known;
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            known = await NvrRow.AtAsync(connection, caller.TenantId, host, port, cancellationToken);
            if (await RefusalAsync(connection, caller, known, vendor, request.SiteId, cancellationToken) is { } refusal)
                return refusal;
        }

        var (told, problem) = await AskAsync(connector, host, port, vendor ?? known?.Vendor, request, cancellationToken);
        if (told is null)
            return problem!;
        var unknown = request.Channels?.Where(c => !told.Channels.Any(t => t.Id == c)).ToList();
        if (unknown is { Count: > 0 })
            return Problems.Fields(new FieldProblem("channels", "channelNotFound", $"The recorder has no channel {string.Join(", ", unknown.Take(5))}"));

        var stored = await import.StoreAsync(
            new NvrImport.Wish(host, port, request.Username, request.Password, request.Name?.Trim(), string.IsNullOrEmpty(request.SiteId) ? SiteRow.DefaultId : request.SiteId, request.Channels),
            told, caller, Actor.Of(context), cancellationToken);
        return stored.NvrId is { } id ? TypedResults.Ok(new Response(id, stored.Cameras)) : stored.Problem!;
    }

    /// <summary>Before the recorder is asked: what it says is for those who may add it.</summary>
    private static async Task<ProblemHttpResult?> RefusalAsync(
        NpgsqlConnection connection, Caller caller, NvrRow? known, NvrMaker? vendor, string? siteId, CancellationToken cancellationToken)
    {
        var site = known?.SiteId ?? (string.IsNullOrEmpty(siteId) ? SiteRow.DefaultId : siteId);
        if (known is not null && !caller.Rights.AllowsSite(Permissions.CamerasWrite, site))
            return Problems.Of(StatusCodes.Status409Conflict, "nvrExists", "The recorder is connected already", "It stands at another site.");
        if (!caller.Rights.AllowsSite(Permissions.CamerasWrite, site) || !await SiteRow.IsThereAsync(connection, site, cancellationToken))
            return CameraProblems.UnknownSite();
        return known is not null && vendor is { } other && other != known.Vendor
            ? Problems.Of(
                StatusCodes.Status409Conflict, "nvrExists", "The recorder is connected already", $"It is talked to as {NvrRow.WordOf(known.Vendor)}. Remove it to connect it in another way.")
            : null;
    }

    private static async Task<(NvrImport.Told? Told, ProblemHttpResult? Problem)> AskAsync(
        NvrConnector connector, string host, int port, NvrMaker? vendor, Request request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            var (connection, problem) = await connector.OpenAsync(host, port, vendor, request.Username, request.Password, deadline.Token);
            if (connection is null)
                return (null, problem);
            using (connection)
                return (new NvrImport.Told(connection.Nvr.Maker, connection.Facts, ToldChannel.Of(await connection.Nvr.ChannelsAsync(deadline.Token))), null);
        }
        catch (DeviceException e)
        {
            return (null, DeviceProblems.Of(e));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, DeviceProblems.Unreachable("The recorder took too long to answer"));
        }
    }
}
