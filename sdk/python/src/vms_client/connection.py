"""One server: addresses, credentials, JSON. What operations.py calls."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPSHandler, OpenerDirector, Request, build_opener

from .problem import VmsProblem

#: A longer answer in JSON is refused: lists come in pages.
_MAX_JSON_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Tokens:
    """Of a sign-in; can be kept and given to the next Vms."""

    access_token: str
    refresh_token: str


class Connection:
    """Sends requests with the credential there is, and renews it when it is over.

    address: of the server, as http://localhost:8080.
    bearer: a credential that stands for itself instead of a sign-in, as an API key.
    on_tokens: called whenever the tokens change, with None when the sign-in is over.
    timeout: seconds without a byte after which a request fails with TimeoutError.
    tls: how the server's certificate is checked; the system's rules where it is absent.
    """

    def __init__(
        self,
        address: str,
        *,
        tokens: Tokens | None = None,
        bearer: str | None = None,
        on_tokens: Callable[[Tokens | None], None] | None = None,
        timeout: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = address.rstrip("/")
        self._bearer = bearer
        self._on_tokens = on_tokens
        self._timeout = timeout
        self._opener: OpenerDirector = build_opener(HTTPSHandler(context=tls)) if tls else build_opener()
        self._tokens = tokens
        # A refresh token works once: of all the threads that find the access token over, one refreshes it.
        self._refreshing = threading.Lock()

    @property
    def tokens(self) -> Tokens | None:
        """None while nobody is signed in."""
        return self._tokens

    def sign_in(self, username: str, password: str, code: str | None = None) -> None:
        """code: of the second factor, where the account has one."""
        body = {"username": username, "password": password}
        if code is not None:
            body["code"] = code
        self._set(_tokens_of(self._read(self._once("POST", "/api/auth/login", body=body, bearer=None))))

    def sign_out(self) -> None:
        """Ends the sign-in with all its tokens."""
        if self._tokens is not None:
            self._nothing("POST", "/api/auth/logout")
            self._set(None)

    def _json(self, verb: str, path: str, **options: Any) -> Any:
        return self._read(self._send(verb, path, **options))

    def _nothing(self, verb: str, path: str, **options: Any) -> None:
        self._send(verb, path, **options).close()

    def _stream(self, verb: str, path: str, **options: Any) -> HTTPResponse:
        return self._send(verb, path, **options)

    def _items(self, verb: str, path: str, *, query: Mapping[str, Any], **options: Any) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._json(verb, path, query={**query, "cursor": cursor}, **options)
            yield from page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return

    def _send(self, verb: str, path: str, **options: Any) -> HTTPResponse:
        bearer = self._bearer or (self._tokens.access_token if self._tokens else None)
        try:
            return self._once(verb, path, bearer=bearer, **options)
        except VmsProblem as problem:
            if problem.status != 401 or bearer is None or self._bearer is not None or not self._renew(bearer):
                raise
        tokens = self._tokens
        return self._once(verb, path, bearer=tokens.access_token if tokens else None, **options)

    def _renew(self, refused: str) -> bool:
        """True where there are other tokens now than the one that was refused."""
        with self._refreshing:
            tokens = self._tokens
            if tokens is None:
                return False
            if tokens.access_token != refused:
                return True  # somebody was faster
            try:
                self._set(_tokens_of(self._read(self._once("POST", "/api/auth/refresh", body={"refreshToken": tokens.refresh_token}, bearer=None))))
            except VmsProblem as problem:
                if problem.status != 401:
                    raise
                self._set(None)
                return False
            return True

    def _once(
        self,
        verb: str,
        path: str,
        *,
        bearer: str | None,
        values: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> HTTPResponse:
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        if body is not None:
            sent["Content-Type"] = "application/merge-patch+json" if verb == "PATCH" else "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._address + _filled(path, values or {}) + _search(query or {}), data, sent, method=verb)
        try:
            return self._opener.open(request, timeout=self._timeout)
        except HTTPError as error:
            with error:
                raise VmsProblem.of(error) from None

    @staticmethod
    def _read(response: HTTPResponse) -> Any:
        with response:
            text = response.read(_MAX_JSON_BYTES + 1)
        if len(text) > _MAX_JSON_BYTES:
            raise OverflowError(f"The answer has more than {_MAX_JSON_BYTES} bytes.")
        return json.loads(text) if text else None

    def _set(self, tokens: Tokens | None) -> None:
        self._tokens = tokens
        if self._on_tokens is not None:
            self._on_tokens(tokens)


def _tokens_of(view: Any) -> Tokens:
    return Tokens(view["accessToken"], view["refreshToken"])


def _filled(path: str, values: Mapping[str, str]) -> str:
    """`{rest}` names what is below an address and may have slashes in it; any other value is one segment."""
    return re.sub(r"\{(\w+)\}", lambda name: quote(str(values[name[1]]), safe="/" if name[1] == "rest" else ""), path)


def _search(values: Mapping[str, Any]) -> str:
    """A list is the same name several times, a time its ISO form; None is left out."""
    pairs = [(name, _text(one)) for name, value in values.items() for one in (value if isinstance(value, (list, tuple)) else [value]) if one is not None]
    return f"?{urlencode(pairs)}" if pairs else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    return str(value)
