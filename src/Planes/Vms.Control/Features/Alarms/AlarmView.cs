using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Alarms;

/// <summary>An event that somebody has to acknowledge.</summary>
/// <param name="RuleName">As it was called when it raised the alarm.</param>
/// <param name="Severity">info, warning or critical.</param>
/// <param name="State">open, acknowledged or closed.</param>
/// <param name="AssignedTo">Name of a user; null: nobody's in particular.</param>
/// <param name="EscalateAt">Then somebody else is told, unless it is acknowledged.</param>
/// <param name="SnapshotUrl">The still that was taken for its event; null: none.</param>
internal sealed record AlarmView(
    string Id, string? RuleId, string RuleName, string EventId, DateTimeOffset EventAt, string EventType, string? CameraId, string? CameraName, string? SiteId,
    string Title, string Severity, string State, DateTimeOffset At, string? AssignedTo, string? AcknowledgedBy, DateTimeOffset? AcknowledgedAt, string? ClosedBy,
    DateTimeOffset? ClosedAt, IReadOnlyList<AlarmComment> Comments, DateTimeOffset? EscalateAt, string? SnapshotUrl, DateTimeOffset UpdatedAt) : IVersioned
{
    /// <summary>As the <c>ETag</c> of an answer about this one alone has it.</summary>
    public string Version => ItemVersion.Of(UpdatedAt);
}

internal sealed record AlarmComment(string By, DateTimeOffset At, string Text);
