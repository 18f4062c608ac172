"""Each operation of the hub with the answers it can give, and a hub with something to work on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import requests
from lxml import etree

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.model.provider import Provider
from reference_hub.model.queue import Payload
from reference_hub.model.rights import Grant
from reference_hub.store import mailbox, providers, vendors
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client, Hub

HERE = "demo-district"
NONE = "00000000-0000-4000-8000-000000000000"
ONE, TWO = (xpress.student(student(11, index)) for index in range(2))
REFID = ONE.get("refId", "")


def infra(name: str, inner: str = "", more: str = "") -> str:
    """An infrastructure element."""
    return f'<{name} xmlns="{INF}"{more}>{inner}</{name}>'


def texts(**values: str) -> str:
    """Leaf elements."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def students(*found: etree._Element) -> str:
    """A collection of students."""
    return etree.tostring(xpress.collection("xStudents", found)).decode()


def subscription(queue: str = "{queue}", name: str = "xSchools") -> str:
    """A wish to hear of a service."""
    said = {"zoneId": HERE, "contextId": "DEFAULT", "serviceType": "OBJECT"}
    return infra("subscription", texts(**said, serviceName=name, queueId=queue))


def provider(name: str = "xGadgets") -> str:
    """A registration."""
    said = {"serviceType": "OBJECT", "serviceName": name, "contextId": "DEFAULT", "zoneId": HERE}
    inner = texts(**said, providerName="Far") + "<querySupport><paged>true</paged></querySupport>"
    end = "<endPoint><location>https://sis.example/sif</location></endPoint>"
    return infra("provider", inner + end)


def provision() -> str:
    """A wish for a right."""
    right = '<rights><right type="QUERY">REQUESTED</right></rights>'
    service = f'<service type="OBJECT" name="xStudents" contextId="DEFAULT">{right}</service>'
    zone = f'<provisionedZone id="{HERE}"><services>{service}</services></provisionedZone>'
    return infra("provisionRequest", f"<provisionedZones>{zone}</provisionedZones>")


def deletes(*ids: str) -> str:
    """A deletion of many."""
    inner = "".join(f'<delete id="{each}"/>' for each in ids)
    return infra("deleteRequest", f"<deletes>{inner}</deletes>")


@dataclass(frozen=True)
class Asked:
    """One request and the status it must meet. `who`: far (a brokered provider), direct, other
    (brokered as well), narrow (no right but to one other service), nobody (no valid token)."""

    status: int
    verb: str
    path: str
    body: str = ""
    who: str = "far"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def is_harmless(self) -> bool:
        """Whether others can be asked on the same ground, in whatever order."""
        reads = self.verb in ("GET", "HEAD") and "deleteMessageId={" not in self.path
        return (reads or self.status >= 400) and self.status not in (202, 503)

    def __str__(self) -> str:
        said = "+".join(self.more.values())
        return f"{self.verb} {self.path} {said} {self.who} {self.status}"


ALERT = infra("alert", texts(reporter="Far", cause="hub", exchange="EVENT", level="INFO"))
JOB = infra("job", texts(name="rosterValidation"))
LIST = "/requests/xStudents"
SINGLE, STORED = f"{LIST}/xStudent", f"{LIST}/{{one}}"
JOBS = "/services/rosterValidations"
BEGUN = infra("state", texts(type="INPROGRESS"))
QUEUE, ENV = infra("queue", texts(name="in")), "/environments/environment"
NEW, OLD = etree.tostring(TWO).decode(), etree.tostring(ONE).decode()
EXAMPLE = f'<xStudent xmlns="{xpress.NA4}" refId="{REFID}"/>'
PART = f'<xStudent xmlns="{xpress.NA4}"><localId>7</localId></xStudent>'
QBE, DEL = {"methodOverride": "GET"}, {"methodOverride": "DELETE"}
LATER = {"requestType": "DELAYED", "queueId": "{queue}", "requestId": "r-1"}
EVENT = {"messageType": "EVENT", "eventAction": "CREATE", "serviceType": "OBJECT",
         "serviceName": "xWidgets", "zoneId": HERE}  # fmt: skip
WIDGETS = f'<xWidgets xmlns="{xpress.NA4}"><xWidget refId="{NONE}"/></xWidgets>'
UTILITY = {"serviceType": "UTILITY"}

