using Vms.Control.Data;
using Vms.Control.Jobs;

namespace Vms.Control.Features.Footage;

/// <summary>What devices have recorded themselves.</summary>
internal static class FootageParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<DeviceFootage>();
        services.AddSingleton<RecorderFootage>();
        services.AddSingleton<IJobKind, FetchFootageJob>();
        services.AddSingleton<GapFilling>().AddDatabaseWork<GapFilling>();
    }

    public static void Map(IEndpointRouteBuilder app) => StartFetch.Map(
        app.MapGroup("/api/cameras").WithTags("Recording").ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503));
}
