using Vms.Contracts.Media;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Limits;
using Vms.Control.Reconciliation;
using Vms.Control.Viewing;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.LiveFeed;

/// <summary>WebRTC signalling over the live feed: the media plane offers, the browser answers. Any thread.</summary>
/// <remarks><c>stream.request</c> → <c>stream.offer</c>; <c>stream.answer</c>; <c>stream.candidate</c> needs no action (the media plane is
/// ICE-lite: it learns the browser's address from its checks, RFC 8445 §7.3.1.3); <c>stream.restart</c> → <c>stream.offer</c> for the same
/// session, to be answered again; <c>stream.close</c>.</remarks>
internal sealed class Signalling(DesiredState desired, RightsState rights, LiveStreamLimit limit, RefusedViewings refused, PlaneOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);

    /// <summary>The answer to <c>stream.request</c>.</summary>
    public async Task<FeedMessage> OfferAsync(ViewerSessions viewers, ClientMessage message, CancellationToken cancellationToken)
    {
        var stream = message.Stream ?? "main";
        if (string.IsNullOrEmpty(message.CameraId) || desired.Cameras?.TryGetValue(message.CameraId, out var camera) != true
            || rights.Current?.Find(viewers.User.Id) is not { Enabled: true } user || !user.Rights.Knows(message.CameraId))
            return Error(message, "cameraNotFound", "There is no such camera");
        if (!user.Rights.Allows(Permissions.LiveView, message.CameraId))
        {
            refused.Note(new Actor(user.TenantId, Caller.NameOf(user), viewers.Address), message.CameraId, "forbidden");
            return Error(message, "forbidden", "Your role does not allow this");
        }

        if (stream is not ("main" or "sub") || (stream == "sub" && camera!.Row.Settings.SubUrl is null))
            return Error(message, "streamNotFound", "The camera has no such stream");
        if (!camera!.Row.Settings.Enabled)
            return Error(message, "cameraDisabled", "The camera is switched off");
        if (await limit.EnterAsync(user, message.CameraId, cancellationToken) is { } refusal)
            return Error(message, "limitReached", refusal.Sentence);
        if (viewers.IsFull)
            return Error(message, "tooManySessions", $"At most {ViewerSessions.Max} streams a connection");

        try
        {
            var offer = await _media.UnaryAsync(
                "vms.media.v1.MediaPlane/OfferViewerSession",
                new OfferViewerSessionRequest
                {
                    CameraId = message.CameraId,
                    Stream = stream,
                    User = Caller.NameOf(user),
                    AccountId = user.Id.ToString(),
                    SignInId = viewers.SignInId?.ToString() ?? "",
                    RightsAsOfUnixUs = (user.Rights.AsOf - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
                    TenantId = user.TenantId,
                    Address = viewers.Address ?? "",
                },
                ViewerOffer.Parser, s_deadline, cancellationToken);
            viewers.Add(offer.SessionId, message.CameraId);
            return new StreamOfferMessage(message.RequestId, offer.SessionId, offer.Sdp);
        }
        catch (RpcException e)
        {
            return Error(message, CodeOf(e), e.Detail);
        }
    }

    /// <summary>Every other message; null when there is nothing to say.</summary>
    public async Task<FeedMessage?> HandleAsync(ViewerSessions viewers, ClientMessage message, CancellationToken cancellationToken)
    {
        if (message.Type is not ("stream.answer" or "stream.candidate" or "stream.restart" or "stream.close"))
            return Error(message, "unknownType", "This message type is not known");
        if (message.SessionId is null || !viewers.Has(message.SessionId))
            return Error(message, "sessionNotFound", "This connection has no such session");

        try
        {
            if (message.Type == "stream.close")
            {
                await CloseOneAsync(viewers, message.SessionId, cancellationToken);
            }
            else if (message.Type == "stream.restart")
            {
                var offer = await _media.UnaryAsync(
                    "vms.media.v1.MediaPlane/RestartViewerSession", new RestartViewerSessionRequest { SessionId = message.SessionId },
                    ViewerOffer.Parser, s_deadline, cancellationToken);
                return new StreamOfferMessage(message.RequestId, offer.SessionId, offer.Sdp);
            }
            else if (message.Type == "stream.answer")
            {
                await _media.UnaryAsync(
                    "vms.media.v1.MediaPlane/AnswerViewerSession", new ViewerAnswer { SessionId = message.SessionId, Sdp = message.Sdp ?? "" },
                    AnswerViewerSessionReply.Parser, s_deadline, cancellationToken);
            }

            return null;
        }
        catch (RpcException e)
        {
            return Error(message, CodeOf(e), e.Detail);
        }
    }

    /// <summary>Ends sessions now instead of by time-out: the client said goodbye in order, or may not see them any more.</summary>
    public async Task CloseAsync(ViewerSessions viewers, IReadOnlyCollection<string> sessions, CancellationToken cancellationToken)
    {
        foreach (var id in sessions)
        {
            try
            {
                await CloseOneAsync(viewers, id, cancellationToken);
            }
            catch (RpcException)
            {
                return;   // the plane is away and its sessions with it
            }
        }
    }

    public void Dispose() => _media.Dispose();

    private async Task CloseOneAsync(ViewerSessions viewers, string sessionId, CancellationToken cancellationToken)
    {
        viewers.Remove(sessionId);
        await _media.UnaryAsync(
            "vms.media.v1.MediaPlane/CloseViewerSession", new CloseViewerSessionRequest { SessionId = sessionId },
            CloseViewerSessionReply.Parser, s_deadline, cancellationToken);
    }

    private static ErrorMessage Error(ClientMessage message, string code, string text) => new(message.RequestId, message.SessionId, code, text);

    private static string CodeOf(RpcException e) => e.Status switch
    {
        RpcStatus.NotFound when e.Detail == "sessionNotFound" => "sessionNotFound",
        RpcStatus.NotFound => "streamNotFound",
        RpcStatus.InvalidArgument => "invalidInput",
        RpcStatus.PermissionDenied => TicketGate.RevokedCode,
        RpcStatus.FailedPrecondition => "streamNotReady",
        RpcStatus.ResourceExhausted => "tooManySessions",
        RpcStatus.Unavailable or RpcStatus.DeadlineExceeded => "planeUnavailable",
        _ => "internal",
    };
}
