"""A year of changes is replayed: in order, each event whole or not at all, and only once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import Engine

from conformance.simulators import serve
from conformance.simulators.message import Request
from fixtures import timeline
from fixtures.district.places import END
from fixtures.generate import student
from fixtures.timeline.change import Touch, key
from fixtures.timeline.models import style_of
from fixtures.writers import notation, xpress
from reference_hub.codec.xml import fold
from reference_hub.model.scope import Scope
from reference_hub.store import objects
from tests.reference_hub.delivery.district import District
from tests.reference_hub.outgoing import Taker
from tests.reference_hub.replaying import (
    ID,
    PLAN,
    Hub,
    caller,
    generate,
    index_of,
    one,
    small,
    versions,
    write,
)

SCOPE = Scope("demo-district")


@pytest.fixture
def hub(
    store: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Hub:
    return caller(store, tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="module")
def xpress_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a district with its year."""
    folder = generate(tmp_path_factory.mktemp("district"), "xpress-4.3")
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def district(tmp_path: Path, xpress_files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, content in xpress_files.items():
        write(tmp_path / "district", name, content)
    return tmp_path / "district"


def body(engine: Engine, object_type: str, refid: str) -> bytes | None:
    """The stored object."""
    with engine.connect() as connection:
        found = objects.get(connection, SCOPE, object_type, fold(refid))
    return found.body if found else None


def canonical(content: bytes) -> bytes:
    """The object in a form in which equal ones are equal bytes."""
    return etree.tostring(etree.fromstring(content), method="c14n")


def expected(model: str) -> Iterator[tuple[str, str, bytes]]:
    """Type, RefId and form of every object at the end of the year, of the kinds that change."""
    style, state = style_of(model), timeline.after(PLAN, END)
    for kind in style.writers:
        for record in state.records(kind):
            _, node = style.pair(PLAN, Touch(kind, None, record))
            assert node is not None
            yield (
                node[0],
                key(record),
                etree.tostring(notation.element(node, style.namespace), method="c14n"),
            )


# -- the whole year --------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["xpress-4.3", "unity-4.3"])
def test_after_a_replay_every_object_is_what_it_must_be(
    hub: Hub, store: Engine, tmp_path: Path, model: str
) -> None:
    generate(tmp_path / "district", model)
    assert hub("load", "--quiet", "district").code == 0
    ended = hub("load", "--timeline", "district")
    assert (ended.code, ended.err) == (0, "")
    wanted = list(expected(model))
    for object_type, refid, form in wanted:
        found = body(store, object_type, refid)
        assert found is not None
        assert canonical(found) == form
    for object_type in {kind for kind, _, _ in wanted}:
        with store.connect() as connection:
            present = objects.tally(connection, SCOPE, object_type).present
        assert present == len({refid for kind, refid, _ in wanted if kind == object_type})


def test_what_no_event_names_stays_as_it_was_loaded(
    hub: Hub, store: Engine, district: Path
) -> None:
    hub("load", "--quiet", district)
    before = {one.refid: body(store, "xSchool", one.refid) for one in PLAN.schools()}
    changed = {name for kind, name in timeline.after(PLAN, END).changed if kind == "students"}
    calm = next(one.refid for one in PLAN.students() if one.refid not in changed)
    still = body(store, "xStudent", calm)
    hub("load", "--timeline", district)
    assert {refid: body(store, "xSchool", refid) for refid in before} == before
    assert body(store, "xStudent", calm) == still


def test_the_summary_counts_events_and_objects(hub: Hub, district: Path) -> None:
    hub("load", "--quiet", district)
    ended = hub("load", "--timeline", district)
    count = len(index_of(district))
    assert ended.out.startswith(
        f"Events: {count} applied, 0 applied before, 0 refused, 0 not tried. Objects changed: "
    )


@pytest.mark.requirement("TRN-LC-07")
def test_a_second_replay_changes_nothing_and_says_so(
    hub: Hub, store: Engine, district: Path
) -> None:
    hub("load", "--quiet", district)
    hub("load", "--timeline", district)
    before = versions(store)
    ended = hub("load", "--timeline", district / "timeline")
    count = len(index_of(district))
    assert ended.out == f"Events: all {count} were applied before; nothing changed.\n"
    assert (ended.code, versions(store)) == (0, before)


def test_a_replay_as_json_is_one_object(hub: Hub, district: Path) -> None:
    hub("load", "--quiet", district)
    ended = hub("load", "--timeline", "--json", "--quiet", district)
    count = len(index_of(district))
    told = {"applied": count, "known": 0, "refused": 0, "left": 0, "problems": []}
    assert (json.loads(ended.out), ended.err) == (told, "")


def test_a_vendor_hears_every_event_once_and_in_order_and_no_more_than_granted(
    hub: Hub, store: Engine, district: Path
) -> None:
    desk, vendor = District(store), Taker()
    granted = ("xStudent/@refId", "xStudent/name")
    with serve(vendor) as handle:
        desk.connect(vendor_id := desk.vendor(), handle.url)
        desk.issue(vendor_id, granted, acknowledged=True)
        hub("load", "--quiet", district)
        hub("load", "--timeline", district)
        desk.deliver(limit=500)
    told = [
        (message.action, fold(member[1]["refId"]))
        for message in timeline.messages(PLAN, "xpress-4.3")
        for member in message.members
        if message.service == "xStudents"
    ]
    sent = [heard(request) for request in vendor.data()]
    assert {action for action, _ in told} == {"CREATE", "UPDATE", "DELETE"}
    assert sent[PLAN.student_count :] == told
    bodies = [etree.fromstring(each.body) for each in vendor.data() if each.body]
    parts = {part.tag for each in bodies for part in each}
    assert parts == {f"{{{xpress.NA4}}}name"}


def heard(request: Request) -> tuple[str, str]:
    """What a request does to which student."""
    action = {"POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}[request.method]
    last = request.segments[-1]
    refid = last if action == "DELETE" else etree.fromstring(request.body).get("refId", "")
    return action, fold(refid)


# -- what goes wrong -------------------------------------------------------------------------


def test_a_broken_file_stops_the_replay_and_a_mended_one_lets_it_go_on(
    hub: Hub, store: Engine, district: Path
) -> None:
    hub("load", "--quiet", district)
    rows = index_of(district)
    place = district / "timeline" / rows[20]["file"]
    whole = place.read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    ended = hub("load", "--timeline", district)
    assert ended.code == 1
    assert f"{rows[20]['file']}: {rows[20]['eventAction']}: expected well-formed XML" in ended.out
    assert f"Events: 20 applied, 0 applied before, 1 refused, {len(rows) - 21} not tr" in ended.out
    place.write_bytes(whole)
    again = hub("load", "--timeline", district)
    assert f"Events: {len(rows) - 20} applied, 20 applied before, 0 refused" in again.out
    assert {
        refid: canonical(body(store, kind, refid) or b"<none/>") == form
        for kind, refid, form in expected("xpress-4.3")
    } == {refid: True for _, refid, _ in expected("xpress-4.3")}


def test_of_a_refused_event_nothing_is_applied(hub: Hub, store: Engine, tmp_path: Path) -> None:
    members = (one(1, "<localId>7</localId>"), one(2, "<pet>Zelda</pet>"), one(3))
    small(tmp_path, ("CREATE", "", "".join(members)))
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, versions(store)) == (1, 0)
    assert "/xStudent/*: expected" in ended.out
    assert "Zelda" not in ended.out + ended.err


def test_an_update_without_its_object_is_refused(hub: Hub, store: Engine, district: Path) -> None:
    ended = hub("load", "--timeline", district)
    assert ended.code == 1
    assert "There is no object with this id; create it first." in ended.out
    assert body(store, "xStudent", PLAN.student(0).refid) is None


@pytest.mark.parametrize(
    ("action", "replacement", "status"),
    [("CREATE", "", "stored already"), ("UPDATE", "PARTIAL", ""), ("DELETE", "", "")],
)
def test_an_object_is_created_once_changed_and_deleted(
    hub: Hub, tmp_path: Path, action: str, replacement: str, status: str
) -> None:
    small(tmp_path, ("CREATE", "", one(1)), (action, replacement, one(1)))
    ended = hub("load", "--timeline", tmp_path)
    assert ended.code == (1 if status else 0)
    assert status in ended.out


def test_a_full_update_takes_away_what_it_does_not_send(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    first = one(1, "<localId>0417</localId><loginId>q</loginId>")
    small(
        tmp_path,
        ("CREATE", "", first),
        ("UPDATE", "FULL", one(1, "<loginId>r</loginId>")),
    )
    assert hub("load", "--timeline", tmp_path).code == 0
    found = etree.fromstring(body(store, "xStudent", f"{ID}1") or b"")
    assert [(etree.QName(each).localname, each.text) for each in found] == [("loginId", "r")]


@pytest.mark.requirement("TRN-LC-03")
def test_a_partial_update_leaves_the_rest_and_clears_what_is_nil(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    nil = '<localId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    small(
        tmp_path,
        ("CREATE", "", one(1, "<localId>0417</localId><loginId>q</loginId>")),
        ("UPDATE", "PARTIAL", one(1, nil)),
    )
    assert hub("load", "--timeline", tmp_path).code == 0
    found = etree.fromstring(body(store, "xStudent", f"{ID}1") or b"")
    assert [(etree.QName(each).localname, each.text) for each in found] == [("loginId", "q")]


@pytest.mark.requirement("TRN-LC-08")
def test_a_deleted_object_can_come_back(hub: Hub, store: Engine, tmp_path: Path) -> None:
    small(tmp_path, ("CREATE", "", one(1)), ("DELETE", "", one(1)), ("CREATE", "", one(1)))
    assert hub("load", "--timeline", tmp_path).code == 0
    assert body(store, "xStudent", f"{ID}1") is not None


def test_a_missing_file_is_named_before_anything_is_applied(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    small(tmp_path, *(("CREATE", "", one(number)) for number in (1, 2, 3)))
    (tmp_path / "timeline/2.xml").unlink()
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, ended.out, versions(store)) == (3, "", 0)
    assert "timeline lacks 2.xml, which the index lists. Nothing was applied" in ended.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows.reverse(), "Event 2 of "),
        (lambda rows: rows.reverse(), "is older than the one before it"),
        (lambda rows: rows.append(rows[1]), "(2.xml) stands there twice"),
        (lambda rows: rows[0].update(file="../1.xml"), "names no .xml file of the same folder"),
        (lambda rows: rows[0].update(file="/etc/x.xml"), "names no .xml file of the same folder"),
        (lambda rows: rows[0].update(eventAction="PATCH"), "is not the index of a timeline"),
        (lambda rows: rows[1].pop("messageId"), "is not the index of a timeline"),
    ],
)
def test_an_index_out_of_order_or_shape_applies_nothing(
    hub: Hub, store: Engine, tmp_path: Path, change: Callable[[Any], object], told: str
) -> None:
    small(tmp_path, ("CREATE", "", one(1)), ("CREATE", "", one(2)))
    rows = index_of(tmp_path)
    change(rows)
    (tmp_path / "timeline/index.json").write_text(json.dumps(rows))
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, ended.out, versions(store)) == (3, "", 0)
    assert told in ended.err


