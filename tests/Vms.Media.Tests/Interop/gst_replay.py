#!/usr/bin/python3
"""A device that plays its recordings, made of gst-rtsp-server's ONVIF parts: a second opinion on what replay is.

The recording is one Annex B H.264 file over and over, without re-encoding. GStreamer counts the clock of a range from 1900 on, so its pictures carry
such times; the header extension is written by its own element. Begins with the first keyframe at or behind what is asked for: its element takes no
picture from before. Prints "listening PORT" when clients may come.

    gst_replay.py FILE --fps 25 --start UNIX_SECONDS --seconds 600

Debian packages: as gst_camera.py. Run it with the system's python3: others do not see python3-gi.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

from annex_b import access_units  # noqa: E402

FROM_1900_TO_1970 = 2_208_988_800


class Recording(GstRtspServer.RTSPOnvifMediaFactory):
    def __init__(self, units, fps, start, seconds):
        super().__init__()
        self.units, self.duration = units, Gst.SECOND // fps
        self.begin, self.frames = (start + FROM_1900_TO_1970) * Gst.SECOND, seconds * fps
        self.set_media_gtype(GstRtspServer.RTSPOnvifMedia.__gtype__)
        self.set_replay_support(True)
        self.set_launch(
            "( appsrc name=source format=time stream-type=seekable is-live=false block=true max-bytes=2000000"
            f" caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={fps}/1"
            " ! h264parse config-interval=-1 ! rtph264pay pt=96 config-interval=-1 ! rtponviftimestamp name=pay0 ntp-offset=0 )"
        )
        self.connect("media-configure", self.on_media)

    def on_media(self, _factory, media):
        source, place = media.get_element().get_by_name("source"), [0]
        source.set_property("duration", self.begin + self.frames * self.duration)

        def on_need(source, _length):
            number = place[0]
            if number >= self.frames:
                source.emit("end-of-stream")
                return
            data, is_key = self.units[number % len(self.units)]
            unit = Gst.Buffer.new_wrapped(data)
            unit.pts = unit.dts = self.begin + number * self.duration
            unit.duration = self.duration
            if not is_key:
                unit.set_flags(Gst.BufferFlags.DELTA_UNIT)
            place[0] = number + 1
            source.emit("push-buffer", unit)

        def on_seek(_source, position):
            number = max(0, -((self.begin - position) // self.duration))
            while not self.units[number % len(self.units)][1]:
                number += 1
            place[0] = number
            return True

        source.connect("need-data", on_need)
        source.connect("seek-data", on_seek)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--fps", type=int, default=25)
    arguments.add_argument("--start", type=int, required=True)
    arguments.add_argument("--seconds", type=int, default=600)
    options = arguments.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPOnvifServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    with open(options.file, "rb") as file:
        recording = Recording(access_units(file.read()), options.fps, options.start, options.seconds)
    server.get_mount_points().add_factory("/replay", recording)
    if not server.attach(None):
        sys.exit("cannot listen")
    print("listening", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
