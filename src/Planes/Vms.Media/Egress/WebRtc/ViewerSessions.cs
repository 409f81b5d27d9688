using System.Diagnostics.CodeAnalysis;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Hosting;
using Vms.Media.Streams;
using Vms.WebRtc.Sdp;

namespace Vms.Media.Egress.WebRtc;

/// <summary>Why a viewer gets no WebRTC session, for HTTP and gRPC alike.</summary>
/// <param name="Status">HTTP.</param>
/// <param name="Code">Stable.</param>
/// <param name="RetryAfter">When asking again may help.</param>
internal sealed record ViewerProblem(int Status, string Code, string Title, string? Detail = null, TimeSpan? RetryAfter = null);

/// <summary>An answer or offer for a viewer, or why there is none.</summary>
internal sealed record ViewerDescription(WebRtcSession? Session, string? Sdp, ViewerProblem? Problem)
{
    public static ViewerDescription Of(WebRtcSession session, string sdp) => new(session, sdp, null);

    public static ViewerDescription Of(ViewerProblem problem) => new(null, null, problem);
}

/// <summary>Signalling without its transport: what WHEP and the WebSocket signalling have in common. Any thread.</summary>
/// <param name="iceServers">What viewers may use besides.</param>
internal sealed class ViewerSessions(WebRtcServer server, Viewings viewings, IceServers iceServers, TimeProvider time)
{
    /// <summary>An on-demand camera is given this long to describe itself.</summary>
    private static readonly TimeSpan s_trackPatience = TimeSpan.FromSeconds(5);

    /// <summary>The viewer offers, we answer.</summary>
    /// <param name="hears">False: sound that is agreed is not sent before the viewer asks for it.</param>
    public async Task<ViewerDescription> AnswerAsync(
        LiveStream stream, Viewer viewer, string offer, bool hears, CancellationToken cancellationToken)
    {
        using var demand = stream.Demand();
        var (profile, problem) = await FindProfileAsync(stream, cancellationToken);
        if (problem is not null)
            return ViewerDescription.Of(problem);
        if (server.TryOpen(stream, viewer.User, profile, WebRtcSound.FormatOf(stream.Tracks)) is not { } session)
            return ViewerDescription.Of(TooMany());
        if (!TryHold(session, viewer))
            return ViewerDescription.Of(Revoked());

        var refusal = SdpAnswer.TryCreate(offer, server.Describe(session), session.Video, session.Sound, out var answer);
        if (refusal != SdpRefusal.None)
        {
            server.Close(session, SessionEnd.ClosedByViewer);
            return ViewerDescription.Of(Refused(refusal));
        }

        server.Accept(session, answer!.Video, answer.Sound);
        if (!hears)
            session.TrySwitchSound(false);
        return ViewerDescription.Of(session, answer.Text);
    }

    /// <summary>We offer; the viewer's answer comes with <see cref="TryAccept"/>.</summary>
    public async Task<ViewerDescription> OfferAsync(LiveStream stream, Viewer viewer, CancellationToken cancellationToken)
    {
        using var demand = stream.Demand();
        var (profile, problem) = await FindProfileAsync(stream, cancellationToken);
        if (problem is not null)
            return ViewerDescription.Of(problem);
        if (server.TryOpen(stream, viewer.User, profile, WebRtcSound.FormatOf(stream.Tracks)) is not { } session)
            return ViewerDescription.Of(TooMany());
        return TryHold(session, viewer)
            ? ViewerDescription.Of(session, SdpOffer.Create(server.Describe(session), session.Video, session.Sound))
            : ViewerDescription.Of(Revoked());
    }

    /// <returns>Why the answer is of no use; null when the session starts.</returns>
    public ViewerProblem? TryAccept(WebRtcSession session, string answer)
    {
        var refusal = SdpOffer.TryReadAnswer(answer, session.Video.Profile, session.Sound, out var negotiated, out var sound);
        if (refusal != SdpRefusal.None)
        {
            server.Close(session, SessionEnd.ClosedByViewer);
            return Refused(refusal);
        }

        server.Accept(session, negotiated!, sound);
        return null;
    }

    /// <summary>STUN and TURN servers for a viewer, with credentials that are its own.</summary>
    public IReadOnlyList<IceServer> IceServersFor(string user) => iceServers.For(user, time.GetUtcNow());

