using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Events;
using Vms.Control.Federation;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/federated/events: of this and of all other servers, newest first, page by page.</summary>
internal static class ListFederatedEvents
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = MaxOfOne - SameMoment;

    /// <summary>What a server gives at once.</summary>
    private const int MaxOfOne = 500;
    private const int MaxTypeLength = 64;

    /// <summary>Events of the very moment at which a page ended, which are asked for once more.</summary>
    private const int SameMoment = 50;

    /// <summary>The database's own.</summary>
    private static readonly TimeSpan s_resolution = TimeSpan.FromMicroseconds(1);

    /// <summary>Something that happened at one of the servers.</summary>
    public sealed record View(
        ServerName Server, string Id, string Type, string? CameraId, string? CameraName, string? SiteId, string? SiteName, DateTimeOffset At, DateTimeOffset? EndAt,
        string Source, JsonElement? Data);

    /// <inheritdoc cref="ListFederatedCameras.Response"/>
    public sealed record Response(IReadOnlyList<View> Items, string? NextCursor, IReadOnlyList<ServerPart> Servers);

    public static void Map(RouteGroupBuilder federated) =>
        federated.MapGet("/events", HandleAsync).WithName(nameof(ListFederatedEvents)).WithSummary("List the events of this and all other servers, newest first.").Needs(Permissions.EventsRead, Scope.Tenant).ProducesProblem(400);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        DateTimeOffset? from, DateTimeOffset? to, string? type, int? limit, string? cursor, HttpContext context, FederatedQuery query, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (type?.Length > MaxTypeLength)
            return Problems.Fields(new FieldProblem("type", "tooLong", $"Use at most {MaxTypeLength} characters"));
        if (!ListEvents.TryReadCursor(cursor, out var beforeAt, out var beforeId))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        var (caller, take) = (Caller.Of(context), limit ?? DefaultLimit);
        // Another server's cursors are its own: it is asked up to the moment, and what was shown of that is left out.
        var until = beforeAt is { } at && !(to <= at) ? at + s_resolution : to;
        var wanted = beforeAt is null ? take : take + SameMoment;
        bool IsNext(DateTimeOffset happened, string id) =>
            beforeAt is not { } before || happened < before || (happened == before && string.CompareOrdinal(id, beforeId) < 0);
        var path = $"/api/events?limit={wanted}{TimeOf("from", from)}{TimeOf("to", until)}{(type is null ? "" : "&type=" + Uri.EscapeDataString(type))}";
        var (found, servers) = await query.AskAsync(
            async () =>
            {
                var rows = await ListEvents.ReadAsync(
                    database, caller.Rights.Filter(Permissions.EventsRead), new ListEvents.Wanted(null, type is null ? null : [type], null, from, until), after: null, wanted + 1, cancellationToken);
                return new FederatedQuery.Part<Theirs>([.. rows.Take(wanted).Select(Theirs.Of)], Truncated: rows.Count > wanted);
            },
            async (peer, deadline) =>
            {
                var answer = await peer.GetAsync<Page<Theirs>>(path, deadline, cancellationToken);
                var part = answer.Value is { } page
                    ? new FederatedQuery.Part<Theirs>([.. (page.Items ?? []).Where(e => e is { Id: not null, Type: not null }).Take(wanted)], page.NextCursor is not null)
                    : null;
                return new(answer.State, part, answer.Code, answer.Detail, answer.Status, answer.Took);
            },
            others: caller.TenantId == Tenants.First, cancellationToken);
        var merged = found.SelectMany(f => f.Items.Where(e => IsNext(e.At, e.Id)).Select(e => e.AtServer(f.Server)))
            .OrderByDescending(e => e.At).ThenByDescending(e => e.Id, StringComparer.Ordinal).Take(take + 1).ToList();
        var items = merged.Take(take).ToList();
        var hasMore = merged.Count > take || servers.Any(s => s.Truncated);
        return TypedResults.Ok(new Response(items, hasMore && items.Count > 0 ? ListEvents.CursorOf(items[^1].At, items[^1].Id) : null, servers));
    }

    private static string TimeOf(string name, DateTimeOffset? at) =>
        at is { } time ? $"&{name}={Uri.EscapeDataString(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))}" : "";

    /// <summary>An event as every server shows it.</summary>
    private sealed record Theirs(
        string Id, string Type, string? CameraId, string? CameraName, string? SiteId, string? SiteName, DateTimeOffset At, DateTimeOffset? EndAt, string? Source, JsonElement? Data)
    {
        public static Theirs Of(EventView view) => new(
            view.Id, view.Type, view.CameraId, view.CameraName, view.SiteId, view.SiteName, view.At, view.EndAt, view.Source, view.Data);

        public View AtServer(ServerName server) => new(server, Id, Type, CameraId, CameraName, SiteId, SiteName, At, EndAt, Source ?? "", Data);
    }
}
