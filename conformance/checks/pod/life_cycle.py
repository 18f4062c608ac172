"""Whose a POD is, from when to when it counts, and what holds after its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from conformance import expect
from conformance.checks.pod.doors import (
    DOORS,
    REFUSALS,
    Draw,
    ended,
    needed_for,
    not_acknowledged,
    opens,
)
from conformance.checks.preparation import (
    accepted,
    control_holds,
    created,
    objects_in,
    offered,
    renew,
)
from conformance.sif import SifClient
from conformance.verifies import verifies

FAR = timedelta(days=90)


def today(sif: SifClient) -> date:
    """The day in the district: `[pod] time_zone`, else the calendar of this machine."""
    named = sif.config.pod.time_zone
    return datetime.now(ZoneInfo(named)).date() if named else datetime.now().astimezone().date()


UNTIMELY: Mapping[str, tuple[timedelta, timedelta]] = {
    "not begun": (timedelta(days=30), FAR),
    "begins in two days": (timedelta(days=2), FAR),
    "ended": (-FAR, -timedelta(days=30)),
    "ended two days ago": (-FAR, -timedelta(days=2)),
}
LAST_DAYS: Mapping[str, tuple[timedelta, timedelta]] = {
    "first day": (timedelta(0), FAR),
    "last day": (-FAR, timedelta(0)),
    "only day": (timedelta(0), timedelta(0)),
}


@pytest.mark.parametrize("fault", sorted(UNTIMELY))
@verifies("POD-LC-007", negative=True)
def check_untimely_pod_is_refused(sif: SifClient, fault: str) -> None:
    """A POD before its first or after its last day is refused; one for today is acknowledged."""
    day, (first, last) = today(sif), UNTIMELY[fault]
    pod = sif.new_pod(valid_from=day + first, valid_to=day + last)
    not_acknowledged(sif.push_pod(pod), pod)
    renew(sif)


@pytest.mark.parametrize("which", sorted(LAST_DAYS))
@verifies("POD-LC-007")
def check_first_and_last_day_count(sif: SifClient, student: etree._Element, which: str) -> None:
    """On the first and on the last day of its contract a POD is acknowledged and opens data."""
    day, (first, last) = today(sif), LAST_DAYS[which]
    pod = sif.new_pod(valid_from=day + first, valid_to=day + last)
    accepted(sif.push_pod(pod), f"the POD is accepted on the {which}")
    opens(sif.create(student, marker=pod.token), f"data is taken on the {which}")
    sif.use(pod)


@verifies("POD-LC-007", negative=True)
def check_pod_of_another_party_is_refused(sif: SifClient) -> None:
    """A POD that names somebody else is refused; one in the vendor's own name is acknowledged."""
    pod = sif.new_pod(party="Somebody Else Inc")
    not_acknowledged(sif.push_pod(pod), pod)
    renew(sif)


@verifies("POD-LC-004", negative=True)
def check_expired_pod_does_not_come_back(sif: SifClient, students: Draw) -> None:
    """A POD that expired is refused when it is delivered as Live again; a new one is taken."""
    first, second = students(2)
    created(sif, first)
    pod = sif.pod
    assert pod is not None
    ended(sif)
    not_acknowledged(sif.push_pod(pod), pod)
    renew(sif)
    created(sif, second)


@verifies("DAT-POD-006", negative=True)
def check_data_is_refused_until_another_pod_is_acknowledged(sif: SifClient, students: Draw) -> None:
    """After the end every door stays shut, however often one knocks, until a new POD is there."""
    known, fresh, last = students(3)
    refid = created(sif, known)
    token = ended(sif)
    for door in (*DOORS, DOORS[0]):
        if offered(sif, needed_for(door)):
            reply = door(sif, fresh, refid, token)
            expect.one_of(reply.status, REFUSALS, "status", reply)
            expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    renew(sif)
    control_holds(sif.create(last), "under the new POD data is taken")
