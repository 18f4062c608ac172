"""Providers that are clumsy: what they give is refused needlessly, or is not quite it."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from copy import deepcopy
from dataclasses import replace

from lxml import etree

from conformance.simulators import tokens
from conformance.simulators.documents import node
from conformance.simulators.environments import Asked
from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.district import Item, Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.mutants.answers import without
from conformance.simulators.provider.mutants.data import Spoilt, node_of
from conformance.simulators.provider.provider import Provider
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials

Headers = tuple[tuple[str, str], ...]


@breaks("INF-AUT-012", "NEG-010")
class ReadsTimesInHeadersOnly(Provider):
    """Looks for the timestamp in the headers, wherever the token stands."""

    def credentials(self, request: Request) -> Credentials:
        return replace(super().credentials(request), timestamp=request.header("timestamp"))


@breaks("INF-AUT-022")
class WantsCapitals(Provider):
    """Refuses a scheme in small letters as a mistake in the request."""

    def credentials(self, request: Request) -> Credentials:
        scheme = (request.header("Authorization") or tokens.BASIC).partition(" ")[0]
        if scheme.islower():
            raise Refusal(400, "Write the scheme as it is written.")
        return super().credentials(request)


@breaks("INF-ENV-003")
class InventsAType(Provider):
    """Invents a third type of environment."""

    def environment_type(self) -> str:
        return "SIMPLE"


@breaks("INF-ENV-007", "INF-ENV-006")
class ForgetsTheInstance(Provider):
    """Takes every second environment of one application for the first."""

    def conflict(self, request: Request, existing: Session) -> Response:
        return self.document(200, existing.document)


@breaks("INF-ENV-011")
class ShowsAnotherAddress(Provider):
    """Leaves the addresses out when the environment is read again."""

    def read_environment(self, request: Request, refid: str) -> Response:
        document = deepcopy(self.find_environment(request, refid).document)
        for one in document.findall("{*}infrastructureServices"):
            document.remove(one)
        return self.document(200, document)


@breaks("INF-ENV-020")
class FingerprintTellsTheKey(Provider):
    """Uses the application key as fingerprint."""

    def fingerprint(self, environment_id: str) -> str:
        return self.key


@breaks("INF-ENV-023", also=("INF-FMT-002",))
class WantsAVersion(Provider):
    """Refuses an environment that states no infrastructure version but is stated."""

    def check_asked(self, asked: Asked, user: str, method: str) -> None:
        super().check_asked(asked, user, method)
        if asked["consumerName"] and not asked["supportedInfrastructureVersion"]:
            raise Refusal(400, "State the version.")


@breaks("INF-ENV-024", "NEG-001")
class NamesNoZone(Provider):
    """Leaves the id of its default zone empty."""

    def default_zone(self) -> list[etree._Element]:
        return [node("defaultZone", node("description", "The district"))]


@breaks("INF-ENV-026")
class LooksForTheZone(Provider):
    """Looks for the environment in the zone that was named."""

    def find_environment(self, request: Request, refid: str) -> Session:
        if dict(request.matrix).get("zoneId", self.zone) != self.zone:
            raise self.not_found()
        return super().find_environment(request, refid)


@breaks("INF-ACL-006")
class OmitsTheContext(Provider):
    """Leaves the context of services out."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        made = super().service(kind, name, query)
        del made.attrib["contextId"]
        return made


@breaks("INF-ACL-008")
class LetsOneProvide(Provider):
    """Approves PROVIDE for a single service."""

    def service(self, kind: str, name: str, query: str) -> etree._Element:
        made = super().service(kind, name, query)
        for right in made[0]:
            if right.get("type") == "PROVIDE" and name == "xSchools":
                right.text = "APPROVED"
        return made


@breaks("INF-ERR-002")
class RoundsCodes(Provider):
    """Writes 400 for every code that begins with 4."""

    def error_code(self, status: int) -> int:
        return status // 100 * 100


@breaks("INF-ERR-003")
class TalksTooMuch(Provider):
    """Writes a message that never ends."""

    def error_message(self, refusal: Refusal) -> str:
        return refusal.message * 100


