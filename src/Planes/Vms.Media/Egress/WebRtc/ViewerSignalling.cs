using Vms.Contracts.Media;
using Vms.Hosting;
using Vms.Media.Streams;
using Vms.Rpc;

namespace Vms.Media.Egress.WebRtc;

/// <summary>The WebSocket signalling's calls from control (contracts/media.proto): we offer, the browser answers.</summary>
internal static class ViewerSignalling
{
    private const string Service = "vms.media.v1.MediaPlane";

    public static void Map(IEndpointRouteBuilder endpoints, StreamRegistry streams, ViewerSessions sessions)
    {
        endpoints.MapUnary($"{Service}/OfferViewerSession", OfferViewerSessionRequest.Parser, async (request, context) =>
        {
            if (await streams.FindAsync(request.CameraId, request.Stream, context.CancellationToken) is not { } live)
                throw new RpcException(RpcStatus.NotFound, "streamNotFound");
            var offer = await sessions.OfferAsync(live, ViewerOf(request), context.CancellationToken);
            if (offer.Problem is { } problem)
                throw Translate(problem);
            return new ViewerOffer { SessionId = offer.Session!.Id, Sdp = offer.Sdp };
        });

        endpoints.MapUnary($"{Service}/AnswerViewerSession", ViewerAnswer.Parser, (request, _) =>
        {
            if (!sessions.TryFind(request.SessionId, out var session))
                throw new RpcException(RpcStatus.NotFound, "sessionNotFound");
            if (sessions.TryAccept(session, request.Sdp) is { } problem)
                throw Translate(problem);
            return Task.FromResult(new AnswerViewerSessionReply());
        });

        endpoints.MapUnary($"{Service}/RestartViewerSession", RestartViewerSessionRequest.Parser, (request, _) =>
            sessions.TryFind(request.SessionId, out var session)
                ? Task.FromResult(new ViewerOffer { SessionId = session.Id, Sdp = sessions.Restart(session) })
                : throw new RpcException(RpcStatus.NotFound, "sessionNotFound"));

        endpoints.MapUnary($"{Service}/CloseViewerSession", CloseViewerSessionRequest.Parser, (request, _) =>
        {
            if (sessions.TryFind(request.SessionId, out var session))
                sessions.Close(session);
            return Task.FromResult(new CloseViewerSessionReply());
        });
    }

    private static Viewer ViewerOf(OfferViewerSessionRequest request) => new(
        request.User, null, Guid.TryParse(request.AccountId, out var account) ? account : null, Guid.TryParse(request.SignInId, out var signIn) ? signIn : null,
        DateTimeOffset.UnixEpoch.AddMicroseconds(request.RightsAsOfUnixUs), request.TenantId, request.Address.Length == 0 ? null : request.Address);

    /// <summary>The detail is the stable code: control puts it into its own problem document.</summary>
    private static RpcException Translate(ViewerProblem problem) => new(
        problem.Status switch
        {
            StatusCodes.Status503ServiceUnavailable => RpcStatus.Unavailable,
            StatusCodes.Status409Conflict => RpcStatus.FailedPrecondition,
            StatusCodes.Status403Forbidden => RpcStatus.PermissionDenied,
            _ => RpcStatus.InvalidArgument,
        },
        problem.Code);
}
