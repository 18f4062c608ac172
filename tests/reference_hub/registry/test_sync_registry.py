"""The hub's PODs follow the registry in the store: published, ended, drafted, or left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.sync_registry import Report, sync_registry
from reference_hub.model.caller import Caller
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.gate import Allowed, decide
from reference_hub.problems import Refusal
from reference_hub.registry.records import Agreement, RegistryUnreachable, Snapshot
from reference_hub.registry_sync import following
from reference_hub.settings import Registry, Settings
from reference_hub.store import agreement_pods, pods, vendors
from tests.reference_hub.registry.agreed import KIT, agreement, registry_of

SCOPE = Scope("demo-district")
MINIMAL = agreement("minimal")


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 26, 12, tzinfo=UTC)

    def clock(self) -> Clock:
        """The hub's clock that shows this moment."""
        zones = {"demo-district": ZoneInfo("America/New_York")}
        return Clock(now=lambda: self.moment, zones=zones)


@pytest.fixture
def watch() -> Watch:
    """Noon."""
    return Watch()


@pytest.fixture
def vendor(store: Engine) -> int:
    """The vendor of name tags; its id."""
    with store.begin() as connection:
        return vendors.add_vendor(connection, "labels", "Example Label Press", SCOPE)


def sync(store: Engine, watch: Watch, *agreements: Agreement) -> Report:
    """Follow a registry with these agreements."""
    return sync_registry(store, registry_of(*agreements), watch.clock())


def all_pods(store: Engine) -> list[Pod]:
    """Every POD of the district, oldest first."""
    with store.begin() as connection:
        return pods.in_scope(connection, SCOPE)


def said(store: Engine) -> list[tuple[str, str]]:
    """Version and status of every POD."""
    return sorted((pod.version, pod.status) for pod in all_pods(store))


def live(store: Engine, watch: Watch, vendor: int) -> Pod:
    """Let the vendor acknowledge what it was offered."""
    (pod,) = [each for each in all_pods(store) if each.status == "Pending"]
    with store.begin() as connection:
        assert acknowledge(connection, vendor, pod.token, "marker", watch.clock())
    return pod


@pytest.mark.requirement("REG-001")
def test_an_agreement_in_force_is_offered_to_its_vendor(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, MINIMAL)
    (pod,) = all_pods(store)
    assert (pod.status, pod.version, pod.agreement_id) == ("Pending", "1.0.0", "minimal")
    document = etree.fromstring(pod.document)
    assert document.findtext(".//{*}contractURI") == MINIMAL.uri
    assert document.findtext("{*}podToken") == pod.token
    assert pod.entries[0].granted[0] == "xStudent/@refId"
    assert pod.ends == MINIMAL.expires


def test_following_twice_changes_nothing(store: Engine, watch: Watch, vendor: int) -> None:
    sync(store, watch, MINIMAL)
    before = all_pods(store)
    report = sync(store, watch, MINIMAL)
    assert [step.action.kind for step in report.steps] == ["leave"]
    assert all_pods(store) == before


@pytest.mark.requirement("POD-VER-001")
def test_a_change_brings_a_new_version_with_a_new_token(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, MINIMAL)
    old = live(store, watch, vendor)
    sync(store, watch, replace(MINIMAL, purposes=("Printing of bus passes",)))
    assert said(store) == [("1.0.0", "Expired"), ("1.1.0", "Pending")]
    assert old.token not in [pod.token for pod in all_pods(store) if pod.status == "Pending"]


@pytest.mark.requirement("REG-002")
def test_a_terminated_agreement_ends_its_pod(store: Engine, watch: Watch, vendor: int) -> None:
    sync(store, watch, MINIMAL)
    live(store, watch, vendor)
    sync(store, watch, replace(MINIMAL, status="TERMINATED"))
    assert said(store) == [("1.0.0", "Expired")]
    with store.begin() as connection:
        (known,) = agreement_pods.known(connection, vendor, SCOPE)
        asked = connection.execute(text("SELECT reason FROM deletion")).scalars().all()
    assert known.ended == "registry: The agreement was terminated."
    assert asked == ["registry: The agreement was terminated."]


@pytest.mark.requirement("REG-004")
def test_without_an_agreement_there_is_no_pod(store: Engine, watch: Watch, vendor: int) -> None:
    sync(store, watch)
    assert all_pods(store) == []
    sync(store, watch, MINIMAL)
    sync(store, watch)
    assert said(store) == [("1.0.0", "Expired")]


def asked(store: Engine, watch: Watch, vendor: int, token: str) -> Allowed | Refusal:
    """What the gate says to a vendor that asks for students with this marker."""
    today, caller = watch.clock().today(SCOPE.zone_id), Caller(vendor, SCOPE)
    with store.begin() as connection:
        looked = pods.for_gate(connection, caller, token, today)
    assert looked
    return decide(caller, looked.shown, looked.latest, today, token, "xStudent")


@pytest.mark.requirement("REG-004", "REG-002")
def test_the_gate_opens_with_the_agreement_and_closes_with_its_end(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, MINIMAL)
    token = live(store, watch, vendor).token
    assert isinstance(asked(store, watch, vendor, token), Allowed)
    sync(store, watch)
    refused = asked(store, watch, vendor, token)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.sub_code) == (410, "410-20")


