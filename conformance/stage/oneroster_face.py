"""The suite's own OneRoster service: tokens, documents, and the rosters behind both.

It is a lawful service. What a check wants otherwise stands in `style`, or in the tricks that see
each answer before it leaves. Documents and their acknowledgement are those of `stage.hub`.
Source: 1EdTech OneRoster 1.2 and 1.1, rostering, REST binding.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from conformance import pod_forms, trees
from conformance.reply import read_json
from conformance.stage import oneroster_pages as pages
from conformance.stage import receipts
from conformance.stage.calls import MARKER, OTHER, PODS, RECEIPT, Asked, Given
from conformance.stage.oneroster_pages import ORDINARY, ROSTER, Body
from conformance.stage.oneroster_query import BadFilter, condition
from conformance.stage.oneroster_roster import KINDS, Roster, older
from conformance.stage.oneroster_tokens import Counter
from conformance.stage.places import Place
from conformance.target import TargetConfig
from conformance.trees import collection, inf

XML = ("Content-Type", "application/xml;charset=UTF-8")
ROOTS = {
    "1.1": ("ims", "oneroster", "v1p1"),
    "1.2": ("ims", "oneroster", "rostering", "v1p2"),
}
# Name: the collection it is a part of, and the condition that makes the part.
VIEWS: dict[str, tuple[str, str]] = {name: (name, "") for name in KINDS} | {
    "terms": ("academicSessions", "type='term' OR type='semester'"),
    "gradingPeriods": ("academicSessions", "type='gradingPeriod'"),
    "schools": ("orgs", "type='school'"),
    "students": ("users", "roles.role='student'"),
    "teachers": ("users", "roles.role='teacher'"),
}
# (parent, child): the place in the child, or in its enrollments, that names the parent.
_BELOW = {
    ("terms", "classes"): "terms.sourcedId", ("courses", "classes"): "course.sourcedId",
    ("schools", "classes"): "school.sourcedId", ("schools", "enrollments"): "school.sourcedId",
    ("schools", "courses"): "org.sourcedId", ("schools", "students"): "roles.org.sourcedId",
    ("schools", "teachers"): "roles.org.sourcedId", ("schools", "terms"): "",
    ("classes", "enrollments"): "class.sourcedId",
}  # fmt: skip

Trick = Callable[["Face", Asked, Given], Given | None]


class Face:
    """Answers one call at a time; `url` is what the client is told, set once it is known.

    `place` holds the document; it opens the data once it was acknowledged, explicitly or by its
    marker on a call. `now` is the moment of the service, in seconds of the epoch.
    """

    def __init__(self, config: TargetConfig, learn: Callable[[str], None]) -> None:
        told = config.roster
        self.config, self.url = config, ""
        key, secret = config.credentials.key, config.secret
        self.counter = Counter(key, secret, told.version, told.scopes, learn)
        self.roster = Roster(0, 0, 0.0)
        self.style = ORDINARY
        self.tricks: list[Trick] = []
        self.place = Place("roster")
        self.marked: set[str] = set()
        self.lock = threading.RLock()

    @property
    def root(self) -> str:
        """The address of the rostering service."""
        return f"{self.url}/{'/'.join(ROOTS[self.config.roster.version])}"

    @property
    def origin(self) -> str:
        """The host in its address, without a path."""
        return "/".join(self.url.split("/")[:3])

    @property
    def old(self) -> bool:
        """Whether it speaks OneRoster 1.1."""
        return self.config.roster.version == "1.1"

    def answer(self, asked: Asked) -> Given:
        """The answer to one call, after each trick had its turn."""
        with self.lock:
            given = self._answered(asked)
            for trick in tuple(self.tricks):
                given = trick(self, asked, given) or given
            return given

    def matching(self, asked: Asked) -> list[Body]:
        """All objects that a call for a collection is about, whatever page; raises BadFilter."""
        steps = asked.steps[len(ROOTS[self.config.roster.version]) :]
        view, found = self._found(steps)
        base = VIEWS[view][0]
        told = [self._told(base, one) for one in found]
        meets = condition(asked.given.get("filter", ""))
        return [one for one in told if meets(one)]

    # -- routes ------------------------------------------------------------------------------

    def _answered(self, asked: Asked) -> Given:
        root = ROOTS[self.config.roster.version]
        if asked.steps == ("oauth", "token"):
            return self.counter.answer(asked)
        scopes = self.counter.allows(asked, self.origin)
        covered = asked.steps[: len(root)] == root
        kind = ROSTER if covered else OTHER
        if scopes is None:
            line = ("WWW-Authenticate", 'Bearer error="invalid_token"')
            text = "A valid access token is needed."
            given = pages.refused(401, "unauthorisedrequest", text, self.old, line, kind=kind)
            return self._of(asked, given) if covered else given
        if covered:
            return self._of(asked, self._rosters(asked, scopes))
        if asked.steps[:1] in (("services",), ("privacy",)):
            return self._papers(asked)
        return pages.refused(404, "unknownobject", "There is no such place.", self.old, kind=OTHER)

    def _of(self, asked: Asked, given: Given) -> Given:
        """The answer with the collection (zone) and the part of it (service) that it is about."""
        steps = asked.steps[len(ROOTS[self.config.roster.version]) :]
        view = steps[-1] if steps and len(steps) % 2 else "".join(steps[-2:-1])
        base = VIEWS[view][0] if view in VIEWS else view
        return replace(given, kind=ROSTER, zone=base, service="/".join(steps))

    def _rosters(self, asked: Asked, scopes: frozenset[str]) -> Given:
        steps = asked.steps[len(ROOTS[self.config.roster.version]) :]
        if asked.method not in ("GET", "HEAD"):
            return self._no(405, "invaliddata", "Rosters are read only.")
        try:
            view, found = self._found(steps)
        except LookupError:
            return self._no(404, "unknownobject", "There is no such place or object.")
        refusal = self._gate(asked, VIEWS[view][0], scopes)
        if refusal is not None:
            return refusal
        if not len(steps) % 2:
            body = self._told(VIEWS[view][0], found[0])
            return pages.one(self.style, self.root, VIEWS[view][0], body)
        try:
            matching = self.matching(asked)
        except BadFilter:
            return self._no(400, "invalid_filter_field", "The filter cannot be read.")
        told = [self._cut(asked, one) for one in self._sorted(asked, matching)]
        return pages.page(asked, self.style, self.root, VIEWS[view][0], told)

    def _gate(self, asked: Asked, base: str, scopes: frozenset[str]) -> Given | None:
        narrow = "demographics" if base == "demographics" else "core"
        if not scopes & {"roster.readonly", f"roster-{narrow}.readonly"}:
            return self._no(403, "forbidden", "The scope of the token does not cover this.")
        if "pod" not in self.config.capabilities:
            return None
        pod = self.place.pod
        if pod is None:
            gone = bool(self.place.retired) and not self.place.raw and self.place.shown is None
            text = "There is no obligation document in force."
            return self._no(410 if gone else 403, "forbidden", text)
        if asked.headers.get(MARKER) == pod.token:
            self.marked.add(pod.refid)
        if not self.acknowledged:
            return self._no(403, "forbidden", "The obligation document is not acknowledged.")
        return None

    @property
    def acknowledged(self) -> bool:
        """Whether the document in force was acknowledged."""
        pod = self.place.pod
        if pod is None:
            return False
        known = (one for one in self.place.answers if pod.refid in one)
        return pod.refid in self.marked or any('"ACKNOWLEDGED"' in one for one in known)

    def _no(self, status: int, minor: str, text: str) -> Given:
        return pages.refused(status, minor, text, self.old)

    # -- rosters -----------------------------------------------------------------------------

    def _told(self, base: str, body: Body) -> Body:
        return older(base, body) if self.old else body

    def _found(self, steps: Sequence[str]) -> tuple[str, list[Body]]:
        """The view that the path ends in, and the objects there; raises LookupError."""
        if not 1 <= len(steps) <= 5:
            raise LookupError
        view = steps[-1] if len(steps) % 2 else steps[-2]
        base, part = VIEWS[view]
        meets = condition(part)
        found = [one for one in self.roster.all(base) if meets(one)]
        if not len(steps) % 2:
            found = [one for one in found if one["sourcedId"] == steps[-1]]
            if not found:
                raise LookupError
            return view, found
        for at in range(0, len(steps) - 1, 2):
            parent, own = steps[at], steps[at + 1]
            self._found((parent, own))
            found = [one for one in found if self._below(parent, own, view, one)]
        return view, found

    def _below(self, parent: str, own: str, view: str, body: Body) -> bool:
        seats = self.roster.all("enrollments")
        if (parent, view) in _BELOW:
            place = _BELOW[parent, view]
            return not place or condition(f"{place}='{own}'")(body)
        if parent == "classes" and view in ("students", "teachers"):
            mine = [one for one in seats if one["class"]["sourcedId"] == own]
            role = view.removesuffix("s")
            return any(
                one["user"]["sourcedId"] == body["sourcedId"] and one["role"] == role
                for one in mine
            )
        if parent in ("users", "students", "teachers") and view == "classes":
            mine = [one for one in seats if one["user"]["sourcedId"] == own]
            return any(one["class"]["sourcedId"] == body["sourcedId"] for one in mine)
        raise LookupError

    def _sorted(self, asked: Asked, found: list[Body]) -> list[Body]:
        field = asked.given.get("sort", "")
        if not field:
            return found
        down = asked.given.get("orderBy") == "desc"
        return sorted(found, key=lambda one: str(one.get(field, "")), reverse=down)

    def _cut(self, asked: Asked, body: Body) -> Body:
        wanted = [one for one in asked.given.get("fields", "").split(",") if one]
        return {name: body[name] for name in wanted if name in body} if wanted else body

    # -- documents ---------------------------------------------------------------------------

    def _papers(self, asked: Asked) -> Given:
        match asked.method, asked.steps:
            case "GET", ("services" | "privacy", "pods", *_):
                return self._documents(asked)
            case "POST", ("privacy", "pods", refid, "acknowledgements"):
                told = self._json(asked)
                if told is None:
                    status, made = 422, {"error": "the body is no JSON object"}
                else:
                    status, made, _ = receipts.answer(refid, told, [self.place])
                return Given(status, (pages.JSON,), json.dumps(made).encode(), RECEIPT)
        return pages.refused(
            404, "unknownobject", "There is no such service.", self.old, kind=OTHER
        )

    def _json(self, asked: Asked) -> dict[str, Any] | None:
        try:
            told = read_json(asked.body)
        except ValueError:
            return None
        return told if isinstance(told, dict) else None

    def _documents(self, asked: Asked) -> Given:
        shown, pod = self.place.shown, self.place.pod
        told = ((self.place.zone, pod.token),) if pod is not None else ()
        elements = [shown] if shown is not None else []
        if "json" in asked.headers.get("Accept").lower():
            body = json.dumps([one for each in elements for one in pod_forms.document(each)])
            return Given(200, (pages.JSON,), self.place.raw or body.encode(), PODS, tokens=told)
        whole = collection("pods", elements) if elements else inf("pods")
        text = self.place.raw or trees.tostring(whole)
        return Given(200, (XML,), text, PODS, tokens=told)