@pytest.mark.parametrize("content", ["", "[", '{"events": []}', "[1]"])
def test_an_index_that_is_none_is_told_in_a_sentence(
    hub: Hub, tmp_path: Path, content: str
) -> None:
    (tmp_path / "index.json").write_text(content)
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert "index.json is not the index of a timeline" in ended.err


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ("", "expected xStudents with at least one object"),
        ('<xStaff refId="A"/>', "expected xStudents with at least one object"),
        ("<xStudent/>", "expected an id on every object"),
        ('<xStudent refId="A"/>', "expected a UUID as id of every new object"),
        (one(1) + "Zelda", "expected objects only; found text between them"),
        (f'<xStudent xmlns="urn:a" refId="{ID}1"/>', "expected objects in the namespace of their"),
    ],
)
def test_a_body_that_contradicts_the_index_is_refused(
    hub: Hub, store: Engine, tmp_path: Path, members: str, told: str
) -> None:
    small(tmp_path, ("CREATE", "", members))
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, versions(store)) == (1, 0)
    assert told in ended.out


def test_a_folder_without_timeline_says_what_is_missing(hub: Hub, tmp_path: Path) -> None:
    ended = hub("load", "--timeline", tmp_path)
    assert ended.code == 3
    assert "expected index.json, there or in timeline/" in ended.err


def test_a_replay_takes_one_folder(hub: Hub, tmp_path: Path) -> None:
    small(tmp_path / "a", ("CREATE", "", one(1)))
    assert hub("load", "--timeline", tmp_path / "a", tmp_path / "a").code == 64


# -- a plain load beside it ------------------------------------------------------------------


def test_a_plain_load_leaves_events_alone(hub: Hub, store: Engine, tmp_path: Path) -> None:
    small(tmp_path / "district", ("CREATE", "", one(1)), ("DELETE", "", one(1)))
    (tmp_path / "district/students.xml").write_bytes(xpress.tostring(xpress.student(student(5, 1))))
    ended = hub("load", "district")
    assert ended.out.startswith("Files: 1 loaded, 0 refused, 0 skipped. Objects stored: 1")
    assert ended.err == "district/timeline holds events; replay them with --timeline.\n"
    assert versions(store) == 1


def test_a_plain_load_of_events_alone_is_a_fault(hub: Hub, tmp_path: Path) -> None:
    small(tmp_path, ("CREATE", "", one(1)))
    ended = hub("load", "--quiet", tmp_path / "timeline")
    assert ended.code == 3
    assert "replay them with --timeline" in ended.err
