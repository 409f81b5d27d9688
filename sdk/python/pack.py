"""python3 pack.py VERSION OUT: packs src/ as a wheel (PEP 427) with the standard library alone, the same bytes for the same files."""

from __future__ import annotations

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

NAME = "vms_client"
HERE = Path(__file__).resolve().parent
#: The oldest time that a ZIP can say.
EPOCH = (1980, 1, 1, 0, 0, 0)

METADATA = """Metadata-Version: 2.1
Name: vms-client
Version: {version}
Summary: Typed client of the VMS HTTP API; the standard library alone.
License: Apache-2.0
License-File: LICENSE
Requires-Python: >=3.11
Description-Content-Type: text/markdown

{readme}"""

WHEEL = """Wheel-Version: 1.0
Generator: pack.py
Root-Is-Purelib: true
Tag: py3-none-any
"""


def main(version: str, out: Path) -> None:
    info = f"{NAME}-{version}.dist-info"
    files = {path.relative_to(HERE / "src").as_posix(): path.read_bytes() for path in sorted((HERE / "src").rglob("*")) if path.suffix in (".py", ".typed")}
    files[f"{info}/METADATA"] = METADATA.format(version=version, readme=(HERE / "README.md").read_text("utf-8")).encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/LICENSE"] = (HERE / "LICENSE").read_bytes()
    record = [f"{name},sha256={digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(out / f"{NAME}-{version}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
