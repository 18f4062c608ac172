"""What the hub answers is valid by the schema of the release that its peer speaks."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.store import vendors
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub

WWW = "http://www.sifassociation.org/infrastructure/"
XML = {"Content_Type": "application/xml"}
RELEASES = ["3.0.1", "3.1", "3.2", "3.2.1", "3.3"]
JOBS = "/services/rosterValidations"
UTILITIES = ("zones", "providers", "codeSets", "namespaces", "xquerys", "alerts")
Students = Callable[[int], list[etree._Element]]


def compiled(folder: Path, release: str) -> etree.XMLSchema:
    """The schema of a release, all of its files together."""
    for entry in ("SIF_Message.xsd", "Collections.xsd"):
        if (folder / entry).exists():
            return etree.XMLSchema(etree.parse(str(folder / entry)))
    names = sorted({each.name for each in folder.glob("*.xsd")} - {"infrastructurecommontypes.xsd"})
    space = "http://www.w3.org/2001/XMLSchema"
    root = etree.Element(f"{{{space}}}schema", {"targetNamespace": WWW + release})
    for name in names:
        etree.SubElement(root, f"{{{space}}}include", schemaLocation=name)
    whole = etree.fromstring(etree.tostring(root), base_url=str(folder / "whole.xsd"))
    return etree.XMLSchema(whole)


@pytest.fixture(scope="session")
def schemas(
    standards: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, etree.XMLSchema]:
    """Every release; codeset.xsd up to 3.2.1 is mended: its elements belong to the namespace, there
    may be more than one code (erratum 19), and codes of today's data models are longer than 16."""
    found = {}
    for release in RELEASES:
        source = standards / "schemas" / "official" / f"infrastructure-{release}"
        folder = tmp_path_factory.mktemp("schema") / release
        shutil.copytree(source, folder)
        if (codes := folder / "codeset.xsd").exists():
            text = codes.read_text("utf-8").replace(
                "<xs:schema ", '<xs:schema elementFormDefault="qualified" ', 1
            )
            several = '<xs:element name="codeItem" maxOccurs="unbounded" type="codeItemType"'
            once = '<xs:element name="codeItem" type="codeItemType"'
            text = text.replace('<xs:maxLength value="16"/>', '<xs:maxLength value="128"/>')
            codes.write_text(text.replace(once, several), "utf-8")
        found[release] = compiled(folder, release)
    return found


class Peer:
    """A provider in a brokered environment that speaks one release."""

    def __init__(self, hub: Hub, release: str, schema: etree.XMLSchema) -> None:
        with hub.engine.begin() as connection:
            vendors.add_application(
                connection, "peer", SECRET, SCOPE, environment_type="BROKERED", kind="provider"
            )
        self.release, self.space, self.schema = release, WWW + release, schema
        self.client = Client(hub.base, "peer")

    def open(self) -> None:
        """Create the environment with all that 3.0.1 demands."""
        info = (
            "<applicationKey>peer</applicationKey><supportedInfrastructureVersion>"
            f"{self.release}</supportedInfrastructureVersion><dataModelNamespace>{xpress.NA4}"
            "</dataModelNamespace><transport>REST</transport><applicationProduct><vendorName>Far"
            "</vendorName><productName>Far SIS</productName><productVersion>1.0</productVersion>"
            "</applicationProduct>"
        )
        inner = (
            "<authenticationMethod>Basic</authenticationMethod><consumerName>Far</consumerName>"
            f"<applicationInfo>{info}</applicationInfo>"
        )
        body = self.element("environment", inner)
        assert self.client.open(body).status_code == 201
        self.checked(self.client.environment)

    def element(self, name: str, inner: str, more: str = "") -> bytes:
        return f'<{name} xmlns="{self.space}"{more}>{inner}</{name}>'.encode()

    def checked(self, element: etree._Element | None) -> etree._Element:
        """The element, valid, in the peer's namespace, with ids as the standard wants them."""
        assert element is not None
        self.schema.assertValid(element)
        assert {etree.QName(each).namespace for each in element.iter("*")} == {self.space}
        own = [each for each in element.iter("*") if etree.QName(each).localname in IDENTIFIED]
        ids = [uuid.UUID(each.get("id")) for each in own if each.get("id")]
        assert {each.version for each in ids} <= {4}
        return element

    def ask(
        self, verb: str, path: str, body: bytes | None = None, status: int = 200, **more: str
    ) -> etree._Element:
        """The body of an answer, checked."""
        reply = self.client.send(verb, path, body, **XML, **more)
        assert reply.status_code == status, reply.text
        return self.checked(etree.fromstring(reply.content))


IDENTIFIED = ("environment", "queue", "subscription", "provisionRequest", "provider", "alert",
              "error", "job", "state", "namespace")  # fmt: skip


@pytest.fixture
def peer(hub: Hub, schemas: dict[str, etree.XMLSchema], request: Any) -> Peer:
    """The peer of the release that the test names."""
    made = Peer(hub, request.param, schemas[request.param])
    made.open()
    return made


every_release = pytest.mark.parametrize("peer", RELEASES, indirect=True)


@pytest.mark.requirement("INF-FMT-001", "INF-FMT-006", "INF-FMT-020")
@every_release
def test_environment_queue_and_subscription_fit_the_release(peer: Peer) -> None:
    own = f"/environments/{peer.checked(peer.client.environment).get('id')}"
    peer.ask("GET", own)
    queue = peer.ask("POST", "/queues/queue", peer.element("queue", "<name>in</name>"), 201)
    peer.ask("GET", "/queues")
    inner = (
        "<zoneId>demo-district</zoneId><contextId>DEFAULT</contextId><serviceType>OBJECT"
        f"</serviceType><serviceName>xStudents</serviceName><queueId>{queue.get('id')}</queueId>"
    )
    peer.ask("POST", "/subscriptions/subscription", peer.element("subscription", inner), 201)
    peer.ask("GET", "/subscriptions")


