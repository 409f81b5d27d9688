using Vms.Hosting;

namespace Vms.Media.Egress;

/// <summary>One viewer as an operator sees it.</summary>
/// <param name="SessionId">First half of the session's id: enough to tell them apart, too little to end it.</param>
/// <param name="Transport">webrtc, mse, hls, dash, mjpeg, rtsp/tcp or rtsp/udp.</param>
/// <param name="Sent">WebRTC: packets. MSE: fragments. HLS and DASH: requests answered. RTSP: samples. MJPEG: pictures.</param>
/// <param name="Retransmitted">Packets sent again; WebRTC only.</param>
/// <param name="Skipped">WebRTC: access units, MSE: fragments, RTSP: samples left out because the viewer was too slow.</param>
/// <param name="LossPercent">As the viewer last reported; WebRTC only.</param>
internal sealed record LiveSessionView(
    string? SessionId, string CameraId, string Stream, string Transport, string User, DateTimeOffset OpenedAt, bool Playing,
    long Sent, long Retransmitted, long Skipped, double LossPercent);

/// <summary><c>GET /live/sessions</c> on the plane's local socket: who is watching, for the operator.</summary>
internal static class LiveSessions
{
    public static void Map(IEndpointRouteBuilder endpoints, LiveEgress egress) =>
        endpoints.MapGet("/live/sessions", IResult (HttpContext context) => context.IsLocalSocket()
            ? TypedResults.Ok(new { items = List(egress) })
            : Problems.NotFound("notFound", "There is no such page"));

    internal static IReadOnlyList<LiveSessionView> List(LiveEgress egress)
    {
        var webRtc = (egress.WebRtc?.Sessions ?? []).Select(s => new LiveSessionView(
            s.Id[..16], s.Stream.CameraId, s.Stream.Name, "webrtc", s.User, s.OpenedAtUtc, s.Viewer is not null,
            s.Viewer?.PacketsSent ?? 0, s.Viewer?.Retransmitted ?? 0, s.Viewer?.FramesSkipped ?? 0,
            (s.Viewer?.Feedback.FractionLost ?? 0) * 100.0 / 256));
        var mse = egress.Mse.Streams.SelectMany(stream => stream.Viewers.Select(v => new LiveSessionView(
            null, stream.Stream.CameraId, stream.Stream.Name, "mse", v.User, v.OpenedAtUtc, v.FragmentsSent > 0,
            v.FragmentsSent, 0, v.FragmentsDropped, 0)));
        var segments = egress.SegmentViewers.Present.Select(v => new LiveSessionView(
            null, v.Stream.CameraId, v.Stream.Name, v.Transport, v.User, v.OpenedAtUtc, v.BytesSent > 0, v.Requests, 0, 0, 0));
        var rtsp = (egress.Rtsp?.Connections ?? []).Where(c => c is { Stream: not null, User: not null }).Select(c => new LiveSessionView(
            c.Id[..16], c.Stream!.CameraId, c.Stream.Name, c.IsUdp ? "rtsp/udp" : "rtsp/tcp", c.User!, c.OpenedAtUtc, c.Viewer is not null,
            c.Viewer?.SamplesSent ?? 0, 0, c.Viewer?.SamplesSkipped ?? 0, 0));
        var mjpeg = egress.Mjpeg.Viewers.Select(v => new LiveSessionView(
            null, v.Stream.CameraId, v.Stream.Name, "mjpeg", v.User, v.OpenedAtUtc, v.PicturesSent > 0, v.PicturesSent, 0, v.PicturesSkipped, 0));
        return [.. webRtc.Concat(mse).Concat(segments).Concat(rtsp).Concat(mjpeg)];
    }
}
