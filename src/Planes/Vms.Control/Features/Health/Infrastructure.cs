using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Bus;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Health;

/// <summary>GET /health/infrastructure: what the planes stand on, as control finds it: NATS and PostgreSQL.</summary>
internal sealed class Infrastructure : IDisposable
{
    private const int DatabaseTimeoutSeconds = 2;

    private readonly NpgsqlDataSource _database;
    private readonly BusConnection _bus;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private bool _connected;
    private DateTimeOffset? _busSince;

    public Infrastructure(NpgsqlDataSource database, BusConnection bus, TimeProvider time)
    {
        (_database, _bus, _time) = (database, bus, time);
        bus.StateChanged += OnBusStateChanged;
    }

    /// <param name="Since">Connected, or gone, since then; of PostgreSQL: running since then. Null: not known.</param>
    /// <param name="Reason">Why it is not connected.</param>
    /// <param name="StoredBytes">What the product's database takes.</param>
    public sealed record Service(bool Connected, DateTimeOffset? Since, string? Reason, long? StoredBytes);

    public sealed record Response(Service Nats, Service Postgres);

    public static void Map(IEndpointRouteBuilder app)
    {
        var infrastructure = app.ServiceProvider.GetRequiredService<Infrastructure>();      // now: it has to hear when the bus connects
        app.MapGet("/health/infrastructure", infrastructure.HandleAsync).WithName(nameof(Infrastructure)).WithSummary("What the planes stand on: NATS and PostgreSQL.").WithTags("Health")
            .Needs(Permissions.SystemRead, Scope.Tenant).ProducesProblem(401).ProducesProblem(403);
    }

    public void Dispose() => _bus.StateChanged -= OnBusStateChanged;

    private async Task<Ok<Response>> HandleAsync(CancellationToken cancellationToken) =>
        TypedResults.Ok(new Response(OfBus(), await OfDatabaseAsync(cancellationToken)));

    private Service OfBus()
    {
        lock (_gate)
            return new(_connected, _busSince, _connected ? null : _bus.LastError?.Message, null);
    }

    private async Task<Service> OfDatabaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = _database.Command("select pg_postmaster_start_time(), pg_database_size(current_database())");
            command.CommandTimeout = DatabaseTimeoutSeconds;
            return (await command.FirstAsync(r => new Service(true, r.Time(0), null, r.GetInt64(1)), cancellationToken))!;
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            return new Service(false, null, e.Message, null);
        }
    }

    /// <remarks>Tries to connect again are no news: it is gone since it went.</remarks>
    private void OnBusStateChanged(BusState state)
    {
        lock (_gate)
        {
            var connected = state == BusState.Connected;
            if (_busSince is null || connected != _connected)
                _busSince = _time.GetUtcNow();
            _connected = connected;
        }
    }
}
