using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Onvif;
using Vms.Control.Features.Device;
using Vms.Control.Features.Nvrs;
using Vms.Control.Features.Ptz;
using Vms.Control.FrontDoor;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/{id}/replace: another device takes the camera's place. Its id, recordings, events, rights and settings stay. The new device is asked
/// first, its password once; nothing changes when it does not answer.</summary>
internal static class ReplaceCamera
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="Ip">Address or host name of the new device, which is asked by ONVIF; or MainUrl.</param>
    /// <param name="Port">Of its web server: 80 when absent; HTTPS on 443.</param>
    /// <param name="MainUrl">rtsp:// or rtsps:// of the new main stream; instead of Ip.</param>
    /// <param name="SubUrl">With MainUrl: of the new small stream; absent: there is none.</param>
    public sealed record Request(string? Ip, int? Port, string? MainUrl, string? SubUrl, string? Username, string? Password);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/{id}/replace", Handle).WithName(nameof(ReplaceCamera)).WithSummary("Put another device in a camera's place; recordings, rights and settings stay.")
            .Needs(Permissions.CamerasWrite, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ChecksVersion();

    private static async Task<Results<Ok<CameraView>, ProblemHttpResult>> Handle(
        string id, Request request, HttpContext context, NpgsqlDataSource database, CameraEdits edits, CameraInspector inspector, StreamProbe probe, CameraStates states,
        NvrWatch watch, DeviceWatch deviceWatch, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        CameraSettings? settings = null;
        CameraCredentials? credentials = null;
        if (string.IsNullOrWhiteSpace(request.MainUrl))
        {
            DeviceAddress.Check(request.Ip, request.Port, request.Username, request.Password, problems);
            if (!string.IsNullOrWhiteSpace(request.SubUrl))
                problems.Add(new FieldProblem("subUrl", "invalidValue", "The device tells its small stream itself; use mainUrl to name both"));
        }
        else
        {
            if (!string.IsNullOrWhiteSpace(request.Ip))
                problems.Add(new FieldProblem("ip", "invalidValue", "Use ip or mainUrl"));
            settings = CameraRules.Check(
                new CameraRequest(Name: "new", MainUrl: request.MainUrl, SubUrl: request.SubUrl, Username: request.Username, Password: request.Password), out credentials, out var wrong);
            problems.AddRange(wrong);
            if (settings.MainUrl == CameraUrl.Push)
                problems.Add(new FieldProblem("mainUrl", "invalidUrl", "A camera that sends to this server cannot be asked"));
        }

        if (problems.Count > 0)
            return Problems.Fields(problems);
        // Before the new device is asked: whoever shows an old version need not wait for it.
        if (await CameraRow.FindAsync(database, id, cancellationToken) is not { } before)
            return CameraProblems.NotFound();
        if (ItemVersion.Check(context, CameraView.VersionOf(before)) is { } old)
            return old;

        var username = string.IsNullOrEmpty(request.Username) ? credentials?.Username : request.Username;
        var password = string.IsNullOrEmpty(request.Password) ? credentials?.Password : request.Password;
        var (mainUrl, subUrl) = (settings?.MainUrl, settings?.SubUrl);
        DeviceInspection? inspection = null;
        if (settings is null)
        {
            var (device, refused) = await inspector.AskAsync(request.Ip!, request.Port, username, password, s_patience, withPicture: false, cancellationToken);
            if (device is null)
                return refused!;
            inspection = device.Device;
            (mainUrl, subUrl) = (device.Camera.Main.OriginalString, device.Camera.Sub?.OriginalString);
        }
        else if (await probe.AskAsync(settings with { AllowBasicInClear = before.Settings.AllowBasicInClear }, password, "main", s_patience, cancellationToken) is { Problem: { } refused })
        {
            return refused;
        }

        // Another device has a certificate of its own.
        var patch = JsonSerializer.SerializeToElement(new { mainUrl, subUrl, username, password, tlsCertificateSha256 = (string?)null });
        var caller = Caller.Of(context);
        var result = await edits.PatchAsync(
            id, patch, caller.Rights, Actor.Of(context), cancellationToken, (row, connection) => CheckAsync(context, row, mainUrl!, caller.TenantId, connection, cancellationToken),
            action: "camera.replaced",
            stored: async (row, connection) =>
            {
                await PresetNames.ForgetAsync(connection, row.Id, cancellationToken);
                if (inspection is not null)
                    await DeviceFacts.RememberAsync(connection, row, inspection, time.GetUtcNow(), cancellationToken);
                else
                    await DeviceFacts.IsDueAsync(connection, row.Id, time.GetUtcNow(), cancellationToken);
            });
        if (result.Row is not { } changed)
            return result.Problem!;
        await edits.DoneAsync(caller.TenantId, [result], cancellationToken);
        if (inspection is null)
            deviceWatch.AskNow(id);
        watch.Changed();        // of a recorder whose channel it was
        return TypedResults.Ok(CameraView.Of(changed with { NvrId = null, NvrChannel = null }, states.Of(changed)));
    }

    private static async ValueTask<ProblemHttpResult?> CheckAsync(
        HttpContext context, CameraRow row, string mainUrl, string tenantId, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (ItemVersion.Check(context, CameraView.VersionOf(row)) is { } otherVersion)
            return otherVersion;
        if (await KnownCameras.FindAsync(connection, tenantId, mainUrl, cancellationToken) is { } known && known.Id != row.Id)
            return Problems.Of(StatusCodes.Status409Conflict, "cameraExists", CameraImportJob.Duplicate);
        // What stands at the address now is no channel of the recorder any more.
        await connection.ExecuteAsync("update control.camera set nvr_id = null, nvr_channel = null where id = $1", [row.Id], cancellationToken);
        return null;
    }
}
