#!/usr/bin/python3
"""A recorder whose addresses carry the range that they play, made of gst-rtsp-server: plain RTSP, in real time, without a header extension.

The recording is one Annex B H.264 file over and over, without re-encoding, with a tone beside it. It begins with the keyframe at or before "starttime" and
ends with "endtime", both as recorders of Dahua write them, in UTC. Its sender reports say when they are sent. Prints "listening PORT" when clients may come.

    gst_playback.py FILE --fps 25 --start UNIX_SECONDS [--tls CERTIFICATE.pem]

Debian packages: as gst_camera.py. Run it with the system's python3: others do not see python3-gi.
"""
import argparse
import calendar
import re
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtspServer  # noqa: E402

from annex_b import access_units  # noqa: E402

RANGE = re.compile("starttime=([0-9_]+)&endtime=([0-9_]+)")
ROLE = "user, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"


def unix(text):
    return calendar.timegm(time.strptime(text, "%Y_%m_%d_%H_%M_%S"))


class Playback(GstRtspServer.RTSPMediaFactory):
    def __init__(self, units, fps, start):
        super().__init__()
        self.units, self.fps, self.start = units, fps, start

    def do_create_element(self, url):
        begin, end = (unix(text) for text in RANGE.search(url.query).groups())
        first, last = (begin - self.start) * self.fps, (end - self.start) * self.fps
        while not self.units[first % len(self.units)][1]:
            first -= 1
        element = Gst.parse_launch(
            "( appsrc name=source format=time is-live=false block=true max-bytes=2000000"
            f" caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={self.fps}/1"
            " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1"
            f" audiotestsrc samplesperbuffer=160 num-buffers={(last - first) * 50 // self.fps} ! audio/x-raw,rate=8000,channels=1 ! alawenc"
            " ! rtppcmapay name=pay1 pt=8 )"
        )
        duration, place = Gst.SECOND // self.fps, [first]

        def on_need(source, _length):
            number = place[0]
            if number >= last:
                source.emit("end-of-stream")
                return
            data, is_key = self.units[number % len(self.units)]
            unit = Gst.Buffer.new_wrapped(data)
            unit.pts = unit.dts = (number - first) * duration
            unit.duration = duration
            if not is_key:
                unit.set_flags(Gst.BufferFlags.DELTA_UNIT)
            place[0] = number + 1
            source.emit("push-buffer", unit)

        element.get_by_name("source").connect("need-data", on_need)
        return element


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--fps", type=int, default=25)
    arguments.add_argument("--start", type=int, required=True)
    arguments.add_argument("--tls")
    options = arguments.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    with open(options.file, "rb") as file:
        playback = Playback(access_units(file.read()), options.fps, options.start)
    if options.tls:
        auth = GstRtspServer.RTSPAuth()
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.tls))
        server.set_auth(auth)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        auth.set_default_token(token)
        parsed = Gst.Structure.new_from_string(ROLE)
        playback.add_role_from_structure(parsed[0] if isinstance(parsed, tuple) else parsed)
    server.get_mount_points().add_factory("/cam/playback", playback)
    if not server.attach(None):
        sys.exit("cannot listen")
    print("listening", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
