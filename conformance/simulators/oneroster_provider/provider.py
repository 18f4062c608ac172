"""The conforming OneRoster provider, 1.1 and 1.2: a WSGI application for the role.

Every behaviour is one method, so that a mutant is this class with one method changed.
Source: 1EdTech OneRoster 1.1 and 1.2 rostering, REST binding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.simulators.message import Request, Response, read_request, send
from conformance.simulators.oneroster_provider.access import CORE, DEMOGRAPHICS, JSON, ROSTER
from conformance.simulators.oneroster_provider.district import Bodies
from conformance.simulators.oneroster_provider.reads import KINDS, ROLES, Call, Reads
from conformance.simulators.problems import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOTS = {
    ("ims", "oneroster", "rostering", "v1p2"): "1.2",
    ("ims", "oneroster", "v1p1"): "1.1",
}
_MINORS = {401: "unauthorisedrequest", 403: "forbidden", 404: "unknownobject"}


class RosterProvider(Reads):
    """A system that answers OneRoster requests.

    A mutant names in `breaks` the requirements it violates on purpose, in `also` the honest
    collateral; `special` ones misbehave so widely that no exact list is claimed.
    """

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry."""
        request = read_request(environ)
        return send(self.answer(request), request.method, start_response)

    def answer(self, request: Request) -> Response:
        """Answer one request, one at a time."""
        with self.state.lock:
            call = Call(request, "1.2", ())
            try:
                if request.segments == ("oauth", "token"):
                    return self.at_token_address(request)
                call = self.called(request)
                return self.finish(call, self.route(call))
            except Refusal as refusal:
                return self.finish(call, self.refused(call, refusal))
            except Exception:  # a defect of ours must not tear the connection down
                return self.finish(call, self.refused(call, Refusal(500, "A defect of ours.")))

    def at_token_address(self, request: Request) -> Response:
        """A token for whoever posts."""
        if request.method != "POST":
            return Response(405, b"", JSON, (("Allow", "POST"),))
        return self.give_token(request)

    def called(self, request: Request) -> Call:
        """The version whose root was called, and the path below it."""
        for root, version in ROOTS.items():
            if request.segments[: len(root)] == root:
                return Call(request, version, request.segments[len(root) :])
        raise self.no_such_path()

    def finish(self, call: Call, response: Response) -> Response:  # noqa: ARG002
        """What every answer gets. Nothing here."""
        return response

    def route(self, call: Call) -> Response:
        """Who asks, what for, and may they."""
        scopes = self.scopes_of(call.request, call.version)
        if call.request.method not in ("GET", "HEAD"):
            return self.written(call)
        self.check_scope(call, scopes)
        match call.path:
            case (name,) if name in KINDS:
                return self.listed(call, name, self.objects(name))
            case (name, sourced_id) if name in KINDS:
                return self.one(call, name, sourced_id)
            case (parent, sourced_id, name) if parent in KINDS and name in KINDS:
                return self.listed(call, name, self.below(parent, sourced_id, name))
            case ("schools", school, "classes", sourced_id, name) if (
                name == "enrollments" or name in ROLES
            ):
                return self.listed(call, name, self.below_class(school, sourced_id, name))
        raise self.no_such_path()

    def written(self, call: Call) -> Response:  # noqa: ARG002
        """The answer to a method that changes something."""
        raise Refusal(405, "Rosters can only be read.", "invaliddata")

    def check_scope(self, call: Call, scopes: frozenset[str]) -> None:
        """Refuse what the token was not made for."""
        if not self.allowed(call.path, scopes):
            raise Refusal(403, "The token does not allow this.", "forbidden")

    def allowed(self, path: tuple[str, ...], scopes: frozenset[str]) -> bool:
        """Whether one of the scopes reaches this path."""
        if path[:1] == ("demographics",):
            return DEMOGRAPHICS in scopes
        return ROSTER in scopes or (CORE in scopes and len(path) <= 2)

    def listed(self, call: Call, name: str, found: Bodies) -> Response:
        """A page of a collection."""
        offset, limit = self.offset(call), self.limit(call)
        if {"filter", "sort", "orderBy"} & call.request.query.keys():
            told = [self.shown(call, name, one) for one in found]
            found = self.ordered(call, self.filtered(call, told))
            page = self.page(found, offset, limit)
        else:
            page = [self.shown(call, name, one) for one in self.page(found, offset, limit)]
        shown = self.selected(call, page)
        headers = self.total_header(len(found), len(shown))
        links = self.link_header(call, offset, limit, len(found))
        if links:
            headers = (*headers, ("Link", links))
        return self.document(self.collection_name(name), shown).adding(*headers)

    def one(self, call: Call, name: str, sourced_id: str) -> Response:
        """One object."""
        body = self.shown(call, name, self.find(name, sourced_id))
        return self.document(KINDS[name][1], self.selected(call, [body])[0])

    def collection_name(self, name: str) -> str:
        """The member of an answer that holds the objects."""
        return KINDS[name][0]

    def document(self, name: str, told: Any) -> Response:
        """JSON with one member."""
        return Response(200, json.dumps({name: told}, ensure_ascii=False).encode(), JSON)

    def refused(self, call: Call, refusal: Refusal) -> Response:
        """The answer to a refused request, in the payload of the version."""
        body = json.dumps(self.error_payload(call, refusal)).encode()
        return Response(refusal.status, body, JSON, self.challenge(refusal.status))

    def challenge(self, status: int) -> tuple[tuple[str, str], ...]:
        """How to prove who one is (RFC 6750, 3)."""
        return (("WWW-Authenticate", 'Bearer realm="rosters"'),) if status == 401 else ()

    def error_payload(self, call: Call, refusal: Refusal) -> dict[str, Any]:
        """imsx_StatusInfo of 1.2, statusInfoSet of 1.1."""
        minor = self.minor(refusal)
        told: dict[str, Any] = {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": self.description(call, refusal),
        }
        if call.version == "1.1":
            return {"statusInfoSet": [told | {"imsx_codeMinor": minor}]}
        field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
        return told | {"imsx_CodeMinor": {"imsx_codeMinorField": [field]}}

    def minor(self, refusal: Refusal) -> str:
        """The code that says what was wrong."""
        return refusal.subcode or _MINORS.get(refusal.status, "internal_server_error")

    def description(self, call: Call, refusal: Refusal) -> str:  # noqa: ARG002
        """What is told to people; never what they sent."""
        return refusal.message
