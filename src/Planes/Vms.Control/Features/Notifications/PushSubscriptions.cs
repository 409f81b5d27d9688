using System.Buffers.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Integrations.Push;
using Vms.Hosting;

namespace Vms.Control.Features.Notifications;

/// <summary>/api/notifications/subscriptions: one's own browsers that are told by web push.</summary>
internal static class PushSubscriptions
{
    private const int MaxEndpointLength = 2048;
    private const int MaxBrowserLength = 100;
    private const int PointBytes = 65;
    private const int AuthBytes = 16;

    /// <param name="Endpoint">Of the push service, as the browser's PushSubscription has it; https.</param>
    /// <param name="P256dh">The browser's public key: keys.p256dh.</param>
    /// <param name="Auth">keys.auth.</param>
    /// <param name="Browser">What to call it in the list.</param>
    public sealed record Request(string? Endpoint, string? P256dh, string? Auth, string? Browser);

    /// <param name="LastUsedAt">When something reached it last.</param>
    public sealed record View(string Id, string Browser, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
    {
        public static View Of(PushSubscriptionRow row) => new(row.Id.ToString(), row.Browser, row.CreatedAt, row.LastUsedAt);
    }

    /// <param name="PublicKey">For the browser's <c>applicationServerKey</c>.</param>
    public sealed record List(IReadOnlyList<View> Items, string? NextCursor, string PublicKey);

    public static void Map(RouteGroupBuilder notifications)
    {
        notifications.MapGet("/subscriptions", Get).WithName("ListPushSubscriptions").WithSummary("List one's own browsers that are told by web push, and the key to subscribe with.").NeedsSignIn();
        notifications.MapPost("/subscriptions", Add).WithName("AddPushSubscription").WithSummary("Have this browser told by web push.").NeedsSignIn()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);
        notifications.MapDelete("/subscriptions/{subscriptionId:guid}", Delete).WithName("DeletePushSubscription").WithSummary("Tell a browser nothing more.").NeedsSignIn().ProducesProblem(404);
    }

    private static async Task<Ok<List>> Get(HttpContext context, NpgsqlDataSource database, VapidKeys keys, CancellationToken cancellationToken)
    {
        var rows = await PushSubscriptionRow.OfAsync(database, Caller.Of(context).Principal!.Id, cancellationToken);
        return TypedResults.Ok(new List([.. rows.Select(View.Of)], null, keys.Public));
    }

    /// <summary>A browser that somebody else was signed in with is this one's now.</summary>
    private static async Task<Results<Created<View>, ProblemHttpResult>> Add(
        Request request, HttpContext context, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (request.Endpoint is not { Length: > 0 and <= MaxEndpointLength } || !Uri.TryCreate(request.Endpoint, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0)
            problems.Add(new FieldProblem("endpoint", "invalidValue", $"Use the subscription's endpoint: https, at most {MaxEndpointLength} characters"));
        if (!IsBytes(request.P256dh, PointBytes))
            problems.Add(new FieldProblem("p256dh", "invalidValue", "Use the subscription's keys.p256dh"));
        if (!IsBytes(request.Auth, AuthBytes))
            problems.Add(new FieldProblem("auth", "invalidValue", "Use the subscription's keys.auth"));
        var browser = request.Browser?.Trim() is { Length: > 0 } named ? named : "Browser";
        if (browser.Length > MaxBrowserLength || browser.Any(char.IsControl))
            problems.Add(new FieldProblem("browser", "tooLong", $"Use at most {MaxBrowserLength} printable characters"));
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (now, account) = (time.GetUtcNow(), Caller.Of(context).Principal!.Id);
        await using var command = database.Command($"""
            insert into control.push_subscription (id, account_id, endpoint, p256dh, auth, browser, created_at)
            select $1, $2, $3, $4, $5, $6, $7
            where (select count(*) from control.push_subscription where account_id = $2 and endpoint <> $3) < {PushSubscriptionRow.MaxSubscriptions}
            on conflict (endpoint) do update set account_id = excluded.account_id, p256dh = excluded.p256dh, auth = excluded.auth, browser = excluded.browser
            returning {PushSubscriptionRow.Columns}
            """, Guid.CreateVersion7(now), account, request.Endpoint, request.P256dh, request.Auth, browser, now);
        return await command.FirstAsync(PushSubscriptionRow.Read, cancellationToken) is { } row
            ? TypedResults.Created($"/api/notifications/subscriptions/{row.Id}", View.Of(row))
            : Problems.Of(StatusCodes.Status409Conflict, "tooManyBrowsers", "Too many browsers", $"There are {PushSubscriptionRow.MaxSubscriptions} of yours already: delete one that is not used.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid subscriptionId, HttpContext context, NpgsqlDataSource database, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("delete from control.push_subscription where id = $1 and account_id = $2", [subscriptionId, Caller.Of(context).Principal!.Id], cancellationToken) > 0
            ? TypedResults.NoContent()
            : Problems.NotFound("subscriptionNotFound", "There is no such browser of yours");

    private static bool IsBytes(string? text, int count) =>
        text is { Length: > 0 and <= 128 } && Base64Url.IsValid(text, out var length) && length == count;
}
