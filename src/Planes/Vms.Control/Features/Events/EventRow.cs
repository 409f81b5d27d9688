using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Features.Events;

/// <summary>A row of <c>control.event</c> with the names it is shown with.</summary>
internal static class EventRow
{
    private const string Head = "e.id, e.type, e.camera_id, c.name, e.site_id, s.name, e.at, e.end_at, e.source";
    private const string Pictures = "e.crop is not null, case when e.snapshot is not null then coalesce(e.snapshot ->> 'cameraId', e.camera_id) end, e.snapshot";

    /// <summary>Without the way of an object and its picture: those who want them ask for the one event.</summary>
    public const string Columns = $"{Head}, e.data - 'path', {Pictures}";

    /// <summary>The same of one event, with the way of its object.</summary>
    public const string ColumnsWithPath = $"{Head}, e.data, {Pictures}";

    /// <summary>Whoever selects more finds it behind them.</summary>
    public const int ColumnCount = 13;

    public const string From = "control.event e left join control.camera c on c.id = e.camera_id left join control.site s on s.id = e.site_id";

    public static EventView Read(NpgsqlDataReader row)
    {
        using var document = JsonDocument.Parse(row.GetString(9));
        var data = document.RootElement.Clone();
        var (id, at) = (row.GetString(0), row.Time(6));
        return new EventView(
            id, row.GetString(1), row.StringOrNull(2), row.StringOrNull(3), row.StringOrNull(4), row.StringOrNull(5), at, row.TimeOrNull(7), row.GetString(8),
            Text(data, "class"), Number(data, "confidence"), Numbers(data, "box", 4), Text(data, "zone"), Text(data, "line"), Text(data, "plate"),
            row.StringOrNull(11) is { } shown ? EventAddress.Of(shown, id, at, "snapshot.jpg") : null,
            row.StringOrNull(12) is { } snapshot ? JsonSerializer.Deserialize<EventSnapshot>(snapshot, JsonSerializerOptions.Web) : null,
            row.GetBoolean(10) && row.StringOrNull(2) is { } camera ? EventAddress.Of(camera, id, at, "crop.jpg") : null, data);
    }

    /// <summary>The same event as it was told before, when this was its data.</summary>
    public static EventView Before(EventView now, string dataJson)
    {
        using var document = JsonDocument.Parse(dataJson);
        var data = document.RootElement.Clone();
        return now with
        {
            Class = Text(data, "class"),
            Confidence = Number(data, "confidence"),
            Box = Numbers(data, "box", 4),
            Zone = Text(data, "zone"),
            Line = Text(data, "line"),
            Plate = Text(data, "plate"),
            Data = data,
        };
    }

    public static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static double? Number(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static double[]? Numbers(JsonElement data, string name, int count) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == count
        && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(v => v.GetDouble())]
            : null;
}
