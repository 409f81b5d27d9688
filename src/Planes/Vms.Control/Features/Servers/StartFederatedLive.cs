using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Features.Live;
using Vms.Control.Federation;
using Vms.Control.FrontDoor.Limits;

namespace Vms.Control.Features.Servers;

/// <summary>POST /api/federated/cameras/{server}/{id}/live: as POST /api/cameras/{id}/live of the server that has the camera. The addresses are that server's own.</summary>
internal static class StartFederatedLive
{
    public static void Map(RouteGroupBuilder federated) =>
        federated.MapPost("/cameras/{server}/{id}/live", HandleAsync).WithName(nameof(StartFederatedLive)).WithSummary("Get a ticket and the addresses to watch a camera of another server at.").Needs(Permissions.LiveView, Scope.Tenant)
            .CountsAs(RateClass.StreamStart).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(502).ProducesProblem(504);

    private static async Task<Results<Ok<StartLive.Response>, ProblemHttpResult>> HandleAsync(
        string server, string id, StartLive.Request? request, HttpContext context, NpgsqlDataSource database, ServerDirectory directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var (peer, live, problem) = await FederatedCamera.AskAsync<StartLive.Response>(
            context, directory, server, id, camera => ($"/api/cameras/{camera}/live", request ?? new StartLive.Request(null, null)), cancellationToken);
        if (live is null)
            return problem!;
        if (FederatedCamera.OwnUrl(peer!, live.WhepUrl) is not { } whep || FederatedCamera.OwnUrl(peer!, live.MseUrl) is not { } mse
            || FederatedCamera.OwnUrl(peer!, live.HlsUrl) is not { } hls || FederatedCamera.OwnUrl(peer!, live.DashUrl) is not { } dash)
            return FederatedCamera.LeadsElsewhere();
        await FederatedCamera.NoteAsync(context, database, "server.liveStarted", server, id, new { server = peer!.Row.Name, live.Stream }, time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(live with
        {
            WhepUrl = whep,
            MseUrl = mse,
            HlsUrl = hls,
            DashUrl = dash,
            RtspUrl = FederatedCamera.OwnUrl(peer!, live.RtspUrl),
            RtspsUrl = FederatedCamera.OwnUrl(peer!, live.RtspsUrl),
            IceServers = live.IceServers ?? [],
        });
    }
}