    /// <summary>What a viewer has patched: candidates, which are not needed, or new credentials.</summary>
    /// <returns>Our new credentials; null when nothing is to be said.</returns>
    public string? Patch(WebRtcSession session, SdpFragment fragment)
    {
        if (fragment.UserFragment is not { } theirs || session.HasRemoteFragment(theirs))
            return null;
        server.RestartIce(session, theirs);
        return fragment.Answer(server.Describe(session));
    }

    /// <summary>We offer again, with new credentials of ours; the answer comes with <see cref="TryAccept"/>.</summary>
    public string Restart(WebRtcSession session)
    {
        server.RestartIce(session, remoteFragment: null);
        return SdpOffer.Create(server.Describe(session), session.Video, session.Sound);
    }

    public bool TryFind(string sessionId, [NotNullWhen(true)] out WebRtcSession? session) => server.TryFind(sessionId, out session);

    public bool TryFind(string sessionId, string cameraId, [NotNullWhen(true)] out WebRtcSession? session) =>
        server.TryFind(sessionId, out session) && session.Stream.CameraId == cameraId;

    public void Close(WebRtcSession session) => server.Close(session, SessionEnd.ClosedByViewer);

    /// <summary>From now on the session ends with the right to see it.</summary>
    private bool TryHold(WebRtcSession session, Viewer viewer)
    {
        if (viewings.TryOpen(viewer, ViewingRight.Live, session.Stream.CameraId, () => server.Close(session, SessionEnd.AccessRevoked)) is { } viewing
            && session.TryHold(viewing))
            return true;
        server.Close(session, SessionEnd.AccessRevoked);
        return false;
    }

    private static async Task<(H264ProfileLevelId Profile, ViewerProblem? Problem)> FindProfileAsync(
        LiveStream stream, CancellationToken cancellationToken)
    {
        var video = await stream.WaitForVideoAsync(s_trackPatience, cancellationToken);
        if (video is null)
        {
            return (default, new ViewerProblem(StatusCodes.Status503ServiceUnavailable, "streamNotReady", "The camera has not sent video yet",
                RetryAfter: TimeSpan.FromSeconds(2)));
        }

        if (video.Codec != CodecKind.H264 || !AvcDecoderConfiguration.TryParse(video.CodecParameters, out var avc))
            return (default, Unplayable("unsupportedCodec", $"{video.Codec} is not carried by WebRTC here; use MSE or the sub stream."));

        var sps = avc.Sps[0].Span;
        if (H264Sps.TryParse(sps, out var parsed) && parsed.MaxNumReorderFrames > 0)
            return (default, Unplayable("bFrames", "Browsers do not show B-frames over WebRTC; use MSE."));
        return (new H264ProfileLevelId(sps[1], sps[2], sps[3]), null);
    }

    private static ViewerProblem Unplayable(string code, string detail) =>
        new(StatusCodes.Status409Conflict, code, "This stream cannot be shown over WebRTC", detail);

    private static ViewerProblem Revoked() => new(
        StatusCodes.Status403Forbidden, TicketGate.RevokedCode, "The right to this was taken away", "Ask the API for a new ticket; it says what you may do now.");

    private static ViewerProblem TooMany() => new(
        StatusCodes.Status503ServiceUnavailable, "tooManyViewers", "There are too many viewers",
        $"This server takes {WebRtcServer.MaxSessions} WebRTC viewers.", TimeSpan.FromSeconds(5));

    private static ViewerProblem Refused(SdpRefusal refusal)
    {
        var name = refusal.ToString();
        return new ViewerProblem(StatusCodes.Status400BadRequest, char.ToLowerInvariant(name[0]) + name[1..], "This description cannot be used",
            refusal switch
            {
                SdpRefusal.Malformed => "It is not a session description.",
                SdpRefusal.NoVideo => "It has no video section that receives.",
                SdpRefusal.NoH264 => "It offers no H.264 with packetization-mode 1.",
                SdpRefusal.NoRtcpMux => "It does not multiplex RTP and RTCP.",
                SdpRefusal.NoIce => "It has no usable ICE user fragment and password.",
                SdpRefusal.NoFingerprint => "It has no certificate fingerprint with SHA-256 or better.",
                _ => "It insists on being the DTLS server.",
            });
    }
}
