using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Events;
using Vms.Control.Features.Cameras;
using Vms.Control.FrontDoor.Limits;
using Vms.Hosting;

namespace Vms.Control.Features.Events;

/// <summary>
/// POST /api/events: another program reports what happened, and cameras that record around events record it. Answered when the event stream has it;
/// it is in GET /api/events a moment later. Sent again with the same id and time it is the same event, which may have gone on or ended.
/// </summary>
internal static partial class ReportEvent
{
    private const int MaxTypeLength = 64;
    private const int MaxIdLength = 48;
    private const int MaxDataBytes = 8 * 1024;

    /// <summary>Events of a camera that belongs to no site, and of none.</summary>
    internal const string DefaultSite = "default";

    private static readonly TimeSpan s_oldest = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_ahead = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_publishDeadline = TimeSpan.FromSeconds(4);

    /// <param name="Type">Dotted words: motion, object.person, door.opened. The system's own (camera.…, recording.…) are taken.</param>
    /// <param name="At">When it began; now when absent, which it may be without an id.</param>
    /// <param name="EndAt">When it was over, or will be, at most an hour from now; absent for what has no length.</param>
    /// <param name="Ongoing">It goes on: for a minute, unless that is said again with the same id and time, or it is ended with endAt.</param>
    /// <param name="Id">The reporting program's own, by which it is known again; up to 48 letters, digits and . _ : -</param>
    /// <param name="Data">What else there is to say; up to 8 KiB.</param>
    public sealed record Request(
        string? Type = null, string? CameraId = null, DateTimeOffset? At = null, DateTimeOffset? EndAt = null, bool Ongoing = false, string? Id = null,
        JsonElement? Data = null);

    /// <param name="Id">In GET /api/events.</param>
    public sealed record Reported(string Id);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/api/events", Handle).WithName(nameof(ReportEvent)).WithSummary("Report an event; cameras that record around events record it.").WithTags("Events")
            .Needs(Permissions.EventsWrite, Scope.Cameras).CountsAs(RateClass.Event)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<Results<Accepted<Reported>, ProblemHttpResult>> Handle(
        Request request, HttpContext context, NpgsqlDataSource database, BusConnection bus, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var at = request.At?.ToUniversalTime() ?? now;
        var endAt = request.EndAt?.ToUniversalTime();
        var problems = ProblemsOf(request, at, endAt, now);
        var caller = Caller.Of(context);
        var site = DefaultSite;
        if (request.CameraId is { } cameraId)
        {
            if (EventText.IsStorable(cameraId) && caller.Rights.Allows(Permissions.EventsWrite, cameraId) && await CameraRow.FindAsync(database, cameraId, cancellationToken) is { Settings: var settings })
                site = settings.SiteId;
            else
                problems.Add(new FieldProblem("cameraId", "cameraNotFound", "There is no such camera"));
        }
        else if (caller.TenantId != Tenants.First || !caller.Rights.AllowsTenant(Permissions.EventsWrite))
        {
            problems.Add(new FieldProblem("cameraId", "required", "Name the camera: what happens elsewhere is not yours to report"));
        }

        if (problems.Count > 0)
            return Problems.Fields(problems);

        var by = caller.Name;
        var actor = Actor.Of(context);
        // Names of keys are a tenant's own; ids of events are not.
        var space = caller.Principal!.IsApiKey ? caller.Principal.Id.ToString() : by;
        var id = request.Id is { } own ? $"{space}/{own}" : Guid.CreateVersion7(now).ToString();
        var type = request.Type!;
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new { id, type, request.CameraId, at, endAt, request.Ongoing, source = by, data = (object?)request.Data ?? new { } }, JsonSerializerOptions.Web);

