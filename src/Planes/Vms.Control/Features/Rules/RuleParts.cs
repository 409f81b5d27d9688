using Vms.Control.Data;
using Vms.Control.Features.Alarms;
using Vms.Control.Features.Rules.Actions;
using Vms.Control.Outbox;

namespace Vms.Control.Features.Rules;

/// <summary>Rules, what they do, and the alarms that they raise.</summary>
internal static class RuleParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<RuleBook>();
        services.AddSingleton<RuleRun>();
        // Some of what the outbox does stores events, and events fill the outbox.
        services.AddSingleton(provider => new Lazy<OutboxRunner>(provider.GetRequiredService<OutboxRunner>));
        services.AddSingleton<StillSearch>();
        services.AddSingleton<IOutboxChannel, SnapshotAction>();
        services.AddSingleton<IOutboxChannel, RecordAction>();
        services.AddSingleton<IOutboxChannel, BookmarkAction>();
        services.AddSingleton<IOutboxChannel, PtzAction>();
        services.AddSingleton<IOutboxChannel, RelayAction>();
        services.AddSingleton<AlarmEdits>();
        services.AddDatabaseWork<AlarmEscalation>();
    }
}
