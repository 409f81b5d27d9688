using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Events;

/// <summary>A row of <c>control.event</c> with the names it is shown with.</summary>
internal static class EventRow
{
    public const string Columns = "e.id, e.type, e.camera_id, c.name, e.site_id, s.name, e.at, e.end_at, e.source, e.data";

    /// <summary>Whoever selects more finds it behind them.</summary>
    public const int ColumnCount = 10;

    public const string From = "control.event e left join control.camera c on c.id = e.camera_id left join control.site s on s.id = e.site_id";

    public static EventView Read(NpgsqlDataReader row)
    {
        using var data = JsonDocument.Parse(row.GetString(9));
        return new EventView(
            row.GetString(0), row.GetString(1), row.StringOrNull(2), row.StringOrNull(3), row.StringOrNull(4), row.StringOrNull(5),
            row.Time(6), row.TimeOrNull(7), row.GetString(8), data.RootElement.Clone());
    }
}
