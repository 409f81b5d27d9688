"""What the server answers instead of what was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError

#: More is not a problem document of this API.
_MAX_PROBLEM_BYTES = 1024 * 1024


@dataclass(frozen=True)
class FieldProblem:
    """One wrong input: which field, a stable code, a sentence."""

    field: str
    code: str
    message: str


class VmsProblem(Exception):
    """A refusal of the server. `code` is stable; the text is for people.

    retry_after: seconds until it makes sense to try again, where the server says so.
    """

    def __init__(self, status: int, code: str, title: str, detail: str | None = None, fields: tuple[FieldProblem, ...] = (), retry_after: int | None = None) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.fields = fields
        self.retry_after = retry_after

    @classmethod
    def of(cls, error: HTTPError) -> VmsProblem:
        """An answer without a problem document, as a proxy on the way gives, has the code `http` and its status."""
        problem: dict = {}
        if error.headers.get_content_type() == "application/problem+json":
            try:
                read = json.loads(error.read(_MAX_PROBLEM_BYTES))
                problem = read if isinstance(read, dict) else {}
            except (ValueError, OSError, HTTPException):
                problem = {}  # cut off on the way: the status still says something
        seconds = error.headers.get("Retry-After", "")
        return cls(
            error.code,
            problem.get("code") or f"http{error.code}",
            problem.get("title") or f"The server answered {error.code}",
            problem.get("detail"),
            tuple(FieldProblem(f["field"], f["code"], f["message"]) for f in problem.get("fields") or ()),
            int(seconds) if seconds.isdigit() else None,
        )
