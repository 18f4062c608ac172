"""Fourth layer: environments of the Direct kind (Infrastructure Services 3.2.1, 4 and 5)."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.access import Access
from conformance.simulators.documents import child_text, node
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Session

RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE")
_FIELDS = ("solutionId", "authenticationMethod", "instanceId", "userToken", "consumerName")
_INFO = ("applicationKey", "supportedInfrastructureVersion", "dataModelNamespace", "transport")
_MODELS = "http://www.sifassociation.org/datamodel/na/4."

Asked = dict[str, str]


class Environments(Access):
    """Creating, reading and deleting an environment."""

    connector = "rc/7"  # an unusual path on purpose: the URL must be taken from the environment
    # Collections that exist and may not be read.
    denied: tuple[str, ...] = ("xTranscripts",)
    utility_zone = "environment-global"

    def environment_status(self) -> int:
        """Status of a successful create."""
        return 201

    def create_environment(self, request: Request) -> Response:
        """POST environments/environment."""
        credentials = self.authenticate_application(request)
        asked = self.read_asked(request)
        self.check_asked(asked, credentials.user, credentials.method)
        identity = self.identity(credentials.user, asked)
        if existing := self.find_twin(identity):
            return self.conflict(request, existing)
        session = self.new_session(request, asked, credentials.method, identity)
        self.state.sessions[session.token] = session
        return self.document(self.environment_status(), session.document)

    def conflict(self, request: Request, existing: Session) -> Response:  # noqa: ARG002
        """The answer when the same identity already has an environment."""
        return self.refused(request, Refusal(409, "This instance already has an environment."))

    def read_asked(self, request: Request) -> Asked:
        """What the consumer wishes, from the body or, without one, headers and query."""
        if not request.body.strip():
            return {name: request.parameter(name) or "" for name in (*_FIELDS, *_INFO)}
        element = self.read_xml(request)
        if not self.understands(element, "environment"):
            raise Refusal(400, "The body is not an environment of infrastructure 3.x.")
        asked = {name: child_text(element, name) for name in _FIELDS}
        return asked | {name: child_text(element, "applicationInfo", name) for name in _INFO}

    def check_asked(self, asked: Asked, user: str, method: str) -> None:
        """Refuse wishes that cannot be met or that contradict the credentials."""
        self.check_environment_method(asked["authenticationMethod"], method)
        if asked["applicationKey"] not in ("", user):
            raise Refusal(400, "The application key differs from the one that authenticates.")
        self.check_data_model(asked["dataModelNamespace"])
        self.check_infrastructure_version(asked["supportedInfrastructureVersion"])
        self.check_transport(asked["transport"])

    def check_environment_method(self, asked: str, used: str) -> None:
        """The method in the payload is the one of the Authorization header."""
        if asked and asked.lower() != used.lower():
            raise Refusal(400, "authenticationMethod differs from the method in use.")

    def check_data_model(self, namespace: str) -> None:
        """This vendor speaks the North American model, release 4."""
        if namespace and not namespace.startswith(_MODELS):
            raise Refusal(400, f"The data model is not supported; {_MODELS}x is.")

    def check_infrastructure_version(self, version: str) -> None:
        """Any 3.x will do, and so will a wildcard."""
        if version and version[:2] not in ("3", "3.", "*"):
            raise Refusal(400, "The infrastructure version is not supported; 3.3 is.")

    def check_transport(self, transport: str) -> None:
        """SIF 3 knows REST only."""
        if transport.upper() not in ("", "REST"):
            raise Refusal(400, "The transport is not supported; REST is.")

    def identity(self, key: str, asked: Asked) -> tuple[str, str, str]:
        """What makes an environment one of a kind; an empty element counts as absent."""
        return key, asked["instanceId"], asked["userToken"]

    def find_twin(self, identity: tuple[str, str, str]) -> Session | None:
        """The environment of the same identity."""
        sessions = self.state.sessions.values()
        return next((session for session in sessions if session.identity == identity), None)

    def new_token(self) -> str:
        """A session token; random, so that it tells nothing."""
        return self.new_id()

    def fingerprint(self, environment_id: str) -> str:  # noqa: ARG002
        """A public mark of the environment, unlike all its other ids."""
        return f"fp-{self.new_id()}"

    def new_session(
        self, request: Request, asked: Asked, method: str, identity: tuple[str, str, str]
    ) -> Session:
        """Make the session and the document that describes it."""
        refid, token = self.new_id(), self.new_token()
        document = self.environment_element(request, asked, method, refid, token)
        for key in document.iter("{*}applicationKey"):
            key.text = identity[0]
        return Session(refid, token, identity[0], identity, method, document, self.now())

    def environment_element(
        self, request: Request, asked: Asked, method: str, refid: str, token: str
    ) -> etree._Element:
        """The environment object, its children in schema order."""
        key = asked["applicationKey"] or self.key
        asked = asked | {"applicationKey": key, "authenticationMethod": method}
        parts = [
            node("fingerprint", self.fingerprint(refid)),
            node("sessionToken", token),
            *_given(asked, "solutionId"),
            *self.default_zone(),
            *_given(asked, *self.told_back()),
            node("applicationInfo", *_given(asked, *_INFO)),
            self.infrastructure_services(request, refid),
            self.provisioned_zones(),
        ]
        return node("environment", *parts, type=self.environment_type(), id=refid)

    def told_back(self) -> tuple[str, ...]:
        """Wishes that stand in the answer; the user token is nobody's business."""
        return ("authenticationMethod", "instanceId", "consumerName")

    def environment_type(self) -> str:
        """DIRECT: the application answers itself."""
        return "DIRECT"

    def default_zone(self) -> list[etree._Element]:
        """The element defaultZone."""
        return [node("defaultZone", node("description", "Demonstration district"), id=self.zone)]

    def services(self, root: str, refid: str) -> dict[str, str]:
        """URLs of the infrastructure services by name."""
        return {
            "environment": f"{root}/environments/{refid}",
            "requestsConnector": f"{root}/{self.connector}",
        }

    def infrastructure_services(self, request: Request, refid: str) -> etree._Element:
        """The element infrastructureServices."""
        services = self.services(request.origin + self.base, refid)
        rows = [node("infrastructureService", url, name=name) for name, url in services.items()]
        return node("infrastructureServices", *rows)

    def provisioned_zones(self) -> etree._Element:
        """The element provisionedZones: what may be done where."""
        return node(
            "provisionedZones",
            _zone(self.utility_zone, _service("UTILITY", "pods", ("CREATE",))),
            *(_zone(zone, *self.listed_services()) for zone in (self.zone, self.second_zone)),
        )

    def listed_services(self) -> list[etree._Element]:
        """The services of a zone with what may be done with them."""
        closed = [_service("OBJECT", name, RIGHTS, "REJECTED") for name in self.denied]
        return [_service("OBJECT", "xStudents", RIGHTS), *closed]

    def find_environment(self, request: Request, refid: str) -> Session:
        """The caller's own environment; somebody else's is 403, an unknown one 404."""
        caller = self.authenticate_session(request)
        if caller.id == refid.lower():
            return caller
        known = any(session.id == refid.lower() for session in self.state.sessions.values())
        raise Refusal(403 if known else 404, "This is not the environment of the session.")

    def refuse_second_statement(self, request: Request, name: str) -> None:
        """From release 3.6 on a zone stands in the address or in a header, not in both."""
        document = self.authenticate_session(request).document
        told = child_text(document, "applicationInfo", "supportedInfrastructureVersion")
        twice = request.header(name) is not None and any(key == name for key, _ in request.matrix)
        if twice and told >= "3.6":
            raise self.stated_twice(name)

    def stated_twice(self, name: str) -> Refusal:
        """The refusal of a zone or context that is stated twice."""
        subcode = "409-02" if name == "zoneId" else "409-03"
        return Refusal(409, f"{name} stands in the address and in a header.", subcode)

    def read_environment(self, request: Request, refid: str) -> Response:
        """GET environments/{id}."""
        return self.document(200, self.find_environment(request, refid).document)

    def delete_environment(self, request: Request, refid: str) -> Response:
        """DELETE environments/{id}."""
        self.end_session(self.find_environment(request, refid))
        return self.empty()

    def end_session(self, session: Session) -> None:
        """Forget the session, so that its token is worthless at once."""
        del self.state.sessions[session.token]


def _given(asked: Asked, *names: str) -> list[etree._Element]:
    return [node(name, asked[name]) for name in names if asked[name]]


def _zone(zone: str, *services: etree._Element) -> etree._Element:
    return node("provisionedZone", node("services", *services), id=zone)


def _service(
    kind: str, name: str, rights: tuple[str, ...], told: str = "APPROVED"
) -> etree._Element:
    rows = [node("right", told, type=right) for right in rights]
    return node("service", node("rights", *rows), type=kind, name=name, contextId="DEFAULT")
