namespace Vms.Control.Features.Rules;

/// <summary>A rule as it is asked for: when something like this happens, do that.</summary>
/// <param name="Enabled">Absent: yes.</param>
/// <param name="SiteId">Only there; absent: everywhere.</param>
/// <param name="CooldownSeconds">So long it does nothing for the same camera after it did something; absent: 0.</param>
internal sealed record RuleRequest(
    string? Name = null, bool? Enabled = null, string? SiteId = null, RuleCondition? When = null, int? CooldownSeconds = null, IReadOnlyList<RuleAction>? Actions = null);

/// <summary>What has to be true of an event: all of it. What is absent, or empty, is of no matter.</summary>
/// <param name="Types">Types of events, or the beginning of some: <c>line.crossed</c>, <c>object.*</c>. At least one.</param>
/// <param name="CameraIds">One of these, or in one of the groups.</param>
/// <param name="GroupIds">Camera groups, with those in them.</param>
/// <param name="Classes">person, car, truck, bus, motorcycle, bicycle, dog, …</param>
/// <param name="Zones">Names of zones.</param>
/// <param name="Lines">Names of lines.</param>
/// <param name="Plates"><c>list:NAME</c>, or a plate with * and ? for what may stand there. With an exclamation mark before it: not that.</param>
/// <param name="MinConfidence">0 to 1; an event that says nothing of it does not count.</param>
/// <param name="Expression">Over the event's fields: <c>data.confidence &gt; 0.9 and class in ('car', 'truck')</c>.</param>
internal sealed record RuleCondition(
    IReadOnlyList<string>? Types = null, IReadOnlyList<string>? CameraIds = null, IReadOnlyList<string>? GroupIds = null, IReadOnlyList<string>? Classes = null,
    IReadOnlyList<string>? Zones = null, IReadOnlyList<string>? Lines = null, string? Plates = null, double? MinConfidence = null, RuleSchedule? Schedule = null,
    string? Expression = null);

/// <param name="TimeZone">IANA name of the zone whose wall clock the spans are.</param>
/// <param name="Spans">In one of these; at least one.</param>
internal sealed record RuleSchedule(string? TimeZone = null, IReadOnlyList<RuleSpan>? Spans = null);

/// <param name="Days">mon tue wed thu fri sat sun: those on which it begins.</param>
/// <param name="From">HH:mm</param>
/// <param name="To">HH:mm, up to 24:00; not behind the beginning: on the next day.</param>
internal sealed record RuleSpan(IReadOnlyList<string>? Days = null, string? From = null, string? To = null);

/// <summary>What is done. Which fields count depends on the type.</summary>
/// <param name="Type">snapshot, record, bookmark, alarm, webhook, mqtt, email, push, ptz, relay or sound.</param>
/// <param name="CameraId">snapshot, record, ptz, relay: of which camera; absent: the event's.</param>
/// <param name="Seconds">record: how long after the event; absent: 30.</param>
/// <param name="PreRoll">record: seconds from before it; absent: the camera's own.</param>
/// <param name="Title">bookmark, alarm, email, push; absent: the rule's name.</param>
/// <param name="Severity">alarm: info, warning or critical; absent: warning.</param>
/// <param name="Escalation">alarm: who hears of it while nobody acknowledges it, one after the other.</param>
/// <param name="WebhookId">webhook: which one.</param>
/// <param name="Topic">mqtt: below the prefix of the broker's settings; absent: rules and the rule's id.</param>
/// <param name="To">email: addresses. push: names of users; absent: everybody who sees the camera.</param>
/// <param name="Preset">ptz: as the device calls it.</param>
/// <param name="Relay">relay: as the device calls it.</param>
/// <param name="Active">relay: absent: true.</param>
/// <param name="Sound">sound: chime, beep or siren; absent: chime.</param>
internal sealed record RuleAction(
    string? Type = null, string? CameraId = null, int? Seconds = null, int? PreRoll = null, string? Title = null, string? Severity = null,
    IReadOnlyList<EscalationStep>? Escalation = null, string? WebhookId = null, string? Topic = null, IReadOnlyList<string>? To = null, string? Preset = null,
    string? Relay = null, bool? Active = null, string? Sound = null);

/// <param name="AfterMinutes">Of an alarm that nobody acknowledged, since the step before or its beginning.</param>
/// <param name="Channel">email, push, webhook or mqtt.</param>
/// <param name="Target">An address, a user's name, a webhook's id or a topic.</param>
internal sealed record EscalationStep(int? AfterMinutes = null, string? Channel = null, string? Target = null);

/// <summary>What of a checked rule is stored beside its name.</summary>
internal sealed record RuleSettings(string? SiteId, RuleCondition When, int CooldownSeconds, IReadOnlyList<RuleAction> Actions);
