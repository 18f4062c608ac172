"""Timelines that are wrong on purpose, altered, or replayed twice at once."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fixtures import standards
from fixtures.writers import xpress
from reference_hub.journeys.timeline import REPLAYED
from reference_hub.model.scope import Scope
from reference_hub.store.turns import turn
from tests.reference_hub.replaying import Hub, caller, index_of, one, small, versions, write
from tests.system.processes import BIN

SCOPE = Scope("demo-district")
INDEX = "timeline/index.json"
Change = Callable[[Any], object]


@pytest.fixture
def hub(
    store: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Hub:
    return caller(store, tmp_path, monkeypatch, capsys)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A timeline of two events, each of which creates a student."""
    return small(tmp_path, ("CREATE", "", one(1)), ("CREATE", "", one(2)))


def alter(folder: Path, change: Change) -> None:
    """Change the lines of the index."""
    rows = index_of(folder)
    change(rows)
    (folder / INDEX).write_text(json.dumps(rows))


# -- the index -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows[0].update(file="\x1b[31mZelda.xml"), "names no .xml file of the same"),
        (lambda rows: rows[0].update(file="Z" * 300 + ".xml"), ".xml, which the index lists. Not"),
        (lambda rows: rows[0].update(messageId=""), "(`$[0].messageId`)"),
        (lambda rows: rows[0].update(messageId="Zelda\0"), "(`$[0].messageId`)"),
        (lambda rows: rows[0].update(messageId="a\n"), "(`$[0].messageId`)"),
        (lambda rows: rows[0].update(service="Zelda\x1b[0m"), "(`$[0].service`)"),
        (lambda rows: rows[1].update(eventAction="x - at Zelda"), "(`$[1].eventAction`)"),
        (lambda rows: rows[0].update(timestamp="Zelda"), "(`$[0].timestamp`)"),
        (lambda rows: rows[0].update(timestamp="2026-09-01T12:00:00"), "(`$[0].timestamp`)"),
        (lambda rows: [row.update(number=7) for row in rows], "Event 2 of "),
        (lambda rows: [rows[n].update(number=2 * n) for n in (0, 1)], "the number after the one"),
    ],
)
def test_a_wrong_line_is_told_without_its_value_and_nothing_is_applied(
    hub: Hub, store: Engine, two: Path, change: Change, told: str
) -> None:
    alter(two, change)
    ended = hub("load", "--timeline", two)
    assert (ended.code, ended.out, versions(store)) == (3, "", 0)
    assert told in ended.err
    assert "Zelda" not in ended.err


def test_an_index_that_is_nested_without_end_is_told_in_a_sentence(hub: Hub, two: Path) -> None:
    (two / INDEX).write_text('[{"x":' + "[" * 100_000 + "]" * 100_000 + "}]")
    ended = hub("load", "--timeline", two)
    assert (ended.code, ended.err.count("\n")) == (3, 1)
    assert "is not the index of a timeline" in ended.err


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("2026-09-01T12:00:00Z", "2026-09-01T12:00:00.5Z", 0),
        ("2026-09-01T12:00:00Z", "2026-09-01T09:00:00-04:00", 0),
        ("2026-09-01T12:00:00Z", "2026-09-01T13:00:00+02:00", 3),
    ],
)
def test_timestamps_are_compared_as_moments(
    hub: Hub, two: Path, first: str, second: str, code: int
) -> None:
    alter(two, lambda rows: (rows[0].update(timestamp=first), rows[1].update(timestamp=second)))
    assert hub("load", "--timeline", two).code == code


# -- the files -------------------------------------------------------------------------------


@pytest.mark.parametrize("put", [lambda to: to.symlink_to("../elsewhere.xml"), os.mkfifo, os.mkdir])
def test_what_is_no_file_of_the_folder_itself_is_not_read(
    hub: Hub, store: Engine, two: Path, put: Callable[[Path], object]
) -> None:
    (two / "timeline/2.xml").rename(two / "elsewhere.xml")
    put(two / "timeline/2.xml")
    ended = hub("load", "--timeline", two)
    assert (ended.code, versions(store)) == (3, 0)
    assert "timeline lacks 2.xml, which the index lists" in ended.err


