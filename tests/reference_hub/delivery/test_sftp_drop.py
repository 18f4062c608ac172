"""Files over SFTP to a real server: whole or not at all, to nobody but the server that was told."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from reference_hub.model.change import DELETE
from reference_hub.problems import SetupError
from reference_hub.result_collecting import collecting
from reference_hub.settings import Settings, Worker
from reference_hub.vendors.sftp_terms import folder_of, host_key
from tests.reference_hub.delivery.district import District, change, roster
from tests.reference_hub.delivery.sftp_server import PASSWORD, USER, Drop, sftp_server

TYPES = ["xLea", "xSchool", "xStudent"]
NAME = "drop-demo-district.zip"
HASTY = Settings(worker=Worker(timeout_seconds=0.4))


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Drop]:
    """A vendor's SFTP server."""
    with sftp_server(tmp_path / "vendor") as running:
        yield running


@pytest.fixture
def dropped(district: District, drop: Drop) -> tuple[District, Drop]:
    """A district with four students and a connection to the server."""
    join(district, drop)
    district.accept(*roster(4))
    return district, drop


def join(district: District, drop: Drop, **given: Any) -> int:
    """Connect the district to the server."""
    terms = {"host_keys": [drop.fingerprint]} | given.pop("terms", {})
    credentials = {"key": USER, "secret": PASSWORD} | given.pop("credentials", {})
    return district.connect(
        district.vendor(policy="off"),
        drop.url,
        delivery=terms,
        **{
            "name": "drop",
            "format": "oneroster-1.2-csv",
            "transport": "sftp",
            "objects": TYPES,
            "credentials": credentials,
        }
        | given,
    )


def again(district: District, index: int, minutes: int) -> None:
    """One more student, delivered so many minutes later."""
    district.accept(change(index))
    district.hour.moved = timedelta(minutes=minutes)
    district.deliver()


