"""Vendors that open what is closed, or take the end of a path for something else."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session


class Open(Receiver):
    """A vendor that gives some requests any environment whose id they know."""

    verbs: tuple[str, ...] = ()

    def find_environment(self, request: Request, refid: str) -> Session:
        self.authenticate_session(request)
        found = (one for one in self.state.sessions.values() if one.id == refid.lower())
        session = next(found, None)
        if session is None or request.method not in self.verbs:
            return super().find_environment(request, refid)
        return session


@breaks("INF-ENV-012")
class ShowsEveryEnvironment(Open):
    """Shows any environment to whoever knows its id."""

    verbs = ("GET",)


@breaks("INF-ENV-012")
class LetsOthersEndIt(Open):
    """Lets any application delete an environment whose id it knows."""

    verbs = ("DELETE",)


@breaks("INF-ENV-019")
class AnswersEnvironmentsLater(Receiver):
    """Promises the environment for later, though there is no queue."""

    def read_environment(self, request: Request, refid: str) -> Response:
        answer = super().read_environment(request, refid)
        return Response(202) if request.says("requestType") == "DELAYED" else answer


@breaks("INF-ENV-019")
class PagesTheEnvironment(Receiver):
    """Takes the environment for a list of one, which has no second page."""

    def read_environment(self, request: Request, refid: str) -> Response:
        answer = super().read_environment(request, refid)
        return self.empty() if request.parameter("navigationPage") == "2" else answer


@breaks("INF-HDR-010")
class TakesAZoneTwice(Receiver):
    """Takes a zone in the header beside the one in the address."""

    def refuse_second_statement(self, request: Request, name: str) -> None:
        return None


@breaks("INF-HDR-010")
class CallsASecondZoneBad(Receiver):
    """Answers a zone that is stated twice with 400."""

    def stated_twice(self, name: str) -> Refusal:
        return Refusal(400, f"{name} stands in the address and in a header.")


@breaks("INF-ZON-007")
class ListsPodsInTheDistrict(Receiver):
    """Lists the pods service in the zone of a district."""

    utility_zone = "demo-district"


@breaks("INF-ZON-007")
class ListsPodsInTheirOwnContext(Receiver):
    """Lists the pods service in a context of its own."""

    def provisioned_zones(self) -> etree._Element:
        zones = super().provisioned_zones()
        for service in zones.iter("{*}service"):
            if service.get("type") == "UTILITY":
                service.set("contextId", "PODS")
        return zones


@breaks("INF-QRY-006")
class HidesWhatIsClosed(Receiver):
    """Says of a service without the right to it that there is none."""

    def not_granted(self) -> Refusal:
        return self.no_provider()


@breaks("INF-QRY-006")
class ShowsTheClosedAsEmpty(Receiver):
    """Answers a service without the right to it with nothing."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        self.authenticate_session(request)
        if path and path[0] in self.denied:
            return self.empty()
        return super().route_connector(request, path)


class Shortening(Receiver):
    """A vendor that reads a longer path as another one."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "GET" and len(path) > 2:
            path = self._shortened(request, path)
            request = self._untyped(request)
        return super().route_connector(request, path)

    def _shortened(self, request: Request, path: tuple[str, ...]) -> tuple[str, ...]:
        """The path that is answered."""
        return path

    def _untyped(self, request: Request) -> Request:
        """The request without the type of its service."""
        kept = {name: told for name, told in request.headers.items() if name != "servicetype"}
        return replace(request, headers=kept)


@breaks("NEG-054")
class DropsTheEndOfAPath(Shortening):
    """Reads a path without its type up to the first id."""

    def _shortened(self, request: Request, path: tuple[str, ...]) -> tuple[str, ...]:
        return path if request.says("serviceType") else path[:2]


@breaks("NEG-054", also=("NEG-055",))
class TakesAPathForTheList(Shortening):
    """Reads a path without its type as its first collection."""

    def _shortened(self, request: Request, path: tuple[str, ...]) -> tuple[str, ...]:
        return path if request.says("serviceType") else path[:1]


@breaks("NEG-055")
class TakesTheEndForAnId(Shortening):
    """Looks for the last part of a path among the students."""

    def _shortened(self, request: Request, path: tuple[str, ...]) -> tuple[str, ...]:
        return ("xStudents", path[-1])


@breaks("NEG-055")
class TakesTheEndOfATypedPathForAnId(Shortening):
    """Looks for the last part of a service path among the students."""

    def _shortened(self, request: Request, path: tuple[str, ...]) -> tuple[str, ...]:
        return ("xStudents", path[-1]) if request.says("serviceType") else path
