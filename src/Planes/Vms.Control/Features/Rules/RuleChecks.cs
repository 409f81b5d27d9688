using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Integrations.Mqtt;
using Vms.Hosting;

namespace Vms.Control.Features.Rules;

/// <summary>What a rule may say.</summary>
internal static class RuleChecks
{
    /// <summary>Of one tenant: each is compared with every event.</summary>
    public const int MaxRules = 500;

    private const int MaxName = 100;
    private const int MaxItems = 200;
    private const int MaxWord = 100;
    private const int MaxActions = 16;
    private const int MaxEscalations = 8;
    private const int MaxCooldown = 86_400;
    private const int MaxRecord = 3600;
    private const int MaxPreRoll = 60;
    private const int MaxAddress = 254;

    private static readonly string[] s_actions = ["snapshot", "record", "bookmark", "alarm", "webhook", "mqtt", "email", "push", "ptz", "relay", "sound"];
    private static readonly string[] s_severities = ["info", "warning", "critical"];
    private static readonly string[] s_sounds = ["chime", "beep", "siren"];
    private static readonly string[] s_channels = ["email", "push", "webhook", "mqtt"];

    private static readonly string s_topic =
        $"Use a topic of at most {MqttChannel.MaxTopicLength} characters without wildcards and without a level 'command'; it is published below rules/";

    /// <returns>The checked settings; they count only when there are no problems.</returns>
    public static RuleSettings Check(RuleRequest request, List<FieldProblem> problems)
    {
        var name = request.Name?.Trim();
        if (string.IsNullOrEmpty(name))
            problems.Add(new FieldProblem("name", "required", "The rule needs a name"));
        else if (name.Length > MaxName || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxName} printable characters"));
        if (request.CooldownSeconds is < 0 or > MaxCooldown)
            problems.Add(new FieldProblem("cooldownSeconds", "outOfRange", $"Use 0 to {MaxCooldown} seconds"));
        var when = request.When ?? new RuleCondition();
        Check(when, problems);
        var actions = request.Actions ?? [];
        if (actions.Count > MaxActions)
            problems.Add(new FieldProblem("actions", "tooMany", $"Use at most {MaxActions} actions"));
        for (var i = 0; i < Math.Min(actions.Count, MaxActions); i++)
            Check(actions[i], $"actions[{i}]", problems);
        return new RuleSettings(request.SiteId, when, request.CooldownSeconds ?? 0, actions);
    }

    /// <summary>That everything it names is the caller's tenant's.</summary>
    /// <returns>Null when it is.</returns>
    public static async Task<ProblemHttpResult?> CheckPlacesAsync(NpgsqlConnection connection, string tenantId, RuleSettings settings, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var cameras = (settings.When.CameraIds ?? []).Concat(settings.Actions.Select(a => a.CameraId).OfType<string>()).ToArray();
        if (await MissingAsync("select id from control.camera where tenant_id = $1 and deleted_at is null and id = any($2)", cameras) is { } camera)
        {
            var field = settings.When.CameraIds?.Contains(camera) == true ? "when.cameraIds" : $"actions[{settings.Actions.ToList().FindIndex(a => a.CameraId == camera)}].cameraId";
            problems.Add(new FieldProblem(field, "cameraNotFound", "There is no such camera"));
        }

        if (await MissingAsync("select id from control.camera_group where tenant_id = $1 and id = any($2)", [.. settings.When.GroupIds ?? []]) is not null)
            problems.Add(new FieldProblem("when.groupIds", "groupNotFound", "There is no such group"));
        if (settings.SiteId is { } site && await MissingAsync("select id from control.site where tenant_id = $1 and deleted_at is null and id = any($2)", [site]) is not null)
            problems.Add(new FieldProblem("siteId", "siteNotFound", "There is no such site"));
        return problems.Count > 0 ? Problems.Fields(problems) : null;

        async Task<string?> MissingAsync(string sql, string[] ids)
        {
            if (ids.Length == 0)
                return null;
            await using var command = connection.Command(sql, tenantId, ids);
            return ids.Except(await command.RowsAsync(r => r.GetString(0), cancellationToken)).FirstOrDefault();
        }
    }

