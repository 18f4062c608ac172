"""`reference-hub pod` as a person at a district meets it, with right and wrong input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from reference_hub.codec.pod_schema import faults
from reference_hub.codec.xml import read
from reference_hub.model.pod import EXPIRED, LIVE, PENDING
from reference_hub.store import pods, receipts, vendors
from tests.reference_hub.audit.conftest import Run, run
from tests.reference_hub.pods.documents import POD_ID, TOKEN, technical, written
from tests.reference_hub.web.conftest import SCOPE

__all__ = ["run"]
NONE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def vendor_id(store: Engine) -> int:
    """The party that the small POD names."""
    with store.begin() as connection:
        return vendors.add_vendor(connection, "reading", "Vendor", SCOPE)


def file_of(folder: Path, body: bytes = b"", name: str = "pod.xml") -> str:
    """A file with a POD."""
    path = folder / name
    path.write_bytes(body or written())
    return str(path)


def rows(run: Run) -> list[dict[str, str]]:
    """What the list tells."""
    found: list[dict[str, str]] = json.loads(run("pod", "list", "--json").out)
    return found


def narrower(content: dict[str, Any]) -> None:
    """A small POD that grants one field fewer."""
    technical(content)["dataAccess"]["fieldList"]["field"].pop()


@pytest.mark.requirement("POD-LC-001", "POD-VER-001", "POD-SCH-001")
def test_an_imported_pod_has_an_id_and_a_token_of_the_hubs_own(
    run: Run, store: Engine, vendor_id: int, tmp_path: Path
) -> None:
    done = run("pod", "import", "reading", file_of(tmp_path), "--json")
    (row,) = json.loads(done.out)
    assert (row["status"], row["version"], row["application"]) == (PENDING, "1.0.0", "all")
    with store.connect() as connection:
        (made,) = pods.visible(connection, vendor_id, SCOPE)
    assert faults(read(made.document)) == []
    assert (made.id == POD_ID, made.token == TOKEN) == (False, False)
    assert TOKEN.encode() not in made.document
    assert made.token.encode() in made.document


@pytest.mark.requirement("POD-VER-001")
def test_another_text_gets_another_version(
    run: Run, store: Engine, vendor_id: int, tmp_path: Path
) -> None:
    for body in (written(), written(narrower), written()):
        assert run("pod", "import", "reading", file_of(tmp_path, body)).code == 0
    told = [(each["version"], each["status"]) for each in rows(run)]
    assert told == [("1.0.0", EXPIRED), ("1.1.0", EXPIRED), ("1.2.0", PENDING)]
    with store.connect() as connection:
        made = pods.visible(connection, vendor_id, SCOPE)
    assert len({each.token for each in made}) == 3
    assert [each.version.encode() in each.document for each in made] == [True] * 3


@pytest.mark.requirement("POD-VER-001")
def test_an_agreement_issued_twice_gets_another_version(run: Run, vendor_id: int) -> None:
    told = [run("pod", "issue", "reading").out.split()[3] for _ in range(2)]
    assert told == ["1.0.0", "1.1.0"]


@pytest.mark.requirement("POD-LC-001")
def test_a_draft_is_published_once(run: Run, store: Engine, vendor_id: int, tmp_path: Path) -> None:
    run("pod", "import", "reading", file_of(tmp_path), "--draft")
    (row,) = rows(run)
    assert row["status"] == "Draft"
    assert run("pod", "acknowledge", "reading", "--by", "letter").code == 3
    assert run("pod", "publish", row["id"]).code == 0
    assert rows(run)[0]["status"] == PENDING
    again = run("pod", "publish", row["id"])
    assert (again.code, "only a draft" in again.err) == (3, True)


@pytest.mark.requirement("POD-ACK-013", "POD-LC-002")
def test_a_word_is_recorded_with_who_gave_it(
    run: Run, store: Engine, vendor_id: int, tmp_path: Path
) -> None:
    run("pod", "import", "reading", file_of(tmp_path))
    assert run("pod", "acknowledge", "reading", "--by", "letter of 3 August").code == 0
    (row,) = rows(run)
    assert (row["status"], row["receipt"][:24]) == (LIVE, "acknowledged by operator")
    with store.connect() as connection:
        receipt = receipts.of(connection, row["id"])
    assert receipt is not None
    assert receipt.given_by == {"contact": "letter of 3 August"}


@pytest.mark.requirement("POD-END-001", "POD-LC-004", "POD-LC-005")
def test_end_ends_the_pods_of_every_application(run: Run, vendor_id: int, tmp_path: Path) -> None:
    run("pod", "import", "reading", file_of(tmp_path))
    run("pod", "import", "reading", file_of(tmp_path), "--app", "maths")
    run("pod", "import", "reading", file_of(tmp_path), "--app", "art")
    only = run("pod", "end", "reading", "--app", "maths")
    assert only.out == "PODs of reading that have ended: 1\n"
    assert sorted(each["application"] for each in rows(run) if each["status"] == PENDING) == [
        "all",
        "art",
    ]
    assert run("pod", "end", "reading").out == "PODs of reading that have ended: 2\n"
    assert {each["status"] for each in rows(run)} == {EXPIRED}
    assert run("pod", "end", "reading").out == "PODs of reading that have ended: 0\n"


HOSTILE = {
    "nothing": b"\n",
    "no xml": b"<pod",
    "another object": b"<xStudent xmlns='urn:x'/>",
    "a doctype": b'<!DOCTYPE pod [<!ENTITY a "b">]>' + written().replace(b"Vendor", b"&a;"),
    "an outside entity": b'<!DOCTYPE pod SYSTEM "file:///etc/passwd">' + written(),
    "a status of its own": written().replace(b">Live<", b">Superseded<"),
    "an id that is none": written().replace(POD_ID.encode(), b"7"),
    "no token": written().replace(b"<podToken>" + TOKEN.encode() + b"</podToken>", b""),
    "two in one": b"<pods xmlns='http://www.sifassociation.org/infrastructure/3.3'>%b%b</pods>"
    % (written(), written()),
    "not utf-8": written().replace(b"Practice", b"\xff\xfe"),
    "too large": written().replace(b"Practice", b"x" * 2_100_000),
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "json that is none": b'{"pod": ',
    "json of something else": b'[{"student": {}}]',
}


@pytest.mark.requirement("POD-SCH-009", "POD-SCH-002", "POD-SCH-003")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_pod_is_refused_in_one_sentence(
    run: Run, store: Engine, vendor_id: int, tmp_path: Path, name: str
) -> None:
    path = file_of(tmp_path, HOSTILE[name])
    done = run("pod", "import", "reading", path)
    assert (done.code, done.out, path in done.err) == (3, "", True)
    assert "root:" not in done.err
    with store.connect() as connection:
        assert pods.in_scope(connection, SCOPE) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("import", "reading", "no-such.xml"), "cannot be read"),
        (("import", "reading", "."), "cannot be read"),
        (("import", "reading", "/dev/zero"), "a POD of more than"),
        (("publish", NONE), "no POD with this id"),
        (("publish", "7"), "no POD with this id"),
        (("publish", "'; DROP TABLE pod; --"), "no POD with this id"),
        (("list", "nobody"), "reference-hub vendor add"),
        (("end", "nobody"), "reference-hub vendor add"),
        (("acknowledge", "nobody", "--by", "x"), "reference-hub vendor add"),
        (("acknowledge", "reading", "--by", "x"), "has no POD to acknowledge"),
    ],
)
def test_what_is_not_there_is_told(
    run: Run, vendor_id: int, words: tuple[str, ...], told: str
) -> None:
    done = run("pod", *words)
    assert (done.code, told in done.err) == (3, True)


@pytest.mark.parametrize(
    "words",
    [("import",), ("import", "reading"), ("publish",), ("end",), ("acknowledge", "reading")],
)
def test_missing_words_are_a_matter_of_usage(
    run: Run, vendor_id: int, words: tuple[str, ...]
) -> None:
    assert run("pod", *words).code == 2


@pytest.mark.requirement("POD-SCH-007")
def test_an_empty_or_foreign_pod_is_refused(
    run: Run, store: Engine, vendor_id: int, tmp_path: Path
) -> None:
    empty = written(lambda content: content.update(privacyList={}))
    assert run("pod", "import", "reading", file_of(tmp_path, empty)).code == 3
    foreign = written(lambda content: content.update(partyId="Somebody else"))
    done = run("pod", "import", "reading", file_of(tmp_path, foreign))
    assert (done.code, "names another party" in done.err) == (3, True)
    with store.connect() as connection:
        assert pods.in_scope(connection, SCOPE) == []
