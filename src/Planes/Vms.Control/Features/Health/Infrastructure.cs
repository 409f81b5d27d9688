using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Bus;
using Vms.Control.Auth;
using Vms.Control.Data;

namespace Vms.Control.Features.Health;

/// <summary>GET /health/infrastructure: what the planes stand on, as control finds it: NATS and PostgreSQL.</summary>
internal sealed class Infrastructure : IDisposable
{
    private static readonly TimeSpan s_databasePatience = TimeSpan.FromSeconds(2);

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
    /// <param name="StoredBytes">What the product's database takes; null: not known, or not in time.</param>
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
            using var deadline = new CancellationTokenSource(s_databasePatience, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            await using var connection = await _database.OpenConnectionAsync(either.Token);
            await using var command = connection.Command("select pg_postmaster_start_time()");
            var there = (await command.FirstAsync(r => new Service(true, r.Time(0), null, null), either.Token))!;
            return there with { StoredBytes = await SizeAsync(connection, cancellationToken) };
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            return new Service(false, null, e.Message, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Service(false, null, $"It did not answer within {s_databasePatience.TotalSeconds:0} s", null);
        }
    }

    /// <summary>Of many files, on a busy disk: that takes its time, and says nothing about whether the database is there.</summary>
    /// <returns>Null: not known in time.</returns>
    private async Task<long?> SizeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_databasePatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await using var command = connection.Command("select pg_database_size(current_database())");
            return (long?)await command.ExecuteScalarAsync(either.Token);
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
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
