"""The life of a POD as a vendor sees it: draft, pending, live, expired; days and entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from conformance import expect, hub_pods, trees
from conformance.checks.broker.doors import SHOWN, ids, opened, shown, shut
from conformance.checks.preparation import objects_in
from conformance.hub_client import HubClient
from conformance.hub_district import outside
from conformance.hub_pods import LIVE, PENDING, Entry, Seen
from conformance.hub_stage import HubStage, control
from conformance.problems import Finding
from conformance.reply import Reply
from conformance.verifies import verifies

DAY = timedelta(days=1)
BIRTH = "xStudent/demographics/birthDate"


def status_of(who: HubClient, pod: Seen) -> str:
    """The status that the hub shows for a POD, empty if it does not show it."""
    return next((one.status for one in who.listed() if one.id == pod.id), "")


@verifies("POD-LC-001", negative=True)
def check_draft_is_not_shown(hub: HubStage) -> None:
    """A draft adds nothing to the PODs that its party is shown."""
    pod = hub.grant(hub.a, *SHOWN)
    before = {one.id for one in hub.a.listed()}
    expect.true(pod.id in before, "a published POD is shown", hub.a.heard[-1])
    hub.operator.draft(hub.a.who.vendor, hub_pods.document(hub.a.who.party, Entry(SHOWN)))
    after = hub.a.listed()
    expect.equal({one.id for one in after}, before, "the PODs shown", hub.a.heard[-1])
    statuses = [one.status for one in after]
    expect.true("Draft" not in statuses, "no draft is shown", hub.a.heard[-1])


@verifies("POD-LC-002")
def check_first_use_of_the_token_makes_the_pod_live(hub: HubStage) -> None:
    """A pending POD opens nothing without its token; the first use of the token makes it Live."""
    pod = hub.grant(hub.a, *SHOWN)
    expect.equal(pod.status, PENDING, "the status before", hub.a.heard[-1])
    shut(hub, hub.a.students(), "a list without the token of a pending POD")
    expect.equal(status_of(hub.a, pod), PENDING, "the status after a refusal", hub.a.heard[-1])
    reply = hub.a.students(pod.token)
    expect.true(reply.ok and bool(objects_in(reply)), "the token is answered with data", reply)
    expect.equal(status_of(hub.a, pod), LIVE, "the status after its use", hub.a.heard[-1])


@verifies("POD-LC-002")
def check_receipt_comes_first_where_the_district_wants_it(hub: HubStage) -> None:
    """Where only the receipt acknowledges, the token opens nothing before it, and all after."""
    hub.need("receipt")
    hub.receipts_only(hub.a)
    pod = hub.grant(hub.a, *SHOWN)
    shut(hub, hub.a.students(pod.token), "a list before the receipt")
    expect.equal(status_of(hub.a, pod), PENDING, "the status before", hub.a.heard[-1])
    control(hub.a.receipt(pod), "the receipt is taken")
    reply = hub.a.students(pod.token)
    expect.true(reply.ok and bool(objects_in(reply)), "the token is answered with data", reply)


@verifies("POD-LC-002", negative=True)
def check_marker_service_waits_for_the_receipt(hub: HubStage) -> None:
    """Where only the receipt acknowledges, the marker service gives no marker before it."""
    hub.need("receipt", "markers")
    hub.receipts_only(hub.a)
    pod = hub.grant(hub.a, *SHOWN)
    early = hub.a.marker_service()
    expect.true(not early.ok, "no marker before the receipt", early, str(early.status))
    control(hub.a.receipt(pod), "the receipt is taken")
    late = hub.a.marker_service()
    expect.true(late.ok and pod.token.encode() in late.body, "the marker afterwards", late)


@verifies("POD-LC-003")
def check_both_days_of_the_contract_count(hub: HubStage) -> None:
    """Of the contracts for one day only, yesterday's, today's and tomorrow's, one opens the data.

    Three days, because only the district knows its own.
    """
    hub.fill()
    today = date.today()  # noqa: DTZ011  # the calendar of the district is near ours
    answers = []
    for day in (today - DAY, today, today + DAY):
        found = _any_status(hub, Entry(SHOWN, first=day, last=day))
        answers += [bool(objects_in(hub.a.students(pod.token))) for pod in found]
    expect.equal(answers.count(True), 1, "contracts of one day that open", hub.a.heard[-1])


def _any_status(hub: HubStage, entry: Entry) -> list[Seen]:
    """Publish a POD and find it, whatever its status; none if the hub does not show it."""
    document = hub_pods.document(hub.a.who.party, replace(entry, app=hub.a.who.key))
    contract = hub_pods.seen(trees.parse(document)).contract
    hub.operator.publish(hub.a.who.vendor, document)
    return [pod for pod in hub.a.listed() if pod.contract == contract]


@pytest.mark.parametrize("when", ["over", "ahead"])
@verifies("POD-LC-003", negative=True)
def check_contract_opens_nothing_outside_its_days(hub: HubStage, when: str) -> None:
    """A contract that ended three days ago or begins in three days opens nothing."""
    hub.open(hub.a, *SHOWN)
    today = date.today()  # noqa: DTZ011
    far = {
        "over": Entry(SHOWN, first=today - 30 * DAY, last=today - 3 * DAY),
        "ahead": Entry(SHOWN, first=today + 3 * DAY, last=today + 30 * DAY),
    }
    for pod in _any_status(hub, far[when]):
        shut(hub, hub.a.students(pod.token), f"a list under a contract that is {when}")


@verifies("POD-LC-004", negative=True)
def check_expired_pod_stays_expired(hub: HubStage) -> None:
    """A POD that was replaced does not come back: not by its token, not by a receipt."""
    old = hub.open(hub.a, *SHOWN)
    new = hub.open(hub.a, *SHOWN)
    shut(hub, hub.a.students(old.token), "a list with the token of an expired POD")
    if hub.offers("receipt"):
        late = hub.a.receipt(old)
        expect.true(400 <= late.status < 500, "a receipt for it is refused", late, str(late.status))
    shut(hub, hub.a.students(old.token), "a list with the token of an expired POD")
    in_use = status_of(hub.a, old) in (PENDING, LIVE)
    expect.true(not in_use, "the expired POD is not in use again", hub.a.heard[-1])
    opened(hub.a.students(new.token), "the POD that replaced it opens the list")


@verifies("POD-LC-005", negative=True)
def check_one_pod_at_most_is_live(hub: HubStage) -> None:
    """Of two PODs for one application and place that were both used, one is Live."""
    first = hub.open(hub.a, *SHOWN)
    hub.open(hub.a, *SHOWN)
    hub.a.students(first.token)
    live = [one.id for one in hub.a.listed() if one.status == LIVE]
    expect.true(first.id not in live, "the replaced POD is not Live", hub.a.heard[-1])


@pytest.mark.parametrize("order", ["wide first", "wide last"])
@verifies("POD-LC-006")
def check_closest_entry_counts_alone(hub: HubStage, order: str) -> None:
    """An entry for this zone and context stands above one for all, and nothing is added up."""
    wide = Entry((*SHOWN, BIRTH))
    close = Entry(SHOWN, zone=hub.a.sif.zone, context="DEFAULT")
    entries = (wide, close) if order == "wide first" else (close, wide)
    pod = hub.publish(hub.a, *entries)
    _without(opened(hub.a.students(pod.token), "the closest entry opens the list"))
    control_pod = hub.publish(hub.a, wide)
    reply = opened(hub.a.students(control_pod.token), "the wide entry opens the list")
    told = {path for one in objects_in(reply) for path in outside(one, SHOWN)}
    expect.true(BIRTH in told, "the wide entry alone shows the field", reply)


def _without(reply: Reply) -> None:
    told = {path for one in objects_in(reply) for path in outside(one, SHOWN)}
    if told:
        raise Finding(
            "a field that only another entry of the POD grants is shown",
            "the fields of the closest entry",
            ", ".join(sorted(told)[:3]),
            reply.exchange,
        )


@verifies("POD-LC-006", negative=True)
def check_no_entry_means_no_data(hub: HubStage) -> None:
    """Where no entry of the POD is for this application, nothing is answered."""
    pod = hub.publish(hub.a, Entry(SHOWN, app=f"{hub.a.who.key}-another"))
    shut(hub, hub.a.students(pod.token), "a list under a POD for another application")
    right = hub.open(hub.a, *SHOWN)
    opened(hub.a.students(right.token), "an entry for this application opens the list")


@verifies("POD-VER-001")
def check_changed_pod_has_another_version_and_token(hub: HubStage) -> None:
    """Each new POD has a version and a token that none before it had."""
    made = [hub.open(hub.a, *SHOWN[:count]) for count in (4, 3, 4)]
    for what in ("version", "token"):
        told = [getattr(one, what) for one in made]
        expect.equal(len(set(told)), len(made), f"different values of {what}", hub.a.heard[-1])


@verifies("DAT-POD-001")
def check_id_of_a_pod_is_that_of_one_agreement(hub: HubStage) -> None:
    """Agreements one after the other, after an end, and with another vendor: each POD has its id.

    Every document that is published names an agreement of its own.
    """
    made = [hub.grant(hub.b, *SHOWN), hub.grant(hub.b, *SHOWN)]
    hub.operator.end(hub.b.who.vendor)
    made += [hub.grant(hub.b, *SHOWN), hub.grant(hub.a, *SHOWN)]
    expect.equal(len({trees.folded(one.id) for one in made}), len(made), "different ids of PODs")
    expect.equal(len({one.contract for one in made}), len(made), "different agreements")


@verifies("REG-004", negative=True)
def check_without_an_agreement_there_is_nothing(hub: HubStage) -> None:
    """When the agreement is gone no POD is in use, and neither a token nor its absence opens."""
    pod = hub.open(hub.b, *SHOWN)
    opened(hub.b.students(pod.token), "the POD opens the list")
    hub.operator.end(hub.b.who.vendor)
    used = [one.id for one in hub.b.listed() if one.status in (PENDING, LIVE)]
    expect.equal(used, [], "the PODs in use", hub.b.heard[-1])
    for marker in (None, pod.token):
        reply = hub.b.students(marker)
        shut(hub, reply, "a list without an agreement")
        expect.equal(shown(hub, [reply]), set(), "students shown", reply)
    expect.equal(ids(hub.b.students(), "xSchool"), set(), "schools shown", hub.b.heard[-1])
