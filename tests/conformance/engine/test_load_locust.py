"""`conformance load` as it is documented: Locust from the index, real requests, real figures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from conformance import cli
from conformance.cli_load import INSTALL
from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from tests.conformance.engine.test_load import SECRET, wish

ROOT = Path(__file__).parents[3]
# The last line of Locust's summary: requests, failures.
SUM = re.compile(r"^ +Aggregated +(\d+) +(\d+)\(", re.MULTILINE)
MARK = "10AD0007"


class Counts(Receiver):
    """Notes what is asked of its students, in the order of arrival."""

    def __init__(self) -> None:
        super().__init__(secret=SECRET)
        self.asked: list[str] = []
        self.ended: list[str] = []

    def route_students(self, request: Request, path: list[str]) -> Response:
        """Apart from the load stands the delete of many that ends it."""
        last = request.method == "PUT" and not path
        (self.ended if last else self.asked).append(request.method)
        return super().route_students(request, path)

    @property
    def stored(self) -> int:
        """How many students of the load are left; the simulator folds their RefIds."""
        return sum(MARK.lower() in key for key in self.state.students)


class TakesNobody(Counts):
    """Refuses every student."""

    def create_student(self, request: Request) -> Response:
        """No right to do so."""
        raise Refusal(403, "The application has no right to create students.")


class DeletesNobody(Counts):
    """Refuses the delete of many."""

    def delete_students(self, request: Request) -> Response:
        """No right to do so."""
        raise Refusal(403, "The application has no right to delete students.")


@pytest.fixture(scope="module")
def locust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the extra `load` asks for, beside our own dependencies as locked."""
    folder = tmp_path_factory.mktemp("locust")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    (folder / "constraints.txt").write_text(re.sub(r" \\\n +--hash=\S+", "", lock), "utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--only-binary", ":all:", "--constraint", folder / "constraints.txt",
         "--target", folder / "packages", *project["optional-dependencies"]["load"]],
        check=True,
    )  # fmt: skip
    return folder / "packages"


def started(locust: Path, target: str, *words: str) -> subprocess.Popen[str]:
    """The command, in a session of its own as in a terminal."""
    known = os.environ | {"PYTHONPATH": os.pathsep.join([str(locust), str(ROOT)])}
    command = [sys.executable, "-m", "conformance", "load", "--target", target, "--seed", "7"]
    return subprocess.Popen(
        [*command, "--users", "2", "--rate", "50", *words],
        env=known,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def done(locust: Path, target: str, *words: str) -> tuple[int, str]:
    """Exit code and all that was told."""
    child = started(locust, target, *words)
    told, _ = child.communicate(timeout=120)
    return child.returncode, told


def counted(told: str) -> tuple[int, int]:
    """Requests and failures of Locust's summary."""
    found = SUM.search(told)
    assert found, told
    return int(found[1]), int(found[2])


@pytest.mark.soak
def test_locust_counts_what_the_receiver_saw(locust: Path, tmp_path: Path) -> None:
    vendor = Counts()
    with serve(vendor) as handle:
        code, told = done(locust, wish(tmp_path, handle.url).target, "--seconds", "2")
    assert code == 0, told
    assert counted(told) == (len(vendor.asked), 0)
    # Two seconds at fifty a second are 100; those of a busy machine are fewer, never none.
    assert 10 <= len(vendor.asked) <= 110
    assert {"POST", "GET", "PUT"} <= set(vendor.asked)
    assert vendor.stored == 0
    assert f"begin with {MARK}" in told


@pytest.mark.soak
def test_refusals_are_counted_as_failures(locust: Path, tmp_path: Path) -> None:
    vendor = TakesNobody()
    with serve(vendor) as handle:
        code, told = done(locust, wish(tmp_path, handle.url).target, "--seconds", "1")
    assert code == 1, told
    assert counted(told) == (len(vendor.asked), len(vendor.asked))
    assert set(vendor.asked) == {"POST"}
    assert "answered 403" in told
    assert "are left" not in told


@pytest.mark.soak
def test_what_is_left_is_told(locust: Path, tmp_path: Path) -> None:
    vendor = DeletesNobody()
    with serve(vendor) as handle:
        target = wish(tmp_path, handle.url).target
        code, told = done(locust, target, "--seconds", "1")
        assert code == 0, told
        left = vendor.stored
        assert left
        assert f"error: {left} students that begin with {MARK} are left" in told
    kept = Counts()
    with serve(kept) as handle:
        told = done(locust, wish(tmp_path, handle.url).target, "--seconds", "1", "--keep")[1]
    assert kept.stored
    assert f"{kept.stored} students that begin with {MARK} stay at the target." in told
    assert kept.ended == []


@pytest.mark.soak
def test_a_load_that_cannot_begin_ends_at_once(locust: Path, tmp_path: Path) -> None:
    with serve(Receiver(secret="another-secret")) as handle:
        code, told = done(locust, wish(tmp_path, handle.url).target, "--seconds", "600")
    assert code == 3, told
    assert "answered 401, which is no environment" in told
    code, told = done(locust, wish(tmp_path, "http://127.0.0.1:9").target, "--seconds", "600")
    assert code == 3, told
    assert "error: " in told


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_load_deletes_its_students(
    locust: Path, tmp_path: Path, number: signal.Signals
) -> None:
    vendor = Counts()
    with serve(vendor) as handle:
        child = started(locust, wish(tmp_path, handle.url).target, "--seconds", "600")
        while vendor.asked.count("POST") < 5 and child.poll() is None:
            time.sleep(0.05)
        if number is signal.SIGINT:  # a terminal sends it to all of the group
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
        told, _ = child.communicate(timeout=120)
    assert child.returncode == 0, told
    assert counted(told)[1] == 0
    assert vendor.ended == ["PUT"]
    assert vendor.stored == 0


def test_without_locust_the_command_ends_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "locust", None)
    target = wish(tmp_path, "http://127.0.0.1:9").target
    assert cli.main(["load", "--target", target]) == cli.USAGE
    told = capsys.readouterr().err
    assert told == (
        f"conformance: load needs Locust, which is not installed. Install it with: {INSTALL}\n"
    )
