using System.Diagnostics.Metrics;
using Vms.Media.Egress.Cmaf;
using Vms.Media.Egress.Mjpeg;
using Vms.Media.Egress.Mse;
using Vms.Media.Egress.Rtsp;
using Vms.Media.Egress.WebRtc;
using Vms.Media.Streams;

namespace Vms.Media.Egress;

/// <summary>Live egress as numbers; read when somebody asks, nothing is done per packet.</summary>
internal sealed class EgressMetrics : IDisposable
{
    private readonly Meter _meter = new("Vms.Media.Egress");

    public EgressMetrics(WebRtcServer? webRtc, MseServer mse, CmafWindows windows, SegmentViewers segmentViewers, MjpegEndpoint mjpeg, RtspServer? rtsp)
    {
        _meter.CreateObservableGauge(
            "vms_live_viewers", () => Viewers(webRtc, mse, segmentViewers, mjpeg, rtsp), description: "Viewers by camera, stream and transport");
        _meter.CreateObservableGauge("vms_cmaf_window_bytes", () => windows.All.Sum(w => w.Window.Bytes), description: "Bytes of the segments kept for HLS and DASH viewers");
        Counter("vms_cmaf_segments_cut_total", () => windows.Counters.SegmentsCut, "Segments ended without a keyframe because they were as long as they may be");
        Counter("vms_cmaf_sound_left_out_total", () => windows.Counters.SoundLeftOut, "Frames of sound that could not be packaged for MSE, HLS and DASH, or came too late for their place");
        Counter("vms_cmaf_segments_dropped_total", () => windows.Counters.SegmentsDropped, "Segments that left their window early because it held too many bytes");
        if (rtsp is not null)
            AddRtsp(rtsp);
        if (webRtc is null)
            return;

        var counters = webRtc.Counters;
        Counter("vms_webrtc_packets_sent_total", () => counters.Packets, "RTP packets handed to the network");
        Counter("vms_webrtc_bytes_sent_total", () => counters.Bytes, "Bytes of these packets");
        Counter("vms_webrtc_packets_blocked_total", () => counters.BlockedPackets, "Packets for which the socket had no room; their viewer skips to the next keyframe");
        Counter("vms_webrtc_packets_refused_total", () => counters.RefusedPackets, "Packets that the system would not send to their viewer");
        Counter("vms_webrtc_datagrams_malformed_total", () => counters.MalformedDatagrams, "Datagrams received that are nothing we speak");
        Counter("vms_webrtc_datagrams_unauthenticated_total", () => counters.UnauthenticatedDatagrams, "Datagrams received without a valid check or with a wrong sum");
        Counter("vms_webrtc_handshakes_deferred_total", () => counters.HandshakesDropped, "DTLS datagrams left unread because too many handshakes were going on");
        var sound = webRtc.SoundCounters;
        Counter("vms_sound_packets_converted_total", () => sound.PacketsConverted, "Opus packets made of AAC for WebRTC viewers");
        Counter("vms_sound_frames_dropped_total", () => sound.FramesDropped, "AAC frames and Opus packets that found no room on the way through the converter");
        Counter("vms_sound_frames_unfit_total", () => sound.FramesUnfit, "Sound frames too long for a packet");
        Counter("vms_sound_converters_lost_total", () => sound.ConvertersLost, "Converters of sound that ended or stood still; they are started again");
        Counter("vms_webrtc_packets_retransmitted_total", () => counters.Retransmitted, "Answers to NACKs");
        Counter("vms_webrtc_frames_skipped_total", () => counters.FramesSkipped, "Access units left out for viewers on a full way");
        Counter("vms_webrtc_ice_restarts_total", () => counters.IceRestarts, "Restarts of ICE: viewers that changed networks and kept their session");
    }

    public void Dispose() => _meter.Dispose();

    private void Counter(string name, Func<long> read, string description) =>
        _meter.CreateObservableCounter(name, read, description: description);

    private void AddRtsp(RtspServer rtsp)
    {
        var counters = rtsp.Counters;
        _meter.CreateObservableGauge("vms_rtsp_connections", () => rtsp.Connections.Count, description: "RTSP clients, playing or not");
        Counter("vms_rtsp_unauthorized_total", () => counters.Unauthorized, "RTSP requests with a wrong or expired credential");
        Counter("vms_rtsp_malformed_total", () => counters.Malformed, "RTSP connections closed because what came is not RTSP or too long");
        Counter("vms_rtsp_packets_blocked_total", () => counters.BlockedPackets, "RTP packets over UDP for which the socket had no room; their viewer skips to the next keyframe");
        Counter("vms_rtsp_packets_refused_total", () => counters.RefusedPackets, "RTP packets over UDP that the system would not send");
    }

    private static IEnumerable<Measurement<int>> Viewers(WebRtcServer? webRtc, MseServer mse, SegmentViewers segmentViewers, MjpegEndpoint mjpeg, RtspServer? rtsp)
    {
        foreach (var stream in webRtc?.Streams ?? [])
            yield return Of(stream.Stream, "webrtc", stream.Viewers.Count);
        foreach (var stream in mse.Streams)
            yield return Of(stream.Stream, "mse", stream.Viewers.Count);
        foreach (var viewers in segmentViewers.Present.GroupBy(v => (v.Stream, v.Transport)))
            yield return Of(viewers.Key.Stream, viewers.Key.Transport, viewers.Count());
        foreach (var viewers in mjpeg.Viewers.GroupBy(v => v.Stream))
            yield return Of(viewers.Key, "mjpeg", viewers.Count());
        foreach (var stream in rtsp?.Streams.All ?? [])
            yield return Of(stream.Stream, "rtsp", stream.Viewers.Count);
    }

    private static Measurement<int> Of(LiveStream stream, string transport, int viewers) => new(
        viewers,
        new KeyValuePair<string, object?>("camera", stream.CameraId),
        new KeyValuePair<string, object?>("stream", stream.Name),
        new KeyValuePair<string, object?>("transport", transport));
}
