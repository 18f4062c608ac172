"""The simulated client pulls the reference hub: it is no client of the suite's own service only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.simulators.oneroster_consumer import RosterClient
from tests.system.processes import ROOT, Processes, free_port

SECRET = "reading-secret-1"
OBJECTS = "xLea,xSchool,xCalendar,xCourse,xStaff,xStudent,xContact,xRoster"
ENVIRONMENT = {"READING_SECRET": SECRET, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub with a district that one vendor may pull."""
    folder = tmp_path_factory.mktemp("hub-of-a-client")
    with Processes(folder, ENVIRONMENT) as kit:
        kit.run("conformance", "generate", "--seed", "7", "--students", "30",
                "--model", "xpress-4.3", "--out", str(folder / "export"))  # fmt: skip
        port = free_port()
        kit.start("reference-hub", "serve", "--port", str(port), port=port)
        kit.run("reference-hub", "vendor", "add", "reading",
                "--party", "Example Reading App", "--pod-policy", "off")  # fmt: skip
        kit.run("reference-hub", "vendor", "connect", "reading",
                "--format", "oneroster-1.2-rest", "--objects", OBJECTS)  # fmt: skip
        kit.run("reference-hub", "app", "add", "reading", "--vendor", "reading",
                "--secret-env", "READING_SECRET")  # fmt: skip
        kit.run("reference-hub", "load", str(folder / "export"))
        kit.run("reference-hub", "work", "--until-empty")
        yield f"http://127.0.0.1:{port}"


class Pulling(RosterClient):
    """The district of this hub uses no documents."""

    papers = False
    limit = 7


@pytest.mark.soak
def test_the_simulated_client_reads_the_reference_hub_whole_and_then_what_changed(hub: str) -> None:
    client = Pulling(hub, "reading", SECRET)
    client.synchronise()
    told = {name: len(found) for name, found in client.store.objects.items()}
    pupils = [one for one in client.store.rows("roles") if one["role"] == "student"]
    assert sorted(told) == sorted(RosterClient.collections)
    assert len({one["userSourcedId"] for one in pupils}) == 30
    client.synchronise()
    client.close()
    assert {name: len(found) for name, found in client.store.objects.items()} == told


@pytest.mark.soak
def test_the_reference_hub_tells_as_many_as_the_client_stored(hub: str) -> None:
    client = Pulling(hub, "reading", SECRET)
    client.synchronise()
    for name in ("users", "enrollments", "demographics"):
        answer = client.call("GET", f"{client.root}/{name}?limit=1")
        assert int(answer.get("x-total-count")) == len(client.store.objects[name])
    client.close()
