"""What a program does with the packed client and the whole product: reads what a camera has recorded, and has it exported."""

import datetime
import os
import time

from vms_client import Vms

vms = Vms(os.environ["VMS_URL"])
vms.sign_in("admin", os.environ["VMS_PASSWORD"])
camera = next(one for one in vms.each_cameras() if one["name"] == "Integrated")
assert camera["state"] == "online", camera

now = datetime.datetime.now(datetime.timezone.utc)
timeline = vms.get_timeline(camera["id"], from_=now - datetime.timedelta(minutes=5), to=now)
assert timeline["recordings"], timeline
stretch = timeline["recordings"][0]

export = vms.request_export({"cameras": [camera["id"]], "from": stretch["from"], "to": stretch["to"], "format": "mp4"})
deadline = time.monotonic() + 60
while export.get("state") not in ("done", "failed"):
    assert time.monotonic() < deadline, export
    time.sleep(0.25)
    export = vms.get_export(export["id"])
video = next((one for one in export["files"] if one["cameraId"] == camera["id"]), None)
assert export["state"] == "done" and video and video["bytes"] > 10_000, export
vms.sign_out()
print("python: done")
