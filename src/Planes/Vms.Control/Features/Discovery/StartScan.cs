using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Control.Jobs;
using Vms.Hosting;
using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>POST /api/discovery/scan: begins the job that looks for ONVIF devices. Devices are read by GET while they answer, and are told on the live feed at the end.</summary>
internal static class StartScan
{
    /// <param name="Subnet">192.168.1.0/24: every address of it is asked; absent: the networks of this machine, by multicast.</param>
    public sealed record Request(string? Subnet);

    /// <param name="ScanId">Also the id of the job: GET and DELETE /api/jobs/{id} know it.</param>
    public sealed record Response(string ScanId);

    public static void Map(RouteGroupBuilder discovery) =>
        discovery.MapPost("/scan", Handle).WithName(nameof(StartScan)).WithSummary("Begin the job that looks for devices in the network.").Needs(Permissions.DevicesDiscover, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).AnswersOnce();

    private static async Task<Results<Accepted<Response>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, JobRunner runner, CameraAddresses addresses, TimeProvider time, CancellationToken cancellationToken)
    {
        Subnet? subnet = null;
        if (!string.IsNullOrWhiteSpace(request.Subnet))
        {
            if (!Subnet.TryParse(request.Subnet, out subnet))
                return Problems.Fields(new FieldProblem("subnet", "invalidValue", $"Use a network of hosts like 192.168.1.0/24, not larger than /{Subnet.MinPrefix}"));
            foreach (var host in (ReadOnlySpan<System.Net.IPAddress>)[subnet.Hosts().First(), subnet.Hosts().Last()])
            {
                if (addresses.Refusal(host, Probe.Port) is { } refusal)
                    return Problems.Fields(new FieldProblem("subnet", CameraAddresses.NotAllowed, refusal));
            }
        }

        var id = await QueueAsync(database, new ScanJob.Args(subnet?.ToString()), Caller.Of(context), Actor.Of(context), time.GetUtcNow(), cancellationToken);
        runner.Changed();
        return id is not null
            ? TypedResults.Accepted($"/api/discovery/{id}", new Response(id))
            : Problems.Of(StatusCodes.Status409Conflict, "tooManyScans", $"There are {ScanJob.MaxRunning} scans already", "Wait until one of them is over.");
    }

    /// <returns>The job's id; that of one of the same kind that is not over yet; null when there are too many of those.</returns>
    private static async Task<string?> QueueAsync(
        NpgsqlDataSource database, ScanJob.Args args, Caller caller, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Two who begin together do not both get the last place.
        await connection.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('scan', 0))", [], cancellationToken);
        await using var open = connection.Command(
            "select id, tenant_id, args ->> 'subnet' from control.job where kind = $1 and state in ('queued', 'running') order by created_at", ScanJob.KindName);
        var going = await open.RowsAsync(r => (Id: r.GetString(0), TenantId: r.GetString(1), Subnet: r.StringOrNull(2)), cancellationToken);
        if (going.FirstOrDefault(s => s.TenantId == actor.TenantId && s.Subnet == args.Subnet) is { Id: { } same })
            return same;
        if (going.Count >= ScanJob.MaxRunning)
            return null;
        var row = await JobRow.AddAsync(connection, ScanJob.KindName, JsonSerializer.Serialize(args, JsonSerializerOptions.Web), caller, actor, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return row.Id;
    }
}
