using Vms.Control.Data;
using Vms.Control.Federation;

namespace Vms.Control.Features.Servers;

/// <summary>What the several servers of an operator need.</summary>
internal static class ServerParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(s => FederationOptions.From(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<ServerAddresses>();
        services.AddSingleton<ServerDirectory>().AddDatabaseWork<ServerDirectory>();
        services.AddSingleton<FederatedQuery>();
    }
}
