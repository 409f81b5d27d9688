using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Alarms;

/// <content>So that they do not grow without end.</content>
internal static partial class AlarmRow
{
    /// <summary>Of one rule, that are not closed: nobody looks through more.</summary>
    public const int MaxNotClosed = 1000;

    /// <summary>As it stands where a user's name would.</summary>
    private const string System = "system";

    /// <summary>Closes the oldest of each rule that has more than <see cref="MaxNotClosed"/>, and says so in them.</summary>
    /// <returns>How many.</returns>
    public static Task<int> CloseManyAsync(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken) => database.ExecuteAsync("""
        update control.alarm set state = 'closed', closed_by = $2, closed_at = $3, acknowledged_by = coalesce(acknowledged_by, $2), acknowledged_at = coalesce(acknowledged_at, $3),
            escalate_at = null, comments = comments || $4::jsonb, updated_at = $3
        where state <> 'closed' and id in (
            select id from (select id, row_number() over (partition by rule_id order by at desc, id desc) as place from control.alarm where state <> 'closed') n where place > $1)
        """,
        [
            MaxNotClosed, System, now,
            JsonSerializer.Serialize<AlarmComment[]>([new AlarmComment(System, now, $"Closed: its rule has more than {MaxNotClosed} newer alarms that nobody closed")], JsonSerializerOptions.Web),
        ], cancellationToken);

    /// <summary>Forgets some that were closed before.</summary>
    /// <returns>How many.</returns>
    public static Task<int> DeleteClosedAsync(NpgsqlDataSource database, DateTimeOffset before, int most, CancellationToken cancellationToken) => database.ExecuteAsync(
        "delete from control.alarm where id in (select id from control.alarm where state = 'closed' and closed_at < $1 limit $2)", [before, most], cancellationToken);
}
