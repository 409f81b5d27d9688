using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/onboard: asks a device by ONVIF what it is and where its streams are, and adds it. The password is tried once. Nothing is stored when it
/// does not answer as a camera.</summary>
internal static class OnboardCamera
{
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
        Request request, HttpContext context, NpgsqlDataSource database, CameraEdits edits, CameraStates states, CameraInspector inspector, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        DeviceAddress.Check(request.Ip, request.Port, request.Username, request.Password, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (device, refused) = await inspector.AskAsync(request.Ip!, request.Port, request.Username, request.Password, s_patience, withPicture: false, cancellationToken);
        if (device is null)
            return refused!;

        var caller = Caller.Of(context);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CameraImportJob.AloneAsync(connection, caller.TenantId, cancellationToken);
        if (await KnownCameras.FindAsync(connection, caller.TenantId, device.Camera.Main.OriginalString, cancellationToken) is not null)
            return Problems.Of(StatusCodes.Status409Conflict, "cameraExists", CameraImportJob.Duplicate);

        var added = await edits.AddAsync(
            ToCamera(device, request.Name, request.Ip!, request.Username, request.Password, request.SiteId, request.GroupIds), caller.Rights, Actor.Of(context), connection, cancellationToken);
        if (added.Row is not { } row)
            return added.Problem!;
        await DeviceFacts.RememberAsync(connection, row, device.Device, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await edits.DoneAsync(caller.TenantId, [added], cancellationToken);
        return TypedResults.Created($"/api/cameras/{row.Id}", CameraView.Of(row, states.Of(row)));
    }

    /// <summary>The camera that a device becomes: named by the operator, or as it calls itself, or by its address.</summary>
    public static CameraRequest ToCamera(
        InspectedDevice device, string? name, string ip, string? username, string? password, string? siteId, IReadOnlyList<string>? groupIds)
    {
        var called = string.IsNullOrWhiteSpace(name) ? device.Name : name.Trim();
        called = called.Length == 0 ? ip : called.Length > CameraRules.MaxNameLength && string.IsNullOrWhiteSpace(name) ? called[..CameraRules.MaxNameLength].Trim() : called;
        return new CameraRequest(
            Name: called, MainUrl: device.Camera.Main.OriginalString, SubUrl: device.Camera.Sub?.OriginalString, Username: username, Password: password,
            SiteId: siteId, GroupIds: groupIds);
    }
}
