using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Device;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/onboard: asks a device by ONVIF what it is and where its streams are, and adds it. The password is tried once. Nothing is stored when it
/// does not answer as a camera.</summary>
internal static class OnboardCamera
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>For a name that nobody knows.</summary>
    private static readonly TimeSpan s_lookUp = TimeSpan.FromSeconds(3);

    /// <summary>All questions together: a browser waits for the answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    /// <param name="Ip">Address or host name of the device.</param>
    /// <param name="Port">Of its web server: 80 when absent; HTTPS on 443.</param>
    /// <param name="Name">Absent: what the device calls itself.</param>
    public sealed record Request(string? Ip, int? Port, string? Username, string? Password, string? Name, string? SiteId, IReadOnlyList<string>? GroupIds);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/onboard", Handle).WithName(nameof(OnboardCamera)).WithSummary("Ask a device by ONVIF for its streams and register it.").Needs(Permissions.CamerasWrite)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Created<CameraView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, CameraEdits edits, CameraStates states, CameraAddresses addresses, OnvifClientOptions options,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (string.IsNullOrWhiteSpace(request.Ip))
            problems.Add(new FieldProblem("ip", "required", "The device's address is missing"));
        if (request.Port is < 1 or > 65535)
            problems.Add(new FieldProblem("port", "outOfRange", "Use 1 to 65535"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var port = request.Port ?? HttpPort;
        if (await AddressAsync(request.Ip!.Trim(), cancellationToken) is not { } address)
            return Problems.Of(StatusCodes.Status400BadRequest, "unreachable", "The device cannot be reached", $"Nobody knows the name {request.Ip}.");
        if (addresses.Refusal(address, port) is { } refusal)
            return Problems.Fields(new FieldProblem("ip", CameraAddresses.NotAllowed, refusal));

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        OnvifResult<DeviceInspection> read;
        try
        {
            using var client = new OnvifClient(ServiceOf(address, port), CredentialsOf(request), options, time);
            read = await DeviceInspection.ReadAsync(client, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            read = OnvifResult<DeviceInspection>.Failed(OnvifFailureKind.TimedOut, "The device took too long to answer");
        }

        if (!read.IsSuccess)
            return ProblemOf(read.Failure);
        if (read.Value.Cameras is not [var camera, ..])
            return Problems.Of(StatusCodes.Status400BadRequest, "notOnvif", "The device has no video", "It speaks ONVIF and tells of no stream.");

        return await AddAsync(request, read.Value, camera, context, database, edits, states, time, cancellationToken);
    }

    private static async Task<Results<Created<CameraView>, ProblemHttpResult>> AddAsync(
        Request request, DeviceInspection device, InspectedCamera camera, HttpContext context, NpgsqlDataSource database, CameraEdits edits, CameraStates states,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CameraImportJob.AloneAsync(connection, caller.TenantId, cancellationToken);
        if (CameraLine.UrlKey(camera.Main.OriginalString) is { } key && (await CameraImportJob.KnownAsync(connection, caller.TenantId, cancellationToken)).Contains(key))
            return Problems.Of(StatusCodes.Status409Conflict, "cameraExists", CameraImportJob.Duplicate);

        var name = string.IsNullOrWhiteSpace(request.Name) ? $"{device.Information.Manufacturer} {device.Information.Model}".Trim() : request.Name.Trim();
        var added = await edits.AddAsync(
            new CameraRequest(
                Name: name.Length > 0 ? name : request.Ip, MainUrl: camera.Main.OriginalString, SubUrl: camera.Sub?.OriginalString, Username: request.Username, Password: request.Password,
                SiteId: request.SiteId, GroupIds: request.GroupIds),
            caller.Rights, Actor.Of(context), connection, cancellationToken);
        if (added.Row is not { } row)
            return added.Problem!;
        await DeviceFacts.RememberAsync(connection, row, device, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await edits.DoneAsync(caller.TenantId, [added], cancellationToken);
        return TypedResults.Created($"/api/cameras/{row.Id}", CameraView.Of(row, states.Of(row)));
    }

    private static async Task<IPAddress?> AddressAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return IPAddress.TryParse(host, out var address) ? address : (await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(s_lookUp, cancellationToken)).FirstOrDefault();
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The address that was looked at, not the name: it could lead elsewhere the next time.</summary>
    private static Uri ServiceOf(IPAddress address, int port) => new UriBuilder(
        port == HttpsPort ? Uri.UriSchemeHttps : Uri.UriSchemeHttp,
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString(), port, "/onvif/device_service").Uri;

    private static OnvifCredentials? CredentialsOf(Request request) =>
        string.IsNullOrEmpty(request.Username) ? null : new OnvifCredentials(request.Username, request.Password ?? "");

    private static ProblemHttpResult ProblemOf(OnvifFailure failure) => failure.Kind switch
    {
        OnvifFailureKind.BadCredentials or OnvifFailureKind.OnlyBasicInClear => Problems.Of(
            StatusCodes.Status400BadRequest, "badCredentials", "The device refuses the user name or password", failure.Detail),
        OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut => Problems.Of(
            StatusCodes.Status400BadRequest, "unreachable", "The device cannot be reached", failure.Detail),
        _ => Problems.Of(StatusCodes.Status400BadRequest, "notOnvif", "The device does not answer as an ONVIF camera", failure.Detail),
    };
}
