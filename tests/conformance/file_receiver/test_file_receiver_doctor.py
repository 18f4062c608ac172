"""A set-up that cannot work is named before any check runs: key, what was seen, what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import runfile, session, target
from conformance.problems import SetupFault, TargetError
from conformance.simulators.file_receiver import FileReceiver
from conformance.target_files import FORMS
from tests.conformance.file_receiver.judging import running
from tests.conformance.judging import SEED

Table = dict[str, Any]
FAULTS: dict[str, tuple[str, str, object, str]] = {
    "nobody listens": ("endpoint", "url", "http://127.0.0.1:1/vendor", "[endpoint] url"),
    "wrong secret": ("credentials", "secret", "wrong-secret", "[credentials] key"),
    "wrong host key": ("files", "host_key", "SHA256:" + "A" * 43, "[files] host_key"),
    "no such server": ("files", "sftp", "127.0.0.1:1", "[files] sftp"),
    "unknown user": ("files", "user", "nobody", "[files] user"),
    "no such folder": ("files", "incoming", "inbox/{name}", "[files] incoming"),
    "another form": ("files", "form", "oneroster-1.1", "[files] form"),
    "no read back there": ("readback", "users", "export/people.csv", "[readback] users"),
}


@pytest.fixture(scope="module")
def sound() -> Iterator[Table]:
    with running(FileReceiver()) as table:
        yield table


def examined(table: Table) -> session.Outcome:
    config = target.from_table(table, environ={})
    return session.run(config, seed=SEED, only=("DAT-FIL-064",))


def test_a_sound_set_up_is_judged(sound: Table) -> None:
    assert [check.verdict for check in examined(sound).verdict.checks] == ["pass"]


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_of_the_set_up_is_named(sound: Table, name: str) -> None:
    table, key, value, place = FAULTS[name]
    wrong = sound | {table: sound.get(table, {}) | {key: value}}
    with pytest.raises(SetupFault) as told:
        examined(wrong)
    assert place in told.value.key
    assert told.value.fix


WRONG: dict[str, tuple[Table, str]] = {
    "way": ({"way": "ftp"}, "http, sftp, folder"),
    "form": ({"form": "csv"}, FORMS[0]),
    "method": ({"method": "GET"}, "PUT, POST"),
    "address": ({"address": "files"}, "{name}"),
    "sftp": ({"sftp": "sftp.example.org"}, "host and port"),
    "host_key": ({"host_key": ""}, "public key"),
    "wait_seconds": ({"wait_seconds": -1.0}, "above 0"),
    "seed_students": ({"seed_students": 0}, "at least 1"),
    "columns": ({"form": "flat"}, "your columns"),
    "loose": ({"form": "clever", "loose": True}, "outcome = false"),
}


@pytest.mark.parametrize("key", list(WRONG))
def test_a_value_that_cannot_be_is_refused(sound: Table, key: str) -> None:
    change, fix = WRONG[key]
    with pytest.raises(TargetError) as told:
        target.from_table(sound | {"files": sound["files"] | change}, environ={})
    assert f"[files] {key}" in told.value.key
    assert fix in told.value.fix


def test_a_product_without_http_needs_no_address(sound: Table) -> None:
    files = sound["files"] | {"way": "sftp"}
    told = target.from_table(sound | {"files": files, "endpoint": {}}, environ={})
    assert told.base == ""
    with pytest.raises(TargetError, match=r"\[endpoint\] url"):
        target.from_table(sound | {"endpoint": {}}, environ={})


def test_a_missing_key_file_is_named(sound: Table, tmp_path: Path) -> None:
    files = sound["files"] | {"host_key": "vendor.pub"}
    with pytest.raises(TargetError, match=r"no file 'vendor\.pub'"):
        target.from_table(sound | {"files": files}, str(tmp_path / "a.toml"), environ={})


def test_a_read_only_run_delivers_nothing(sound: Table) -> None:
    config = target.from_table(sound, environ={})
    careful = dataclasses.replace(config, route=dataclasses.replace(config.route, read_only=True))
    seen: list[str] = []
    checks = session.run(
        careful,
        seed=SEED,
        only=("DAT-FIL-040", "DAT-FIL-065"),
        observer=lambda exchange: seen.append(exchange.request.start.partition(" ")[0]),
    ).verdict.checks
    assert {check.verdict for check in checks} == {"could not verify"}
    assert set(seen) == {"GET", "LOGIN", "LIST"}


@pytest.mark.parametrize(("keep", "left"), [(True, 6), (False, 0)])
def test_what_was_delivered_is_taken_back_unless_it_is_kept(keep: bool, left: int) -> None:
    product = FileReceiver()
    with running(product) as table:
        config = dataclasses.replace(target.from_table(table, environ={}), keep=keep)
        session.run(config, seed=SEED, only=("DAT-FIL-040",), examine=False)
    assert len(product.kept.rows["users"]) == left


def test_two_runs_of_one_seed_come_to_the_same_verdict() -> None:
    found = []
    for _ in range(2):
        with running(FileReceiver()) as table:
            config = target.from_table(table, environ={})
            run = session.run(config, seed=SEED, only=("DAT-FIL-036", "DAT-FIL-065"))
        found.append(runfile.canonical(run.verdict))
    assert found[0] == found[1]


def test_form_and_way_are_variants_of_the_run(sound: Table) -> None:
    told = target.from_table(sound | {"variants": {"pickup": "hourly"}}, environ={}).variants
    assert told == {"pickup": "hourly", "form": "oneroster-1.2", "way": "http"}


def test_a_run_file_names_nobody_who_was_delivered(tmp_path: Path) -> None:
    product = FileReceiver()
    with running(product) as table:
        config = dataclasses.replace(target.from_table(table, environ={}), keep=True)
        only = ("DAT-FIL-001", "DAT-FIL-041", "DAT-FIL-062", "DAT-FIL-065")
        found = session.run(config, seed=SEED, only=only, out=tmp_path)
    assert found.directory is not None
    written = (found.directory / "run.jsonl").read_text("utf-8")
    names = {row[one] for row in product.kept.rows["users"].values()
             for one in ("givenName", "familyName")}  # fmt: skip
    assert len(names) > 8
    assert [name for name in names if len(name) > 3 and name in written] == []
    assert "demo-secret-1" not in written
