"""The suite as a hub that upserts into a vendor's Ed-Fi API; what it creates it deletes again.

host = EdfiClient(wire, config, evidence)
host.open()                              # root document and a token; NotVerified without them
reply = host.post("students", body)      # remembered, to be deleted by clean_up()
reply = host.get("students", id_of(reply))

Source: Ed-Fi ODS/API 7, root document, OAuth 2 client credentials (RFC 6749, 4.4), resources.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from conformance.edfi_shapes import key_query
from conformance.evidence import Evidence
from conformance.problems import NotVerified
from conformance.reply import Reply, read_json
from conformance.target import TargetConfig
from conformance.wire import Wire

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
OPENING = "edfi opening"
USUAL_LIFETIME = 1800
RENEWED_AFTER = 0.75  # of its lifetime
_PASSES = 4


class EdfiClient:
    """One connection to a host. `created` holds resource and id of what is to be deleted.

    `unsettled` holds what was sent and had no answer: the host may have stored it all the same.
    """

    def __init__(self, wire: Wire, config: TargetConfig, evidence: Evidence) -> None:
        self.wire = wire
        self.config = config
        self.evidence = evidence
        self.created: list[tuple[str, str]] = []
        self.unsettled: list[tuple[str, Mapping[str, Any]]] = []
        self._root: Mapping[str, Any] = {}
        self._token, self._until = "", 0.0

    # -- coming in ---------------------------------------------------------------------------

    def open(self) -> None:
        """Read the root document once, and take a token, anew before its lifetime is over."""
        if self._token and time.monotonic() < self._until:
            return
        with self._kept():
            if not self._root:
                self._read_root()
            self._take_token()

    def _read_root(self) -> None:
        reply = self.root()
        found = as_json(reply)
        if not reply.ok or not isinstance(found, dict):
            raise NotVerified(f"no root document: {_told(reply)}")
        self._root = found

    def _take_token(self) -> None:
        reply = self.token()
        found = as_json(reply)
        token = found.get("access_token") if isinstance(found, dict) else None
        if not reply.ok or not isinstance(token, str) or not token:
            raise NotVerified(f"no access token: {_told(reply)}")
        told = found.get("expires_in")
        lifetime = told if isinstance(told, int | float) and told > 0 else USUAL_LIFETIME
        self._token, self._until = token, time.monotonic() + lifetime * RENEWED_AFTER

    def root(self) -> Reply:
        """GET the root document, without a token."""
        return self.wire.send("GET", f"{self.config.base}/", {"Accept": JSON}, None, "the root")

    def token(self, key: str = "", secret: str = "", grant: str = "client_credentials") -> Reply:
        """Ask for a token with these credentials, else our own."""
        pair = f"{key or self.config.credentials.key}:{secret or self.config.secret}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": FORM,
            "Accept": JSON,
        }
        body = urlencode({"grant_type": grant}).encode()
        reply = self.wire.send("POST", self.address("oauth"), headers, body, "the token address")
        found = as_json(reply)
        if isinstance(found, dict) and isinstance(found.get("access_token"), str):
            self.evidence.secret(found["access_token"])
        return reply

    def address(self, name: str) -> str:
        """An address of the root document: `oauth`, `dependencies` or `dataManagementApi`."""
        start = self.config.base
        usual = {
            "oauth": f"{start}/oauth/token",
            "dependencies": f"{start}/metadata/data/v3/dependencies",
            "dataManagementApi": f"{start}/data/v3/",
        }
        urls = self._root.get("urls")
        told = urls.get(name) if isinstance(urls, Mapping) else None
        same = isinstance(told, str) and _place(told) == _place(start)
        # Key, secret and data go to no other host than the one that the target file names.
        return str(told) if same else usual[name]

    @property
    def api_version(self) -> int:
        """The first number of the API's version in the root document; 0 if it tells none."""
        number = str(self._root.get("version", "")).partition(".")[0]
        return int(number) if number.isdecimal() else 0

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """What is read for the whole run is not recorded as read by the check that comes first."""
        check, self.evidence.check = self.evidence.check, OPENING
        try:
            yield
        finally:
            self.evidence.check = check

    # -- data --------------------------------------------------------------------------------

    def send(
        self,
        method: str,
        url: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        named: str = "",
    ) -> Reply:
        """One request. `body` is JSON, or bytes as they are; `token` replaces ours, '' sends none.

        Raises NotVerified where the host lets nobody in.
        """
        if token is None:
            self.open()
        bearer = self._token if token is None else token
        lines = {"Accept": JSON, **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        data = body if isinstance(body, bytes) else encoded(body)
        if data is not None:
            lines["Content-Type"] = JSON
        return self.wire.send(method, url, lines | dict(headers or {}), data, named)

    def url(self, name: str, number: str = "", query: Mapping[str, object] | None = None) -> str:
        """The address of a resource, of one document of it, or of a query."""
        start = self.address("dataManagementApi").rstrip("/")
        whole = f"{start}/ed-fi/{name}" + (f"/{quote(number, safe='')}" if number else "")
        return whole + (f"?{urlencode(query, quote_via=quote)}" if query else "")

    def post(self, name: str, body: object, **options: Any) -> Reply:
        """Upsert; what may have been created is remembered."""
        self.open()
        sent = (name, body if isinstance(body, Mapping) else {})
        self.unsettled.append(sent)
        reply = self.send("POST", self.url(name), body, named=name, **options)
        self.unsettled.remove(sent)
        if reply.ok:
            self._remember(name, body, reply)
        return reply

    def over(self, wire: Wire, name: str, body: object) -> Reply:
        """POST over another connection; raises NotVerified where no answer comes."""
        lines = {
            "Accept": JSON,
            "Content-Type": JSON,
            "Authorization": f"Bearer {self._token}",
        }
        return wire.send("POST", self.url(name), lines, encoded(body), name)

    def created_as(self, name: str, number: str) -> None:
        """Note a document that is to be deleted."""
        if number and (name, number) not in self.created:
            self.created.append((name, number))

    def put(self, name: str, number: str, body: Mapping[str, Any], **options: Any) -> Reply:
        """Replace one document; the id stands in the body too."""
        self.open()
        whole = {"id": number, **body}
        named = f"{name}/..."
        return self.send("PUT", self.url(name, number), whole, named=named, **options)

    def get(
        self,
        name: str,
        number: str = "",
        query: Mapping[str, object] | None = None,
        **options: Any,
    ) -> Reply:
        """One document, or those that meet a query."""
        self.open()
        named = f"{name}/..." if number else name
        return self.send("GET", self.url(name, number, query), named=named, **options)

    def delete(self, name: str, number: str, **options: Any) -> Reply:
        """Delete one document."""
        self.open()
        return self.send("DELETE", self.url(name, number), named=f"{name}/...", **options)

    def put_down(self, name: str, body: Mapping[str, Any]) -> str:
        """Create a document as a preparation; its id. NotVerified where that does not work."""
        reply = self.post(name, body)
        number = (id_of(reply) or self.look_up(name, body)) if reply.ok else ""
        if not number:
            raise NotVerified(f"the preparation failed: {_told(reply)}")
        return number

    def look_up(self, name: str, body: Mapping[str, Any]) -> str:
        """The id under which a query by key finds the document; empty if it finds none."""
        found = documents(self.get(name, query=key_query(name, body)))
        return str(found[0].get("id", "")) if found else ""

    # -- clean-up ----------------------------------------------------------------------------

    def _remember(self, name: str, body: object, reply: Reply) -> None:
        number = id_of(reply)
        if not number and isinstance(body, Mapping):
            number = self.look_up(name, body)
        self.created_as(name, number)

    def clean_up(self) -> None:
        """Delete what was created, the last first; what others still need is tried again."""
        if self.config.keep:
            return
        self._settle()
        left, self.created = self.created[::-1], []
        for _ in range(_PASSES):
            left = [one for one in left if not self._gone(*one)]
            if not left:
                return

    def _settle(self) -> None:
        """Find by its key what had no answer."""
        unsettled, self.unsettled = self.unsettled, []
        for name, body in unsettled:
            query = key_query(name, body)
            with contextlib.suppress(NotVerified):
                for one in documents(self.get(name, query=query)) if query else ():
                    self.created_as(name, str(one.get("id", "")))

    def _gone(self, name: str, number: str) -> bool:
        try:
            return self.delete(name, number).status != 409
        except NotVerified:
            return True


def encoded(body: object) -> bytes | None:
    """JSON as UTF-8; nothing for None."""
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def as_json(reply: Reply) -> Any:
    """The JSON of an answer; None when it is none."""
    try:
        return read_json(reply.body)
    except ValueError:
        return None


def documents(reply: Reply) -> list[Mapping[str, Any]]:
    """The documents of a list that was answered; none in an error."""
    found = as_json(reply) if reply.ok else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def id_of(reply: Reply) -> str:
    """The id at the end of Location; empty if there is none."""
    path = urlsplit(reply.headers.get("Location")).path
    return path.rstrip("/").rpartition("/")[2]


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _told(reply: Reply) -> str:
    return f"{reply.request} answered {reply.status} (exchange {reply.exchange})"
