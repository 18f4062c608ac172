"""What a vendor gets before real data is switched on, and after the district has said no."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.papers import Paper
from reference_hub.journeys.acknowledge import acknowledge, reject
from reference_hub.model.rights import SUPPORTED
from tests.reference_hub.console.test_onboarding_kinds import accept_for, small_district
from tests.reference_hub.console.vendor_at_work import (
    SECRET,
    Taking,
    runs_desk,
    runs_settings,
    taking,
)
from tests.reference_hub.console.whole_walk import EDFI, FILES, PULL, PUSH, ROSTER

__all__ = ["runs_desk", "runs_settings", "taking"]
NOWHERE = "http://127.0.0.1:9/sif3"
KINDS = {"push": PUSH, "files": FILES, "edfi": EDFI, "roster": ROSTER, "pull": PULL}


class OnlyByMarker(Consumer):
    """Conforms, and knows no explicit acknowledgement: none is in the standard."""

    def send_receipt(self, zone: str, paper: Paper, decision: str) -> None:
        """Nothing is sent."""


@pytest.fixture
def client(taking: Taking) -> Iterator[OnlyByMarker]:
    """A SIF client that acknowledges by its marker, to whose vendor a document was published."""
    small_district(taking)
    published(taking, "pull")
    made = OnlyByMarker(taking.desk.base, "reading", SECRET)
    yield made
    made.link.close()


def published(taking: Taking, kind: str) -> None:
    """A vendor of a kind that is connected, approved, and was sent the document."""
    taking.enter(also=["organisations"])
    taking.connect("" if kind in ("roster", "pull") else NOWHERE, **KINDS[kind])
    taking.press("decision", "decision", verdict="approved", conditions="")
    taking.press("publish", "data")


def ask(client: OnlyByMarker, path: str, marker: str) -> requests.Response:
    """A request of the client for objects of its zone."""
    lines = {"dataPrivacyMarker": marker} if marker else {}
    place = f"{client.at('requestsConnector')}/{path};zoneId=demo-district;contextId=DEFAULT"
    answer = client.link.send("GET", place, None, lines)
    made = requests.Response()
    made.status_code, made._content = answer.status, answer.body
    return made


def token(taking: Taking) -> str:
    """The token of the newest document."""
    [(found,)] = taking.desk.run("SELECT token FROM pod ORDER BY created DESC LIMIT 1")
    return str(found)


def acknowledged_by(taking: Taking) -> str | None:
    """How the document was acknowledged."""
    [(how,)] = taking.desk.run("SELECT acknowledged_how FROM pod")
    return str(how) if how else None


def test_the_marker_alone_acknowledges_and_brings_no_data_yet(
    taking: Taking, client: OnlyByMarker
) -> None:
    client.synchronise()
    assert (acknowledged_by(taking), len(client.store.held)) == ("marker", 0)
    page = taking.web.get(f"{taking.at}/data").text
    assert "by using its marker for the first time" in page
    taking.press("switch-on", "switch-on")
    client.synchronise()
    client.synchronise()
    assert len(client.store.held) == 2


def test_what_waits_for_the_district_is_listed_as_supported(
    taking: Taking, client: OnlyByMarker
) -> None:
    answer = client.tell("POST", client.environments(), client.wanted())
    client.settle(answer.document)
    listed = [each for each in answer.document.iter("{*}service")
              if each.get("name") == "xStudents"]  # fmt: skip
    rights = {right.get("type"): right.text for right in listed[0].iter("{*}right")}
    assert (rights["QUERY"], rights["CREATE"]) == (SUPPORTED, "REJECTED")
    assert "SERVICEPATH" not in answer.body.decode()
    assert acknowledged_by(taking) is None


def test_a_wrong_marker_is_told_apart_and_acknowledges_nothing(
    taking: Taking, client: OnlyByMarker
) -> None:
    client.connect()
    missing, unknown = ask(client, "xStudents", ""), ask(client, "xStudents", "guessed")
    assert (missing.status_code, "403-01" in missing.text) == (403, True)
    assert (unknown.status_code, "403-POD-UNKNOWN" in unknown.text) == (403, True)
    assert acknowledged_by(taking) is None


def test_a_vendor_that_must_send_a_receipt_acknowledges_by_no_marker(
    taking: Taking, client: OnlyByMarker
) -> None:
    taking.desk.run("UPDATE vendor SET acknowledge_by = 'receipt'")
    client.connect()
    answer = ask(client, "xStudents", token(taking))
    assert (answer.status_code, "403-POD-UNACK" in answer.text) == (403, True)
    assert acknowledged_by(taking) is None


def test_no_door_is_open_before_the_switch(taking: Taking, client: OnlyByMarker) -> None:
    accept_for(taking)
    client.connect()
    [(school,)] = taking.desk.run("SELECT refid FROM sif_object WHERE object_type = 'xSchool'")
    [(student, *_)] = taking.desk.run(
        "SELECT refid FROM sif_object WHERE object_type = 'xStudent' LIMIT 1"
    )
    paths = ("xStudents", f"xStudents/{student}", f"xSchools/{school}/xStudents", "xSchools")
    answers = {path: ask(client, path, token(taking)) for path in paths}
    assert {path: each.status_code for path, each in answers.items()} == dict.fromkeys(paths, 403)
    assert not any("familyName" in each.text for each in answers.values())
    assert taking.desk.run("SELECT count(*) FROM audit WHERE action = 'read'") == [(0,)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_refusal_ends_whatever_was_begun(taking: Taking, kind: str) -> None:
    published(taking, kind)
    taking.press("deliver", "sandbox")
    accept_for_real(taking)
    taking.press("decision", "decision", verdict="refused", conditions="The run failed.")
    assert taking.desk.run("SELECT DISTINCT status FROM pod") == [("Expired",)]
    page = taking.web.get(f"{taking.at}/data").text
    assert "the district refused this vendor" in page
    assert 'href="/console/onboarding/1/switch-on"' not in page
    taking.press("publish", "data")
    taking.press("switch-on", "switch-on")
    open_ones = taking.desk.run(
        "SELECT count(*) FROM message WHERE state IN ('waiting', 'leased', 'held')"
        " AND kind <> 'pod'"
    )
    assert open_ones == [(0,)]
    assert taking.desk.run("SELECT count(*) FROM deletion") == [(0,)]
    assert "Reading" not in taking.desk.web().http.get(public(taking), timeout=20).text


def public(taking: Taking) -> str:
    """The page for parents."""
    return f"{taking.desk.base}/public/demo-district"


def accept_for_real(taking: Taking) -> None:
    """The vendor accepts the document of the real zone; that of the sandbox stays as it is."""
    [(own, vendor)] = taking.desk.run(
        "SELECT token, vendor_id FROM pod WHERE zone_id = 'demo-district'"
    )
    with taking.desk.engine.begin() as connection:
        acknowledge(connection, int(str(vendor)), str(own), "form", taking.desk.clock)


def test_a_vendor_that_is_given_up_keeps_no_document(taking: Taking) -> None:
    published(taking, "files")
    taking.press("give-up", "give-up")
    assert taking.desk.run("SELECT status FROM pod") == [("Expired",)]


def test_a_document_that_was_turned_down_is_told_with_its_reason(taking: Taking) -> None:
    published(taking, "files")
    with taking.desk.engine.begin() as connection:
        told = (1, token(taking), "form", "60 days are too short.")
        assert reject(connection, *told, taking.desk.clock)
    page = taking.web.get(f"{taking.at}/data").text
    assert "the vendor turned the document down" in page
    assert "60 days are too short." in page
    taking.press("publish", "data")
    assert taking.desk.run("SELECT count(*) FROM pod WHERE status = 'Pending'") == [(1,)]
