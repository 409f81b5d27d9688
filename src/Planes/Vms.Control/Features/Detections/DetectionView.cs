using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Features.Events;

namespace Vms.Control.Features.Detections;

/// <summary>An object that analytics followed through a camera's picture, from when it was sure enough of it.</summary>
/// <param name="Id">Of its event.</param>
/// <param name="At">When it was seen first; with the id it names the detection.</param>
/// <param name="EndAt">When it was seen last; null: it is still there, or nobody has said so.</param>
/// <param name="VehicleType">car, truck, bus, motorcycle, bicycle; null for what is no vehicle.</param>
/// <param name="Path">Where its feet, or wheels, were: milliseconds since the beginning, and parts of the picture's width and height.</param>
/// <param name="ModelHash">SHA-256 of the model that saw it.</param>
/// <param name="State">new, confirmed or false: what a person said of it.</param>
/// <param name="MatchedAt">When it first crossed the line, or was in the zone, that was asked for; null: none was.</param>
internal sealed record DetectionView(
    string Id, string Type, string CameraId, string? CameraName, string? SiteId, string? SiteName, DateTimeOffset At, DateTimeOffset? EndAt, string? Class, string? VehicleType,
    double? Confidence, IReadOnlyList<double>? Box, string? Plate, string? PlateCountry, string? TrackId, string? ModelHash, JsonElement? Path, string? CropUrl, string? SnapshotUrl,
    string State, string? ReviewedBy, DateTimeOffset? ReviewedAt, DateTimeOffset? MatchedAt)
{
    /// <summary>What stays and what is taken away are no objects of their own.</summary>
    public const string IsOne = "starts_with(e.type, 'object.') and e.type not in ('object.left', 'object.removed') and e.camera_id is not null";

    private const string Own = "e.data -> 'path', coalesce(e.review, 'new'), e.reviewed_by, e.reviewed_at";

    /// <summary>Where no line and no zone is asked for.</summary>
    public const string Columns = $"{EventRow.Columns}, {Own}, null::timestamptz";

    /// <summary>With <see cref="DetectionQuery.ValuesOf"/> as parameters.</summary>
    public const string ColumnsOfQuery = $"{EventRow.Columns}, {Own}, {DetectionQuery.MatchedAt}";

    public static DetectionView Read(NpgsqlDataReader row)
    {
        const int own = EventRow.ColumnCount;
        var seen = EventRow.Read(row);
        JsonElement? path = null;
        if (row.StringOrNull(own) is { } text)
        {
            using var document = JsonDocument.Parse(text);
            path = document.RootElement.Clone();
        }

        return new DetectionView(
            seen.Id, seen.Type, seen.CameraId!, seen.CameraName, seen.SiteId, seen.SiteName, seen.At, seen.EndAt, seen.Class, seen.Type == "object.vehicle" ? seen.Class : null,
            seen.Confidence, seen.Box, seen.Plate, EventRow.Text(seen.Data, "plateCountry"), EventRow.Text(seen.Data, "trackId") ?? EventRow.Number(seen.Data, "trackId")?.ToString("0", System.Globalization.CultureInfo.InvariantCulture),
            EventRow.Text(seen.Data, "modelHash"), path, seen.CropUrl, seen.SnapshotUrl, row.GetString(own + 1), row.StringOrNull(own + 2), row.TimeOrNull(own + 3), row.TimeOrNull(own + 4));
    }
}