@pytest.mark.requirement("INF-FMT-001", "INF-FMT-006", "INF-FMT-020")
@every_release
def test_the_utilities_fit_the_release(peer: Peer) -> None:
    alert = "<reporter>Far</reporter><cause>hub</cause><exchange>EVENT</exchange>"
    body = peer.element("alert", f"{alert}<level>INFO</level><description>Seen.</description>")
    peer.ask("POST", "/requests/alerts/alert", body, 201)
    entry = peer.element("xquery", "<script>x</script>", ' id="Named"')
    peer.ask("POST", "/requests/xquerys/xquery", entry, 201)
    for name in UTILITIES:
        peer.ask("GET", f"/requests/{name};zoneId=environment-global", serviceType="UTILITY")


@pytest.mark.requirement("INF-FMT-001", "INF-PRG-005")
@every_release
def test_a_registered_provider_fits_the_release(peer: Peer) -> None:
    inner = (
        "<serviceType>OBJECT</serviceType><serviceName>xStaffs</serviceName><contextId>DEFAULT"
        "</contextId><zoneId>demo-district</zoneId><providerName>Far SIS</providerName>"
        "<querySupport><maxPageSize>5</maxPageSize></querySupport><endPoint><location>"
        "https://sis.example/sif</location></endPoint>"
    )
    made = peer.ask("POST", "/requests/providers/provider", peer.element("provider", inner), 201)
    product = made.find("{*}querySupport/{*}applicationProduct")
    assert product is not None
    plain = peer.release == "3.0.1"
    assert (product.text if plain else product.findtext("{*}productName")) == "Far SIS"
    assert (made.find("{*}mimeTypes") is None) is plain
    assert made.findtext("{*}querySupport/{*}dynamicQuery") == (
        "false" if peer.release < "3.2" else None
    )


@pytest.mark.requirement("INF-FMT-001", "INF-CRE-004", "INF-BLK-006")
@every_release
def test_results_and_errors_fit_the_release(peer: Peer, students: Students) -> None:
    found = students(2)
    many = etree.tostring(xpress.collection("xStudents", found))
    for _ in range(2):
        peer.ask("POST", "/requests/xStudents", many)
    peer.ask("PUT", "/requests/xStudents", many)
    deletes = f'<deletes><delete id="{found[0].get("refId")}"/><delete id="x"/></deletes>'
    body = peer.element("deleteRequest", deletes)
    peer.ask("PUT", "/requests/xStudents", body, methodOverride="DELETE")
    peer.ask("POST", "/requests/xStudents/xStudent", b"<xStudent", 400)
    peer.ask("DELETE", "/requests/xStudents", None, 405)
    long = f"/requests/{'x' * 200}"
    peer.ask("POST", long, b"<x/>", 405, serviceType="XQUERYTEMPLATE")


@pytest.mark.requirement("INF-FMT-001")
@every_release
def test_a_settled_provision_request_fits_the_release(peer: Peer) -> None:
    right = '<rights><right type="QUERY">REQUESTED</right></rights>'
    service = f'<service type="OBJECT" name="xStaffs" contextId="DEFAULT">{right}</service>'
    zone = f'<provisionedZone id="demo-district"><services>{service}</services></provisionedZone>'
    body = peer.element("provisionRequest", f"<provisionedZones>{zone}</provisionedZones>")
    made = peer.ask("POST", "/provisionRequests/provisionRequest", body, 201)
    peer.ask("GET", f"/provisionRequests/{made.get('id')}")


@pytest.mark.requirement("INF-FMT-001", "INF-FMT-006")
@pytest.mark.parametrize("peer", ["3.2", "3.2.1", "3.3"], indirect=True)
def test_jobs_fit_the_release_since_there_are_any(peer: Peer) -> None:
    body = peer.element("job", "<name>rosterValidation</name>")
    job = peer.ask("POST", f"{JOBS}/rosterValidation", body, 201)
    peer.ask("GET", JOBS)
    states = f"{JOBS}/{job.get('id')}/submission/states"
    peer.ask("GET", states)
    peer.ask("POST", f"{states}/state", peer.element("state", "<type>INPROGRESS</type>"), 201)


@pytest.mark.parametrize("peer", ["3.0.1", "3.1"], indirect=True)
def test_an_older_peer_is_offered_no_jobs(peer: Peer) -> None:
    environment = peer.checked(peer.client.environment)
    names = [each.get("name") for each in environment.iter("{*}infrastructureService")]
    assert "servicesConnector" not in names
    assert len(names) == 6


@pytest.mark.requirement("INF-FMT-001")
@every_release
def test_events_of_the_hubs_own_services_fit_the_release(peer: Peer) -> None:
    queue = peer.ask("POST", "/queues", peer.element("queue", "<name>in</name>"), 201)
    service = "<serviceType>UTILITY</serviceType><serviceName>alerts</serviceName>"
    body = peer.element("subscription", f"{service}<queueId>{queue.get('id')}</queueId>")
    peer.ask("POST", "/subscriptions", body, 201)
    alert = "<reporter>Far</reporter><cause>hub</cause><exchange>EVENT</exchange>"
    inner = f"{alert}<level>EVENT</level><description>Seen.</description>"
    peer.client.send("POST", "/requests/alerts/alert", peer.element("alert", inner), **XML)
    told = peer.ask("GET", f"/queues/{queue.get('id')}/messages")
    assert told.findtext("{*}alert/{*}level") == ("EVENT" if peer.release == "3.3" else "INFO")
