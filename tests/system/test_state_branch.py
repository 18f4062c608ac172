"""A district's hub and a state's hub as processes: data up, findings down, corrections up again."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from click.testing import CliRunner
from lxml import etree

from reference_hub.cli import cli
from reference_hub.codec.xml import fold
from tests.reference_hub.collection.planting import NA4, Planted, planted, put
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis

SECRETS = {"APP_SECRET": "an-app-secret-1", "NO_COLOR": "1"}
HUB = "reference-hub"
SETTINGS = """
[worker]
poll_seconds = 0.1
[database]
directory = {directory}
[applications.{key}]
zone = "demo-district"
secret_env = "APP_SECRET"
"""


class Side:
    """A hub with one source and a worker, as processes; its operator's commands run here."""

    def __init__(self, kit: Processes, key: str) -> None:
        self.settings = kit.folder / "hub.toml"
        directory = json.dumps(str(kit.folder / "postgres"))
        self.settings.write_text(SETTINGS.format(directory=directory, key=key), "utf-8")
        port = free_port()
        kit.start(HUB, "serve", "--port", str(port), port=port)
        kit.start(HUB, "work")
        self.url = f"http://127.0.0.1:{port}"

    def tells(self, *words: str, code: int = 0) -> str:
        """What a command prints; it must end with this exit code."""
        command = ["--settings", str(self.settings), *words]
        done = CliRunner(env=SECRETS).invoke(cli, command)
        assert done.exit_code == code, f"{words}: {done.output} {done.exception!r}"
        return done.stdout


class Branch:
    """Both hubs with their workers; the district's SIS has posted the planted district."""

    def __init__(self, kits: list[Processes], sent: Planted) -> None:
        self.sent = sent
        with ThreadPoolExecutor() as pool:
            self.state, self.district = pool.map(Side, kits, ("harbor", "sis"))
        self.sis = Sis(self.district.url, "sis", SECRETS["APP_SECRET"])
        self.district.tells("vendor", "add", "state", "--party", "State", "--pod-policy", "off")
        way = ("--format", "sif-xml", "--url", self.state.url, "--secret-env", "APP_SECRET")
        objects = ("--key", "harbor", "--objects", ",".join(sent.district))
        self.district.tells("vendor", "connect", "state", *way, *objects)
        for object_type, members in sent.district.items():
            root = etree.Element(f"{{{NA4}}}{object_type}s", nsmap={None: NA4})  # type: ignore[dict-item]
            root.extend(members)
            assert sum(self.sis.publish(root)) == len(root)
        self.arrived()

    def arrived(self) -> None:
        """Wait until the state has all that was sent; nothing may be refused."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            rows = json.loads(self.district.tells("deliveries", "--json"))
            if {row["state"] for row in rows} == {"done"}:
                return
            time.sleep(0.2)
        pytest.fail(f"After two minutes the state has not got everything: {rows}")

    def found(self, collection: str) -> set[tuple[str, str, str]]:
        """What a new run at the state finds, read from its CSV file."""
        file = self.state.settings.with_name("found.csv")
        self.state.tells("collection", "run", collection, "--csv", str(file), code=1)
        rows = csv.DictReader(file.read_text("utf-8").splitlines())
        return {(row["object"], row["refId"], row["rule"]) for row in rows}


pytestmark = pytest.mark.soak


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """The story up to what the state has got."""
    folders = [tmp_path_factory.mktemp(name) for name in ("state", "district")]
    with ExitStack() as stack:
        kits = [stack.enter_context(Processes(folder, SECRETS)) for folder in folders]
        yield Branch(kits, planted())


def planted_at(branch: Branch, rule: str) -> etree._Element:
    """The object in which a fault was planted."""
    ((object_type, refid, _),) = [each for each in branch.sent.expected if each[2] == rule]
    members = branch.sent.district[object_type]
    return next(each for each in members if fold(each.get("RefId", "")) == refid)


def student(branch: Branch) -> etree._Element:
    """The student whose state number was planted with nine digits."""
    return planted_at(branch, "SIMS-DOE002")


def test_what_the_sis_posted_is_judged_at_the_state_and_comes_back(branch: Branch) -> None:
    assert branch.found("ma-sims") | branch.found("ma-epims") == branch.sent.expected
    told = branch.district.tells("collection", "report", "state", "ma-sims", code=1)
    number, refid = student(branch).findtext("{*}LocalId"), student(branch).get("RefId", "")
    assert f"rejected StudentPersonal {number} ({fold(refid)}): SIMS-DOE002\n" in told
    assert student(branch).findtext("{*}Name/{*}LastName", "") not in told


def test_a_correction_flows_to_the_state_and_the_finding_is_gone(branch: Branch) -> None:
    one = student(branch)
    number, tells = one.findtext("{*}LocalId", ""), branch.district.tells
    put(one, "StateProvinceId", "9093588819")
    path = f"StudentPersonals/{one.get('RefId')}"
    assert branch.sis.send("PUT", path, etree.tostring(one)).status_code == 204
    stay = planted_at(branch, "SIMS-EXIT-ORDER")
    for exit_date in stay.iterfind("{*}ExitDate"):
        exit_date.text = None
        exit_date.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    path = f"StudentSchoolEnrollments/{stay.get('RefId')}"
    assert branch.sis.send("PUT", path, etree.tostring(stay)).status_code == 204
    branch.arrived()
    assert "; changed here since" in tells("collection", "records", "ma-sims", "--record", number)
    tells("collection", "report", "state", "ma-sims", "--new", code=1)
    record = tells("collection", "records", "ma-sims", "--record", number)
    assert record.startswith(f"accepted StudentPersonal {number} (")
    history = tells("collection", "history", "ma-sims", "--findings")
    assert "Run 2 against run 1: 2 fixed, 0 new, 47 still there." in history
    assert f"fixed: StudentPersonal {number}, SIMS-DOE002" in history
