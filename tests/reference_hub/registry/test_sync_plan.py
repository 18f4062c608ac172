"""The plan makes the PODs follow the registry, and asks for nothing once it is carried out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_hub.registry.plan import (
    DISCARD,
    END,
    LEAVE,
    PUBLISH,
    WRITE_DRAFT,
    Action,
    Known,
    plan_sync,
    raised,
    stale,
    yielding,
)
from reference_hub.registry.records import Agreement, Fault, Snapshot
from tests.reference_hub.registry.agreed import KIT, agreement, registry_of
from tests.reference_hub.registry.carrying_out import after, contents

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
Steps = list[tuple[str, str]]


def kinds(steps: list[Action]) -> Steps:
    """What is done to which agreement, without what is left alone."""
    return [(each.kind, each.agreement_id) for each in steps if each.kind != LEAVE]


def known(terms: Agreement, status: str = "Live", **said: str) -> Known:
    """The POD of an agreement as it stands in the store."""
    content = said.pop("content", "") or contents(registry_of(terms))[terms.id, ""]
    return Known("pod-1", terms.id, said.pop("version", "1.0.0"), status, content, **said)


MINIMAL = agreement("minimal")
LIVE = known(MINIMAL)


def test_the_kits_registry_becomes_one_pod_for_each_application() -> None:
    steps = plan_sync(KIT, [], NOW)
    assert Counter(kind for kind, _ in kinds(steps)) == {PUBLISH: 8, WRITE_DRAFT: 1}
    family = [each.app_id for each in steps if each.agreement_id == "larkspur-family"]
    assert family == ["larkspur-family", "larkspur-family-mobile"]
    assert {each.version for each in steps} == {"1.0.0"}


def test_a_pod_that_says_what_was_agreed_is_left_alone() -> None:
    (step,) = plan_sync(registry_of(MINIMAL), [LIVE], NOW)
    assert (step.kind, step.pod_id, step.reason) == (LEAVE, "pod-1", "The POD is as agreed.")


@pytest.mark.requirement("POD-VER-001")
def test_a_changed_agreement_gets_a_new_version() -> None:
    changed = replace(MINIMAL, withheld=("xStudent/enrollment/exitDate",))
    (step,) = plan_sync(registry_of(changed), [LIVE], NOW)
    assert (step.kind, step.version) == (PUBLISH, "1.1.0")


def test_a_new_address_of_the_vendor_is_a_change_too() -> None:
    vendor = replace(KIT.vendors[MINIMAL.vendor], privacy_policy_url="https://new.example/privacy")
    registry = replace(registry_of(MINIMAL), vendors={**KIT.vendors, vendor.id: vendor})
    assert kinds(plan_sync(registry, [LIVE], NOW)) == [(PUBLISH, "minimal")]


@pytest.mark.requirement("REG-002")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "TERMINATED"}, "The agreement was terminated."),
        ({"status": "EXPIRED"}, "The agreement has expired."),
        ({"expires": date(2026, 11, 25)}, "The agreement has expired."),
        ({"status": "DRAFT"}, "The agreement is a draft."),
    ],
)
@pytest.mark.parametrize("status", ["Pending", "Live"])
def test_an_agreement_that_is_over_ends_its_pod(
    changes: dict[str, str], why: str, status: str
) -> None:
    pod = replace(LIVE, status=status)
    step = plan_sync(registry_of(replace(MINIMAL, **changes)), [pod], NOW)[0]
    assert (step.kind, step.pod_id, step.reason) == (END, "pod-1", why)


@pytest.mark.requirement("REG-004")
def test_an_agreement_that_is_gone_ends_its_pod() -> None:
    (step,) = plan_sync(registry_of(), [LIVE], NOW)
    assert (step.kind, step.reason) == (END, "The agreement is no longer in the registry.")


def test_the_last_day_is_a_day_of_the_district() -> None:
    ends = registry_of(replace(MINIMAL, expires=date(2026, 11, 25)))
    evening = datetime(2026, 11, 26, 4, 59, tzinfo=UTC)
    assert kinds(plan_sync(ends, [], evening)) == [(PUBLISH, "minimal")]
    assert kinds(plan_sync(ends, [], evening + timedelta(minutes=1))) == []


@pytest.mark.requirement("POD-LC-001")
def test_a_draft_becomes_a_draft_and_is_published_when_it_is_active() -> None:
    draft = registry_of(replace(MINIMAL, status="DRAFT"))
    assert kinds(plan_sync(draft, [], NOW)) == [(WRITE_DRAFT, "minimal")]
    pods = after(plan_sync(draft, [], NOW), [], draft)
    assert [each.status for each in pods] == ["Draft"]
    steps = plan_sync(registry_of(MINIMAL), pods, NOW)
    assert kinds(steps) == [(DISCARD, "minimal"), (PUBLISH, "minimal")]


def test_a_draft_that_is_given_up_is_discarded_not_ended() -> None:
    draft = replace(LIVE, status="Draft")
    assert kinds(plan_sync(registry_of(), [draft], NOW)) == [(DISCARD, "minimal")]


@pytest.mark.requirement("REG-002")
def test_an_unreachable_registry_changes_nothing() -> None:
    assert plan_sync(None, [LIVE], NOW) == []


@pytest.mark.requirement("REG-002")
def test_somebody_is_warned_after_a_quarter_of_an_hour() -> None:
    assert not stale(NOW, NOW + timedelta(minutes=14, seconds=59))
    assert stale(NOW, NOW + timedelta(minutes=15))


@pytest.mark.parametrize(
    ("status", "expected"), [("ACTIVE", []), ("TERMINATED", [(END, "minimal")])]
)
def test_a_faulty_agreement_ends_its_pod_only_where_it_says_so(
    status: str, expected: Steps
) -> None:
    registry = replace(registry_of(), faults=(Fault("minimal", status, "It lacks a name."),))
    assert kinds(plan_sync(registry, [LIVE], NOW)) == expected


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ("registry", [(PUBLISH, "minimal")]),
        ("date", [(PUBLISH, "minimal")]),
        ("rejected", []),
        ("revoked", []),
    ],
)
def test_what_a_person_ended_is_not_revived(ended: str, expected: Steps) -> None:
    pod = replace(LIVE, status="Expired", ended=ended)
    assert kinds(plan_sync(registry_of(MINIMAL), [pod], NOW)) == expected


@pytest.mark.parametrize(("ended", "expected"), [("rejected", [PUBLISH]), ("revoked", [])])
def test_only_the_vendors_no_is_followed_by_another_offer(ended: str, expected: list[str]) -> None:
    pod = replace(LIVE, status="Expired", ended=ended, content="another")
    steps = plan_sync(registry_of(MINIMAL), [pod], NOW)
    assert [kind for kind, _ in kinds(steps)] == expected
    assert all(each.version == "1.1.0" for each in steps if each.kind == PUBLISH)


@pytest.mark.requirement("POD-SCH-007")
def test_an_agreement_that_grants_nothing_ends_its_pod_and_gets_no_other() -> None:
    terms = replace(MINIMAL, exhibit_b=("B19",), structural=())
    assert kinds(plan_sync(registry_of(terms), [LIVE], NOW)) == [(END, "minimal")]
    (left,) = plan_sync(registry_of(terms), [], NOW)
    assert left.reason.startswith("Its POD would be of no use. error: privacy[1]")


def test_a_pod_that_cannot_be_written_changes_nothing() -> None:
    terms = replace(MINIMAL, ip_rights="A bell \x07")
    (step,) = plan_sync(registry_of(terms), [LIVE], NOW)
    assert (step.kind, "cannot stand in XML" in step.reason) == (LEAVE, True)


@pytest.mark.requirement("POD-LC-005")
def test_two_products_without_applications_of_their_own_share_one_pod() -> None:
    product = replace(KIT.products["example-labels"], id="stickers")
    younger = replace(MINIMAL, id="stickers", product="stickers", effective=date(2026, 1, 1))
    products = {**KIT.products, "stickers": product}
    registry = replace(registry_of(MINIMAL, younger), products=products)
    assert kinds(plan_sync(registry, [], NOW)) == [(PUBLISH, "stickers")]
    (note,) = yielding(registry, NOW)
    assert note.startswith("minimal gives way to stickers: ")


def test_a_renewal_takes_over_on_its_first_day() -> None:
    renewal = replace(MINIMAL, id="renewal", effective=date(2026, 12, 1), expires=None)
    registry = registry_of(MINIMAL, renewal)
    assert kinds(plan_sync(registry, [LIVE], NOW)) == []
    later = plan_sync(registry, [LIVE], NOW + timedelta(days=5))
    assert kinds(later) == [(END, "minimal"), (PUBLISH, "renewal")]


def test_an_agreement_signed_ahead_is_offered_at_once() -> None:
    ahead = replace(MINIMAL, effective=date(2027, 1, 1))
    assert kinds(plan_sync(registry_of(ahead), [], NOW)) == [(PUBLISH, "minimal")]


def test_an_application_that_the_product_gives_up_loses_its_pod() -> None:
    terms = agreement("larkspur-family")
    pods = after(plan_sync(registry_of(terms), [], NOW), [], registry_of(terms))
    product = replace(KIT.products[terms.product], app_ids=("larkspur-family",))
    registry = replace(registry_of(terms), products={**KIT.products, product.id: product})
    assert [each.app_id for each in plan_sync(registry, pods, NOW) if each.kind == END] == [
        "larkspur-family-mobile"
    ]


@pytest.mark.parametrize(
    ("before", "now"), [("1.0.0", "1.1.0"), ("2.9.7", "2.10.0"), ("spring", "spring.1")]
)
def test_versions_rise(before: str, now: str) -> None:
    assert raised(before) == now


def test_a_version_is_never_used_twice() -> None:
    old = replace(LIVE, status="Expired", ended="registry", version="1.4.0")
    (step,) = plan_sync(registry_of(MINIMAL), [old], NOW)
    assert step.version == "1.5.0"


days = st.dates(date(2026, 10, 1), date(2027, 2, 1))


@st.composite
def registries(draw: st.DrawFn) -> Snapshot:
    """The kit's parties with some agreements of its in any state, some of them faulty."""
    names = draw(st.sets(st.sampled_from(sorted(KIT.agreements)), max_size=4))
    found, faults = [], []
    for name in names:
        status = draw(st.sampled_from(["DRAFT", "ACTIVE", "ACTIVE", "EXPIRED", "TERMINATED"]))
        begins, ends = sorted((draw(days), draw(days)))
        if draw(st.integers(0, 5)) == 0:
            faults.append(Fault(name, status, "It lacks a name."))
            continue
        withheld = draw(st.sampled_from([(), ("xStudent/name",)]))
        found.append(
            replace(
                KIT.agreements[name],
                status=status,
                effective=begins,
                expires=draw(st.sampled_from([None, ends])),
                withheld=withheld,
            )
        )
    return replace(registry_of(*found), faults=tuple(faults))


moments = st.integers(-24 * 50, 24 * 60).map(lambda hours: NOW + timedelta(hours=hours))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(registries(), moments), min_size=1, max_size=4))
def test_a_plan_that_was_carried_out_asks_for_nothing_more(
    history: list[tuple[Snapshot, datetime]],
) -> None:
    pods: list[Known] = []
    for registry, now in history:
        pods = after(plan_sync(registry, pods, now), pods, registry)
        assert kinds(plan_sync(registry, pods, now)) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(registries(), moments), min_size=1, max_size=4))
def test_whatever_happened_one_agreement_has_one_pod_that_vendors_see(
    history: list[tuple[Snapshot, datetime]],
) -> None:
    pods: list[Known] = []
    for registry, now in history:
        pods = after(plan_sync(registry, pods, now), pods, registry)
    shown = [(each.agreement_id, each.app_id) for each in pods if each.status == "Pending"]
    assert len(shown) == len(set(shown))
    versions = [
        (each.agreement_id, each.app_id, each.version) for each in pods if each.status != "Draft"
    ]
    assert len(versions) == len(set(versions))
