"""Vendors that take files or have an Ed-Fi API, or that come for their data, are taken on too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.oneroster_consumer.client import RosterClient
from fixtures.generate import Plan
from fixtures.writers import models, notation
from reference_hub.journeys import console_run, console_target
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.model.console_run import Way
from reference_hub.settings import Console
from tests.reference_hub.console.student import School
from tests.reference_hub.console.test_onboarding import student
from tests.reference_hub.console.vendor_at_work import (
    KEY,
    SECRET,
    Taking,
    delivering,
    product,
    runs_desk,
    runs_settings,
    taking,
)
from tests.waiting import until

__all__ = ["runs_desk", "runs_settings", "taking"]

FILES = {"kind": "files", "format": "oneroster-1.2-csv", "folder": "files", "can": ["outcome"],
         "results": "results/{name}.json", "method": ""}  # fmt: skip
EDFI = {"kind": "edfi", "format": "edfi-5", "district": "255901", "school": "255901001",
        "can": ["delete", "query"], "users": "", "demographics": "", "method": ""}  # fmt: skip


def test_made_up_students_reach_a_product_that_takes_files(taking: Taking, tmp_path: Path) -> None:
    with product(tmp_path, role="file-receiver", at="vendor") as url, delivering(taking.desk):
        taking.enter(also=["organisations"])
        taking.connect(url, **FILES)
        assert "can be tested" in taking.ran("doctor")
        taking.press("deliver", "sandbox")
        until(lambda: arrived(taking) == 1)
        result = f"{url}/results/Reading-sandbox-second-district.zip.json"
        told = requests.get(result, auth=(KEY, SECRET), timeout=10).json()
    assert told["outcome"] == "applied"
    rows = taking.desk.run("SELECT collection, count(*) FROM target_row GROUP BY 1 ORDER BY 1")
    assert rows == [("demographics", 12), ("orgs", 2), ("roles", 12), ("users", 12)]
    assert "Rows that went out" in taking.web.get(f"{taking.at}/sandbox").text


def test_made_up_students_reach_a_folder_by_sftp(taking: Taking) -> None:
    receiver = FileReceiver(secret=SECRET, key=KEY)
    with closing(receiver.doors()) as face, delivering(taking.desk):
        taking.enter(also=["organisations"])
        where = {"folder": "incoming", "host_key": face.fingerprint, "can": [], "users": ""}
        taking.connect(f"sftp://127.0.0.1:{face.port}", **(FILES | where | {"demographics": ""}))
        assert "can be tested" in taking.ran("doctor")
        taking.press("deliver", "sandbox")
        until(lambda: arrived(taking) == 1)
    assert len(receiver.kept.rows["users"]) >= 12


def test_made_up_students_reach_an_edfi_host_under_its_own_numbers(
    taking: Taking, tmp_path: Path
) -> None:
    with product(tmp_path, role="edfi-receiver", at="api") as url, delivering(taking.desk):
        taking.enter(also=["organisations"])
        taking.connect(url, **EDFI)
        assert "can be tested" in taking.ran("doctor")
        taking.press("deliver", "sandbox")
        until(lambda: arrived(taking) == 1)
    rows = taking.desk.run(
        "SELECT collection, body -> 'schoolReference' ->> 'schoolId', count(*) FROM target_row"
        " WHERE answer_state = 'accepted' GROUP BY 1, 2 ORDER BY 1"
    )
    assert ("studentSchoolAssociations", "255901001", 12) in rows
    assert ("students", None, 12) in rows
    assert "schools" not in {name for name, *_ in rows}


def arrived(taking: Taking) -> object:
    """How many deliveries of the sandbox arrived."""
    return taking.desk.run("SELECT count(*) FROM message WHERE kind <> 'pod' AND state = 'done'")[
        0
    ][0]


PULL = {"kind": "pull", "format": "sif-xml", "key": "reading", "method": "SIF_HMACSHA256",
        "can": ["environment", "pod", "paging"], "users": "", "demographics": "",
        "poll_seconds": "5"}  # fmt: skip
ROSTER = {"kind": "roster", "format": "oneroster-1.2-rest", "key": "reading", "method": "",
          "can": ["tokens"], "users": "", "demographics": ""}  # fmt: skip


def test_a_sif_client_reads_made_up_students_with_a_key_of_its_own(taking: Taking) -> None:
    taking.enter()
    taking.connect("", **PULL)
    taking.press("deliver", "sandbox")
    with coming(taking.desk.base, "reading-sandbox") as client:
        client.synchronise()
    assert len(client.store.held) == 12
    page = taking.web.get(f"{taking.at}/sandbox").text
    assert "reading-sandbox" in page
    assert re.search(r"Objects that the vendor read</dt><dd>[1-9]", page)


def test_a_sif_client_finds_the_suite_that_the_page_names(taking: Taking) -> None:
    taking.enter()
    taking.connect("", **PULL)
    taking.press("start/doctor", "doctor")
    page = f"{taking.at}/doctor"
    until(lambda: "listens at" in taking.web.get(page).text)
    found = re.search(r"listens at (http://[\w.:/-]+)", taking.web.get(page).text)
    assert found
    with coming(found[1], "reading") as client:
        client.synchronise()
    until(lambda: taking.state("doctor") == "ended")
    assert "can be tested" in taking.web.get(page).text


def test_before_real_data_is_switched_on_a_sif_client_reads_its_document_alone(
    taking: Taking,
) -> None:
    student(taking.desk)
    taking.enter()
    taking.connect("", **PULL)
    taking.press("decision", "decision", verdict="approved", conditions="")
    taking.press("publish", "data")
    with coming(taking.desk.base, "reading") as client:
        client.synchronise()
        assert taking.desk.run("SELECT acknowledged_how FROM pod") == [("receipt",)]
        client.synchronise()
        assert len(client.store.held) == 0
        taking.press("switch-on", "switch-on")
        client.synchronise()
        client.synchronise()
        assert len(client.store.held) == 1


@contextmanager
def coming(hub: str, key: str) -> Iterator[Consumer]:
    """A SIF client that is pointed to a hub."""
    client = Consumer(hub, key, SECRET)
    try:
        yield client
    finally:
        client.link.close()


def accept_for(taking: Taking) -> None:
    """Somebody answers behind the link."""
    [(token, vendor)] = taking.desk.run("SELECT token, vendor_id FROM pod")
    with taking.desk.engine.begin() as connection:
        acknowledge(connection, int(str(vendor)), str(token), "form", taking.desk.clock)


def test_a_oneroster_client_reads_the_rows_of_made_up_students(taking: Taking) -> None:
    with delivering(taking.desk):
        taking.enter(also=["organisations"])
        taking.connect("", **ROSTER)
        taking.press("deliver", "sandbox")
        until(lambda: arrived(taking) == 1)
    with closing(RosterClient(taking.desk.base, "reading-sandbox", SECRET)) as client:
        for collection in ("orgs", "users", "demographics"):
            client.take(collection)
    held = {name: len(each) for name, each in client.store.objects.items()}
    assert held == {"orgs": 2, "users": 12, "demographics": 12}
    assert "Objects that the vendor read" in taking.web.get(f"{taking.at}/sandbox").text


def test_what_a_kind_needs_is_asked_for_beside_its_field(taking: Taking) -> None:
    taking.enter()
    taking.press("read", "preview")
    base = {"version": "2", "key": KEY, "secret_password": SECRET}
    for kind, wrong, field in (
        ("files", {"url": "sftp://127.0.0.1", "host_key": "none"}, "host_key"),
        ("files", {"url": "sftp://127.0.0.1", "users": "users.csv"}, "users"),
        ("files", {"url": "http://127.0.0.1:9", "results": "results.json"}, "results"),
        ("edfi", {"url": "http://127.0.0.1:9", "district": "x", "school": "1"}, "district"),
        ("edfi", {"url": "http://127.0.0.1:9", "organizations": "no number"}, "organizations"),
        ("pull", {"url": "", "poll_seconds": "0"}, "poll_seconds"),
        ("push", {"url": "sftp://127.0.0.1", "method": "Basic"}, "url"),
    ):
        where = f"{taking.at}/connection"
        answer = taking.web.post(where, base | {"kind": kind} | wrong)
        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text, kind
    assert taking.desk.run("SELECT count(*) FROM vendor") == [(0,)]


def test_a_secret_may_stand_in_a_variable(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    taking.enter()
    taking.press("read", "preview")
    fields = {"version": "2", "kind": "edfi", "url": "http://127.0.0.1:9", "key": KEY,
              "district": "1", "school": "2", "secret_env": "VENDOR_KEY_1"}  # fmt: skip
    answer = taking.web.post(f"{taking.at}/connection", fields)
    assert 'id="secret_env-fault"' in answer.text
    monkeypatch.setenv("VENDOR_KEY_1", SECRET)
    assert taking.web.post(f"{taking.at}/connection", fields).status_code == 303
    rows = taking.desk.run("SELECT credentials ->> 'secret', transport FROM subscriber")
    assert rows == [("env:VENDOR_KEY_1", "edfi")]


def test_a_vendor_that_takes_files_accepts_behind_a_link(
    taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINK_KEY", "a long random key of a test")
    taking.enter()
    taking.connect("http://127.0.0.1:9", **FILES)
    taking.press("decision", "decision", verdict="approved", conditions="")
    taking.press("publish", "data")
    page = taking.web.get(f"{taking.at}/data").text
    found = re.search(r"<code>(http[^<]+/privacy/acknowledge/[^<]+)</code>", page)
    assert found
    viewer = taking.desk.signed_in("viewer")
    assert "/privacy/acknowledge/" not in viewer.get(f"{taking.at}/data").text


def test_real_files_go_after_the_switch_only(taking: Taking, tmp_path: Path) -> None:
    small_district(taking)
    with product(tmp_path, role="file-receiver", at="vendor") as url, delivering(taking.desk):
        taking.enter(also=["organisations"])
        taking.connect(url, **FILES)
        taking.press("decision", "decision", verdict="approved", conditions="")
        taking.press("publish", "data")
        accept_for(taking)
        assert arrived(taking) == 0
        taking.press("switch-on", "switch-on")
        until(lambda: arrived(taking) == 1)
    rows = taking.desk.run("SELECT collection, count(*) FROM target_row GROUP BY 1 ORDER BY 1")
    assert rows == [("demographics", 2), ("orgs", 2), ("roles", 2), ("users", 2)]


def small_district(taking: Taking) -> None:
    """Two students with their school and district, in the real zone."""
    model, school = models.model_of("xpress-4.3"), School(taking.desk)
    for name, nodes in model.collections(Plan(3, 2, 1)).items():
        if name in ("xLeas", "xSchools", "xStudents"):
            text = b"".join(notation.stream(name, nodes, model.namespace))
            for element in etree.fromstring(text):
                school.keep(element)


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (
            Way("https://v.example/r", "k", "s", format="oneroster-1.1-csv", kind="files",
                capabilities=("outcome", "delta"),
                more={"folder": "in", "results": "out/{name}.json"}),
            {"way": "http", "form": "oneroster-1.1", "address": "in/{name}", "loose": False},
        ),
        (
            Way("sftp://v.example:2022", "k", "s", format="clever", kind="files",
                capabilities=("outcome", "delta"), more={"host_key": "SHA256:x"}),
            {"way": "sftp", "form": "clever", "sftp": "v.example:2022", "loose": True},
        ),
    ],
)  # fmt: skip
def test_files_are_told_to_the_suite_as_the_hub_sends_them(
    way: Way, expected: dict[str, object]
) -> None:
    told = tomllib.loads(console_target.target(way, "Party", "Product", Console()))
    assert told["vendor"]["role"] == "file-receiver"
    assert told["files"].items() >= expected.items()
    # What comes file by file has no name by which a result could be told.
    assert told["capabilities"]["outcome"] is (not expected["loose"])
    assert told["capabilities"]["delta"] is (not expected["loose"])


def test_a_run_of_a_product_that_comes_may_take_as_long_as_its_pace_asks_for() -> None:
    called = Way("http://127.0.0.1:9", "k", "s", kind="push")
    comes = Way("", "k", "s", kind="pull", more={"poll_seconds": "50"})
    assert console_run.most_seconds(Console(run_seconds=100), called) == 100
    assert console_run.most_seconds(Console(run_seconds=100), comes) == 100 + 250 * 60