OPERATIONS = [
    Asked(201, "POST", ENV, infra("environment", texts(instanceId="2"))),
    Asked(400, "POST", ENV, infra("environment", texts(authenticationMethod="Bearer"))),
    Asked(401, "POST", ENV, who="nobody"),
    Asked(409, "POST", ENV),
    Asked(200, "GET", "/environments/{environment}"),
    Asked(401, "GET", "/environments/{environment}", who="nobody"),
    Asked(404, "GET", "/environments/{environment}", who="other"),
    Asked(204, "DELETE", "/environments/{environment}"),
    Asked(401, "DELETE", "/environments/{environment}", who="nobody"),
    Asked(404, "DELETE", "/environments/{environment}", who="other"),
    *(
        Asked(status, verb, path, who=who, more=more)
        for verb in ("GET", "HEAD")
        for status, path, who, more in (
            (200, LIST, "far", {}),
            (204, "/requests/xSchools", "far", {}),
            (304, LIST, "far", {"ETag": "{tag}"}),
            (400, f"{LIST}?where=x", "far", {}),
            (401, LIST, "nobody", {}),
            (403, LIST, "narrow", {}),
            (404, "/requests/nothings", "far", {}),
            (413, LIST, "far", {"navigationPageSize": "1001"}),
            (503, "/requests/xAways", "far", {}),
            (200, STORED, "far", {}),
            (304, STORED, "far", {"ETag": "{own_tag}"}),
            (401, STORED, "nobody", {}),
            (403, STORED, "narrow", {}),
            (404, f"{LIST}/{NONE}", "far", {}),
            (405, f"{STORED}?navigationPageSize=1", "far", {}),
        )
    ),
    Asked(405, "HEAD", "/queues"),
    Asked(201, "POST", SINGLE, NEW),
    Asked(400, "POST", SINGLE, "<xStudent"),
    Asked(401, "POST", SINGLE, NEW, "nobody"),
    Asked(403, "POST", SINGLE, NEW, "narrow"),
    Asked(404, "POST", SINGLE, PART, more={"mustUseAdvisory": "true"}),
    Asked(409, "POST", SINGLE, OLD),
    Asked(200, "POST", LIST, students(TWO)),
    Asked(400, "POST", LIST, "<xStudents"),
    Asked(401, "POST", LIST, students(TWO), "nobody"),
    Asked(403, "POST", LIST, students(TWO), "narrow"),
    Asked(404, "POST", "/requests/nothings", "<nothings/>"),
    Asked(413, "POST", LIST, f"<xStudents>{' ' * 1_000_000}</xStudents>"),
    Asked(200, "POST", LIST, EXAMPLE, more=QBE),
    Asked(204, "POST", LIST, NEW, more=QBE),
    Asked(400, "POST", LIST, students(ONE), more=QBE),
    Asked(401, "POST", LIST, EXAMPLE, "nobody", QBE),
    Asked(403, "POST", LIST, EXAMPLE, "narrow", QBE),
    Asked(204, "PUT", STORED, PART),
    Asked(400, "PUT", STORED, NEW),
    Asked(401, "PUT", STORED, PART, "nobody"),
    Asked(403, "PUT", STORED, PART, "narrow"),
    Asked(404, "PUT", f"{LIST}/{NONE}", PART),
    Asked(412, "PUT", STORED, PART, more={"ETag": '"old"'}),
    Asked(200, "PUT", LIST, students(ONE, TWO)),
    Asked(400, "PUT", LIST, "<xStudents"),
    Asked(401, "PUT", LIST, students(ONE), "nobody"),
    Asked(403, "PUT", LIST, students(ONE), "narrow"),
    Asked(404, "PUT", "/requests/nothings", "<nothings/>"),
    Asked(200, "PUT", LIST, deletes(REFID, NONE), more=DEL),
    Asked(400, "PUT", LIST, students(ONE), more=DEL),
    Asked(401, "PUT", LIST, deletes(REFID), "nobody", DEL),
    Asked(403, "PUT", LIST, deletes(REFID), "narrow", DEL),
    Asked(404, "PUT", "/requests/nothings", deletes(REFID), more=DEL),
    Asked(204, "DELETE", STORED),
    Asked(401, "DELETE", STORED, who="nobody"),
    Asked(403, "DELETE", STORED, who="narrow"),
    Asked(404, "DELETE", f"{LIST}/{NONE}"),
    Asked(405, "DELETE", LIST),
    Asked(202, "GET", LIST, more=LATER),
    Asked(202, "POST", LIST, students(TWO), more=LATER),
    Asked(202, "POST", LIST, EXAMPLE, more=LATER | QBE),
    Asked(202, "PUT", LIST, students(ONE), more=LATER),
    Asked(202, "PUT", LIST, deletes(REFID), more=LATER | DEL),
    Asked(400, "GET", STORED, more=LATER),
    Asked(400, "GET", LIST, more=LATER | {"queueId": ""}),
    Asked(400, "GET", LIST, more=LATER | {"requestId": ""}),
    Asked(400, "GET", LIST, who="direct", more={"requestType": "DELAYED"}),
    Asked(401, "GET", LIST, who="nobody", more=LATER),
    Asked(403, "GET", LIST, who="narrow", more=LATER),
    Asked(404, "GET", "/requests/nothings", more=LATER),
    Asked(202, "POST", "/eventsConnector", WIDGETS, more=EVENT),
    Asked(400, "POST", "/eventsConnector", NEW, more=EVENT),
    Asked(401, "POST", "/eventsConnector", WIDGETS, "nobody", EVENT),
    Asked(403, "POST", "/eventsConnector", WIDGETS, "other", EVENT),
    Asked(200, "GET", "/queues/{queue}/messages"),
    Asked(204, "GET", "/queues/{queue}/messages;deleteMessageId={message}"),
    Asked(401, "GET", "/queues/{queue}/messages", who="nobody"),
    Asked(404, "GET", "/queues/{queue}/messages", who="other"),
    Asked(404, "GET", f"/queues/{{queue}}/messages;deleteMessageId={NONE}"),
    Asked(503, "GET", "/queues/{emptied}/messages"),
    Asked(204, "DELETE", "/queues/{queue}/messages;deleteMessageId={message}"),
    Asked(404, "DELETE", f"/queues/{{queue}}/messages/{NONE}"),
    Asked(201, "POST", "/queues/queue", QUEUE),
    Asked(400, "POST", "/queues", "<queue"),
    Asked(405, "POST", "/queues", infra("queue", texts(ownerUri="http://x.example/wake"))),
    Asked(200, "GET", "/queues"),
    Asked(204, "GET", "/queues", who="other"),
    Asked(200, "GET", "/queues/{queue}"),
    Asked(405, "PUT", "/queues/{queue}", QUEUE),
    Asked(204, "DELETE", "/queues/{queue}"),
    Asked(404, "DELETE", "/queues/{queue}", who="other"),
    Asked(201, "POST", "/subscriptions", subscription()),
    Asked(400, "POST", "/subscriptions", infra("subscriptions", subscription())),
    Asked(403, "POST", "/subscriptions", subscription("{narrow_queue}"), "narrow"),
    Asked(404, "POST", "/subscriptions", subscription(NONE)),
    Asked(409, "POST", "/subscriptions", subscription(name="xStudents")),
    Asked(200, "GET", "/subscriptions"),
    Asked(405, "PUT", "/subscriptions/{subscription}", subscription()),
    Asked(204, "DELETE", "/subscriptions/{subscription}"),
    Asked(404, "DELETE", "/subscriptions/{subscription}", who="other"),
    Asked(201, "POST", "/provisionRequests", provision()),
    Asked(400, "POST", "/provisionRequests", "<provisionRequest"),
    Asked(200, "GET", "/provisionRequests/{provision}"),
    Asked(404, "GET", "/provisionRequests/{provision}", who="other"),
    Asked(204, "DELETE", "/provisionRequests/{provision}"),
    Asked(201, "POST", "/requests/alerts/alert", ALERT, more=UTILITY),
    Asked(400, "POST", "/requests/alerts/alert", infra("alert"), more=UTILITY),
    Asked(403, "POST", "/requests/alerts/alert", ALERT, "narrow", UTILITY),
    Asked(405, "POST", "/requests/alerts", infra("alerts", ALERT), more=UTILITY),
    Asked(200, "GET", "/requests/zones", more=UTILITY),
    Asked(201, "POST", "/requests/providers/provider", provider(), more=UTILITY),
    Asked(200, "POST", "/requests/providers", infra("providers", provider()), more=UTILITY),
    Asked(403, "POST", "/requests/providers/provider", provider(), "other", UTILITY),
    Asked(405, "POST", "/requests/providers/provider", provider(), "direct", UTILITY),
    Asked(409, "POST", "/requests/providers/provider", provider("xAways"), more=UTILITY),
    Asked(204, "DELETE", "/requests/providers/{provider}", more=UTILITY),
    Asked(403, "DELETE", "/requests/providers/{provider}", who="rival", more=UTILITY),
    Asked(405, "DELETE", "/requests/providers/{provider}", who="direct", more=UTILITY),
    Asked(201, "POST", f"{JOBS}/rosterValidation", JOB),
    Asked(200, "POST", JOBS, infra("jobs", JOB)),
    Asked(405, "PUT", f"{JOBS}/{{job}}", JOB),
    Asked(200, "GET", f"{JOBS}/{{job}}/submission/states"),
    Asked(201, "POST", f"{JOBS}/{{job}}/submission/states/state", BEGUN),
    Asked(204, "DELETE", f"{JOBS}/{{job}}"),
]


