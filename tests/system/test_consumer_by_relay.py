"""The suite's relay between simulated clients and the reference hub: other hubs, same verdicts.

The hub and its commands are processes; the client is moved as in the tests of the role.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import hub_pods, runfile, trees
from conformance.claims import SPOKEN_OF
from conformance.problems import SetupFault
from conformance.runfile import Check
from conformance.session import run
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.mutants import MUTANTS
from conformance.target import TargetConfig
from fixtures.generate import generate
from fixtures.writers import xpress
from tests.conformance.consumer.judging import SECRET, config_of, moving
from tests.conformance.judging import SEED, with_verdict
from tests.system.processes import ROOT, Processes, free_port

SECRETS = {
    "A_SECRET": SECRET,
    "PYTHONPATH": str(ROOT),
    "HUB_QUEUES_MIN_WAIT_SECONDS": "0",
}
PARTY = "Example Reading App"
FIELDS = tuple(f"xStudent/{name}" for name in ("@refId", "localId", "name", "enrollment"))
GRANTS = (
    "OBJECT xStudents QUERY,SUBSCRIBE,PROVIDE",
    "UTILITY pods QUERY,SUBSCRIBE",
    "UTILITY alerts CREATE",
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub with a loaded district and a vendor under its document; gives its address."""
    folder = tmp_path_factory.mktemp("hub-behind-relay")
    with Processes(folder, SECRETS) as kit:
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        kit.run("reference-hub", "vendor", "add", "reading", "--party", PARTY)
        grants = [word for grant in GRANTS for word in ("--grant", grant)]
        words = ("--vendor", "reading", "--secret-env", "A_SECRET", "--notation", "pesc")
        brokered = ("--environment", "BROKERED")
        kit.run("reference-hub", "app", "add", "demo-vendor", *words, *brokered, *grants)
        agree(kit, folder)
        load(kit, folder)
        kit.start("reference-hub", "work")
        yield f"http://127.0.0.1:{port}"


def agree(kit: Processes, folder: Path) -> None:
    """The document under which the client reads."""
    entry = hub_pods.Entry(
        FIELDS, app="demo-vendor", zone="demo-district", context="DEFAULT", namespace=trees.NA4
    )
    file = folder / "pod.xml"
    file.write_bytes(hub_pods.document(PARTY, entry))
    kit.run("reference-hub", "pod", "import", "reading", str(file))


def load(kit: Processes, folder: Path) -> None:
    """Put a few synthetic students into the hub."""
    files = []
    for name, collection in xpress.documents(generate(5, 8, 1)):
        files.append(folder / f"{name}.xml")
        files[-1].write_bytes(xpress.tostring(collection))
    kit.run("reference-hub", "load", "--quiet", *map(str, files))


def target(hub: str) -> TargetConfig:
    """The client in front of this hub, without what needs a read back."""
    claims = dict.fromkeys(SPOKEN_OF["consumer"], True) | {"readback": False}
    return config_of(capabilities=claims, consumer={"relay": hub, "wait_seconds": 2.0})


def judged(hub: str, name: str = "") -> list[Check]:
    """What the suite says of a client between which and this hub its relay stands."""
    product = MUTANTS[name] if name else Consumer
    return run(target(hub), seed=SEED, examine=not name, move=moving(product)).verdict.checks


def row(checks: list[Check], word: str) -> set[str]:
    """The requirements whose checks came to this verdict."""
    return {row for one in checks for row in one.requirements if one.verdict == word}


@pytest.fixture(scope="module")
def conforming(hub: str) -> list[Check]:
    """What the suite says of the conforming client."""
    return judged(hub)


@pytest.mark.soak
def test_a_conforming_client_fails_nothing_before_the_hub(conforming: list[Check]) -> None:
    assert with_verdict(conforming, runfile.FAIL) == {}
    assert with_verdict(conforming, runfile.OUR_FAULT) == {}
    assert with_verdict(conforming, runfile.NOT_VERIFIED) == {}


@pytest.mark.soak
def test_half_of_what_is_asked_can_be_seen_in_the_traffic(conforming: list[Check]) -> None:
    seen = row(conforming, runfile.PASS)
    assert len(seen) > 40
    assert {"NEG-002", "POD-ACK-001", "POD-ACK-010", "DAT-CON-020", "DAT-CON-051"} <= seen


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("SendsNoMarker", {"POD-ACK-001", "POD-ACK-002"}),
        ("GuessesConnectors", {"NEG-002"}),
        ("ReadsTheSecondPageTwice", {"DAT-CON-020"}),
        ("SignsOnceForASession", {"INF-AUT-007"}),
        ("DeletesNothing", {"DAT-CON-051"}),
    ],
)
def test_a_mistake_fails_its_own_requirement_before_the_hub(
    hub: str, name: str, rows: set[str]
) -> None:
    assert row(judged(hub, name), runfile.FAIL) == rows


@pytest.mark.soak
def test_the_hub_is_blamed_when_it_is_not_there() -> None:
    with pytest.raises(SetupFault, match=r"\[consumer\] relay"):
        judged(f"http://127.0.0.1:{free_port()}")
