using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.LiveFeed;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Rules;

/// <summary>What is to be done for a batch of events; told when it is committed.</summary>
internal sealed record RuleWork(IReadOnlyList<RuleFiring> Firings, IReadOnlyList<AlarmView> Alarms)
{
    public static RuleWork None { get; } = new([], []);
}

/// <summary>Compares events with the rules whenever they are told, in the transaction that stores them: an event that is stored has had its effect, and only once. What goes to others is
/// in the outbox then, and alarms are in their table. One caller at a time.</summary>
internal sealed class RuleRun(RuleBook book, RightsState people, FeedHub hub, Lazy<OutboxRunner> outbox, TimeProvider time)
{
    private static readonly Meter s_meter = new("Vms.Control.Rules");
    private static readonly Counter<long> s_fired = s_meter.CreateCounter<long>("vms_rules_fired_total", description: "Events that a rule did something for.");

    /// <summary>Rules that were changed count for what is stored in this transaction.</summary>
    public Task RefreshAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => book.RefreshAsync(connection, cancellationToken);

    /// <summary>After <see cref="RefreshAsync"/>: whether it matters how an event of this type was told before.</summary>
    public bool IsAbout(string type) => book.IsAbout(type);

    public async Task<RuleWork> PrepareAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<ToldEvent> told, CancellationToken cancellationToken)
    {
        var firings = book.FiringsOf(told);
        if (firings.Count == 0)
            return RuleWork.None;
        await RuleBook.NoteAsync(connection, firings, cancellationToken);
        var alarms = await AlarmRow.RaiseAsync(connection, firings, time.GetUtcNow(), cancellationToken);
        await OutboxTable.AddAsync(connection, transaction, [.. firings.SelectMany(ItemsOf)], cancellationToken);
        return new RuleWork(firings, alarms);
    }

    /// <summary>It is not known whether it is committed.</summary>
    public void Forget() => book.Forget();

    /// <summary>It is committed.</summary>
    public void Done(RuleWork work)
    {
        if (work.Firings.Count == 0)
            return;
        book.Confirm(work.Firings);
        s_fired.Add(work.Firings.Count);
        outbox.Value.Changed();
        foreach (var alarm in work.Alarms)
            hub.Publish(new AlarmMessage(alarm), Permissions.EventsRead, alarm.CameraId, alarm.SiteId);
        foreach (var firing in work.Firings)
        {
            foreach (var sound in firing.Rule.Actions.Where(a => a.Type == "sound"))
            {
                hub.Publish(
                    new SoundMessage(sound.Sound ?? "chime", firing.Rule.Id, firing.Rule.Name, firing.Event.Id, firing.Event.At, firing.Event.CameraId),
                    Permissions.EventsRead, firing.Event.CameraId, firing.Event.SiteId);
            }
        }
    }

    /// <summary>Of alarms and sounds there are none.</summary>
    private IEnumerable<OutboxItem> ItemsOf(RuleFiring firing)
    {
        var told = new Dictionary<(string Channel, string Target), HashSet<string>>();
        foreach (var action in firing.Rule.Actions)
        {
            var camera = action.CameraId ?? firing.Event.CameraId ?? "";
            var target = action.Type switch
            {
                "snapshot" or "record" or "bookmark" => camera,
                "ptz" => $"{camera}/{action.Preset}",
                "relay" => $"{camera}/{action.Relay}/{(action.Active ?? true ? "on" : "off")}",
                _ => null,
            };
            if (target is not null)
                yield return ActionOrder.ItemOf(firing, action, target);
            foreach (var message in Messages.Of(firing.TenantId, firing.Rule.Id, firing.Rule.Name, firing.Event, action, people.Current))
            {
                // One address in two actions hears of both, unless they say the same.
                var said = CollectionsMarshal.GetValueRefOrAddDefault(told, (message.Channel, message.Target), out _) ??= [];
                if (said.Add(message.Body.GetRawText()))
                    yield return said.Count == 1 ? message : message with { RuleId = $"{firing.Rule.Id}#a{said.Count}" };
            }
        }
    }
}
