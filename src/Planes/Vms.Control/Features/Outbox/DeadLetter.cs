using System.Globalization;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Outbox;

/// <summary>Something that did not arrive, as the API shows it.</summary>
/// <param name="Channel">webhook, email, mqtt, …</param>
/// <param name="Target">Of the channel: a webhook's id, an address, …</param>
/// <param name="Body">What was to be told.</param>
internal sealed record DeadLetter(
    string Id, string Channel, string Target, string EventId, DateTimeOffset EventAt, string? RuleId, int Attempts, string Error, DateTimeOffset CreatedAt, DateTimeOffset DeadAt,
    JsonElement Body)
{
    public const string Columns = "seq, channel, target, event_id, event_at, rule_id, attempts, last_error, created_at, finished_at, body";

    public static DeadLetter Read(NpgsqlDataReader row)
    {
        using var body = JsonDocument.Parse(row.GetString(10));
        return new DeadLetter(
            row.GetInt64(0).ToString(CultureInfo.InvariantCulture), row.GetString(1), row.GetString(2), row.GetString(3), row.Time(4),
            row.GetString(5) is { Length: > 0 } rule ? rule : null, row.GetInt32(6), row.StringOrNull(7) ?? "", row.Time(8), row.Time(9), body.RootElement.Clone());
    }

    /// <summary>-1, which is no letter's, for what is no number.</summary>
    public static long SeqOf(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : -1;
}
