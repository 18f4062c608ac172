"""Speak SIF 3 to the target, as the hub that pushes data to a receiver would.

sif = SifClient(wire, config, rng)
sif.connect()                      # environment; from here on the session token signs
sif.acknowledge()                  # push a POD with a fresh token, expect its marker back
reply = sif.create(student)        # POST xStudents/xStudent
sif.clean_up()                     # delete what was created, then the environment
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import quote, urlencode

from lxml import etree

from conformance import auth, data_models, environments, expect, pods, trees, versions
from conformance.data_models import USUAL
from conformance.environments import Environment, Identity
from conformance.evidence import Evidence
from conformance.interrupts import held
from conformance.pods import Pod
from conformance.problems import ConformanceError, NotVerified
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.tongue import spoken_at
from conformance.trees import inf
from conformance.wire import Wire

Body = bytes | etree._Element | None
HeaderValues = Mapping[str, str | Sequence[str] | None]
Query = Mapping[str, str] | Sequence[tuple[str, str]]


class Current:
    """Stands for the marker of the POD that is in force, left off where none is due."""


CURRENT = Current()
MARKER = "dataPrivacyMarker"


class SifClient:
    """One registered application at the target; not for use by several threads."""

    def __init__(
        self,
        wire: Wire,
        config: TargetConfig,
        rng: random.Random,
        evidence: Evidence | None = None,
        clock: auth.Clock = auth.now,
    ) -> None:
        self.wire = wire
        self.config = config
        self.rng = rng
        self.environment: Environment | None = None
        self.pod: Pod | None = None
        self.identity = Identity(config.credentials.key, config.secret, config.credentials.method)
        self._evidence = evidence or Evidence()
        self._clock = clock
        self._created: dict[str, list[str]] = {}
        self.model = data_models.MODELS.get(config.endpoint.model) or data_models.MODELS[USUAL]
        self.collection = next(iter(config.offer.services), self.model.students)
        self.people: dict[str, str] = {}
        self._open: list[tuple[Environment, Identity]] = []

    @property
    def evidence(self) -> Evidence:
        """The recorder of this run."""
        return self._evidence

    def beside(self, wire: Wire) -> SifClient:
        """The same session over another connection; what it creates is deleted by this client."""
        twin = SifClient(wire, self.config, self.rng, self._evidence, self._clock)
        twin.environment, twin.pod, twin.identity = self.environment, self.pod, self.identity
        twin._created, twin.collection = self._created, self.collection
        return twin

    # -- environment -------------------------------------------------------------------------

    def connect(
        self,
        instance: str | None = None,
        *,
        key: str | None = None,
        secret: str | None = None,
        method: str | None = None,
        body: Body = None,
    ) -> Reply:
        """Create an environment and take it as the current one if the answer holds one.

        Without `instance` a random one keeps runs apart. 409 with the existing environment as
        body is taken too. Judges nothing: that is up to the check.
        """
        own = self.identity
        identity = Identity(key or own.key, secret or own.secret, method or own.method)
        self._evidence.secret(identity.secret)
        if body is None:
            body = self.environment_body(instance or f"run-{secrets.token_hex(8)}", identity)
        signed = self.sign("application", identity)
        url = self.config.url("environments/environment")
        with held():
            reply = self.send("POST", url, body=body, headers=signed.headers)
            self.adopt(reply, identity)
        return reply

    def adopt(self, reply: Reply, identity: Identity) -> None:
        """Take the environment of this answer, if it holds one, as the current one."""
        environment = environments.read(reply)
        if environment is not None:
            self._evidence.secret(environment.session_token)
            self.identity, self.environment = identity, environment
            self._open.append((environment, identity))

    def environment_body(self, instance: str, identity: Identity | None = None) -> etree._Element:
        """An `environment` as this client sends it, children in schema order."""
        return environments.build(self.config, identity or self.identity, instance)

    def disconnect(self) -> Reply:
        """DELETE the current environment."""
        environment = self._connected()
        return self.request("DELETE", self._environment_url(environment), marker=None)

    @property
    def zone(self) -> str:
        """The zone of the target file, else the environment's default zone."""
        return self.config.endpoint.zone or (self.environment.zone if self.environment else "")

    # -- any request -------------------------------------------------------------------------

    def request(
        self,
        verb: str,
        path: str,
        *,
        body: Body = None,
        headers: HeaderValues | None = None,
        auth: str | None = "session",
        auth_in: Literal["header", "query"] = "header",
        marker: Current | str | None = CURRENT,
        query: Query = (),
    ) -> Reply:
        """Send any request; a path without `://` stands below the requests connector.

        `auth` is session | application | None | the text of an Authorization header. A header of
        value None is left off, one of several values is sent several times. `marker=CURRENT`
        sends the marker in force, but not on deletions, which need none.
        """
        lines: dict[str, str | Sequence[str] | None] = {"Accept": "application/xml"}
        pairs = list(query.items() if isinstance(query, Mapping) else query)
        if auth in ("session", "application"):
            signed = self.sign(auth)
            lines |= signed.headers if auth_in == "header" else {}
            pairs += signed.query.items() if auth_in == "query" else []
        elif auth is not None:
            lines["Authorization"] = auth
        lines |= self._marker(verb, headers or {}, marker)
        given = {name.lower() for name in headers or {}}
        tongue = spoken_at(self.config, self.model.id, path)
        body, kind = tongue.told(body, given)
        lines |= tongue.asked(given) | kind | dict(headers or {})
        reply = self.send(verb, self._url(path, pairs), body=body, headers=lines, named=path)
        return tongue.understood(reply, given)

    def send(
        self,
        verb: str,
        url: str,
        *,
        body: Body = None,
        headers: HeaderValues | None = None,
        named: str = "",
    ) -> Reply:
        """Send to an absolute URL with exactly these headers and a Content-Type for a body."""
        lines = dict(headers or {})
        if isinstance(body, etree._Element):
            body = trees.tostring(body)
        if body is not None:
            body = versions.spoken(body, self.config.endpoint.infrastructure)
        if body is not None and not any(name.lower() == "content-type" for name in lines):
            lines["Content-Type"] = "application/xml"
        pairs: list[tuple[str, str]] = []
        for name, value in lines.items():
            values = [value] if isinstance(value, str) else value or ()
            pairs += [(name, one) for one in values]
        return self.wire.send(verb, url, pairs, body, self._named(named or url))

    def sign(self, who: str = "session", identity: Identity | None = None) -> auth.Signature:
        """Sign as the session or as the application, with a timestamp of now."""
        own = identity or self.identity
        user = self._connected().session_token if who == "session" else own.key
        signed = auth.sign(own.method, user, own.secret, auth.stamp(self._clock()))
        if own.method == auth.BASIC:
            self._evidence.secret(signed.token)
        return signed

    @property
    def single(self) -> str:
        """Where one student is created: `xStudents/xStudent`."""
        return f"{self.model.students}/{self.model.student}"

    # -- objects -----------------------------------------------------------------------------

    def create(self, obj: etree._Element, **options: object) -> Reply:
        """POST one object to `{plural}/{singular}`; options go to `request`."""
        name = trees.local(obj)
        with held():
            reply = self._call("POST", f"{plural(name)}/{name}", obj, options)
            if reply.ok:
                self._remember(plural(name), [trees.refid(one) for one in _roots(reply)])
        return reply

    def create_many(self, objects: Iterable[etree._Element], **options: object) -> Reply:
        """POST a collection; what the answer reports as created is deleted at the end."""
        listed = list(objects)
        bundle = trees.collection(plural(trees.local(listed[0])), listed)
        with held():
            reply = self._call("POST", trees.local(bundle), bundle, options)
            if reply.ok:
                found = [one for root in _roots(reply) for one in trees.every(root, "create")]
                self._remember(trees.local(bundle), [one.get("id") or "" for one in found])
        return reply

    def update(self, refid: str, obj: etree._Element, **options: object) -> Reply:
        """PUT one (partial) object to `{plural}/{id}`."""
        return self._call("PUT", f"{plural(trees.local(obj))}/{quote(refid)}", obj, options)

    def update_many(self, objects: Iterable[etree._Element], **options: object) -> Reply:
        """PUT a collection of (partial) objects, each with its id."""
        listed = list(objects)
        bundle = trees.collection(plural(trees.local(listed[0])), listed)
        return self._call("PUT", trees.local(bundle), bundle, options)

    def delete(self, refid: str, name: str = "", **options: object) -> Reply:
        """DELETE `{plural}/{id}`; without a name a student."""
        place = f"{name or self.model.students}/{quote(refid)}"
        return self._call("DELETE", place, None, options)

    def delete_many(self, refids: Iterable[str], name: str = "", **options: object) -> Reply:
        """PUT a deleteRequest with `methodOverride: DELETE`; without a name for students."""
        body = inf("deleteRequest", inf("deletes", *(inf("delete", id=one) for one in refids)))
        given = options.pop("headers", None)
        headers = {"methodOverride": "DELETE"} | dict(given if isinstance(given, Mapping) else {})
        place = name or self.model.students
        return self._call("PUT", place, body, options | {"headers": headers})

    def get(self, refid: str, name: str = "", **options: object) -> Reply:
        """GET `{plural}/{id}`; without a name a student."""
        place = f"{name or self.model.students}/{quote(refid)}"
        return self._call("GET", place, None, options)

    def query(self, name: str = "", **headers: object) -> Reply:
        """GET a collection, without a name that of students; more arguments become headers."""
        told = {key: str(one) for key, one in headers.items()}
        return self.request("GET", name or self.model.students, headers=told)

    # -- privacy obligations -----------------------------------------------------------------

    def new_pod(self, **changes: object) -> Pod:
        """A POD for this vendor with a fresh id and token; changes are fields of pods.Terms."""
        terms = pods.Terms(
            refid=pods.fresh_id(),
            token=pods.fresh_token(self.rng),
            party=self.config.party,
            app=self.config.pod.app or self.config.credentials.key,
            zone=self.zone,
            context=self.config.endpoint.context or "DEFAULT",
            data_model=self.config.endpoint.data_model,
            fields=(self.model.student,),
        )
        pod = pods.build(replace(terms, **changes))  # type: ignore[arg-type]
        self._evidence.token(pod.token)
        return pod

    def push_pod(self, pod: Pod, **options: object) -> Reply:
        """POST the POD to `pods/pod`; does not change the marker in use."""
        given = options.pop("headers", None)
        headers = {"serviceType": "UTILITY"} | dict(given if isinstance(given, Mapping) else {})
        return self._call("POST", "pods/pod", pod.element,
                          {"marker": None} | options | {"headers": headers})  # fmt: skip

    def use(self, pod: Pod | None) -> None:
        """Send this POD's token as marker from now on."""
        self.pod = pod

    def acknowledge(self, pod: Pod | None = None) -> Pod:
        """Push a fresh POD, expect 2xx and its token back as marker, and use it from now on."""
        fresh = pod or self.new_pod()
        reply = self.push_pod(fresh)
        expect.status(reply, 200, 201, 202, 204)
        expect.header(reply, MARKER, fresh.token)
        self.use(fresh)
        return fresh

    # -- before and after --------------------------------------------------------------------

    def ready(self) -> None:
        """Connect and, if the target demands PODs, have one in force; else raise NotVerified.

        Lenient on purpose: how well the target does this is judged by checks of its own.
        """
        reply = self.connect()
        if self.environment is None or not self.environment.requests:
            raise NotVerified(
                f"no usable environment: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        if "pod" in self.config.capabilities:
            pod = self.new_pod()
            answer = self.push_pod(pod)
            if not answer.ok:
                raise NotVerified(
                    f"no POD in force: {answer.request} answered {answer.status}"
                    f" (exchange {answer.exchange})"
                )
            self.use(pod)

    def clean_up(self) -> None:
        """Delete what was created and every environment; faults here are nobody's finding.

        With `keep` in the target's settings the objects stay.
        """
        try:
            if "delete" in self.config.capabilities and not self.config.keep:
                self._delete_created()
            for environment, identity in reversed(self._open):
                self.environment, self.identity = environment, identity
                self.request("DELETE", self._environment_url(environment), marker=None)
        except ConformanceError:
            return
        finally:
            self._created.clear()
            self._open.clear()
            self.environment = None

    def _delete_created(self) -> None:
        for name, refids in self._created.items():
            if len(refids) > 3:
                self.delete_many(refids, name)
            else:
                for refid in refids:
                    self.delete(refid, name)

    def _environment_url(self, environment: Environment) -> str:
        below = self.config.url(f"environments/{quote(environment.id)}")
        return environment.services.get("environment") or below

    def _connected(self) -> Environment:
        if self.environment is None:
            raise NotVerified("there is no environment, so nothing can be signed with its token")
        return self.environment

    def _call(self, verb: str, path: str, body: Body, options: Mapping[str, object]) -> Reply:
        return self.request(verb, path, body=body, **options)  # type: ignore[arg-type]

    def _url(self, path: str, query: Sequence[tuple[str, str]]) -> str:
        url = path if "://" in path else f"{self._connected().requests}/{path}"
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query, quote_via=quote)
        return url

    def _named(self, path: str) -> str:
        """What a finding calls the place: no host, no base path, no query."""
        plain = path.partition("?")[0]
        return plain.removeprefix(f"{self.config.base}/") if "://" in plain else plain

    def _marker(
        self, verb: str, headers: HeaderValues, marker: Current | str | None
    ) -> dict[str, str]:
        if isinstance(marker, str):
            return {MARKER: marker}
        override = next((v for k, v in headers.items() if k.lower() == "methodoverride"), None)
        if marker is None or self.pod is None or "DELETE" in (verb, override):
            return {}
        return {MARKER: self.pod.token}

    def _remember(self, name: str, refids: Iterable[str]) -> None:
        known = self._created.setdefault(name, [])
        known += [one for one in refids if one and one not in known]


def plural(name: str) -> str:
    """The collection of an object; the data models we speak all add an s."""
    return f"{name}s"


def _roots(reply: Reply) -> list[etree._Element]:
    try:
        return [trees.parse(reply.body)]
    except trees.Unreadable:
        return []
