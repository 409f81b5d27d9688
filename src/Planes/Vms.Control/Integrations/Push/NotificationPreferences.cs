using System.Globalization;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;

namespace Vms.Control.Integrations.Push;

/// <summary>How a user wants to be told.</summary>
internal sealed record NotificationPreferences
{
    /// <summary>On the browsers that have subscribed, also when none is open.</summary>
    public bool Push { get; init; } = true;

    /// <summary>In the windows of the web client that are open.</summary>
    public bool Desktop { get; init; } = true;

    /// <summary>Types of events: <c>line.crossed</c>, <c>object.*</c>; empty: all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Of these alone, and of what belongs to no camera; empty: of all.</summary>
    public IReadOnlyList<string> CameraIds { get; init; } = [];

    /// <summary>Null: at any time.</summary>
    public QuietHours? Quiet { get; init; }

    /// <summary>Types of events that are told in quiet hours, too; empty: none.</summary>
    public IReadOnlyList<string> Through { get; init; } = [];

    public bool Want(string type, string? cameraId, DateTimeOffset now) =>
        EventTypes.Match(Types, type) && (CameraIds.Count == 0 || cameraId is null || CameraIds.Contains(cameraId))
            && (Quiet?.Contains(now) != true || (Through.Count > 0 && EventTypes.Match(Through, type)));

    public static async Task<NotificationPreferences> ReadAsync(NpgsqlDataSource database, Guid accountId, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select settings from control.notification_preference where account_id = $1", accountId);
        return await command.FirstAsync(r => JsonSerializer.Deserialize<NotificationPreferences>(r.GetString(0), JsonSerializerOptions.Web)!, cancellationToken) ?? new();
    }
}

/// <summary>Hours in which a user is not told.</summary>
/// <param name="From">HH:mm on the wall clock of the zone.</param>
/// <param name="To">HH:mm; not behind From: on the day after.</param>
/// <param name="TimeZone">IANA name, as Europe/Berlin.</param>
/// <param name="Days">On which they begin: mon tue wed thu fri sat sun; empty: each day.</param>
internal sealed record QuietHours(string? From, string? To, string? TimeZone, IReadOnlyList<string>? Days)
{
    private static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static bool IsDay(string text) => s_days.Contains(text);

    public static bool TryParseTime(string? text, out TimeOnly time) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    /// <summary>Of checked ones.</summary>
    public bool Contains(DateTimeOffset now)
    {
        if (!TryParseTime(From, out var from) || !TryParseTime(To, out var to) || !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone ?? "", out var zone))
            return false;
        var there = TimeZoneInfo.ConvertTime(now, zone);
        var time = TimeOnly.FromTimeSpan(there.TimeOfDay);
        if (from < to)
            return time >= from && time < to && BeginsOn(there.DayOfWeek);
        return time >= from ? BeginsOn(there.DayOfWeek) : time < to && BeginsOn(there.AddDays(-1).DayOfWeek);
    }

    private bool BeginsOn(DayOfWeek day) => Days is not { Count: > 0 } || Days.Contains(s_days[(int)day]);
}
