using Vms.Control.Jobs;

namespace Vms.Control.Features.Cameras;

/// <summary>Testing devices, adding many and replacing one: what <c>ControlApp</c> puts in.</summary>
internal static class OnboardingParts
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<CameraInspector>();
        services.AddSingleton<StreamProbe>();
        services.AddSingleton<IJobKind, OnboardJob>();
    }
}
