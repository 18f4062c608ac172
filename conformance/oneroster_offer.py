"""What a OneRoster service offers, as the suite reads it: a client of the vendor's, for a run.

roster = Roster(wire, config, rng, evidence)
roster.objects("users")                    # read once, up to `[oneroster] most`
reply = roster.get("users", limit="1")     # one request with good credentials
"""

from __future__ import annotations

import contextlib
import math
import random
import secrets
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from conformance import oneroster_kinds as kinds
from conformance.evidence import Evidence
from conformance.oneroster_signing import Signer
from conformance.problems import Finding, NotApplicable, NotVerified
from conformance.reply import Reply, read_json
from conformance.target import TargetConfig
from conformance.target_rostering import SIGNED, V1_1, V1_2
from conformance.wire import Wire

Body = Mapping[str, Any]
ROSTER, CORE, DEMOGRAPHICS = (
    "roster.readonly",
    "roster-core.readonly",
    "roster-demographics.readonly",
)
_SCOPE = "https://purl.imsglobal.org/spec/or/v{}/scope/{}"
FORM = "application/x-www-form-urlencoded"


class Roster:
    """One client of the service for a whole run; what it has read is kept."""

    def __init__(
        self, wire: Wire, config: TargetConfig, rng: random.Random, evidence: Evidence
    ) -> None:
        self.wire = wire
        self.config = config
        self.rng = rng
        self.told = config.oneroster
        self.signer = Signer(config.credentials.key, config.secret)
        self._evidence = evidence
        self._tokens: dict[str, str] = {}
        self._read: dict[str, tuple[Reply, Sequence[Body], bool]] = {}
        self._older: Roster | None = None

    # -- who asks ----------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """The version that is spoken, for example `1.2`."""
        return self.told.version

    def declared(self, capability: str) -> bool:
        """Whether the target declares a capability."""
        return capability in self.config.capabilities

    def only_in(self, version: str) -> None:
        """Leave a check to services of one version."""
        if self.version != version:
            raise NotApplicable(f"the target speaks OneRoster {self.version}, not {version}")

    def in_1_1(self) -> Roster:
        """The service that speaks 1.1: this one, or the one beside it that takes signatures."""
        if self.version == V1_1:
            return self
        if not (self.declared("signed") and self.told.signed_root):
            raise NotApplicable("the target names no service of OneRoster 1.1 (signed_root)")
        if self._older is None:
            beside = msgspec.structs.replace(
                self.told, version=V1_1, root=self.told.signed_root, access=SIGNED
            )
            config = replace(self.config, oneroster=beside)
            self._older = Roster(self.wire, config, self.rng, self._evidence)
        self._older.rng = self.rng
        return self._older

    def scope(self, name: str) -> str:
        """The whole address of a scope of this version."""
        return _SCOPE.format("1p1" if self.version == V1_1 else "1p2", name)

    def grant(self, form: Mapping[str, str], login: tuple[str, str] | None = None) -> Reply:
        """POST to the token address; `login` is client id and secret, those of the target file."""
        who = login or (self.config.credentials.key, self.config.secret)
        headers = {"Authorization": self.login_proof(who)} if any(who) else {}
        headers |= {"Content-Type": FORM, "Accept": "application/json"}
        url = self.config.url(self.told.token_url)
        reply = self.wire.send("POST", url, headers, urlencode(form).encode(), named="token")
        self._evidence.token(token_in(reply))
        return reply

    def login_proof(self, login: tuple[str, str] | None = None) -> str:
        """Client id and secret as Basic, each percent-encoded (RFC 6749, 2.3.1)."""
        who = login or (self.config.credentials.key, self.config.secret)
        packed = ":".join(quote(one, safe="") for one in who)
        return f"Basic {b64encode(packed.encode()).decode()}"

    def ask_token(self, scope: str = "") -> Reply:
        """Ask for a token, for one scope by its last part, or without any."""
        form = {"grant_type": "client_credentials"}
        return self.grant(form | ({"scope": self.scope(scope)} if scope else {}))

    def token(self, scope: str = "") -> str:
        """The token of a scope, asked for once; NotVerified without one."""
        scope = scope if self.declared("scopes") else ""
        if scope not in self._tokens:
            reply = self.ask_token(scope)
            found = token_in(reply)
            if not found:
                raise NotVerified(
                    f"no access token: {reply.request} answered {reply.status}"
                    f" (exchange {reply.exchange})"
                )
            self._tokens[scope] = found
        return self._tokens[scope]

    def proof(self, verb: str, url: str, path: str) -> str:
        """A good value of Authorization for a request."""
        if self.told.access == SIGNED:
            return self.signer.header(verb, url, secrets.token_hex(12), int(time.time()))
        scope = DEMOGRAPHICS if path.partition("/")[0] == "demographics" else ROSTER
        return f"Bearer {self.token(scope)}"

    # -- requests ----------------------------------------------------------------------------

    def url(self, path: str, query: Mapping[str, str] | str = "", root: str = "") -> str:
        """The address of a path below the root; blanks are written %20."""
        told = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        base = self.config.url(root or self.told.root).rstrip("/")
        return f"{base}/{path}" + (f"?{told}" if told else "")

    def send(
        self, verb: str, url: str, proof: str = "", body: bytes | None = None, named: str = ""
    ) -> Reply:
        """One request to a whole address; without `proof` nobody asks."""
        headers = {"Accept": "application/json"} | ({"Authorization": proof} if proof else {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self.wire.send(verb, url, headers, body, named=named)

    def ask(self, verb: str, path: str, query: Mapping[str, str] | str = "") -> Reply:
        """One request with good credentials."""
        url = self.url(path, query)
        return self.send(verb, url, self.proof(verb, url, path), named=path)

    def get(self, path: str, **query: str) -> Reply:
        """GET with good credentials."""
        return self.ask("GET", path, query)

    def follow(self, url: str, path: str) -> Reply:
        """GET of a whole address that the service named; a Finding if it is of another server.

        Credentials are for this one only.
        """
        own, place = self.url(""), "no address"
        with contextlib.suppress(ValueError):
            place = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if not own.startswith(f"{place}/"):
            raise Finding(f"an address of {path} leads elsewhere", own, place)
        return self.send("GET", url, self.proof("GET", url, path), named=path)

    # -- what is read ------------------------------------------------------------------------

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections that are judged."""
        told = self.told.collections or tuple(kinds.VIEWS)
        return tuple(one for one in told if one != "demographics" or self.declared(one))

    def offered(self, *names: str) -> None:
        """NotApplicable unless all these collections are judged."""
        for name in names:
            if name not in self.collections:
                raise NotApplicable(f"{name} are not among the collections to read")

    def objects(self, name: str) -> Sequence[Body]:
        """The objects of a collection, at most `[oneroster] most`; NotApplicable if not offered."""
        return self.read(name)[1]

    def whole(self, name: str) -> Sequence[Body]:
        """All objects of a collection; NotVerified if there are more than are read."""
        _, found, complete = self.read(name)
        if not complete:
            raise NotVerified(f"there are more {name} than [oneroster] most, {self.told.most}")
        return found

    def some(self, name: str, least: int = 1) -> Sequence[Body]:
        """The objects of a collection; NotVerified if there are fewer than are needed.

        NotApplicable where a district need not have any: its year may have other parts than terms.
        """
        found = self.objects(name)
        if not found and name in ("terms", "gradingPeriods"):
            raise NotApplicable(f"there are no {name}")
        if len(found) < least:
            raise NotVerified(f"there are fewer than {least} {name} to look at")
        return found

    def read(self, name: str) -> tuple[Reply, Sequence[Body], bool]:
        """The first answer, the objects, and whether they are all; read once."""
        self.offered(name)
        if name not in self._read:
            self._read[name] = self._walk(name)
        return self._read[name]

    def every(self, path: str, **query: str) -> tuple[Reply, list[Body]]:
        """All objects of a query, page by page; the first answer alone if it is no 200."""
        first = self.get(path, limit=str(self.told.page), **query)
        found = items(first)
        while first.status == 200 and found and len(found) < self.told.most:
            if len(found) >= _total(first):
                break
            page = self.get(path, limit=str(self.told.page), offset=str(len(found)), **query)
            if not items(page):
                break
            found += items(page)
        return first, found

    def _walk(self, name: str) -> tuple[Reply, Sequence[Body], bool]:
        first = self._page(name, 0)
        found = {str(one.get("sourcedId")): one for one in items(first)}
        while len(found) < self.told.most:
            before = len(found)
            if before >= _total(first) or not before:
                return first, list(found.values()), True
            page = self._page(name, before)
            found |= {str(one.get("sourcedId")): one for one in items(page)}
            if len(found) == before:
                return first, list(found.values()), True
        return first, list(found.values())[: self.told.most], False

    def _page(self, name: str, offset: int) -> Reply:
        reply = self.get(name, limit=str(self.told.page), offset=str(offset))
        if reply.status != 200:
            raise NotVerified(
                f"{name} cannot be read: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        return reply

    @property
    def is_1_2(self) -> bool:
        """Whether version 1.2 is spoken."""
        return self.version == V1_2


def _total(reply: Reply) -> float:
    """How many objects there are on all pages; without end where nobody says."""
    told = reply.headers.get("X-Total-Count")
    return int(told) if told.isdecimal() else math.inf


def document(reply: Reply) -> Body:
    """The body as a JSON object; empty if it is none."""
    try:
        found = read_json(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def items(reply: Reply) -> list[Body]:
    """The objects of an answer, under whatever name; which it must be is judged by one check."""
    lists = [one for one in document(reply).values() if isinstance(one, list)]
    return [one for one in (lists[0] if lists else []) if isinstance(one, Mapping)]


def single(reply: Reply) -> Body:
    """The one object of an answer, under whatever name; empty without one."""
    found = [one for one in document(reply).values() if isinstance(one, Mapping)]
    return found[0] if found else {}


def ids(bodies: Sequence[Body]) -> list[str]:
    """The ids of objects, in their order."""
    return [str(one.get("sourcedId", "")) for one in bodies]


def inner(body: Body, name: str) -> list[Body]:
    """The objects in a list of an object; empty where there is no such list."""
    value = body.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def points(body: Body, name: str) -> list[str]:
    """The ids that a reference, or a list of them, holds."""
    value = body.get(name)
    links = value if isinstance(value, list) else [value]
    return [str(one.get("sourcedId", "")) for one in links if isinstance(one, Mapping)]


def token_in(reply: Reply) -> str:
    """The access token of an answer; empty without one."""
    found = document(reply).get("access_token")
    return found if isinstance(found, str) and reply.status == 200 else ""
