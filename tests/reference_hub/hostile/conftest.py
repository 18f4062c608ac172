"""A hub as `reference-hub serve` runs it, with a source, some students and a queue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.model.scope import Scope
from reference_hub.store import vendors
from tests.reference_hub.conftest import empty
from tests.reference_hub.hostile.attack import Aim, basic
from tests.system.processes import Processes, free_port

SECRET = "a-secret"
SCOPE = Scope("demo-district")
LARGEST_BODY = 5_000_000
GUARDED = ("sif_object", "object_version", "message")


@dataclass(frozen=True, slots=True)
class Attacked:
    """The hub under attack, its process, its log and what it stands on."""

    aim: Aim
    pid: int
    log: Path
    engine: Engine

    def read(self) -> bytes:
        """What an honest consumer sees."""
        url = f"http://127.0.0.1:{self.aim.port}/requests/xStudents"
        reply = requests.get(url, headers={"Authorization": self.aim.session}, timeout=20)
        assert reply.status_code == 200
        return reply.content

    def stored(self) -> dict[str, tuple[int, str]]:
        """How many rows the guarded tables have, and a digest of them."""
        with self.engine.connect() as connection:
            return {
                table: tuple(connection.execute(text(_DIGEST.format(table))).one())
                for table in GUARDED
            }

    def memory(self) -> int:
        """Bytes that the hub's processes hold."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._pids())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _pids(self) -> list[int]:
        task = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [self.pid, *map(int, task.read_text().split())]


_DIGEST = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"


@pytest.fixture(scope="module")
def attacked(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The hub on a port, with three students in its store."""
    folder, port = tmp_path_factory.mktemp("attacked"), free_port()
    empty(engine)
    with engine.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE)
        vendors.add_application(connection, "far", SECRET, SCOPE, kind="provider")
    environ = {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "HUB_SERVER_MAX_BODY": str(LARGEST_BODY),
    }
    with Processes(folder, environ) as processes:
        served = processes.start("reference-hub", "serve", "--port", str(port), port=port)
        aim = _prepared(port)
        yield Attacked(aim, served.pid, folder / "reference-hub-0.log", engine)
    empty(engine)


def _prepared(port: int) -> Aim:
    url, key = f"http://127.0.0.1:{port}", basic("sis", SECRET)
    session = _session(url, key)
    students = [xpress.student(student(5, index)) for index in range(3)]
    reply = requests.post(
        f"{url}/requests/xStudents",
        data=etree.tostring(xpress.collection("xStudents", students)),
        headers={"Authorization": session, "Content-Type": "application/xml"},
        timeout=30,
    )
    assert reply.status_code == 200
    return Aim(
        port, session, _session(url, basic("far", SECRET)), key, students[0].get("refId", "")
    )


def _session(url: str, key: str) -> str:
    made = requests.post(
        f"{url}/environments/environment", headers={"Authorization": key}, timeout=30
    )
    return basic(etree.fromstring(made.content).findtext("{*}sessionToken", ""), SECRET)