@pytest.mark.requirement("POD-LC-004")
def test_an_agreement_that_comes_back_gets_another_pod(
    store: Engine, watch: Watch, vendor: int
) -> None:
    for terms in ((MINIMAL,), (), (MINIMAL,)):
        sync(store, watch, *terms)
    assert said(store) == [("1.0.0", "Expired"), ("1.1.0", "Pending")]
    assert len({pod.id for pod in all_pods(store)}) == 2


@pytest.mark.requirement("POD-LC-001")
def test_a_draft_is_kept_from_the_vendor_until_it_is_in_force(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, replace(MINIMAL, status="DRAFT"))
    assert said(store) == [("1.0.0", "Draft")]
    with store.begin() as connection:
        assert pods.visible(connection, vendor, SCOPE) == []
    sync(store, watch, MINIMAL)
    assert said(store) == [("1.0.0", "Pending")]


def test_what_the_district_ended_by_hand_stays_ended(
    store: Engine, watch: Watch, vendor: int
) -> None:
    sync(store, watch, MINIMAL)
    with store.begin() as connection:
        pods.expire_all(connection, vendor, SCOPE, reason="a parent complained")
    (step,) = sync(store, watch, MINIMAL).steps
    assert said(store) == [("1.0.0", "Expired")]
    assert "a parent complained" in step.action.reason


def test_workers_that_follow_at_once_publish_one_pod(
    store: Engine, watch: Watch, vendor: int
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sync(store, watch, MINIMAL), range(4)))
    assert said(store) == [("1.0.0", "Pending")]


def test_a_dry_run_tells_and_does_nothing(store: Engine, watch: Watch, vendor: int) -> None:
    report = sync_registry(store, registry_of(MINIMAL), watch.clock(), dry_run=True)
    assert [step.action.kind for step in report.steps] == ["publish"]
    assert all_pods(store) == []


def test_a_vendor_that_the_hub_does_not_know_is_named(
    store: Engine, watch: Watch, vendor: int
) -> None:
    report = sync(store, watch, MINIMAL, agreement("rostering"), agreement("quillmark-2025"))
    assert report.unplaced == ("rostering",)


@pytest.mark.requirement("POD-LC-005")
def test_each_application_of_a_product_has_one_pod(store: Engine, watch: Watch) -> None:
    with store.begin() as connection:
        vendors.add_vendor(connection, "larkspur", "Larkspur Learning LLC", SCOPE)
    terms = (agreement("larkspur-family"), agreement("larkspur-maths"))
    sync(store, watch, *terms)
    sync(store, watch, *terms)
    apps = [(pod.app_id, pod.entries[0].app_ids, pod.status) for pod in all_pods(store)]
    names = ("larkspur-family", "larkspur-family-mobile", "larkspur-maths")
    assert sorted(apps) == [(name, (name,), "Pending") for name in names]


def test_a_vendor_in_another_zone_gets_nothing(store: Engine, watch: Watch) -> None:
    with store.begin() as connection:
        vendors.add_vendor(connection, "labels", "Example Label Press", Scope("harbor-falls"))
    assert sync(store, watch, MINIMAL).unplaced == ("minimal",)
    assert all_pods(store) == []


class Scripted:
    """A registry that says what a test put in, or is out of reach."""

    def __init__(self) -> None:
        self.found: Snapshot | None = registry_of(MINIMAL)
        self.reads = 0

    def read(self) -> Snapshot:
        """What was put in."""
        self.reads += 1
        if self.found is None:
            raise RegistryUnreachable("The registry could not be read: it sleeps.")
        return self.found


@pytest.mark.requirement("REG-002")
def test_a_worker_looks_at_the_start_and_then_every_few_minutes(
    store: Engine, watch: Watch, vendor: int
) -> None:
    client = Scripted()
    errand = following(Settings(registry=Registry(seconds=300)), watch.clock(), client)
    errand(store)
    watch.moment += timedelta(seconds=299)
    errand(store)
    assert (client.reads, said(store)) == (1, [("1.0.0", "Pending")])
    client.found = registry_of()
    watch.moment += timedelta(seconds=1)
    errand(store)
    assert (client.reads, said(store)) == (2, [("1.0.0", "Expired")])


@pytest.mark.requirement("REG-002")
def test_a_registry_out_of_reach_changes_nothing_and_is_told_after_a_quarter_of_an_hour(
    store: Engine, watch: Watch, vendor: int
) -> None:
    client = Scripted()
    errand = following(Settings(registry=Registry(seconds=300)), watch.clock(), client)
    errand(store)
    client.found = None
    told = []
    for _ in range(4):
        watch.moment += timedelta(minutes=5)
        errand(store)
        with store.begin() as connection:
            told.append(connection.execute(text("SELECT count(*) FROM alert")).scalar())
    assert told == [0, 0, 1, 1]
    assert said(store) == [("1.0.0", "Pending")]


def test_a_worker_without_a_registry_does_nothing(store: Engine, watch: Watch) -> None:
    assert following(Settings(), watch.clock())(store) is False
    assert all_pods(store) == []


def test_the_kits_own_registry_can_be_followed(store: Engine, watch: Watch, vendor: int) -> None:
    report = sync_registry(store, KIT, watch.clock())
    assert [step.action.agreement_id for step in report.steps] == ["minimal"]
    assert len(report.unplaced) == 7
