"""The suite judges the reference hub as a broker: privacy over the wire, the district by commands.

The hub, its commands and the suite run as they do at a district; only the data is synthetic.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import runfile
from tests.system.processes import ROOT, Processes, free_port

SECRETS = {
    "A_SECRET": "vendor-secret-1",
    "B_SECRET": "vendor-secret-2",
    "PYTHONPATH": str(ROOT),
    "HUB_QUEUES_MIN_WAIT_SECONDS": "0",
}
VENDORS = {
    "reading": ("Example Reading App", "A_SECRET"),
    "maths": ("Example Maths App", "B_SECRET"),
}
# What an application of a vendor may do by default, and updates of students.
GRANTS = (
    "OBJECT xStudents QUERY,SUBSCRIBE,UPDATE",
    *(f"OBJECT {name} QUERY,SUBSCRIBE" for name in ("xSchools", "xStaffs", "xContacts")),
    "OBJECT StudentPersonals QUERY,SUBSCRIBE",
    "SERVICEPATH xSchools/{}/xStudents QUERY",
    "UTILITY pods QUERY,SUBSCRIBE",
)
TARGET = """
[vendor]
name = "Example Reading App"
role = "broker"

[endpoint]
url = "http://127.0.0.1:{port}"

[credentials]
key = "reading-portal"
secret_env = "A_SECRET"

[second]
name = "Example Maths App"
key = "maths-portal"
secret_env = "B_SECRET"

[capabilities]
query = true
paging = true
head = true
pod = true
update = true
delete = true
markers = true
queue = true
example = true
where = true
servicepath = true
changes = true
json = true
receipt = true
persons = true

[operator]
vendor = "reading"
second = "maths"
url = "http://127.0.0.1:{operator}"
settle_seconds = 5.0
"""


@pytest.fixture(scope="module", params=[(), ("--contrary", "7")], ids=["plain", "contrary"])
def verdict(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[runfile.Verdict]:
    """What the suite says of the hub, also when that answers in unusual ways."""
    folder = tmp_path_factory.mktemp("hub-privacy")
    with Processes(folder, SECRETS) as kit:
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), *request.param, port=port)
        for name, (party, secret) in VENDORS.items():
            kit.run("reference-hub", "vendor", "add", name, "--party", party)
            words = ("--vendor", name, "--secret-env", secret, "--notation", "pesc")
            grants = [word for grant in GRANTS for word in ("--grant", grant)]
            kit.run("reference-hub", "app", "add", f"{name}-portal", *words, *grants)
        target = folder / "judged.toml"
        target.write_text(TARGET.format(port=port, operator=operate(kit)), "utf-8")
        done = kit.run(
            *["conformance", "run", "--target", str(target), "--seed", "11"],
            *["--out", str(folder / "runs"), "--json"],
            ok=(0, 1, 2),
        )
        directory = Path(json.loads(done.stdout)["directory"])
        yield runfile.read_verdict(directory / "verdict.json")


def operate(kit: Processes) -> int:
    """Start the operator in the folder of the hub; gives its port."""
    port = free_port()
    command = ("-m", "tests.system.hub_operator", str(port))
    kit.start(Path(sys.executable).name, *command, port=port)
    return port


def with_verdict(verdict: runfile.Verdict, word: str) -> list[str]:
    """The checks that came to this verdict, with their reasons."""
    return [f"{one.id}: {one.reason}" for one in verdict.checks if one.verdict == word]


@pytest.mark.soak
def test_the_hub_fails_no_privacy_check(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.FAIL) == []


@pytest.mark.soak
def test_no_privacy_check_is_left_undecided(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.NOT_VERIFIED) == []
    assert with_verdict(verdict, runfile.OUR_FAULT) == []


@pytest.mark.soak
def test_what_is_not_judged_is_what_the_hub_does_not_offer(verdict: runfile.Verdict) -> None:
    left = [line.partition(":")[0] for line in with_verdict(verdict, runfile.NOT_APPLICABLE)]
    assert left == ["oneroster_shows_nothing_beyond_the_grant"]
