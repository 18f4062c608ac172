"""A running simulator and a plain client for it: requests, lxml and nothing of the judge."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from lxml import etree

from conformance.simulators import Handle, Receiver, serve, tokens

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
MARKER = "dataPrivacyMarker"


def new_refid() -> str:
    """A refId as districts write them."""
    return str(uuid.uuid4()).upper()


def student_xml(refid: str | None, inner: str = "", *, name: str = "Okafor") -> bytes:
    """A small student; `inner` follows the name."""
    attribute = f' refId="{refid}"' if refid else ""
    named = f"<name><familyName>{name}</familyName><givenName>Ada</givenName></name>"
    return f'<xStudent xmlns="{NA4}"{attribute}>{named}{inner}</xStudent>'.encode()


def many_xml(*students: bytes) -> bytes:
    """A collection of students."""
    return b'<xStudents xmlns="%s">%s</xStudents>' % (NA4.encode(), b"".join(students))


def pod_xml(
    token: str,
    *,
    status: str = "Live",
    party: str = "Example Reading App",
    inner: str = "",
    refid: str = "",
) -> bytes:
    """A POD; `inner` stands in its list of privacy entries."""
    return (
        f'<pod xmlns="{INF}" id="{refid or uuid.uuid4()}"><podStatus>{status}</podStatus>'
        f"<podToken>{token}</podToken><podVersion>1.0</podVersion><partyId>{party}</partyId>"
        f"<privacyList>{inner}</privacyList></pod>"
    ).encode()


def term_xml(first: str, last: str) -> str:
    """A privacy entry with a contract of these days."""
    return (
        "<privacy><default>Y</default><privacyObligationsDocument><contract>"
        "<contractURI>https://registry.example/1</contractURI><contractName>Agreement</contractName>"
        f"<dateValidFrom>{first}</dateValidFrom><dateValidTo>{last}</dateValidTo><lawList/>"
        "</contract></privacyObligationsDocument></privacy>"
    )


@dataclass
class Vendor:
    """A client of one simulator. `marker` is sent with every message about students."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)
    secret: str = "demo-secret-1"
    key: str = "demo-vendor"
    token: str = ""
    services: dict[str, str] = field(default_factory=dict)
    marker: str | None = None

    def application(self) -> dict[str, str]:
        """Headers of the application itself."""
        authorization = tokens.basic_token(self.key, self.secret)
        return {"Authorization": authorization, "Content-Type": "application/xml"}

    def session(self) -> dict[str, str]:
        """Headers of the session, with the marker."""
        headers = {"Content-Type": "application/xml"}
        headers |= {MARKER: self.marker} if self.marker else {}
        return {"Authorization": tokens.basic_token(self.token, self.secret), **headers}

    def open(self, instance: str = "") -> requests.Response:
        """Create an environment and remember it."""
        body = (
            f'<environment xmlns="{INF}"><instanceId>{instance}</instanceId>'
            "<applicationInfo><applicationKey/>"
            "<supportedInfrastructureVersion>3.3</supportedInfrastructureVersion>"
            "</applicationInfo></environment>"
        )
        reply = self.http.post(
            f"{self.url}/environments/environment", body, headers=self.application()
        )
        if reply.ok:
            root = etree.fromstring(reply.content)
            self.token = root.findtext("{*}sessionToken") or ""
            rows = root.iter("{*}infrastructureService")
            self.services = {row.get("name", ""): row.text or "" for row in rows}
        return reply

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> requests.Response:
        """A message below the requests connector."""
        url = f"{self.services['requestsConnector']}/{path}"
        return self.http.request(method, url, data=body, headers={**self.session(), **headers})

    def push_pod(self, body: bytes) -> requests.Response:
        """Deliver a POD."""
        return self.send("POST", "pods/pod", body, serviceType="UTILITY")

    def create(self, body: bytes, **headers: str) -> requests.Response:
        """Create one student."""
        return self.send("POST", "xStudents/xStudent", body, **headers)

    def rows(self, name: str) -> bytes:
        """An exported file."""
        reply = self.http.get(f"{self.url}/export/{name}.csv", headers=self.application())
        assert reply.status_code == 200
        return reply.content


@pytest.fixture
def handle() -> Iterator[Handle]:
    """A conforming simulator on a free port."""
    with serve(Receiver()) as running:
        yield running


@pytest.fixture
def stranger(handle: Handle) -> Iterator[Vendor]:
    """A client without an environment."""
    with requests.Session() as http:
        yield Vendor(handle.url, http)


@pytest.fixture
def newcomer(stranger: Vendor) -> Vendor:
    """A client with an environment and no agreement."""
    assert stranger.open().status_code == 201
    return stranger


@pytest.fixture
def vendor(newcomer: Vendor) -> Vendor:
    """A client with an environment and an agreement in force."""
    newcomer.marker = f"Token.{uuid.uuid4()}"
    assert newcomer.push_pod(pod_xml(newcomer.marker)).status_code == 201
    return newcomer


class Build:
    """Makers of bodies, for tests that cannot import this file."""

    refid = staticmethod(new_refid)
    student = staticmethod(student_xml)
    many = staticmethod(many_xml)
    pod = staticmethod(pod_xml)
    term = staticmethod(term_xml)
    vendor = Vendor


@pytest.fixture
def build() -> type[Build]:
    """Makers of bodies."""
    return Build
