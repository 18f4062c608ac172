"""Publishers that are poor providers behind a hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from conformance.simulators import tokens
from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.records import Record
from conformance.simulators.publisher.system import Publisher


def without(answer: Response, name: str) -> Response:
    """The answer without a header line."""
    return replace(answer, headers=tuple(one for one in answer.headers if one[0] != name))


@breaks("DAT-PUB-050")
class NamesNoAddress(Publisher):
    """Registers a path instead of an address, and corrects itself when that is done."""

    def register(self, zone: str, services: list[str]) -> bool:
        done = super().register(zone, services)
        entry = self.entry(zone, services[0])
        entry[-1][0].text = "/sif"
        lines = self.session_lines()
        place = f"{self.places['requestsConnector']}/providers"
        self.send("POST", place, self.encode(node("providers", entry)), lines)
        return done


@breaks("DAT-PUB-050")
class RegistersServicesOfItsOwn(Publisher):
    """Registers for a collection that the hub does not know."""

    def register(self, zone: str, services: list[str]) -> bool:
        return super().register(zone, [*services, "students"])


@breaks("INF-PRG-008")
class ListsJsonOnly(Publisher):
    """Lists JSON and leaves XML out."""

    def entry(self, zone: str, service: str) -> etree._Element:
        made = super().entry(zone, service)
        made[-2][0].text = "application/json"
        return made


@breaks("INF-PRG-008")
class TellsNoPageSize(Publisher):
    """Says that it pages and not how large a page may be."""

    def query_support(self) -> etree._Element:
        made = super().query_support()
        made.remove(made[4])
        return made


@breaks("DAT-PUB-051", also=("DAT-PUB-004",))
class RegistersLate(Publisher):
    """Registers again only in the round after the one in which its session was lost."""

    done = late = False

    def register_all(self) -> bool:
        if self.done:
            self.late = True
            return True
        self.done = super().register_all()
        return self.done

    def act(self, order: str, facts: Mapping[str, str]) -> None:
        if self.late:
            self.late = self.done = False
            self.register_all()
            self.done = True
        super().act(order, facts)


@breaks("DAT-PUB-051")
class RegistersHalf(Publisher):
    """Registers the collections of places only when it has to do so again."""

    often = False

    def register(self, zone: str, services: list[str]) -> bool:
        some = [one for one in services if one != "xStaffs"] if self.often else services
        self.often = True
        return super().register(zone, some)


@breaks("INF-AUT-019", "INF-AUT-006")
class LetsEverybodyIn(Publisher):
    """Answers whoever asks."""

    def admit(self, request: Request) -> None:
        """No check."""


@breaks("INF-AUT-019")
class LooksAtTheTokenOnly(Publisher):
    """Compares the session token and not what proves it."""

    def check_proof(self, given: tokens.Credentials, timestamp: str) -> None:
        """No check."""


@breaks("INF-QRY-002")
class FindsNothingQuietly(Publisher):
    """Answers 204 where there is no such object."""

    def one(self, record: Record | None) -> Response:
        return super().one(record) if record is not None else self.door.empty()


@breaks("INF-QRY-002")
class FindsTheFirst(Publisher):
    """Answers the first object where there is no such."""

    def one(self, record: Record | None) -> Response:
        held = next(iter(self.held.values()))
        return super().one(record or held[-1])


@breaks("INF-TRN-014")
class AnswersExamplesWithNothing(Publisher):
    """Answers a query by example as if nothing fitted."""

    def unsupported(self) -> Response:
        return self.door.empty()


@breaks("INF-TRN-014")
class AnswersExamplesBare(Publisher):
    """Refuses what it cannot do without saying a word."""

    def unsupported(self) -> Response:
        return Response(405)


@breaks("INF-HDR-003", "INF-HDR-004")
class SaysNothingOfItself(Publisher):
    """Leaves the type of an answer out, and what it answers."""

    def last_word(self, request: Request, answer: Response) -> Response:  # noqa: ARG002
        return without(without(answer, "messageType"), "responseAction")


@breaks("INF-HDR-003", "INF-HDR-004")
class CallsErrorsResponses(Publisher):
    """Calls an error a response."""

    def last_word(self, request: Request, answer: Response) -> Response:  # noqa: ARG002
        lines = dict(answer.headers) | {"messageType": "RESPONSE"}
        return replace(answer, headers=tuple(lines.items()))


@breaks("INF-HDR-005")
class EchoesNothing(Publisher):
    """Keeps the ids of a request to itself."""

    def last_word(self, request: Request, answer: Response) -> Response:  # noqa: ARG002
        return without(answer, "generatorId")


@breaks("INF-HDR-005")
class EchoesNumbers(Publisher):
    """Gives the id of a request back without its zeros."""

    def last_word(self, request: Request, answer: Response) -> Response:  # noqa: ARG002
        lines = [(name, value.replace("-000", "-") if name == "requestId" else value)
                 for name, value in answer.headers]  # fmt: skip
        return replace(answer, headers=tuple(lines))


@breaks("INF-PAG-003")
class RepeatsTheLastPage(Publisher):
    """Gives the last page again when one behind it is asked for."""

    def page(self, request: Request, held: list[Record]) -> Response:
        answer = super().page(request, held)
        if answer.status != 204 or not held:
            return answer
        return Response(200, self.pack(request.segments[0], [self.shown(held[-1])]))


@breaks("INF-PAG-003")
class FindsNoSuchPage(Publisher):
    """Answers 404 for a page behind the last."""

    def page(self, request: Request, held: list[Record]) -> Response:
        answer = super().page(request, held)
        return replace(answer, status=404) if answer.status == 204 else answer


@breaks("DAT-PUB-052")
class ShowsYesterday(Publisher):
    """Answers queries from a copy in which names are shortened."""

    def one(self, record: Record | None) -> Response:
        answer = super().one(record)
        root = etree.fromstring(answer.body)
        for name in root.iter("{*}familyName"):
            name.text = (name.text or "")[:3]
        return replace(answer, body=self.encode(root))


@breaks("DAT-PUB-052")
class ForgetsTheNew(Publisher):
    """Gives what is new without its birth date."""

    def one(self, record: Record | None) -> Response:
        answer = super().one(record)
        root = etree.fromstring(answer.body)
        for part in root.findall("{*}demographics"):
            root.remove(part)
        return replace(answer, body=self.encode(root))


@breaks("DAT-PUB-053")
class AnswersWithAList(Publisher):
    """Calls every collection a list."""

    def page(self, request: Request, held: list[Record]) -> Response:
        answer = super().page(request, held)
        if answer.status != 200:
            return answer
        root = etree.fromstring(answer.body)
        root.tag = str(root.tag).replace(request.segments[0], "list")
        return replace(answer, body=self.encode(root))


@breaks("INF-AUT-006")
class LetsOldRequestsIn(Publisher):
    """Does not look at the time of a request."""

    def check_moment(self, timestamp: str) -> None:
        """No check."""


@breaks("DAT-PUB-054")
class AnswersForEveryZone(Publisher):
    """Gives the data of its own zone whatever zone is asked for."""

    def respond(self, request: Request) -> Response:
        own = next(zone for zone in self.rights if self.may(zone, "xStudents", "PROVIDE"))
        return super().respond(replace(request, matrix=(("zoneId", own),)))


@breaks("DAT-PUB-054")
class AnswersOtherZonesWithNothing(Publisher):
    """Answers 204 for a zone that it has nothing to do with."""

    def respond(self, request: Request) -> Response:
        if dict(request.matrix).get("zoneId") not in self.held:
            return self.door.empty()
        return super().respond(request)


@breaks("INF-PAG-012")
class TakesAnyPage(Publisher):
    """Takes every page that it cannot read for the first."""

    def number(self, text: str) -> int:
        return int(text) if text.isdecimal() and int(text) else 1


@breaks("INF-PAG-012")
class CountsFromZero(Publisher):
    """Has a page zero."""

    def number(self, text: str) -> int:
        return super().number(text) if text != "0" else 1
