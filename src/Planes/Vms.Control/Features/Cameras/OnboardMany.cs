using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Jobs;
using Vms.Control.Features.Sites;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>POST /api/cameras/onboard/many: begins the job that asks many devices by ONVIF and adds them, those of a scan for instance.</summary>
internal static class OnboardMany
{
    /// <summary>Devices of one job: a scan of the largest network finds fewer cameras.</summary>
    public const int MaxDevices = 500;

    /// <param name="Devices">Those without credentials of their own have the shared ones.</param>
    /// <param name="Username">Shared.</param>
    /// <param name="SiteId">Where all of them come to stand.</param>
    public sealed record Request(
        IReadOnlyList<DeviceRequest>? Devices, string? Username, string? Password, string? SiteId, IReadOnlyList<string>? GroupIds);

    /// <param name="Ip">Address or host name.</param>
    /// <param name="Port">Of its web server: 80 when absent; HTTPS on 443.</param>
    /// <param name="Name">Absent: what the device calls itself.</param>
    public sealed record DeviceRequest(string? Ip, int? Port, string? Name, string? Username, string? Password);

    public static void Map(RouteGroupBuilder cameras) =>
        cameras.MapPost("/onboard/many", Handle).WithName(nameof(OnboardMany)).WithSummary("Begin the job that asks many devices by ONVIF for their streams and registers them.")
            .Needs(Permissions.CamerasWrite).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Accepted<JobView>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, NodeKey nodeKey, JobRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var devices = request.Devices ?? [];
        if (devices.Count == 0)
            problems.Add(new FieldProblem("devices", "required", "Name the devices"));
        else if (devices.Count > MaxDevices)
            problems.Add(new FieldProblem("devices", "tooMany", $"Use at most {MaxDevices} devices"));
        else
            CheckEach(devices, request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (caller, now) = (Caller.Of(context), time.GetUtcNow());
        var siteId = string.IsNullOrEmpty(request.SiteId) ? SiteRow.DefaultId : request.SiteId;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!caller.Rights.AllowsSite(Permissions.CamerasWrite, siteId) || !await SiteRow.IsThereAsync(connection, siteId, cancellationToken))
            return CameraProblems.UnknownSite();

        // There are passwords in it.
        var secret = nodeKey.Protect(JsonSerializer.Serialize(request, JsonSerializerOptions.Web));
        var args = JsonSerializer.Serialize(new OnboardJob.Args(secret), JsonSerializerOptions.Web);
        var row = await JobRow.AddAsync(connection, OnboardJob.KindName, args, caller, Actor.Of(context), now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Changed();
        return TypedResults.Accepted($"/api/jobs/{row.Id}", JobView.Of(row, now));
    }

    private static void CheckEach(IReadOnlyList<DeviceRequest> devices, Request request, List<FieldProblem> problems)
    {
        var seen = new HashSet<(string Ip, int? Port)>();
        for (var i = 0; i < devices.Count; i++)
        {
            var device = devices[i];
            DeviceAddress.Check(device.Ip, device.Port, device.Username ?? request.Username, device.Password ?? request.Password, problems, $"devices[{i}].");
            // Asked twice, a wrong password would be tried twice.
            if (device.Ip is { } ip && !seen.Add((ip.Trim().ToLowerInvariant(), device.Port)))
                problems.Add(new FieldProblem($"devices[{i}].ip", "duplicate", "The device is named twice"));
            if (device.Name?.Trim() is { Length: > CameraRules.MaxNameLength })
                problems.Add(new FieldProblem($"devices[{i}].name", "tooLong", $"Use at most {CameraRules.MaxNameLength} printable characters"));
        }
    }
}
