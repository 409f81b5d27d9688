using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Cameras;
using Vms.Control.Federation;
using Vms.Control.Reconciliation;
using Vms.Hosting;

namespace Vms.Control.Features.Servers;

/// <summary>GET /api/federated/cameras: of this and of all other servers, by name. For whoever may see all cameras of the first tenant: another server knows our
/// key, and nothing of who may see what here.</summary>
internal static class ListFederatedCameras
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 1000;
    private const int MaxQueryLength = 64;

    /// <summary>Asked for at once, and how often: 5,000 of one server.</summary>
    private const int PageSize = 500;
    private const int MaxPages = 10;

    /// <summary>A camera of one of the servers.</summary>
    /// <param name="Id">Unique on its server.</param>
    public sealed record View(
        ServerName Server, string Id, string Name, bool Enabled, string SiteId, string State, string? StateReason, DateTimeOffset? StateSince, string RecordingState,
        IReadOnlyList<StreamView> Streams)
    {
        /// <summary>Stands where the last one of the page before stood.</summary>
        public static View Last(string[] key) => new(new ServerName("", key[1]), key[2], key[0], false, "", "", null, null, "", []);
    }

    private static readonly Comparer<View> s_order = Comparer<View>.Create((a, b) =>
        string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase) is not 0 and var byName ? byName
        : string.Compare(a.Server.Name, b.Server.Name, StringComparison.OrdinalIgnoreCase) is not 0 and var byServer ? byServer
        : string.CompareOrdinal(a.Id, b.Id));

    /// <param name="Items">At most as many as were asked for, of all servers together.</param>
    /// <param name="Servers">What became of each one's part; one that did not answer is named here.</param>
    public sealed record Response(IReadOnlyList<View> Items, string? NextCursor, IReadOnlyList<ServerPart> Servers);

    public static void Map(RouteGroupBuilder federated) =>
        federated.MapGet("/cameras", HandleAsync).WithName(nameof(ListFederatedCameras)).WithSummary("List the cameras of this and all other servers by name.").Needs(Permissions.CamerasRead, Scope.Tenant).ProducesProblem(400);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        string? q, int? limit, string? cursor, HttpContext context, FederatedQuery query, DesiredState desired, CameraStates states, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
            return Problems.Fields(new FieldProblem("limit", "outOfRange", $"Use 1 to {MaxLimit}"));
        if (q?.Length > MaxQueryLength)
            return Problems.Fields(new FieldProblem("q", "tooLong", $"Use at most {MaxQueryLength} characters"));
        if (!Cursor.TryParse(cursor, parts: 3, out var after))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));
        var (caller, take) = (Caller.Of(context), limit ?? DefaultLimit);
        bool Matches(string? name) => string.IsNullOrWhiteSpace(q) || name?.Contains(q.Trim(), StringComparison.OrdinalIgnoreCase) == true;

        var (found, servers) = await query.AskAsync(
            () => Task.FromResult(new FederatedQuery.Part<Theirs>(
                [
                    .. from c in desired.Cameras?.Values ?? []
                       where Matches(c.Row.Settings.Name) && caller.Rights.Allows(Permissions.CamerasRead, c.Row.Id)
                       select Theirs.Of(c.Row, states.Of(c.Row)),
                ],
                Truncated: false)),
            (peer, deadline) => AskAsync(peer, Matches, deadline, cancellationToken),
            others: caller.TenantId == Tenants.First, cancellationToken);
        var rows = found.SelectMany(f => f.Items.Select(c => c.At(f.Server))).Order(s_order)
            .SkipWhile(c => after is not null && s_order.Compare(c, View.Last(after)) <= 0).Take(take + 1).ToList();
        var page = Page.Of(rows, take, c => c, last => Cursor.Of(last.Name, last.Server.Name, last.Id));
        return TypedResults.Ok(new Response(page.Items, page.NextCursor, servers));
    }

    /// <summary>Page after page while there is time. What came is shown, also when the next page does not.</summary>
    private static async Task<PeerAnswer<FederatedQuery.Part<Theirs>>> AskAsync(Peer peer, Func<string?, bool> matches, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var items = new List<Theirs>();
        string? cursor = null;
        var took = TimeSpan.Zero;
        for (var page = 0; page < MaxPages; page++)
        {
            var answer = await peer.GetAsync<Page<Theirs>>(
                $"/api/cameras?limit={PageSize}{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", deadline, cancellationToken);
            took += answer.Took;
            if (answer.Value is not { } some)
                return new(answer.State, new FederatedQuery.Part<Theirs>(items, Truncated: true), answer.Code, answer.Detail, answer.Status, took);
            items.AddRange((some.Items ?? []).Where(c => c is { Id: not null, Name: not null } && matches(c.Name)).Take(PageSize));
            cursor = some.NextCursor;
            if (cursor is null)
                break;
        }

        return new(PeerStates.Answered, new FederatedQuery.Part<Theirs>(items, Truncated: cursor is not null), null, null, 200, took);
    }

    /// <summary>A camera as every server shows it, of that what is shown here.</summary>
    private sealed record Theirs(
        string Id, string Name, bool Enabled, string? SiteId, string? State, string? StateReason, DateTimeOffset? StateSince, RecordingOf? Recording, IReadOnlyList<StreamView>? Streams)
    {
        public static Theirs Of(CameraRow row, CameraState state) => new(
            row.Id, row.Settings.Name, row.Settings.Enabled, row.Settings.SiteId, state.State, state.StateReason, state.StateSince, new RecordingOf(state.Recording.State), state.Streams);

        public View At(ServerName server) => new(
            server, Id, Name, Enabled, SiteId ?? "", State ?? "offline", StateReason, StateSince, Recording?.State ?? "off", Streams ?? []);
    }

    private sealed record RecordingOf(string? State);
}
