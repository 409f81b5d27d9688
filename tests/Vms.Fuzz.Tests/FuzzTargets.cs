using Vms.Fuzz.Tests.Targets;

namespace Vms.Fuzz.Tests;

/// <summary>Everything that reads bytes from cameras, viewers and files.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
        [.. RtspTargets.All, .. RtpTargets.All, .. CodecTargets.All, .. WebRtcTargets.All, .. ContainerTargets.All, .. OnvifTargets.All, .. NvrTargets.All, .. ModelTargets.All];

    public static FuzzTarget Named(string name) => All.Single(target => target.Name == name);
}
