using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>GET /api/nvrs/{id}/channels/{channel}/recordings: what the recorder itself has of a channel, asked now.</summary>
internal static class ListNvrRecordings
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(31);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Without a break, oldest first.</summary>
    public sealed record Stretch(DateTimeOffset From, DateTimeOffset To);

    public static void Map(RouteGroupBuilder nvrs) =>
        nvrs.MapGet("/{id}/channels/{channel}/recordings", Handle).WithName(nameof(ListNvrRecordings)).WithSummary("List what a recorder has recorded of a channel.")
            .Needs(Permissions.RecordingsRead).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(502);

    private static async Task<Results<Ok<Page<Stretch>>, ProblemHttpResult>> Handle(
        string id, string channel, DateTimeOffset? from, DateTimeOffset? to, string? cursor, HttpContext context, NpgsqlDataSource database, NvrConnector connector, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await NvrRow.FindAsync(database, Caller.Of(context), Permissions.RecordingsRead, id, cancellationToken) is not { } row)
            return NvrProblems.NotFound();
        if (row.Channels.FirstOrDefault(c => c.Id == channel) is not { } told)
            return NvrProblems.ChannelNotFound();
        if (from is not { } begin || to is not { } end || end <= begin || end - begin > s_longest)
            return Problems.Fields(new FieldProblem("from", "outOfRange", $"Use from and to, at most {s_longest.Days} days apart"));

        if (!Cursor.TryParse(cursor, parts: 1, out var after) || (after is not null && !DateTimeOffset.TryParse(after[0], CultureInfo.InvariantCulture, out begin)))
            return Problems.Fields(new FieldProblem("cursor", "invalidCursor", "Pass nextCursor of the previous page unchanged"));

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            // Refused once, the password stays where it is until somebody changes it.
            if (row.State == NvrRow.Unauthorized)
                throw new DeviceException(DeviceFailure.BadCredentials, row.StateDetail ?? "It refused user and password");
            using var connection = await NvrAsking.OpenAsync(row, connector, database, time, deadline.Token);
            var found = await connection.Nvr.RecordingsAsync(told.Number, begin.ToUniversalTime(), end.ToUniversalTime(), deadline.Token);
            return TypedResults.Ok(new Page<Stretch>(
                [.. found.Items.Select(r => new Stretch(r.Start, r.End))],
                found.IsComplete || found.Items.Count == 0 ? null : Cursor.Of(found.Items[^1].End.ToString("O", CultureInfo.InvariantCulture))));
        }
        catch (DeviceException e)
        {
            return NvrProblems.Of(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NvrProblems.Of(new DeviceException(DeviceFailure.Unreachable, "The recorder took too long to answer"));
        }
    }
}