class Ground:
    """A hub with a student, a queue with a message, and one of everything else."""

    def __init__(self, hub: Hub) -> None:
        grant = Grant(HERE, "DEFAULT", "OBJECT", "xLeas", {"QUERY": "APPROVED"})
        brokered: dict[str, Any] = {"environment_type": "BROKERED"}
        kinds: dict[str, dict[str, Any]] = {
            "far": brokered | {"kind": "provider"}, "rival": brokered | {"kind": "provider"},
            "other": brokered, "narrow": brokered | {"grants": (grant,)}, "direct": {},
        }  # fmt: skip
        self.hub = hub
        self.clients = {name: self._joined(name, given) for name, given in kinds.items()}
        self.clients["nobody"] = Client(hub.base, "nobody", user="nobody")
        far = self.clients["far"]
        self.names = {"one": REFID, "environment": str(far.environment.get("id"))}  # type: ignore[union-attr]
        self._stock(far)

    def send(self, asked: Asked) -> requests.Response:
        """Carry the request out."""
        client = self.clients[asked.who]
        path = asked.path.format(**self.names)
        body = asked.body.replace("{queue}", self.names["queue"]).replace(
            "{narrow_queue}", self.names["narrow_queue"]
        )
        more = {name: text.format(**self.names) for name, text in asked.more.items()}
        if path == ENV:
            return client.open(body.encode(), **more)
        headers = {"Content_Type": "application/xml"} if body else {}
        return client.send(asked.verb, path, body.encode() or None, **headers, **more)

    def _joined(self, name: str, given: dict[str, Any]) -> Client:
        with self.hub.engine.begin() as connection:
            vendors.add_application(connection, name, SECRET, SCOPE, **given)
        client = Client(self.hub.base, name)
        assert client.open().status_code == 201
        return client

    def _made(self, client: Client, path: str, body: str) -> str:
        reply = client.send("POST", path, body.encode(), Content_Type="application/xml")
        assert reply.status_code == 201, reply.text
        root = etree.fromstring(reply.content)
        return str(root.get("id"))

    def _stock(self, far: Client) -> None:
        names, hub = self.names, self.hub
        self._made(far, SINGLE, OLD)
        names["queue"], names["emptied"] = (self._made(far, "/queues", QUEUE) for _ in range(2))
        names["narrow_queue"] = self._made(self.clients["narrow"], "/queues", QUEUE)
        heard = subscription(names["queue"], "xStudents")
        names["subscription"] = self._made(far, "/subscriptions", heard)
        names["provision"] = self._made(far, "/provisionRequests", provision())
        names["provider"] = self._made(far, "/requests/providers/provider", provider("xWidgets"))
        names["job"] = self._made(far, f"{JOBS}/rosterValidation", JOB)
        away = Provider(
            str(uuid.uuid4()), "far", None, SCOPE, "OBJECT", "xAways", "Far", "http://127.0.0.1:9/",
            {}, ("application/xml",),
        )  # fmt: skip
        payload = Payload({"requestId": "r-0"}, "application/xml", students(ONE).encode())
        with hub.engine.begin() as connection:
            providers.insert(connection, away)
            mailbox.put(connection, names["queue"], "response", SCOPE, "xStudent", "QUERY", payload)
        names["tag"], names["own_tag"] = (
            far.send("GET", path).headers["ETag"] for path in (LIST, f"{LIST}/{REFID}")
        )
        read = far.send("GET", f"/queues/{names['queue']}/messages")
        names["message"] = read.headers["messageId"]
        assert far.send("GET", f"/queues/{names['emptied']}/messages").status_code == 204
