"""The hub's own Ed-Fi client delivers a generated district into the simulated host."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.registry import registry
from conformance.simulators.server import Handle
from reference_hub.clock import Clock
from reference_hub.translate.tables import load
from reference_hub.vendors.edfi import reconcile
from reference_hub.vendors.edfi_rows import Settings
from reference_hub.vendors.edfi_tables import crosswalk, key_places
from reference_hub.workers.transport import Http
from tests.conformance.edfi_receiver.test_edfi_variety import Strict
from tests.reference_hub.edfi import sheet
from tests.reference_hub.edfi.conftest import COUNTRIES, LANGUAGES, MORE
from tests.reference_hub.edfi.district import SMALL, Ledger, written

pytestmark = pytest.mark.soak
OURS = 3  # the district and the two schools that are there before


class EdfiHost4(EdfiHost):
    """A host of data standard 4."""

    standard = "4"


class ShyHost(Strict):
    """Shows a student only after an enrolment, as hosts do that look at relationships."""

    def resolve(self, body: Body) -> None:
        EdfiHost.resolve(self, body)


@pytest.fixture(scope="module")
def descriptors(standards: Path) -> frozenset[str]:
    """The default codes as they were published, and those that the samples leave out."""
    more = {"uri://ed-fi.org/" + line.replace("#", "Descriptor#") for line in MORE.splitlines()}
    more |= {f"uri://ed-fi.org/LanguageDescriptor#{code}" for code in LANGUAGES.split()}
    more |= {f"uri://ed-fi.org/CountryDescriptor#{code}" for code in COUNTRIES.split()}
    return frozenset(sheet.descriptors(standards) | more) | EdfiHost.descriptors


@pytest.fixture(params=[EdfiHost, EdfiHost4, ShyHost], ids=["5", "4", "shy"])
def host(request: pytest.FixtureRequest, descriptors: frozenset[str]) -> EdfiHost:
    """A simulated host with these codes."""
    made: EdfiHost = request.param()
    made.descriptors = descriptors
    return made


@pytest.fixture
def served(host: EdfiHost) -> Iterator[Handle]:
    """The host on a port."""
    with serve(host) as handle:
        yield handle


def settings(handle: Handle, host: EdfiHost, secret: str = "demo-secret-1") -> Settings:
    """The hub's connection to the host."""
    known = load(f"edfi-{host.standard}")
    return Settings(
        url=handle.url,
        key=host.key,
        secret=secret,
        data_standard=host.standard,
        keys=key_places(known),
        crosswalk=crosswalk(known),
        clock=Clock(),
        rng=random.Random(1),
        read_back="every",
    )


def test_a_district_of_the_hub_arrives_whole_and_only_once(host: EdfiHost, served: Handle) -> None:
    ledger = Ledger(written("xpress-4.3", f"edfi-{host.standard}", SMALL))
    http = Http(5.0)
    told = settings(served, host)
    outcomes = ledger.settle(reconcile(ledger.pending(), http, told))
    states = Counter((one.state, one.answer) for one in outcomes)
    assert states == {("sent", ""): len(ledger.rows)}
    assert sum(map(len, host.held.values())) - OURS == len(ledger.rows)
    assert [loss.target_field for one in outcomes for loss in one.losses] == []
    again = ledger.settle(reconcile(ledger.pending(), http, told))
    http.close()
    assert again == []


def test_the_hub_takes_its_district_away_again(host: EdfiHost, served: Handle) -> None:
    ledger = Ledger(written("xpress-4.3", f"edfi-{host.standard}", SMALL))
    http = Http(5.0)
    told = settings(served, host)
    ledger.settle(reconcile(ledger.pending(), http, told))
    ledger.put([], keep=False)
    gone = ledger.settle(reconcile(ledger.pending(), http, told))
    http.close()
    assert {one.state for one in gone} == {"deleted"}
    assert sum(map(len, host.held.values())) == OURS


def test_the_hub_asks_for_another_token_when_its_own_is_refused(
    host: EdfiHost, served: Handle
) -> None:
    ledger = Ledger(written("xpress-4.3", f"edfi-{host.standard}", SMALL))
    http = Http(5.0)
    outcomes = []
    for number, one in enumerate(reconcile(ledger.pending(), http, settings(served, host))):
        outcomes.append(one)
        if number == 20:
            host.tokens.clear()
    http.close()
    assert {one.state for one in outcomes} == {"sent"}
    assert len(host.tokens) == 1


def test_the_hub_notices_a_member_that_the_host_drops(descriptors: frozenset[str]) -> None:
    product = registry("edfi-receiver").find("DropsTheLogin")
    host = product()
    host.descriptors = descriptors
    with serve(host) as handle:
        ledger = Ledger(written("xpress-4.3", "edfi-5", SMALL))
        http = Http(5.0)
        outcomes = ledger.settle(reconcile(ledger.pending(), http, settings(handle, host)))
        http.close()
    dropped = {loss.target_field for one in outcomes for loss in one.losses}
    assert "studentEducationOrganizationAssociations.loginId" in dropped
    assert {field.rpartition(".")[2] for field in dropped} == {"loginId"}
