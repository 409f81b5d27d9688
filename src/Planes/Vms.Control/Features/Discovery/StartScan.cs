using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Onvif.Discovery;

namespace Vms.Control.Features.Discovery;

/// <summary>POST /api/discovery/scan: looks for ONVIF devices. The answer comes at once; devices are read by GET while they answer, and are told on the live feed at the end.</summary>
internal static class StartScan
{
    /// <param name="Subnet">192.168.1.0/24: every address of it is asked; absent: the networks of this machine, by multicast.</param>
    public sealed record Request(string? Subnet);

    public sealed record Response(string ScanId);

    public static void Map(RouteGroupBuilder discovery) =>
        discovery.MapPost("/scan", Handle).WithName(nameof(StartScan)).WithSummary("Look for devices in the network.").Needs(Permissions.DevicesDiscover, Scope.Tenant)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415);

    private static Results<Accepted<Response>, ProblemHttpResult> Handle(Request request, HttpContext context, DiscoveryScans scans, CameraAddresses addresses)
    {
        Subnet? subnet = null;
        if (!string.IsNullOrWhiteSpace(request.Subnet))
        {
            if (!Subnet.TryParse(request.Subnet, out subnet))
                return Problems.Fields(new FieldProblem("subnet", "invalidValue", $"Use a network of hosts like 192.168.1.0/24, not larger than /{Subnet.MinPrefix}"));
            foreach (var host in (ReadOnlySpan<System.Net.IPAddress>)[subnet.Hosts().First(), subnet.Hosts().Last()])
            {
                if (addresses.Refusal(host, Probe.Port) is { } refusal)
                    return Problems.Fields(new FieldProblem("subnet", CameraAddresses.NotAllowed, refusal));
            }
        }

        return scans.Start(Caller.Of(context).TenantId, subnet) is { } id
            ? TypedResults.Accepted($"/api/discovery/{id}", new Response(id))
            : Problems.Of(StatusCodes.Status409Conflict, "tooManyScans", $"There are {DiscoveryScans.MaxRunning} scans already", "Wait until one of them is over.");
    }
}