    private static void Check(RuleCondition when, List<FieldProblem> problems)
    {
        if (when.Types is not { Count: > 0 })
            problems.Add(new FieldProblem("when.types", "required", "Say which events: motion, line.crossed, object.*"));
        foreach (var (field, words) in ((string, IReadOnlyList<string>?)[])
                 [
                     ("types", when.Types), ("cameraIds", when.CameraIds), ("groupIds", when.GroupIds), ("classes", when.Classes), ("zones", when.Zones), ("lines", when.Lines),
                 ])
        {
            if (words is { Count: > MaxItems } || words?.Any(w => w is not { Length: > 0 and <= MaxWord } || w.Any(char.IsControl) || w.Any(char.IsSurrogate)) == true)
                problems.Add(new FieldProblem("when." + field, "invalidValue", $"Use at most {MaxItems} texts of 1 to {MaxWord} printable characters"));
        }

        if (when.Types?.Any(t => t?.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && (star != t.Length - 1 || (t.Length > 1 && t[^2] != '.'))) == true)
            problems.Add(new FieldProblem("when.types", "invalidValue", "A star stands for the last words of a type: object.*"));
        if (when.MinConfidence is < 0 or > 1 or double.NaN)
            problems.Add(new FieldProblem("when.minConfidence", "outOfRange", "Use 0 to 1"));
        if (when.Plates is { } plates && (plates.Length is 0 or > MaxWord || plates.Any(char.IsControl) || plates.Any(char.IsSurrogate)))
            problems.Add(new FieldProblem("when.plates", "invalidValue", "Use list:NAME, or a plate in which * and ? stand for anything"));
        RuleWeek.Check(when.Schedule, problems);
        if (when.Expression is { Length: > 0 } expression && RuleExpression.TryParse(expression, out var problem) is null)
            problems.Add(new FieldProblem("when.expression", "invalidExpression", problem!));
    }

    private static void Check(RuleAction? action, string field, List<FieldProblem> problems)
    {
        if (action?.Type is not { } type || !s_actions.Contains(type))
        {
            problems.Add(new FieldProblem(field + ".type", "invalidValue", $"Use one of {string.Join(' ', s_actions)}"));
            return;
        }

        void Refuse(bool isWrong, string name, string code, string message)
        {
            if (isWrong)
                problems.Add(new FieldProblem($"{field}.{name}", code, message));
        }

        static bool IsWord(string? text, int most = MaxWord) => text is { Length: > 0 } && text.Length <= most && !text.Any(char.IsControl) && !text.Any(char.IsSurrogate);
        Refuse(action.CameraId is not null && !IsWord(action.CameraId), "cameraId", "cameraNotFound", "There is no such camera");
        Refuse(action.Title is not null && !IsWord(action.Title, 200), "title", "tooLong", "Use 1 to 200 printable characters");
        switch (type)
        {
            case "record":
                Refuse(action.Seconds is < 1 or > MaxRecord, "seconds", "outOfRange", $"Use 1 to {MaxRecord} seconds");
                Refuse(action.PreRoll is < 0 or > MaxPreRoll, "preRoll", "outOfRange", $"Use 0 to {MaxPreRoll} seconds");
                break;
            case "alarm":
                Refuse(action.Severity is { } severity && !s_severities.Contains(severity), "severity", "invalidValue", $"Use one of {string.Join(' ', s_severities)}");
                Refuse(action.Escalation is { Count: > MaxEscalations }, "escalation", "tooMany", $"Use at most {MaxEscalations} steps");
                foreach (var step in action.Escalation?.Take(MaxEscalations) ?? [])
                {
                    Refuse(step?.AfterMinutes is not (>= 1 and <= 10_080), "escalation", "outOfRange", "Use 1 to 10080 minutes in each step");
                    Refuse(step?.Channel is not { } channel || !s_channels.Contains(channel), "escalation", "invalidValue", $"Use one of {string.Join(' ', s_channels)} in each step");
                    Refuse(!IsWord(step?.Target, MaxAddress), "escalation", "required", "Say in each step whom it is for");
                    Refuse(step is { Channel: "mqtt", Target: { } topic } && !MqttChannel.IsTarget(topic), "escalation", "invalidValue", s_topic);
                }

                break;
            case "webhook":
                Refuse(!IsWord(action.WebhookId), "webhookId", "required", "Say which webhook");
                break;
            case "mqtt":
                Refuse(action.Topic is not null && !MqttChannel.IsTarget(action.Topic), "topic", "invalidValue", s_topic);
                break;
            case "email":
                Refuse(action.To is not { Count: > 0 and <= 20 } || action.To.Any(t => !IsWord(t, MaxAddress) || t.Count(c => c == '@') != 1), "to", "invalidValue", "Use 1 to 20 addresses");
                break;
            case "push":
                Refuse(action.To is { Count: > 20 } || action.To?.Any(t => !IsWord(t)) == true, "to", "invalidValue", "Use at most 20 names of users");
                break;
            case "ptz":
                Refuse(!IsWord(action.Preset, Ptz.PresetEdits.MaxToken), "preset", "required", "Say which preset");
                break;
            case "relay":
                Refuse(!IsWord(action.Relay), "relay", "required", "Say which relay");
                break;
            case "sound":
                Refuse(action.Sound is { } sound && !s_sounds.Contains(sound), "sound", "invalidValue", $"Use one of {string.Join(' ', s_sounds)}");
                break;
        }
    }
}
