"""Providers whose rights say one thing while they do another."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


@breaks(
    "INF-ACL-003",
    also=(
        "INF-ACL-004",
        "INF-QRY-006",
    ),
)
class ReadsOutWhatItRejects(Provider):
    """Says in the rights what may not be read, and reads it out all the same."""

    def check_right(self, collection: str) -> None:
        return None


@breaks(
    "INF-ACL-004",
    also=(
        "INF-ACL-003",
        "INF-QRY-006",
    ),
)
class GuardsListsOnly(Provider):
    """Asks for the right where a list is read, and not for a single object."""

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        if collection in Provider.denied:
            raise Refusal(404, "There is no object with this id.")
        return super().read_one(request, collection, refid)

    def check_right(self, collection: str) -> None:
        return None

    def read_list(self, request: Request, collection: str) -> Response:
        super().check_right(collection)
        return super().read_list(request, collection)


@breaks(
    "INF-QRY-006",
    also=(
        "INF-ACL-003",
        "INF-ACL-004",
    ),
)
class HidesWhatIsNotGranted(Provider):
    """Says of what may not be read that it does not exist."""

    def check_right(self, collection: str) -> None:
        if collection in self.denied:
            raise self.no_provider()


@breaks("INF-ACL-003")
class ApprovesWhatItRefuses(Provider):
    """Approves in the rights what it then refuses."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        return super().service(kind, name, "APPROVED")


@breaks("INF-ACL-010", also=("INF-ACL-005",))
class ListsAdministration(Provider):
    """Lists the right ADMIN, which the schema does not know."""

    def other_rights(self, kind: str) -> tuple[str, ...]:
        return (*super().other_rights(kind), "ADMIN")


@breaks("INF-ACL-005", also=("INF-ACL-010",))
class LetsPathsChange(Provider):
    """Approves changes along a service path."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        made = super().service(kind, name, query)
        if kind == "SERVICEPATH":
            made[0].append(node("right", "APPROVED", type="UPDATE"))
        return made


@breaks("INF-ACL-006")
class ListsServicesTwice(Provider):
    """Lists a service a second time in the same context."""

    def provisioned_zones(self) -> etree._Element:
        zones = super().provisioned_zones()
        zones[0][0].append(self.service("OBJECT", "xStudents", "APPROVED"))
        return zones


@breaks("INF-ACL-008")
class LetsAnyoneProvide(Provider):
    """Approves PROVIDE although nobody can provide in a Direct environment."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        made = super().service(kind, name, query)
        for right in made[0]:
            if right.get("type") == "PROVIDE":
                right.text = "APPROVED"
        return made


@breaks("INF-SVP-005")
class ListsPathsByExample(Provider):
    """Lists a service path with a word where the braces stand."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        return super().service(kind, name.replace("{}", "id"), query)


@breaks("INF-SVP-005")
class ListsPathsByTheirEnd(Provider):
    """Lists a service path by its last collection alone."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        shown = name if kind == "OBJECT" else name.rpartition("/")[2]
        return super().service(kind, shown, query)


@breaks("INF-ENV-019")
class PromisesTheEnvironment(Provider):
    """Promises the environment for later, though there is no queue."""

    def read_environment(self, request: Request, refid: str) -> Response:
        answer = super().read_environment(request, refid)
        return Response(202) if request.says("requestType") == "DELAYED" else answer


@breaks("INF-ENV-019")
class SearchesTheEnvironment(Provider):
    """Takes the environment for a list, in which a condition finds nothing."""

    def read_environment(self, request: Request, refid: str) -> Response:
        answer = super().read_environment(request, refid)
        return self.empty() if "where" in request.query else answer
