"""`reference-hub audit` as a person at a district meets it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.issue_pod import publish
from reference_hub.model.pod import Pod, Terms
from reference_hub.store import audits, vendors
from tests.reference_hub.audit.conftest import Run
from tests.reference_hub.pods.documents import written
from tests.reference_hub.web.conftest import SCOPE, SECRET

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
GENESIS = "0" * 64


@pytest.fixture
def vendor_id(store: Engine) -> int:
    """A vendor with an application and a connection."""
    with store.begin() as connection:
        made = vendors.add_vendor(connection, "reading", "Vendor", SCOPE)
        vendors.add_application(connection, "portal", SECRET, SCOPE, vendor_id=made)
        vendors.add_subscriber(
            connection, made, "push", SCOPE, url="http://127.0.0.1:9/", format="sif-xml",
            transport="sif_push", objects=["xStudent"], credentials={},
        )  # fmt: skip
    return made


def pod(store: Engine, vendor_id: int, version: str, agreement: str) -> Pod:
    """A POD of an agreement, acknowledged by receipt."""
    with store.begin() as connection:
        vendor = vendors.vendor_by_id(connection, vendor_id)
        assert vendor is not None
        entries = (Terms(granted=("xStudent/name",), starts=NOW.date() - timedelta(days=400)),)
        made = publish(
            connection, vendor, lambda *_: (written(), entries), Clock(), version=version,
            agreement_id=agreement,
        )  # fmt: skip
        assert acknowledge(connection, vendor_id, made.token, "receipt", Clock())
    return made


def sent(store: Engine, made: Pod, actor: str = "portal", action: str = "read") -> None:
    """Three students that left under a POD, of two of which the name."""
    detail = {"pod": made.id, "version": made.version, "fields": {"xStudent/name": 2}}
    if actor == "delivery":
        detail["connection"] = "push"
    with store.begin() as connection:
        entry = audits.Entry(actor, action, "xStudent", 3, detail)
        assert audits.add_under(connection, SCOPE, NOW, made.id, entry)


@pytest.mark.requirement("POD-AUD-001")
def test_verify_seals_what_is_open_and_prints_the_head(run: Run, store: Engine) -> None:
    first = run("audit", "verify")
    assert (first.code, first.out.splitlines()[-1]) == (0, f"head {GENESIS}")
    with store.begin() as connection:
        audits.add(connection, SCOPE, NOW, audits.Entry("a", "b"))
    found = run("audit", "verify")
    assert "1 entries under 1 seals, 0 not sealed.\nhead " in found.out
    assert found.out.split()[-1] != GENESIS


@pytest.mark.requirement("POD-AUD-001")
def test_verify_ends_with_1_where_something_was_altered(run: Run, store: Engine) -> None:
    with store.begin() as connection:
        audits.add(connection, SCOPE, NOW, audits.Entry("a", "b"))
    assert run("audit", "verify").code == 0
    with store.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_only_grows"))
        connection.execute(text("UPDATE audit SET actor = 'c'"))
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_only_grows"))
    found = run("audit", "verify")
    assert (found.code, found.err) == (1, "an entry under seal 1 is not what was sealed\n")


@pytest.mark.requirement("POD-AUD-001")
def test_a_head_noted_elsewhere_must_be_part_of_the_chain(run: Run, store: Engine) -> None:
    heads = []
    for _ in range(2):
        with store.begin() as connection:
            audits.add(connection, SCOPE, NOW, audits.Entry("a", "b"))
        heads.append(run("audit", "verify").out.split()[-1])
    assert [run("audit", "verify", "--head", each).code for each in heads] == [0, 0]
    found = run("audit", "verify", "--head", "f" * 64)
    assert (found.code, "cut off" in found.err) == (1, True)
    assert (run("audit", "verify", "--head", "abc").code, len(heads[0])) == (3, 64)


@pytest.mark.requirement("POD-AUD-001")
def test_export_tells_each_entry_on_a_line(run: Run, store: Engine, vendor_id: int) -> None:
    made = pod(store, vendor_id, "1.0.0", "a-1")
    sent(store, made)
    lines = [json.loads(line) for line in run("audit", "export").out.splitlines()]
    assert [each["action"] for each in lines] == ["acknowledged POD", "read"]
    assert lines[1]["detail"]["fields"] == {"xStudent/name": 2}
    assert made.token not in json.dumps(lines)


@pytest.mark.requirement("POD-AUD-001", "REG-005", "POD-ACK-013")
def test_a_vendor_s_page_tells_agreement_version_receipt_fields_and_counts(
    run: Run, store: Engine, vendor_id: int
) -> None:
    first = pod(store, vendor_id, "1.0.0", "a-1")
    sent(store, first)
    sent(store, first, "delivery", "delivered CREATE")
    second = pod(store, vendor_id, "1.1.0", "a-2")
    sent(store, second)
    rows = json.loads(run("audit", "vendor", "reading", "--json").out)
    told = [(each["agreement"], each["version"], each["field"], each["objects"]) for each in rows]
    assert told == [
        ("a-1", "1.0.0", "xStudent/name", "4"),
        ("a-2", "1.1.0", "xStudent/name", "2"),
    ]
    assert all(each["receipt"].startswith("acknowledged by receipt 20") for each in rows)


@pytest.mark.requirement("POD-AUD-001", "REG-005")
def test_two_pods_of_one_version_are_kept_apart(run: Run, store: Engine, vendor_id: int) -> None:
    for agreement in ("a-1", "a-2"):
        sent(store, pod(store, vendor_id, "1.0.0", agreement))
    rows = json.loads(run("audit", "vendor", "reading", "--json").out)
    assert [(each["agreement"], each["objects"]) for each in rows] == [("a-1", "2"), ("a-2", "2")]


@pytest.mark.requirement("REG-005")
def test_what_others_got_is_not_on_the_page(run: Run, store: Engine, vendor_id: int) -> None:
    with store.begin() as connection:
        other = vendors.add_vendor(connection, "maths", "Maths", SCOPE)
        vendors.add_application(connection, "maths-portal", SECRET, SCOPE, vendor_id=other)
    sent(store, pod(store, other, "1.0.0", "a-9"), "maths-portal")
    found = run("audit", "vendor", "reading")
    assert (found.code, found.out) == (0, "")
    assert run("audit", "vendor", "nobody").code == 3


@pytest.mark.requirement("POD-AUD-001", "POD-END-001")
def test_nothing_is_noted_under_a_pod_that_has_ended(store: Engine, vendor_id: int) -> None:
    made = pod(store, vendor_id, "1.0.0", "a-1")
    with store.begin() as connection:
        connection.execute(text("UPDATE pod SET status = 'Expired'"))
        entry = audits.Entry("portal", "read", "xStudent")
        assert not audits.add_under(connection, SCOPE, NOW, made.id, entry)
        assert audits.add_under(connection, SCOPE, NOW, None, entry)
