"""A district's hub asks a state's hub for the report of a collection, as a consumer of its job
service stateCollection, in the environment that it pushes through.

HubError
└── NoReport        the state's hub gave no report; the text says what it answered
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from lxml import etree
from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec import tree
from reference_hub.codec.collection_report import NAMESPACE, Report, read_report
from reference_hub.codec.xml import MalformedDocument, read
from reference_hub.model.job import COMPLETED, FAILED
from reference_hub.model.party import Subscriber
from reference_hub.problems import HubError
from reference_hub.vendors import environment
from reference_hub.vendors.environment import Environment, NoEnvironment
from reference_hub.vendors.signing import HMAC, sign
from reference_hub.workers.transport import Answer, Http, Unreachable

LARGEST = 64 * 1024 * 1024
_SERVICE = "stateCollection"
_LOOK_SECONDS = 0.2


class NoReport(HubError):
    """No report came; what was answered, and what to do."""


@dataclass(slots=True)
class StateHub:
    """A session with a state's hub; `environment` is what the next one needs, None at first."""

    http: Http
    clock: Clock
    to: Subscriber
    environment: Environment | None = None
    services: str = ""

    def __post_init__(self) -> None:
        self.environment = environment.recall(self.to.session)

    def remembered(self) -> dict[str, object]:
        """What the next delivery or question needs of the session."""
        return self.environment.remembered() if self.environment else {}

    def report(self, collection: str, *, new: bool, wait: float) -> tuple[Report, bytes]:
        """The report of the last run of a collection, or of a new one, and its bytes.

        `wait`: seconds for the state's worker to do its part. Raises NoReport.
        """
        try:
            return self._report(collection, new, wait)
        except (Unreachable, NoEnvironment) as error:
            said = str(error).replace("the vendor", "the state's hub")
            raise NoReport(f"No report came: {said}. Try again later.") from None
        except MalformedDocument as error:
            raise NoReport(f"The answer of the state's hub cannot be read: {error}.") from None

    def _report(self, collection: str, new: bool, wait: float) -> tuple[Report, bytes]:
        job = self._job(collection, new)
        said = self._ended(job, wait)
        answer = self._send("GET", f"{job}/report")
        self._send("DELETE", job)
        if answer.status != 200:
            raise NoReport(f"The state's hub has no report of {collection}: {said}")
        report = read_report(answer.body)
        if report.run.collection != collection:
            raise NoReport("The state's hub sent the report of another collection.")
        return report, answer.body

    def _job(self, collection: str, new: bool) -> str:
        made = self._wanted("POST", f"{_SERVICE}s/{_SERVICE}", _wish(), 201)
        job = f"{_SERVICE}s/{read(made.body).get('id', '')}"
        self._wanted("POST", f"{job}/selection", _choice(collection, new=new), 200)
        self._wanted("POST", f"{job}/selection/states/state", _completed(), 201)
        return job

    def _ended(self, job: str, wait: float) -> str:
        deadline = self.clock.now().timestamp() + wait
        while True:
            root = read(self._wanted("GET", job, b"", 200).body)
            state, said = root.findtext("{*}state"), root.findtext("{*}stateDescription") or ""
            if state == COMPLETED:
                return said
            if state == FAILED:
                raise NoReport(f"The state's hub could not make the report: {said}")
            if self.clock.now().timestamp() > deadline:
                raise NoReport(
                    f"The state's hub has not made the report in {wait:g} s; is its worker "
                    "running (reference-hub work)? Ask again, with a longer --wait."
                )
            self.clock.sleep(_LOOK_SECONDS)

    def _wanted(self, verb: str, path: str, body: bytes, status: int) -> Answer:
        answer = self._send(verb, path, body)
        if answer.status != status:
            raise NoReport(
                f"The state's hub answered {answer.status} where {status} was expected; is the "
                f"district registered there as a source, with the service {_SERVICE}s?"
            )
        return answer

    def _send(self, verb: str, path: str, body: bytes = b"") -> Answer:
        answer = self._once(verb, path, body)
        if answer.status != 401:
            return answer
        self.environment, self.services = None, ""
        return self._once(verb, path, body)

    def _once(self, verb: str, path: str, body: bytes) -> Answer:
        session = self._session()
        if not self.services:
            known = self._signed(session, "GET", session.url, b"")
            if known.status != 200:
                return known
            self.services = _connector(read(known.body), self.to)
        zone, context = quote(self.to.scope.zone_id, safe=""), quote(self.to.scope.context_id)
        url = f"{self.services.rstrip('/')}/{path};zoneId={zone};contextId={context}"
        return self._signed(session, verb, url, body)

    def _session(self) -> Environment:
        if self.environment is None:
            self.environment = environment.create(self.http, self.to, self.clock)
        return self.environment

    def _signed(self, session: Environment, verb: str, url: str, body: bytes) -> Answer:
        credentials = self.to.credentials
        method = credentials.get("method", HMAC)
        headers = sign(method, session.token, credentials["secret"], self.clock.now()) | {
            "Accept": "application/xml",
            "messageId": self.clock.new_uuid(),
            "messageType": "REQUEST",
        }
        if body:
            headers["Content-Type"] = "application/xml"
        return self.http.send(verb, url, headers, body)


def _connector(root: _Element, to: Subscriber) -> str:
    found = root.findtext(".//{*}infrastructureService[@name='servicesConnector']") or ""
    if urlsplit(to.url).scheme == "https" and urlsplit(found.strip()).scheme == "http":
        raise NoReport("The state's hub names an address for its services that is not protected.")
    if found.strip():
        return found.strip()
    raise NoReport("The state's hub offers no servicesConnector; it cannot be asked for reports.")


def _wish() -> bytes:
    root = tree.root("job")
    tree.leaf(root, "name", _SERVICE)
    return etree.tostring(root)


def _choice(collection: str, *, new: bool) -> bytes:
    root = tree.root("collectionChoices", NAMESPACE)
    choice = tree.branch(root, "collectionChoice", refId="1")
    tree.leaf(choice, "collection", collection)
    tree.leaf(choice, "run", "new" if new else "last")
    return etree.tostring(root)


def _completed() -> bytes:
    root = tree.root("state")
    tree.leaf(root, "type", COMPLETED)
    return etree.tostring(root)
