"""Vendors that get the environment wrong."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.environments import Asked
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session


@breaks("INF-ENV-002", also=("INF-ENV-001",))
class EnvironmentAnswers200(Receiver):
    """Creates the environment and answers 200, as for any other POST."""

    def environment_status(self) -> int:
        return 200


@breaks("INF-ENV-024", also=("NEG-001",))
class ForgetsDefaultZone(Receiver):
    """Hands out an environment without a default zone."""

    def default_zone(self) -> list[etree._Element]:
        return []


@breaks("INF-ENV-003")
class DirectWithEventsConnector(Receiver):
    """Lists an events connector, although nobody can publish to a Direct environment."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        return super().services(root, refid) | {"eventsConnector": f"{root}/events"}


@breaks("INF-ENV-003")
class CallsItselfSimple(Receiver):
    """Invents a third type of environment."""

    def environment_type(self) -> str:
        return "SIMPLE"


@breaks("INF-ENV-004", also=("NEG-005",))
class LetsAnyApplicationIn(Receiver):
    """Checks the secret and forgets to look whether the application is known."""

    def known_application(self, key: str) -> bool:
        return True


@breaks("INF-ENV-005")
class AcceptsAnyDataModel(Receiver):
    """Promises a data model that it has never heard of."""

    def check_data_model(self, namespace: str) -> None:
        return None


@breaks("INF-ENV-006", "INF-ENV-007")
class OpensTwoSessions(Receiver):
    """Gives the same instance a second environment beside the first."""

    def find_twin(self, identity: tuple[str, str, str]) -> Session | None:
        return None


@breaks("INF-ENV-007", also=("INF-ENV-006",))
class OneEnvironmentPerApplication(Receiver):
    """Ignores the instance id and calls a second instance a conflict."""

    def identity(self, key: str, asked: Asked) -> tuple[str, str, str]:
        return key, "", ""


@breaks("NEG-004", also=("INF-FMT-019",))
class TakesEmptyInstanceForAnother(Receiver):
    """Tells an empty instanceId or userToken from a missing one."""

    def read_asked(self, request: Request) -> Asked:
        asked = super().read_asked(request)
        for name in ("instanceId", "userToken"):
            if name.encode() in request.body:
                asked[name] = asked[name] or "(empty)"
        return asked


@breaks("INF-ENV-009")
class NeedsAnEnvironmentBody(Receiver):
    """Wants a body even where headers say all there is to say."""

    def read_asked(self, request: Request) -> Asked:
        self.parse(request.body)
        return super().read_asked(request)


@breaks("INF-ENV-011")
class ShowsAStump(Receiver):
    """Answers a query of the environment with its id and nothing else."""

    def read_environment(self, request: Request, refid: str) -> Response:
        session = self.find_environment(request, refid)
        return self.document(200, node("environment", id=session.id))


@breaks("INF-ENV-014", also=("INF-ENV-017", "NEG-065"))
class SessionOutlivesEnvironment(Receiver):
    """Answers the delete politely and keeps the session open."""

    def end_session(self, session: Session) -> None:
        return None


@breaks("INF-ENV-017", also=("INF-AUT-025",))
class HandsOutTheSameTokenAgain(Receiver):
    """Derives the session token from the application key, so that it never changes."""

    def new_token(self) -> str:
        instances = len(self.state.sessions)
        return f"session-of-{self.key}-{instances}"


@breaks("INF-ENV-020")
class FingerprintIsTheId(Receiver):
    """Uses the id of the environment as its fingerprint."""

    def fingerprint(self, environment_id: str) -> str:
        return environment_id


@breaks("INF-ENV-028")
class IgnoresTheMethodInTheBody(Receiver):
    """Does not notice that the body asks for another method than the header uses."""

    def check_environment_method(self, asked: str, used: str) -> None:
        return None
