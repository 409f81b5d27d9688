using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.FrontDoor;

namespace Vms.Control.Features.Nvrs;

/// <summary>Recorders of other makers: what <c>ControlApp</c> puts in.</summary>
internal static class NvrsParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(new DeviceHttpOptions());
        services.AddSingleton(new NvrWatchOptions());
        services.AddSingleton<NvrConnector>();
        services.AddSingleton<NvrImport>();
        services.AddSingleton<NvrEvents>();
        services.AddSingleton<NvrWatch>().AddDatabaseWork<NvrWatch>();
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        ConnectNvr.Map(app);
        var nvrs = app.MapGroup("/api/nvrs").WithTags("Recorders").ProducesProblem(401).ProducesProblem(403).ProducesProblem(503).TellsVersion();
        ListNvrs.Map(nvrs);
        GetNvr.Map(nvrs);
        ListNvrChannels.Map(nvrs);
        ListNvrRecordings.Map(nvrs);
        PatchNvr.Map(nvrs);
        DeleteNvr.Map(nvrs);
    }
}
