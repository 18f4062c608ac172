"""Providers that get the environment wrong, or the rights in it."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.documents import INF, node
from conformance.simulators.environments import Asked
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider
from conformance.simulators.store import Session


@breaks("INF-ENV-002", also=("INF-ENV-001",))
class GreetsWith200(Provider):
    """Creates the environment and answers 200, as for any other POST."""

    def environment_status(self) -> int:
        return 200


@breaks("INF-ENV-001", "INF-ENV-002", also=("INF-ENV-022",))
class KeepsTheMethodToItself(Provider):
    """Leaves the authentication method out of the environment."""

    def told_back(self) -> tuple[str, ...]:
        return ("instanceId", "consumerName")


@breaks("INF-ENV-003")
class DirectWithEvents(Provider):
    """Lists an events connector, although nobody can publish to a Direct environment."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        return super().services(root, refid) | {"eventsConnector": f"{root}/events"}


@breaks(
    "INF-ENV-024",
    also=(
        "INF-ENV-027",
        "NEG-001",
        "NEG-041",
    ),
)
class NamesTwoDefaultZones(Provider):
    """Names its default zone twice."""

    def default_zone(self) -> list[etree._Element]:
        return [*super().default_zone(), node("defaultZone", id=self.zone)]


@breaks("INF-ENV-004", also=("NEG-005",))
class KnowsEveryKey(Provider):
    """Checks the secret and forgets to look whether the application is known."""

    def known_application(self, key: str) -> bool:
        return True


@breaks("INF-ENV-005")
class PromisesAnyModel(Provider):
    """Promises a data model that it has never heard of."""

    def check_data_model(self, namespace: str) -> None:
        return None


@breaks("INF-ENV-005")
class PromisesAnyRelease(Provider):
    """Promises any release of the infrastructure."""

    def check_infrastructure_version(self, version: str) -> None:
        return None


@breaks("INF-ENV-006", "INF-ENV-007")
class GivesTwoSessions(Provider):
    """Gives the same instance a second environment beside the first."""

    def find_twin(self, identity: tuple[str, str, str]) -> Session | None:
        return None


@breaks("INF-ENV-009")
class WantsABody(Provider):
    """Wants a body even where headers say all there is to say."""

    def read_asked(self, request: Request) -> Asked:
        self.parse(request.body)
        return super().read_asked(request)


@breaks("INF-ENV-011")
class ShowsAnEmptyEnvironment(Provider):
    """Answers a query of the environment with its id and nothing else."""

    def read_environment(self, request: Request, refid: str) -> Response:
        session = self.find_environment(request, refid)
        return self.document(200, node("environment", id=session.id))


@breaks("INF-ENV-013")
class ListsEnvironments(Provider):
    """Shows the collection of environments to whoever has a session."""

    def unsupported(self) -> Refusal:
        return Refusal(204, "")

    def refused(self, request: Request, refusal: Refusal) -> Response:
        if refusal.status == 204 and "environments" in request.segments:
            return Response(200, b"<environments/>")
        return super().refused(request, Refusal(405, "No.") if refusal.status == 204 else refusal)


@breaks(
    "INF-ENV-014",
    also=(
        "INF-ENV-017",
        "NEG-065",
    ),
)
class KeepsSessionsForEver(Provider):
    """Answers the delete politely and keeps the session open."""

    def end_session(self, session: Session) -> None:
        return None


@breaks("INF-ENV-017")
class GivesTheSameTokenAgain(Provider):
    """Derives the session token from the instance, so that it never changes."""

    def new_session(
        self, request: Request, asked: Asked, method: str, identity: tuple[str, str, str]
    ) -> Session:
        self.instance = identity[1]
        return super().new_session(request, asked, method, identity)

    def new_token(self) -> str:
        return f"session-{self.instance}"


@breaks("INF-ENV-020")
class FingerprintTellsTheId(Provider):
    """Uses the id of the environment as its fingerprint."""

    def fingerprint(self, environment_id: str) -> str:
        return environment_id


@breaks("INF-ENV-021")
class HandsTheUserTokenBack(Provider):
    """Repeats the user token in the environment."""

    def told_back(self) -> tuple[str, ...]:
        return ("authenticationMethod", "instanceId", "userToken", "consumerName")


