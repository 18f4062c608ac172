"""The only sender of SFTP, against a server: what it does, what it records, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import runfile
from conformance.drop import DENIED, WRONG_KEY, Server, SftpDoor
from conformance.evidence import Evidence
from conformance.problems import Unreachable
from conformance.simulators.file_receiver import FileReceiver
from conformance.simulators.file_receiver.sftp import SftpFace

SECRET = "demo-secret-1"


@pytest.fixture(scope="module")
def face() -> Iterator[SftpFace]:
    with closing(FileReceiver().doors()) as found:
        yield found


@pytest.fixture
def server(face: SftpFace) -> Server:
    return Server("127.0.0.1", face.port, "demo-vendor", SECRET, face.fingerprint)


def opened(server: Server, seen: list[runfile.Exchange] | None = None) -> SftpDoor:
    evidence = Evidence(observer=(seen if seen is not None else []).append)
    evidence.secret(SECRET)
    return SftpDoor(server, evidence, 5.0)


def test_a_file_is_put_named_read_and_listed(server: Server, face: SftpFace) -> None:
    with closing(opened(server)) as door:
        assert door.put("incoming/a.txt.tmp", b"qvex").ok
        assert door.rename("incoming/a.txt.tmp", "incoming/a.txt").ok
        assert door.get("incoming/a.txt").data == b"qvex"
        assert "a.txt" in door.names("incoming").names
        assert door.remove("incoming/a.txt").ok
    assert not (face.root / "demo-vendor/incoming/a.txt").exists()


def test_a_file_that_is_not_there_is_an_answer(server: Server) -> None:
    with closing(opened(server)) as door:
        step = door.get("results/none.json")
    assert (step.ok, step.said, step.code) == (False, "no such file", 2)


def test_another_host_key_ends_it_before_the_secret_is_told(server: Server) -> None:
    wrong = replace(server, host_key="SHA256:" + "A" * 43)
    with closing(opened(wrong)) as door:
        assert door.login().said == WRONG_KEY
        assert door.shown_key == server.host_key


def test_a_host_key_may_stand_in_a_file(server: Server, face: SftpFace, tmp_path: Path) -> None:
    from conformance.simulators.file_receiver.sftp import host_key

    key = host_key(face.product.host_key_seed())
    (tmp_path / "vendor.pub").write_bytes(key.export_public_key())
    told = replace(server, host_key="vendor.pub", folder=tmp_path)
    with closing(opened(told)) as door:
        assert door.login().ok


def test_a_wrong_secret_is_an_answer(server: Server) -> None:
    with closing(opened(replace(server, secret="wrong"))) as door:
        assert door.login().said == DENIED


def test_nobody_there_is_no_answer(server: Server) -> None:
    with closing(opened(replace(server, port=1))) as door, pytest.raises(Unreachable):
        door.login()


def test_every_step_is_recorded_without_secret_and_names(server: Server) -> None:
    seen: list[runfile.Exchange] = []
    body = b"sourcedId,givenName,familyName\r\n1,Qvexina,Qvexwren\r\n"
    with closing(opened(server, seen)) as door:
        door.put("incoming/b.csv.tmp", body)
        door.names("incoming")
        door.remove("incoming/b.csv.tmp")
        door.get("notes.txt")
    assert [one.request.start.split(" ")[0] for one in seen] == ["PUT", "LIST", "REMOVE"]
    place = f"sftp://demo-vendor@127.0.0.1:{server.port}/incoming/b.csv.tmp"
    assert seen[0].request.start == f"PUT {place}"
    assert (seen[0].response and seen[0].response.start) == "SFTP ok"
    assert seen[0].request.body_bytes == len(body)
    assert "Qvexina" not in seen[0].request.body
    assert SECRET not in str(seen)
