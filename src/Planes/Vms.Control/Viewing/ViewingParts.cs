using Vms.Control.Data;

namespace Vms.Control.Viewing;

/// <summary>What control has to do with who watches: their rights, as long as they last, and the book of it.</summary>
internal static class ViewingParts
{
    /// <summary>The planes that have viewers.</summary>
    public static IReadOnlyList<string> Planes { get; } = ["media", "recorder"];

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Revocations>().AddDatabaseWork<Revocations>();
        services.AddDatabaseWork<RevocationSender>();
        services.AddDatabaseWork<ViewingCollector>();
        services.AddSingleton<RefusedViewings>().AddDatabaseWork<RefusedViewings>();
    }
}
