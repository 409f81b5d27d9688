using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Control.Jobs;
using Vms.Hosting;

namespace Vms.Control.Features.Cameras;

/// <summary>
/// Asks many devices by ONVIF, some at a time, and adds what they are. A step is a device: its camera and the note of it come with one commit, so that a device
/// becomes one camera however often the job begins again. One that was asked and not noted when the process died is asked once more.
/// </summary>
internal sealed class OnboardJob(
    NpgsqlDataSource database, NodeKey nodeKey, CameraEdits edits, CameraInspector inspector, RightsState rights, TimeProvider time) : IJobKind
{
    public const string KindName = "onboard";

    /// <summary>The device's camera is there already.</summary>
    public const string KnownCode = "known";

    /// <summary>Devices that are asked at a time.</summary>
    private const int AtATime = 8;

    /// <summary>All questions to one device.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="Request">JSON of the request, encrypted with the node key. Gone when the job is over.</param>
    public sealed record Args(string Request);

    /// <param name="Devices">What is done.</param>
    /// <param name="Places">Of each of them, in the request.</param>
    public sealed record Progress(IReadOnlyList<DeviceResult> Devices, IReadOnlyList<int> Places);

    /// <param name="Devices">In the order of the request.</param>
    public sealed record Result(int Added, int Known, int Refused, IReadOnlyList<DeviceResult> Devices);

    /// <param name="CameraId">The new camera, or the one that is there already.</param>
    /// <param name="Code">Null: it was added. known; else why not, as for a single device.</param>
    public sealed record DeviceResult(string Ip, string? CameraId, string? Code, string? Detail);

    public string Name => KindName;

    public async Task<object> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var request = RequestOf(run.Row);
        if (await rights.FindFreshAsync(run.Row.CreatedById) is not { Enabled: true } who || !who.Rights.AllowsAnywhere(Permissions.CamerasWrite))
            throw new JobFailedException("forbidden", "Whoever asked for it may not add cameras any more.");

        var devices = request.Devices!;
        var done = run.CursorAs<Progress>() is { } noted ? noted.Places.Zip(noted.Devices).ToDictionary(d => d.First, d => d.Second) : [];
        var waiting = new Queue<int>(Enumerable.Range(0, devices.Count).Where(i => !done.ContainsKey(i)));
        var asking = new Dictionary<Task<(InspectedDevice? Device, ProblemHttpResult? Problem)>, int>();
        var added = new List<CameraEdits.Result>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (waiting.Count > 0 || asking.Count > 0)
            {
                while (asking.Count < AtATime && waiting.TryDequeue(out var next))
                    asking.Add(AskAsync(devices[next], request, ending.Token), next);
                var answered = await Task.WhenAny(asking.Keys);
                asking.Remove(answered, out var index);
                var (device, problem) = await answered;

                // One after the other: each looks at what is there before it adds.
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var (result, camera) = device is null
                    ? (RefusalOf(devices[index].Ip!, problem!), null)
                    : await AddAsync(devices[index], device, request, who, run.Row.Actor, connection, cancellationToken);
                done[index] = result;
                await run.SaveAsync(connection, new Progress([.. done.Values], [.. done.Keys]), done.Count, devices.Count, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                if (camera is not null)
                    added.Add(camera);
                run.Saved();
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll((IEnumerable<Task>)asking.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await edits.DoneAsync(run.Row.TenantId, added, CancellationToken.None);
        }

        var results = done.OrderBy(d => d.Key).Select(d => d.Value).ToList();
        return new Result(results.Count(r => r.Code is null), results.Count(r => r.Code == KnownCode), results.Count(r => r.CameraId is null), results);
    }

    private Task<(InspectedDevice? Device, ProblemHttpResult? Problem)> AskAsync(
        OnboardMany.DeviceRequest device, OnboardMany.Request request, CancellationToken cancellationToken)
    {
        var (username, password) = CredentialsOf(device, request);
        return inspector.AskAsync(device.Ip!, device.Port, username, password, s_patience, withPicture: false, cancellationToken);
    }

    private async Task<(DeviceResult Result, CameraEdits.Result? Camera)> AddAsync(
        OnboardMany.DeviceRequest asked, InspectedDevice device, OnboardMany.Request request, Principal who, Actor actor, NpgsqlConnection connection,
        CancellationToken cancellationToken)
    {
        await CameraImportJob.AloneAsync(connection, who.TenantId, cancellationToken);
        if (await KnownCameras.FindAsync(connection, who.TenantId, device.Camera.Main.OriginalString, cancellationToken) is { } known)
            return (new DeviceResult(asked.Ip!, who.Rights.Knows(known.Id) ? known.Id : null, KnownCode, CameraImportJob.Duplicate), null);

        await using var point = connection.Command("savepoint device");
        await point.ExecuteNonQueryAsync(cancellationToken);
        var (username, password) = CredentialsOf(asked, request);
        var camera = await edits.AddAsync(
            OnboardCamera.ToCamera(device, asked.Name, asked.Ip!, username, password, request.SiteId, request.GroupIds), who.Rights, actor, connection, cancellationToken);
        if (camera.Row is { } row)
        {
            await DeviceFacts.RememberAsync(connection, row, device.Device, time.GetUtcNow(), cancellationToken);
            var others = device.Device.Cameras.Count - 1;
            return (new DeviceResult(asked.Ip!, row.Id, null, others == 0 ? null : $"The device has {others + 1} pictures: connect it as a recorder to add the others."), camera);
        }

        await using var back = connection.Command("rollback to savepoint device");
        await back.ExecuteNonQueryAsync(cancellationToken);
        return (RefusalOf(asked.Ip!, camera.Problem!), null);
    }

    /// <summary>Its own user name brings its own password, also none.</summary>
    private static (string? Username, string? Password) CredentialsOf(OnboardMany.DeviceRequest device, OnboardMany.Request request) =>
        string.IsNullOrEmpty(device.Username) ? (request.Username, string.IsNullOrEmpty(device.Password) ? request.Password : device.Password) : (device.Username, device.Password);

    private static DeviceResult RefusalOf(string ip, ProblemHttpResult problem) =>
        new(ip, null, DeviceProblems.CodeOf(problem), problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title);

    private OnboardMany.Request RequestOf(JobRow row)
    {
        try
        {
            var args = JsonSerializer.Deserialize<Args>(row.Args, JsonSerializerOptions.Web)!;
            return JsonSerializer.Deserialize<OnboardMany.Request>(nodeKey.Unprotect(args.Request), JsonSerializerOptions.Web)!;
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or FormatException)
        {
            throw new JobFailedException("unreadable", "The credentials were encrypted with the key of another installation; begin again.");
        }
    }
}
