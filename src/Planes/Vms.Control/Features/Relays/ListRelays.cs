using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Onvif.Device;

namespace Vms.Control.Features.Relays;

/// <summary>GET /api/cameras/{id}/relays: the contacts that the camera's device switches.</summary>
internal static class ListRelays
{
    /// <param name="Mode">bistable: it stays; monostable: it falls back by itself.</param>
    /// <param name="Idle">open or closed, without current.</param>
    /// <param name="DelaySeconds">After which a monostable one falls back.</param>
    /// <param name="State">active or inactive, as the device's events said last; absent: they did not.</param>
    public sealed record Relay(string Id, string Mode, string Idle, double? DelaySeconds, string? State);

    public static void Map(RouteGroupBuilder relays) =>
        relays.MapGet("/", Handle).WithName(nameof(ListRelays)).WithSummary("The contacts that the camera switches.").Needs(Permissions.RelaysWrite, Scope.Camera);

    private static async Task<Results<Ok<Page<Relay>>, ProblemHttpResult>> Handle(string id, CameraDevices devices, EventSubscriptions subscriptions, CancellationToken cancellationToken)
    {
        var (link, fault) = await devices.OpenAsync(id, cancellationToken);
        using (link)
        {
            if (link is null)
                return fault!.ToProblem(DeviceFeature.Relays);
            var outputs = await link.CallAsync(RelayOutput.GetAll, cancellationToken);
            return outputs.IsSuccess
                ? TypedResults.Ok(new Page<Relay>([.. outputs.Value.Select(output => ViewOf(output, subscriptions.RelayOf(id, output.Token)))], null))
                : DeviceFault.Of(outputs.Failure).ToProblem(DeviceFeature.Relays);
        }
    }

    private static Relay ViewOf(RelayOutput output, bool? active) => new(
        output.Token, output.IsMonostable ? "monostable" : "bistable", output.IsOpenIdle ? "open" : "closed", output.IsMonostable ? output.Delay?.TotalSeconds : null,
        active switch { true => "active", false => "inactive", null => null });
}
