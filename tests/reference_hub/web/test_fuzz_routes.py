"""Every route of the hub under requests made by chance from the words of the standard."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import Engine
from structlog.testing import capture_logs

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.settings import Settings
from reference_hub.store import vendors
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client
from tests.reference_hub.web.fuzz_material import CANARY, Made, made

QUIET = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# OAuth 2.0 and OneRoster have errors of their own form, a page for people has pages.
OTHER_ERRORS = ("/oauth/", "/privacy/acknowledge/", "/ims/oneroster/", "/console/", "/public/")
# A poll that comes too early is 503, and so is a provider that is away (C-15, INF-RQC-005).
BUSY = ("/messages", "xWidgets")
ECHOED = ("requestid", "generatorid")


@pytest.fixture(scope="module")
def rules(engine: Engine, web_settings: Settings) -> list[str]:
    """Every route."""
    app = create_app(web_settings, engine, judge=Judge())
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


@dataclass
class Fuzzed:
    """The hub with a source that has a queue, a provider, and a vendor."""

    sis: Any
    provider: Any
    reader: Any
    queue: str

    def authorization(self, who: str) -> dict[str, str]:
        """The credentials of one of them."""
        users = {"source": self.sis.user, "vendor": self.reader.user, "key": "sis"}
        users["provider"] = self.provider.user
        if who not in users:
            return {}
        token = base64.b64encode(f"{users[who]}:a-secret".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    def named(self, text: str) -> str:
        """The text with ids that exist in place of their names."""
        known = {"{environment}": self.sis.environment.get("id"), "{queue}": self.queue}
        for name, value in known.items():
            text = text.replace(name, value)
        return text

    def send(self, asked: Made) -> tuple[http.client.HTTPResponse, bytes]:
        """Send it, and open sessions again that it ended."""
        host = self.sis.base.partition("//")[2]
        connection = http.client.HTTPConnection(host, timeout=30)
        target = quote(self.named(asked.path), safe="/%;=.:") + "?" * bool(asked.query)
        fields = dict(asked.fields) | self.authorization(asked.who)
        headers = {name: self.named(value) for name, value in fields.items()}
        body = self.named(asked.body.decode("latin-1")).encode("latin-1")
        try:
            connection.request(asked.method, target + urlencode(asked.query), body, headers)
            response = connection.getresponse()
            content = response.read()
            if response.headers.get("Content-Encoding") == "gzip" and content:
                content = gzip.decompress(content)
        finally:
            connection.close()
        if asked.method == "DELETE" and response.status == 204:
            for each in (self.sis, self.provider, self.reader):
                each.open()
        return response, content


@pytest.fixture
def fuzzed(hub: Any, sis: Any, reader: Any) -> Fuzzed:
    """The provider is BROKERED, so that it may publish and register."""
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "far", SECRET, SCOPE, kind="provider")
    provider = Client(hub.base, "far")
    assert provider.open().status_code == 201
    body = b'<queue xmlns="http://www.sifassociation.org/infrastructure/3.3"/>'
    reply = sis.send("POST", "/queues/queue", body, Content_Type="application/xml")
    assert reply.status_code == 201
    return Fuzzed(sis, provider, reader, etree.fromstring(reply.content).get("id", ""))


def examine(fuzzed: Fuzzed, schema: etree.XMLSchema, asked: Made) -> None:
    with capture_logs() as logs:
        response, content = fuzzed.send(asked)
    told = [(name, value) for name, value in response.getheaders() if name.lower() not in ECHOED]
    assert response.status not in (500, 501, 502, 504), logs
    assert response.status != 503 or any(word in fuzzed.named(asked.path) for word in BUSY), content
    assert CANARY not in str(logs)
    if response.status < 400:
        return
    assert CANARY not in str(told) + content.decode("utf-8", "replace")
    if asked.method != "HEAD" and not asked.path.startswith(OTHER_ERRORS):
        kind = response.headers.get("Content-Type", "")
        assert code(kind, content, schema) == str(response.status)


def code(kind: str, content: bytes, schema: etree.XMLSchema) -> str:
    """The code in the error object."""
    if kind.startswith("application/json"):
        ((name, inner),) = json.loads(content).items()
        found = str(inner.get("code", ""))
    else:
        root = etree.fromstring(content)
        schema.assertValid(root)
        name, found = etree.QName(root).localname, root.findtext("{*}code", "")
    # A second environment may be answered with the first one (INF-ENV-008).
    return "409" if name == "environment" else found


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-002", "INF-ERR-003", "NEG-017", "NEG-057")
@settings(QUIET, max_examples=300, derandomize=True)
@given(data=st.data())
def test_no_request_by_chance_breaks_the_hub(
    fuzzed: Fuzzed, rules: list[str], infrastructure: etree.XMLSchema, data: st.DataObject
) -> None:
    examine(fuzzed, infrastructure, data.draw(made(rules)))


@pytest.mark.soak
@settings(QUIET, max_examples=20_000)
@given(data=st.data())
def test_no_request_by_chance_breaks_the_hub_for_long(
    fuzzed: Fuzzed, rules: list[str], infrastructure: etree.XMLSchema, data: st.DataObject
) -> None:
    examine(fuzzed, infrastructure, data.draw(made(rules)))
