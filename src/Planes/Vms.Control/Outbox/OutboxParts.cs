using Vms.Control.Data;

namespace Vms.Control.Outbox;

/// <summary>The outbox and who works it off. Channels add themselves as <see cref="IOutboxChannel"/>.</summary>
internal static class OutboxParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(new OutboxOptions());
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<OutboxRunner>().AddDatabaseWork<OutboxRunner>();
    }
}