@breaks("INF-ERR-004")
class ErrsWithoutNamespace(Provider):
    """Writes the parts of an error without a namespace."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        element = super().error_element(refusal, scope)
        element.append(etree.Element("{http://vendor.example/errors}help"))
        return element


@breaks("INF-FMT-001")
class SpeaksItsOwnNamespace(Provider):
    """Writes environments in a namespace of its own."""

    def environment_element(
        self, request: Request, asked: Asked, method: str, refid: str, token: str
    ) -> etree._Element:
        element = super().environment_element(request, asked, method, refid, token)
        for one in element.iter():
            one.tag = f"{{http://vendor.example/infrastructure}}{etree.QName(one).localname}"
        return element


@breaks("INF-FMT-003", also=("DAT-OFR-001",))
class MixesModels(Spoilt):
    """Puts a part of a student into another namespace."""

    def spoilt(self, number: int, item: Item) -> Item:
        element = deepcopy(item.element)
        element[-1].tag = "{http://vendor.example/model}" + etree.QName(element[-1]).localname
        return replace(item, element=element, node=node_of(element))


@breaks(
    "INF-FMT-004",
    also=(
        "INF-ERR-006",
        "INF-HDR-003",
    ),
)
class HashesItsIds(Provider):
    """Makes ids of version 5 out of a counter."""

    made = 0

    def new_id(self) -> str:
        self.made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, str(self.made)))


@breaks("INF-FMT-019", "NEG-004")
class RefusesEmptyElements(Provider):
    """Refuses an element that says nothing."""

    def read_asked(self, request: Request) -> Asked:
        if b"<userToken/>" in request.body:
            raise Refusal(400, "An element is empty.")
        return super().read_asked(request)


@breaks("INF-HDR-004", "NEG-030")
class RefusesWithoutAnAction(Provider):
    """Forgets the action in refusals."""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        return without(answer, "responseAction") if answer.status >= 400 else answer


@breaks("INF-HDR-005")
class InventsRequestIds(Provider):
    """Gives every answer a request id."""

    def echoed_headers(self, request: Request) -> Headers:
        told = super().echoed_headers(request)
        return told if request.header("requestId") else (*told, ("requestId", "none"))


@breaks("INF-HED-003")
class HeadSaysNothing(Provider):
    """Forgets the action in answers to HEAD."""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        return without(answer, "responseAction") if request.method == "HEAD" else answer


@breaks(
    "INF-PAG-001",
    also=(
        "INF-HDR-002",
        "INF-PAG-002",
    ),
)
class PagesByOnes(Provider):
    """Gives one object a page when two are asked for."""

    def read_page(self, request: Request) -> Page | None:
        page = super().read_page(request)
        return replace(page, size=1) if page and page.size == 2 else page


@breaks("INF-PAG-004")
class ForgetsThePageNumber(Provider):
    """Does not tell which page it is."""

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        told = super().page_headers(page, shown, count)
        return tuple(pair for pair in told if pair[0] != "navigationPage")


@breaks("INF-QRY-009", also=("DAT-OFR-003",))
class ForgetsWhatItRead(Provider):
    """Loses the last part of a student whenever a whole list is read."""

    def read_list(self, request: Request, collection: str) -> Response:
        found = self.held.objects[collection]
        if not request.query and request.parameter("navigationPage") is None:
            element = deepcopy(found[0].element)
            del element[-1:]
            found[0] = replace(found[0], element=element, node=node_of(element))
        return super().read_list(request, collection)


@breaks("INF-TRN-003")
class HangsUpAfterLists(Provider):
    """Closes the connection after each list."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        answer = super().answer_list(request, collection, found)
        return answer.adding(("Connection", "close"))


@breaks("INF-TRN-006")
class WritesLatin1(Spoilt):
    """Writes lists in another encoding than it says."""

    def alter(self, student: etree._Element) -> None:
        for one in student.findall(".//{*}givenName"):
            one.text = "Ren\u00e9"

    def rendered(self, request: Request, collection: str, items: Items) -> Response:
        answer = super().rendered(request, collection, items)
        if answer.content_type != "application/xml":
            return answer
        text = answer.body.decode().replace("encoding='UTF-8'", "encoding='ISO-8859-1'")
        return replace(answer, body=text.encode("latin-1", "xmlcharrefreplace"))


@breaks("NEG-029")
class RefusesTheHttpOverride(Provider):
    """Refuses whoever sends X-HTTP-Method-Override."""

    def check_words(self, request: Request) -> None:
        if request.header("X-HTTP-Method-Override"):
            raise Refusal(400, "A header is not allowed.")
        super().check_words(request)


@breaks("DAT-OFR-004")
class KeepsLeaversOnTheRoll(Provider):
    """Lists a student in its rosters who is not there any more."""

    def __init__(self, **wishes: str | None) -> None:
        super().__init__(**wishes)
        del self.held.objects["xStudents"][3]