@breaks("INF-ENV-022")
class ReadsTheMethodLetterByLetter(Provider):
    """Compares the name of the method with its letter case."""

    def check_environment_method(self, asked: str, used: str) -> None:
        if asked and asked != used:
            raise Refusal(400, "authenticationMethod differs from the method in use.")


@breaks("INF-ENV-023", also=("INF-ENV-009",))
class WantsEveryWish(Provider):
    """Refuses an environment whose transport is not stated."""

    def check_transport(self, transport: str) -> None:
        if transport != "REST":
            raise Refusal(400, "The transport is not supported; REST is.")


@breaks("INF-ENV-026")
class PunishesAZone(Provider):
    """Refuses a zone where there is no use for one."""

    def find_environment(self, request: Request, refid: str) -> Session:
        if request.matrix:
            raise Refusal(400, "Environments have no zone.")
        return super().find_environment(request, refid)


@breaks("INF-ENV-027", "NEG-041")
class ShufflesTheEnvironment(Provider):
    """Puts the rights before everything else."""

    def environment_element(
        self, request: Request, asked: Asked, method: str, refid: str, token: str
    ) -> etree._Element:
        element = super().environment_element(request, asked, method, refid, token)
        element.insert(0, element[-1])
        return element


@breaks("INF-ENV-028")
class OverlooksTheMethod(Provider):
    """Does not notice that the body asks for another method than the header uses."""

    def check_environment_method(self, asked: str, used: str) -> None:
        return None


@breaks("NEG-005")
class StumblesOverAnEmptyKey(Provider):
    """Falls over an application without a name."""

    def known_application(self, key: str) -> bool:
        if not key:
            raise Refusal(500, "Something went wrong.")
        return super().known_application(key)


@breaks("INF-FMT-019", "NEG-004")
class TakesNothingForSomething(Provider):
    """Tells an empty userToken from a missing one."""

    def read_asked(self, request: Request) -> Asked:
        asked = super().read_asked(request)
        if b"userToken" in request.body:
            asked["userToken"] = asked["userToken"] or "(empty)"
        return asked


@breaks("INF-FMT-002")
class KnowsOneNamespace(Provider):
    """Understands the namespace of its own release only."""

    def understands(self, element: etree._Element, name: str) -> bool:
        return element.tag == f"{{{INF}}}{name}"


@breaks("NEG-040")
class InsistsOnItsRelease(Provider):
    """Refuses any other release than its own."""

    def check_infrastructure_version(self, version: str) -> None:
        if version not in ("", "3.3", "*"):
            raise Refusal(400, "The infrastructure version is not supported; 3.3 is.")


@breaks("INF-FMT-001")
class MixesNamespaces(Provider):
    """Puts a note of its own namespace into the environment."""

    def provisioned_zones(self) -> etree._Element:
        zones = super().provisioned_zones()
        zones.append(etree.Element("{http://vendor.example/rights}note"))
        return zones


@breaks(
    "INF-FMT-004",
    also=(
        "INF-ERR-006",
        "INF-HDR-003",
    ),
)
class InventsIds(Provider):
    """Numbers what it makes instead of giving it a UUID."""

    made = 0

    def new_id(self) -> str:
        self.made += 1
        return f"{self.made:08d}-0000-0000-0000-000000000000"


@breaks("INF-ENV-012", "NEG-059")
class OpensEveryEnvironment(Provider):
    """Shows any environment to whoever knows its id."""

    def find_environment(self, request: Request, refid: str) -> Session:
        self.authenticate_session(request)
        found = (one for one in self.state.sessions.values() if one.id == refid.lower())
        session = next(found, None)
        if session is None:
            raise Refusal(404, "There is no such environment.")
        return session

    def end_session(self, session: Session) -> None:
        if session.key == self.key:
            super().end_session(session)


@breaks("NEG-039")
class FallsOverOldSpellings(Provider):
    """Falls over the older spelling of a namespace."""

    def check_data_model(self, namespace: str) -> None:
        if "/au/datamodel/" in namespace:
            raise Refusal(500, "Something went wrong.")
        super().check_data_model(namespace)


@breaks("NEG-039")
class HidesFromOldSpellings(Provider):
    """Answers the older spelling of a namespace with 404."""

    def check_data_model(self, namespace: str) -> None:
        if "/au/datamodel/" in namespace:
            raise Refusal(404, "There is no such model.")
        super().check_data_model(namespace)
