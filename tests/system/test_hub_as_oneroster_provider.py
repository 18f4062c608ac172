"""The suite judges the reference hub as a OneRoster provider, 1.2 by tokens and 1.1 by signatures.

A vendor pulls a loaded district; the hub, its worker and the suite run as commands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import runfile
from tests.system.processes import ROOT, Processes, free_port

SECRETS = {"READING_SECRET": "reading-secret-1", "PYTHONPATH": str(ROOT)}
OBJECTS = "xLea,xSchool,xCalendar,xCourse,xStaff,xStudent,xContact,xRoster"
TARGET = """
[vendor]
name = "Reference hub"
role = "oneroster-provider"

[endpoint]
url = "http://127.0.0.1:{port}"

[credentials]
key = "reading"
secret_env = "READING_SECRET"

[capabilities]
tokens = true
scopes = true
signed = true
paging = true
counts = true
filter = true
sort = true
fields = true
demographics = true

[oneroster]
{service}
"""
SERVICES = {
    "1.2": 'signed_root = "ims/oneroster/v1p1"',
    "1.1": 'version = "1.1"\nroot = "ims/oneroster/v1p1"\naccess = "signed"',
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Processes, int]]:
    """A hub with a district that one vendor may pull in both versions."""
    folder = tmp_path_factory.mktemp("hub-as-oneroster-provider")
    with Processes(folder, SECRETS) as kit:
        kit.run("conformance", "generate", "--seed", "7", "--students", "30",
                "--model", "xpress-4.3", "--out", str(folder / "export"))  # fmt: skip
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        words = ("--party", "Example Reading App", "--pod-policy", "off")
        kit.run("reference-hub", "vendor", "add", "reading", *words)
        for version in SERVICES:
            form = f"oneroster-{version}-rest"
            kit.run("reference-hub", "vendor", "connect", "reading", "--format", form,
                    "--objects", OBJECTS)  # fmt: skip
        kit.run("reference-hub", "app", "add", "reading", "--vendor", "reading",
                "--secret-env", "READING_SECRET")  # fmt: skip
        kit.run("reference-hub", "load", str(folder / "export"))
        kit.run("reference-hub", "work", "--until-empty")
        yield kit, port


@pytest.fixture(scope="module", params=list(SERVICES))
def verdict(hub: tuple[Processes, int], request: pytest.FixtureRequest) -> runfile.Verdict:
    """What the suite says of the hub in this version."""
    kit, port = hub
    target = kit.folder / f"judged-{request.param}.toml"
    target.write_text(TARGET.format(port=port, service=SERVICES[request.param]), "utf-8")
    done = kit.run(
        *["conformance", "run", "--target", str(target), "--seed", "11"],
        *["--out", str(kit.folder / "runs"), "--json"],
        ok=(0, 1, 2),
    )
    return runfile.read_verdict(Path(json.loads(done.stdout)["directory"]) / "verdict.json")


def with_verdict(verdict: runfile.Verdict, word: str) -> list[str]:
    """The checks that came to this verdict, with their reasons."""
    return [f"{one.id}: {one.reason}" for one in verdict.checks if one.verdict == word]


@pytest.mark.soak
def test_the_hub_fails_nothing_but_what_is_known(verdict: runfile.Verdict) -> None:
    failed = [line.partition(":")[0] for line in with_verdict(verdict, runfile.FAIL)]
    assert failed == []
    assert verdict.outcome == "conforms"


@pytest.mark.soak
def test_no_check_of_a_oneroster_provider_is_left_undecided(verdict: runfile.Verdict) -> None:
    assert with_verdict(verdict, runfile.NOT_VERIFIED) == []
    assert with_verdict(verdict, runfile.OUR_FAULT) == []


@pytest.mark.soak
def test_only_rules_of_1_2_are_not_applicable(verdict: runfile.Verdict) -> None:
    left = with_verdict(verdict, runfile.NOT_APPLICABLE)
    assert [line for line in left if "speaks OneRoster 1.1, not 1.2" not in line] == []
    assert len(left) in (0, 7)
