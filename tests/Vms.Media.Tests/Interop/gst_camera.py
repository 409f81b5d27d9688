#!/usr/bin/python3
"""An RTSP camera made of gst-rtsp-server: a second opinion on what RTSP is.

Loops one Annex B H.264 file in real time over TCP, UDP and HTTP, without re-encoding. Every access unit is sent once
per loop; timestamps go on over the loop. Beside it a tone, encoded as asked for. Prints "listening PORT" when clients may come.

    gst_camera.py FILE --fps 25 [--user U --password W] [--audio aac|pcma|opus] [--tls CERTIFICATE.pem]

Debian packages: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
gstreamer1.0-plugins-ugly glib-networking
Run it with the system's python3: others do not see python3-gi.
"""
import argparse
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402

from annex_b import access_units  # noqa: E402

TONES = {
    "aac": "audio/x-raw,rate=16000,channels=1 ! voaacenc ! aacparse ! rtpmp4gpay name=pay1 pt=97",
    "pcma": "audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "opus": "audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay name=pay1 pt=98",
}
ROLE = "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"


class Feeder(threading.Thread):
    """Pushes units into one media's appsrc, each at its time."""

    def __init__(self, source, units, fps):
        super().__init__(daemon=True)
        self.source, self.units, self.duration = source, units, Gst.SECOND // fps
        self.stopped = threading.Event()

    def run(self):
        begin = time.monotonic()
        for number in range(sys.maxsize):
            wait = begin + number * self.duration / Gst.SECOND - time.monotonic()
            if self.stopped.wait(max(wait, 0)):
                return
            data, is_key = self.units[number % len(self.units)]
            unit = Gst.Buffer.new_wrapped(data)
            unit.pts = unit.dts = number * self.duration
            unit.duration = self.duration
            if not is_key:
                unit.set_flags(Gst.BufferFlags.DELTA_UNIT)
            if self.source.emit("push-buffer", unit) != Gst.FlowReturn.OK:
                return


class Camera(GstRtspServer.RTSPMediaFactory):
    def __init__(self, units, fps, audio):
        super().__init__()
        self.units, self.fps = units, fps
        tone = f" audiotestsrc is-live=true wave=ticks ! audioconvert ! {TONES[audio]}" if audio else ""
        self.set_shared(True)
        self.set_latency(0)
        self.set_launch(
            "( appsrc name=source is-live=true format=time block=false max-bytes=20000000"
            " caps=video/x-h264,stream-format=byte-stream,alignment=au"
            " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1 aggregate-mode=none"
            + tone
            + " )"
        )
        self.connect("media-configure", self.on_media)

    def on_media(self, _factory, media):
        feeder = Feeder(media.get_element().get_by_name("source"), self.units, self.fps)
        media.connect("unprepared", lambda _media: feeder.stopped.set())
        feeder.start()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--fps", type=int, default=25)
    arguments.add_argument("--user")
    arguments.add_argument("--password")
    arguments.add_argument("--audio", choices=TONES)
    arguments.add_argument("--tls")
    options = arguments.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    with open(options.file, "rb") as file:
        camera = Camera(access_units(file.read()), options.fps, options.audio)
    if options.user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        auth.add_digest(options.user, options.password, token)
        server.set_auth(auth)
        if options.tls:
            auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
        parsed = Gst.Structure.new_from_string(ROLE)
        camera.add_role_from_structure(parsed[0] if isinstance(parsed, tuple) else parsed)
    elif options.tls:
        auth = GstRtspServer.RTSPAuth()
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
        server.set_auth(auth)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        auth.set_default_token(token)
        parsed = Gst.Structure.new_from_string(ROLE)
        camera.add_role_from_structure(parsed[0] if isinstance(parsed, tuple) else parsed)
    server.get_mount_points().add_factory("/camera", camera)
    if not server.attach(None):
        sys.exit("cannot listen")
    print("listening", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