def test_a_file_above_the_limit_for_bodies_is_not_read(
    hub: Hub, store: Engine, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SERVER_MAX_BODY", "1000")
    os.truncate(two / "timeline/2.xml", 1001)
    ended = hub("load", "--timeline", two)
    assert (ended.code, versions(store)) == (3, 0)
    assert "has 1001 bytes; an event may have 1000 (setting server.max_body)" in ended.err


def test_a_plain_load_does_not_wait_for_a_pipe_in_place_of_an_index(
    hub: Hub, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "index.json")
    ended = hub("load", tmp_path)
    assert "index.json: expected a regular file or a folder; found a pipe" in ended.out


# -- what events do --------------------------------------------------------------------------


def test_of_an_event_at_fault_twenty_objects_are_told_by_their_place(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    members = "".join(one(number, "<pet>Zelda</pet>") for number in range(10)) * 3
    small(tmp_path, ("CREATE", "", one(1) + members))
    ended = hub("load", "--timeline", "--json", tmp_path)
    told = [problem["expected"] for problem in json.loads(ended.out)["problems"]]
    assert (ended.code, len(told), versions(store)) == (1, 20, 0)
    assert [each.partition(":")[0] for each in told[:2]] == [
        "/xStudents/xStudent[2]",
        "/xStudents/xStudent[3]",
    ]
    assert "Zelda" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("action", "replacement"), [("UPDATE", "PARTIAL"), ("UPDATE", "FULL"), ("DELETE", "")]
)
def test_an_event_leaves_objects_of_another_namespace_alone(
    hub: Hub, store: Engine, tmp_path: Path, action: str, replacement: str
) -> None:
    small(tmp_path, ("CREATE", "", one(1)), (action, replacement, one(1)))
    second = tmp_path / "timeline/2.xml"
    second.write_bytes(second.read_bytes().replace(b"na/4.x", b"na/3.3"))
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, versions(store)) == (1, 1)
    assert f"The stored object is in the namespace {xpress.NA4}." in ended.out


def test_a_partial_update_that_breaks_an_object_is_refused(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    half = "<otherIds><otherId><type>Other</type></otherId></otherIds>"
    small(tmp_path, ("CREATE", "", one(1)), ("UPDATE", "PARTIAL", one(1, half)))
    ended = hub("load", "--timeline", tmp_path)
    assert (ended.code, versions(store)) == (1, 1)
    assert "/xStudents/xStudent[1]: The object would become: Not valid by kit" in ended.out


def test_an_unclear_model_ends_the_call_before_anything_is_applied(
    hub: Hub, store: Engine, two: Path
) -> None:
    schema = standards.schema_path("unity-4.3-kit").read_bytes()
    for name in ("one.xsd", "other.xsd"):
        write(two, name, schema)
    ended = hub("load", "--timeline", "--schema", "one.xsd", "--schema", "other.xsd", two)
    assert (ended.code, versions(store)) == (3, 0)
    assert "choose one with --model" in ended.err


# -- again and at once -----------------------------------------------------------------------


def inserted(rows: list[dict[str, str]]) -> None:
    """Put a new event in front."""
    rows.insert(0, rows[0] | {"messageId": "new", "file": "new.xml"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda rows: rows[1].update(eventAction="DELETE"),
            "2.xml: DELETE: expected the event tha",
        ),
        (lambda rows: rows[1].update(file="new.xml"), "new.xml: CREATE: expected the event that w"),
        (inserted, "new.xml: CREATE: expected no new event before one that was applied already"),
    ],
)
def test_a_timeline_that_was_altered_since_is_found_out(
    hub: Hub, store: Engine, two: Path, change: Change, told: str
) -> None:
    assert hub("load", "--timeline", two).code == 0
    write(two, "timeline/new.xml", (two / "timeline/1.xml").read_bytes())
    alter(two, change)
    ended = hub("load", "--timeline", two)
    assert (ended.code, versions(store)) == (1, 2)
    assert told in ended.out


def test_a_timeline_may_grow_at_its_end(hub: Hub, two: Path) -> None:
    assert hub("load", "--timeline", two).code == 0
    small(two, ("CREATE", "", one(1)), ("CREATE", "", one(2)), ("DELETE", "", one(1)))
    assert hub("load", "--timeline", two).out.startswith("Events: 1 applied, 2 applied before, 0 r")


def test_a_second_replay_at_the_same_time_is_refused(hub: Hub, store: Engine, two: Path) -> None:
    with turn(store, SCOPE, REPLAYED):
        ended = hub("load", "--timeline", two)
        assert (ended.code, versions(store)) == (3, 0)
        assert "Another replay is going on in zone demo-district, context DEFAULT" in ended.err
        assert hub("load", "--timeline", "--context", "other", two).code == 0
    assert hub("load", "--timeline", two).code == 0


def test_a_replay_that_was_killed_goes_on_behind_what_it_applied(
    hub: Hub, store: Engine, tmp_path: Path
) -> None:
    change = [("UPDATE", "PARTIAL", one(1, f"<localId>{number}</localId>")) for number in range(98)]
    small(tmp_path, ("CREATE", "", one(1)), *change)
    process = subprocess.Popen([BIN / "reference-hub", "load", "--timeline", "."], cwd=tmp_path)
    while versions(store) < 3 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    while "Another replay" in (ended := hub("load", "--timeline", ".")).err:
        time.sleep(0.05)  # the server has yet to notice
    assert (ended.code, versions(store)) == (0, 99)
    assert " 0 applied before" not in ended.out
