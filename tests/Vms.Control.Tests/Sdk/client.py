"""What a program does with the Python client, against a running control plane. Ends with an error where something is not as it should be."""

import os
import threading
import typing
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from vms_client import Tokens, Vms, VmsProblem, models

ADDRESS = os.environ["VMS_URL"]


def refused(what, status: int, code: str) -> VmsProblem:
    try:
        what()
    except VmsProblem as problem:
        assert (problem.status, problem.code) == (status, code), (problem.status, problem.code, str(problem))
        return problem
    raise AssertionError(f"not refused: {code}")


kept: list[Tokens | None] = []
vms = Vms(ADDRESS + "/", on_tokens=kept.append)

refused(vms.list_cameras, 401, "unauthenticated")
refused(lambda: vms.sign_in("admin", "wrong"), 401, "badCredentials")
vms.sign_in("admin", os.environ["VMS_PASSWORD"])
assert vms.me()["username"] == "admin"

# Creates, answered once.
body: models.CameraRequest = {"name": "Python 0", "mainUrl": "rtsp://10.0.0.7/main"}
camera = vms.add_camera(body, idempotency_key="from-python")
assert vms.add_camera(body, idempotency_key="from-python")["id"] == camera["id"]
for i in range(1, 5):
    vms.add_camera({**body, "name": f"Python {i}"})

# Wrong input is told field by field.
wrong = refused(lambda: vms.add_camera({"mainUrl": "ftp://x"}), 400, "invalidInput")
assert sorted(one.field for one in wrong.fields) == ["mainUrl", "name"], wrong.fields

# Pages of two.
names = [one["name"] for one in vms.each_cameras(limit=2) if one["name"].startswith("Python")]
assert names == [f"Python {i}" for i in range(5)], names

# Lists of values in a query, times with an offset, and a path with characters that have to be quoted.
bookmark = vms.add_bookmark({"cameraId": camera["id"], "at": "2026-11-21T08:00:00Z", "title": "A ü"})
at = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=1)))
found = vms.list_bookmarks(camera_id=[camera["id"], "other"], from_=at - timedelta(hours=1), to=at + timedelta(hours=1))
assert [one["id"] for one in found["items"]] == [bookmark["id"]], found
refused(lambda: vms.get_camera("a/b?c"), 404, "cameraNotFound")

# Merge patch with the version that was read.
etag = f'"{camera["generation"]}"'
assert vms.patch_camera(camera["id"], {"enabled": False, "subUrl": None}, if_match=etag)["enabled"] is False
refused(lambda: vms.patch_camera(camera["id"], {"enabled": True}, if_match=etag), 412, "changedMeanwhile")
refused(lambda: vms.start_live(camera["id"]), 409, "cameraDisabled")
away = refused(lambda: vms.forward_clip(camera["id"], from_=at, to=at + timedelta(minutes=1)), 503, "planeUnavailable")
assert away.retry_after is not None and away.retry_after > 0

# An access token that is over is renewed once, however many threads find it over; a second use of the refresh token would end the sign-in.
before = vms.tokens
assert before is not None
stale = Vms(ADDRESS, tokens=Tokens(before.access_token[:-8] + "AAAAAAAA", before.refresh_token))
together = threading.Barrier(8)


def ask(_: int) -> str:
    together.wait()
    return stale.me()["username"]


with ThreadPoolExecutor(8) as threads:
    assert set(threads.map(ask, range(8))) == {"admin"}
assert stale.tokens is not None and stale.tokens.refresh_token != before.refresh_token

stale.delete_camera(camera["id"])
stale.sign_out()
assert stale.tokens is None
refused(stale.me, 401, "unauthenticated")

# The annotations mean something: every type in them is there.
for name, model in vars(models).items():
    if isinstance(model, type) and issubclass(model, dict) or typing.is_typeddict(model):
        typing.get_type_hints(model, include_extras=True)
for name, operation in vars(Vms.__mro__[1]).items():
    if callable(operation) and not name.startswith("_"):
        assert typing.get_type_hints(operation), name
print("python: done")