        // Neither without the other: what the event stream refuses is not on record.
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // What is repeated to keep an event going is noted once; without an id of its own it is no repetition.
        var detail = new { id, type, at };
        await (request.Id is null
            ? AuditLog.AddAsync(connection, now, actor, "event.reported", request.CameraId ?? "", detail, cancellationToken)
            : AuditLog.AddReportOnceAsync(connection, now, actor, request.CameraId ?? "", id, detail, cancellationToken));
        if (!await TryPublishAsync(bus, BusLayout.EventSubject(site, request.CameraId, type), payload, MessageIdOf(id, at, endAt, request.Ongoing ? now : null), time, cancellationToken))
        {
            context.Response.Headers.RetryAfter = "2";
            return Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "busUnavailable", "The event stream is not available", "It comes back by itself. Send the event again, with its id.");
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Accepted((string?)null, new Reported(id));
    }

    internal static List<FieldProblem> ProblemsOf(Request request, DateTimeOffset at, DateTimeOffset? endAt, DateTimeOffset now)
    {
        var problems = new List<FieldProblem>();
        if (string.IsNullOrEmpty(request.Type))
            problems.Add(new FieldProblem("type", "required", "Say what happened"));
        else if (request.Type.Length > MaxTypeLength || !DottedWords().IsMatch(request.Type))
            problems.Add(new FieldProblem("type", "invalidValue", $"Use one to four words with dots between, at most {MaxTypeLength} characters: door.opened"));
        else if (BusLayout.IsOwnEvent(request.Type))
            problems.Add(new FieldProblem("type", "reserved", "The system tells this about itself. Use another first word"));
        if (at < now - s_oldest || at > now + s_ahead)
            problems.Add(new FieldProblem("at", "outOfRange", $"Use a time of the last {s_oldest.Days} days"));
        if (endAt < at || endAt > now + s_longest)
            problems.Add(new FieldProblem("endAt", "outOfRange", "Use a time behind the beginning, at most an hour from now; report it again when it goes on"));
        if (request.Ongoing && endAt is not null)
            problems.Add(new FieldProblem("ongoing", "invalidValue", "It goes on, or it has an end"));
        if (request.Id is not null && request.At is null)
            problems.Add(new FieldProblem("at", "required", "An event with an id of its own has a time: together they are it"));
        if (request.Id is not null && !OwnId().IsMatch(request.Id))
            problems.Add(new FieldProblem("id", "invalidValue", $"Use 1 to {MaxIdLength} letters, digits and . _ : -"));
        if (request.Data is { } data && (data.ValueKind != JsonValueKind.Object || Encoding.UTF8.GetByteCount(data.GetRawText()) > MaxDataBytes))
            problems.Add(new FieldProblem("data", "invalidValue", $"Use an object of at most {MaxDataBytes} bytes"));
        else if (request.Data is { } said && !EventText.IsStorable(said))
            problems.Add(new FieldProblem("data", "invalidValue", "It holds a NUL, half of a character, or a number that is too long or too large"));
        else if (request.Data is { } found && EventText.TooLong(found) is var (name, most))
            problems.Add(new FieldProblem("data." + name, "tooLong", $"Use at most {most} characters: events are found by it"));
        return problems;
    }

    internal static async Task<bool> TryPublishAsync(
        BusConnection bus, string subject, byte[] payload, string messageId, TimeProvider time, CancellationToken cancellationToken)
    {
        if (bus.State != BusState.Connected)
            return false;
        using var deadline = new CancellationTokenSource(s_publishDeadline, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await bus.JetStream.PublishAsync(subject, payload, messageId, limit.Token);
            return true;
        }
        catch (Exception e) when (e is BusException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>A repeated request is one message; that something goes on is said again each time.</summary>
    internal static string MessageIdOf(string id, DateTimeOffset at, DateTimeOffset? endAt, DateTimeOffset? saidAt) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}/{at.UtcTicks}/{endAt?.UtcTicks}/{saidAt?.UtcTicks}")).AsSpan(0, 16)).ToString();

    [GeneratedRegex(@"^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*){0,3}\z")]
    private static partial Regex DottedWords();

    [GeneratedRegex(@"^[A-Za-z0-9._:-]{1,48}\z")]
    private static partial Regex OwnId();
}
