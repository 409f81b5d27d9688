"""GStreamer's webrtcbin as a WHEP viewer (RFC 9725): writes what it receives as an H.264 byte stream.

usage: gst_whep.py WHEP_URL FILE PICTURES
"""
import sys
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

url, path, pictures = sys.argv[1], sys.argv[2], int(sys.argv[3])
Gst.init(None)
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new(None)
peer = Gst.ElementFactory.make("webrtcbin", "peer")
peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
pipeline.add(peer)


def fail(message):
    print(message, file=sys.stderr)
    loop.failed = True
    loop.quit()


def on_picture(*_):
    # Not end of stream: webrtcbin has sinks of its own, for RTCP, that never end.
    loop.pictures += 1
    if loop.pictures == pictures:
        loop.quit()


def on_pad(_, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    receive = Gst.parse_bin_from_description(
        "rtph264depay ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au"
        f" ! identity name=picture ! filesink location={path}",
        True,
    )
    receive.get_by_name("picture").connect("handoff", on_picture)
    pipeline.add(receive)
    receive.sync_state_with_parent()
    pad.link(receive.get_static_pad("sink"))


def on_negotiation(_):
    peer.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer, None))


def on_offer(promise, _):
    reply = promise.get_reply()
    if reply.has_field("error"):
        return fail(reply.to_string())
    offer = reply.get_value("offer")
    peer.emit("set-local-description", offer, Gst.Promise.new())


def on_gathered(*_):
    if peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        return
    offer = peer.get_property("local-description").sdp.as_text()
    request = urllib.request.Request(url, offer.encode(), {"Content-Type": "application/sdp"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
    except urllib.error.HTTPError as error:
        return fail(f"{error} {error.read().decode()}\n{offer}")
    _, sdp = GstSdp.SDPMessage.new_from_text(text)
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
    peer.emit("set-remote-description", answer, Gst.Promise.new())


def on_message(_, message):
    if message.type == Gst.MessageType.ERROR:
        fail(message.parse_error())


loop.failed = False
loop.pictures = 0
peer.connect("on-negotiation-needed", on_negotiation)
peer.connect("pad-added", on_pad)
peer.connect("notify::ice-gathering-state", on_gathered)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", on_message)
caps = "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1,profile-level-id=(string)42e01f"
peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.caps_from_string(caps))
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add_seconds(40, lambda: fail("no end after 40 s"))
loop.run()
pipeline.set_state(Gst.State.NULL)
sys.exit(1 if loop.failed else 0)