def users(content: bytes) -> int:
    """How many users a bundle holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("users.csv").decode().count("\r\n") - 1


def test_a_roster_arrives_as_one_file(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    district.deliver()
    assert drop.names() == [NAME]
    assert users(drop.read(NAME)) == 4
    assert district.states() == [("CREATE", "done", "")]


def test_a_file_gets_its_name_when_it_is_whole(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    district.deliver()
    ((part, name),) = drop.renames
    ((message_id,),) = district.query("SELECT message_id::text FROM message")
    assert part.endswith(f"/.{NAME}.{message_id}.part")
    assert name.endswith(f"/{NAME}")


@pytest.mark.parametrize("overwrites", [True, False])
def test_the_next_file_takes_the_place_of_the_first(
    dropped: tuple[District, Drop], overwrites: bool
) -> None:
    district, drop = dropped
    drop.faults.overwrites = overwrites
    district.deliver()
    again(district, 50, 1)
    assert drop.names() == [NAME]
    assert users(drop.read(NAME)) == 5


def test_a_rename_that_fails_leaves_the_file_of_before(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    drop.faults.overwrites = False
    district.deliver()
    before = drop.read(NAME)
    drop.faults.renames = 1
    again(district, 50, 1)
    assert district.states()[-1][1] == "waiting"
    assert drop.read(NAME) == before
    drop.faults.renames = None
    district.hour.moved = timedelta(minutes=2)
    district.deliver()
    assert drop.names() == [NAME]
    assert users(drop.read(NAME)) == 5


def test_another_key_than_the_one_told_gets_nothing(district: District, drop: Drop) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint("sha256")
    join(district, drop, terms={"host_keys": [other]})
    district.accept(*roster(4))
    district.deliver()
    ((_, state, reason),) = district.states()
    assert state == "waiting"
    assert drop.fingerprint.rstrip("=") in reason
    assert "nothing was sent" in reason
    assert (drop.logins, drop.names()) == ([], [])


def test_a_connection_without_a_key_sends_nothing(district: District, drop: Drop) -> None:
    join(district, drop, terms={"host_keys": []})
    district.accept(*roster(4))
    district.deliver()
    assert "knows no key of the vendor's server" in district.states()[0][2]
    assert drop.logins == []


def test_a_line_of_known_hosts_is_as_good_as_a_fingerprint(district: District, drop: Drop) -> None:
    line = f"[vendor.example]:2022 {drop.key.export_public_key().decode()}"
    join(district, drop, terms={"host_keys": [host_key(line)]})
    district.accept(*roster(4))
    district.deliver()
    assert drop.names() == [NAME]


def test_a_private_key_opens_the_folder(district: District, drop: Drop, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(drop.client_key.export_private_key(passphrase="open it", rounds=50))
    join(district, drop, credentials={"private_key": f"file:{file}", "secret": "open it"})
    district.accept(*roster(4))
    district.deliver()
    assert set(drop.logins) == {"key"}
    assert drop.names() == [NAME]


def test_a_wrong_password_is_said_and_waits(district: District, drop: Drop) -> None:
    join(district, drop, credentials={"secret": "wrong"})
    district.accept(*roster(4))
    district.deliver()
    assert district.states()[0][1:] == (
        "waiting",
        "the vendor's server does not let us in; look at user and secret",
    )


def test_a_line_cut_in_the_middle_leaves_the_file_of_before(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    district.deliver()
    before = drop.read(NAME)
    drop.faults.cut_after = drop.faults.written + 100
    again(district, 50, 1)
    assert district.states()[-1][1:] == ("waiting", "the vendor's server ended the conversation")
    assert drop.read(NAME) == before
    drop.faults.cut_after = None
    district.hour.moved = timedelta(minutes=2)
    district.deliver()
    assert drop.names() == [NAME]
    assert users(drop.read(NAME)) == 5


def test_a_full_disk_is_said_and_the_file_follows_later(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    drop.faults.full_after = 100
    district.deliver()
    ((_, state, reason),) = district.states()
    assert (state, reason.partition(";")[2]) == ("waiting", " its disk may be full")
    assert NAME not in drop.names()
    drop.faults.full_after = None
    district.hour.moved = timedelta(minutes=1)
    district.deliver()
    assert drop.names() == [NAME]


def test_a_slow_server_is_given_up_in_time(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    drop.faults.slow = 1.0
    district.deliver(HASTY)
    expected = ("waiting", "the vendor's server did not answer in time")
    assert district.states()[0][1:] == expected
    assert NAME not in drop.names()


def test_a_server_that_is_away_is_said(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    district.query("SELECT 1")
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET url = 'sftp://127.0.0.1:9//roster'")
    district.deliver()
    assert district.states()[0][1:] == ("waiting", "the vendor cannot be reached")
    assert drop.logins == []


def test_checksum_and_number_of_rows_lie_beside_the_file(district: District, drop: Drop) -> None:
    join(district, drop, terms={"beside": ["sha256", "rows"]})
    district.accept(*roster(4))
    district.deliver()
    assert drop.names() == [NAME, f"{NAME}.rows", f"{NAME}.sha256"]
    digest = hashlib.sha256(drop.read(NAME)).hexdigest()
    assert drop.read(f"{NAME}.sha256").decode() == f"{digest}  {NAME}\n"
    assert "users.csv,4" in drop.read(f"{NAME}.rows").decode().splitlines()


def test_what_lies_beside_a_file_appears_after_it(district: District, drop: Drop) -> None:
    join(district, drop, terms={"beside": ["sha256"]})
    district.accept(*roster(4))
    district.deliver()
    assert [name.rpartition("/")[2] for _, name in drop.renames] == [NAME, f"{NAME}.sha256"]


def test_a_vendor_may_want_the_files_one_by_one(district: District, drop: Drop) -> None:
    join(district, drop, terms={"files": "each", "beside": ["rows"]})
    district.accept(*roster(4))
    district.deliver()
    assert {"manifest.csv", "users.csv", "orgs.csv", "users.csv.rows"} <= set(drop.names())
    assert drop.read("users.csv.rows") == b"file,rows\nusers.csv,4\n"


def test_the_manifest_appears_after_the_files_that_it_names(district: District, drop: Drop) -> None:
    join(district, drop, terms={"files": "each"})
    district.accept(*roster(4))
    district.deliver()
    names = [name.rpartition("/")[2] for _, name in drop.renames]
    assert names[-1] == "manifest.csv"
    assert names.index("orgs.csv") < names.index("users.csv")


def test_a_file_that_the_set_no_longer_has_is_taken_away(district: District, drop: Drop) -> None:
    join(district, drop, terms={"files": "each"})
    district.accept(*roster(4))
    district.deliver()
    assert "demographics.csv" in drop.names()
    district.accept(*(change(index, DELETE) for index in range(4)))
    district.hour.moved = timedelta(minutes=1)
    district.deliver()
    assert "demographics.csv" not in drop.names()
    assert {"orgs.csv", "manifest.csv"} <= set(drop.names())


def test_a_cut_in_the_middle_of_a_set_shows_nothing_of_it(district: District, drop: Drop) -> None:
    join(district, drop, format="clever")
    district.accept(*roster(4))
    drop.faults.cut_after = 1000
    district.deliver()
    assert [name for name in drop.names() if not name.endswith(".part")] == []
    drop.faults.cut_after = None
    district.hour.moved = timedelta(minutes=1)
    district.deliver()
    assert {"schools.csv", "students.csv", "enrollments.csv"} <= set(drop.names())
    lines = drop.read("students.csv").splitlines()
    assert len({line.split(b",")[1] for line in lines[1:]}) == 4
    assert not [name for name in drop.names() if name.endswith(".part")]


@pytest.mark.parametrize("links", [True, False])
def test_so_many_files_of_before_stay(district: District, drop: Drop, links: bool) -> None:
    drop.faults.links = links
    join(district, drop, terms={"keep": 2})
    district.accept(*roster(4))
    district.deliver()
    for step in range(1, 5):
        os.utime(drop.folder / "roster" / NAME, (1_800_000_000 + step,) * 2)
        again(district, 50 + step, step)
    stem = "drop-demo-district"
    assert drop.names() == [f"{stem}.20270115T08000{at}Z.zip" for at in (3, 4)] + [NAME]
    assert [users(drop.read(name)) for name in drop.names()] == [6, 7, 8]


def test_a_repeated_delivery_keeps_no_copy_of_itself(district: District, drop: Drop) -> None:
    join(district, drop, terms={"keep": 3})
    district.accept(*roster(4))
    district.deliver()
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'waiting', not_before = now()")
    district.deliver()
    assert drop.names() == [NAME]


def test_a_result_file_is_fetched_once(district: District, drop: Drop) -> None:
    join(district, drop, terms={"results": "results/*.csv"})
    folder = drop.folder / "roster" / "results"
    folder.mkdir()
    (folder / "1.csv").write_bytes(b"row,result\n1,ok\n")
    (folder / "notes.txt").write_bytes(b"not asked for")
    district.accept(*roster(4))
    district.deliver()
    again(district, 50, 1)
    fetched = district.query("SELECT name, convert_from(content, 'UTF8') FROM vendor_result")
    assert fetched == [("1.csv", "row,result\n1,ok\n")]
    (folder / "1.csv").write_bytes(b"row,result\n1,bad\n")
    again(district, 51, 2)
    assert district.query("SELECT count(*) FROM vendor_result") == [(2,)]


def test_results_are_found_without_a_delivery(district: District, drop: Drop) -> None:
    join(district, drop, terms={"results": "results/*.csv"})
    (drop.folder / "roster" / "results").mkdir()
    (drop.folder / "roster" / "results" / "later.csv").write_bytes(b"row,result\n")
    errand = collecting(Settings(), district.clock)
    assert errand(district.engine) is False
    assert district.query("SELECT name FROM vendor_result") == [("later.csv",)]
    district.hour.moved = timedelta(minutes=6)
    errand(district.engine)
    assert len(set(drop.logins)) == 1
    assert district.query("SELECT count(*) FROM vendor_result") == [(1,)]
    audited = district.query("SELECT action, count FROM audit WHERE action LIKE 'fetched%%'")
    assert audited == [("fetched result", 1)]


def test_a_missing_folder_of_results_does_not_hold_the_file_up(
    district: District, drop: Drop
) -> None:
    join(district, drop, terms={"results": "nowhere/*.csv"})
    district.accept(*roster(4))
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]


def test_what_an_unfinished_upload_left_is_removed(dropped: tuple[District, Drop]) -> None:
    district, drop = dropped
    left = f".{NAME}.00000000-0000-4000-8000-000000000000.part"
    (drop.folder / "roster" / left).write_bytes(b"half")
    district.deliver()
    assert drop.names() == [NAME]


@pytest.mark.parametrize("text", ["", "SHA256:short", "ssh-ed25519 AAAA", "vendor.example"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="known_hosts"):
        host_key(text)


def test_a_folder_is_absolute_after_two_slashes() -> None:
    urls = ("sftp://v.example//a/b", "sftp://v.example/a/b", "sftp://v.example", "sftp://v/a%20b")
    assert [folder_of(url) for url in urls] == ["/a/b", "a/b", ".", "a b"]
