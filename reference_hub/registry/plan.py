"""What is to be done so that the hub's PODs say what the registry says. Pure, and idempotent: done
once, the same plan asks for nothing more.

An agreement in force has one POD that vendors see; a draft has a Draft POD, which they do not see;
any other ends its POD. Nothing is revived that a person ended: the vendor by rejecting it, the
district by revoking it or by issuing another by hand. All of it is profile: the standard leaves
the life cycle open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from reference_hub.codec.pod_xml import BadPod
from reference_hub.model import pod as model
from reference_hub.privacy.findings import ERROR
from reference_hub.privacy.lint import lint
from reference_hub.registry.content import content_of
from reference_hub.registry.expansion import mistaken
from reference_hub.registry.pod import app_ids, parts_of, pod_of
from reference_hub.registry.records import (
    ACTIVE,
    DRAFT,
    EXPIRED,
    TERMINATED,
    Agreement,
    District,
    Fault,
    Product,
    Snapshot,
    Vendor,
)

PUBLISH, WRITE_DRAFT, END, DISCARD, LEAVE = "publish", "draft", "end", "discard", "leave"

# How a POD came to its end: these may be followed by one of the same content.
BY_REGISTRY, BY_DATE = "registry", "date"
# After this only another content is offered; after any other word nothing is.
BY_VENDOR = "rejected"

WARN_AFTER = timedelta(minutes=15)
FIRST_VERSION = "1.0.0"
AS_AGREED, DRAFT_AS_AGREED = "The POD is as agreed.", "The draft is as agreed."
_NO_ID, _NO_TOKEN = "00000000-0000-4000-8000-000000000000", "none"


@dataclass(frozen=True, slots=True)
class Known:
    """A POD of the store that an agreement brought about, oldest first in a list.

    `app_id`: the application it is for, '' for all. `content` as of `content_of`; `ended`: how it
    came to be Expired, '' for the others.
    """

    pod_id: str
    agreement_id: str
    version: str
    status: str
    content: str
    app_id: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One step. publish and draft: a new POD of `version` and `content`; end and discard: the POD
    `pod_id`; leave: nothing, `reason` says why. The steps of one agreement keep their order."""

    kind: str
    agreement_id: str
    app_id: str = ""
    pod_id: str = ""
    version: str = ""
    reason: str = ""
    content: str = ""


def plan_sync(snapshot: Snapshot | None, known: Sequence[Known], now: datetime) -> list[Action]:
    """The steps, by agreement and application in the order of the alphabet.

    `snapshot` None: the registry could not be read, so nothing changes. A faulty agreement ends
    its PODs only if it plainly says that it is over; else they are left as they are.
    """
    if snapshot is None:
        return []
    first = _first(snapshot, now)
    steps: list[Action] = []
    for name in sorted({*snapshot.agreements, *(each.agreement_id for each in known)}):
        mine = [each for each in known if each.agreement_id == name]
        agreement = snapshot.agreements.get(name)
        if agreement is None:
            steps += _without(name, mine, snapshot.faults)
            continue
        over = _over(agreement, _today(snapshot, agreement, now))
        covered = app_ids(snapshot.products[agreement.product])
        for app in sorted({*covered, *(each.app_id for each in mine)}):
            pods = [each for each in mine if each.app_id == app]
            left = "" if app in covered else "no longer covers this application"
            if why := over or left or _yields(agreement, app, first):
                steps += _ending(pods, why)
            else:
                steps += _going_on(snapshot, agreement, app, pods)
    return steps


def yielding(snapshot: Snapshot, now: datetime) -> Iterator[str]:
    """Say which agreement in force has no POD because of another one."""
    first = _first(snapshot, now)
    for name, each in snapshot.agreements.items():
        for app in app_ids(snapshot.products[each.product]):
            over = _over(each, _today(snapshot, each, now))
            if not over and (why := _yields(each, app, first)):
                yield f"{name} {why}: a vendor has one POD for each application in a district."


def stale(last_read: datetime, now: datetime) -> bool:
    """Whether the registry has been out of reach for so long that somebody must be told."""
    return now - last_read >= WARN_AFTER


def raised(version: str) -> str:
    """The next podVersion: the middle number of three goes up by one; other forms get `.1`."""
    if found := re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version):
        return f"{found[1]}.{int(found[2]) + 1}.0"
    return f"{version}.1"


def _first(snapshot: Snapshot, now: datetime) -> Mapping[tuple[str, str, str], Agreement]:
    """The agreement that counts for each district, vendor and application (POD-LC-005): of those
    in force one that has begun before one that has not, then the youngest."""
    best: dict[tuple[str, str, str], Agreement] = {}
    for each in snapshot.agreements.values():
        today = _today(snapshot, each, now)
        if _over(each, today) or each.status != ACTIVE:
            continue
        for app in app_ids(snapshot.products[each.product]):
            place = (each.district, each.vendor, app)
            if place not in best or _rank(each, today) > _rank(best[place], today):
                best[place] = each
    return best


def _rank(agreement: Agreement, today: date) -> tuple[bool, date, date, str]:
    begun = agreement.effective <= today
    return begun, agreement.effective, agreement.signed or date.min, agreement.id


def _today(snapshot: Snapshot, agreement: Agreement, now: datetime) -> date:
    return now.astimezone(ZoneInfo(snapshot.districts[agreement.district].time_zone)).date()


def _over(agreement: Agreement, today: date) -> str:
    if agreement.status == TERMINATED:
        return "was terminated"
    ended = agreement.expires is not None and agreement.expires < today
    return "has expired" if ended or agreement.status == EXPIRED else ""


def _yields(
    agreement: Agreement, app_id: str, first: Mapping[tuple[str, str, str], Agreement]
) -> str:
    other = first.get((agreement.district, agreement.vendor, app_id), agreement)
    lesser = agreement.status == ACTIVE and other.id != agreement.id
    return f"gives way to {other.id}" if lesser else ""


def _without(name: str, mine: Sequence[Known], faults: Sequence[Fault]) -> Iterator[Action]:
    fault = next((each for each in faults if each.id == name), None)
    if fault is None:
        yield from _ending(mine, "is no longer in the registry")
    elif fault.status in (EXPIRED, TERMINATED):
        yield from _ending(mine, "is over")
    else:
        for each in mine:
            yield Action(LEAVE, name, each.app_id, each.pod_id, each.version, fault.text)


def _going_on(
    snapshot: Snapshot, agreement: Agreement, app_id: str, mine: Sequence[Known]
) -> Iterator[Action]:
    name = agreement.id
    if path := mistaken(agreement):
        why = f"withheld {path!a} is no path of any data model; nobody knows what was meant."
        yield Action(LEAVE, name, app_id, reason=why)
        return
    try:
        content, useless = _made_of(*parts_of(snapshot, agreement, app_id))
    except BadPod as error:
        yield Action(LEAVE, name, app_id, reason=str(error))
        return
    if agreement.status == DRAFT:
        yield from _drafting(name, app_id, mine, content)
    elif useless:
        yield from _ending(mine, f"obliges to nothing ({useless})")
        yield Action(LEAVE, name, app_id, reason=f"Its POD would be of no use. {useless}")
    else:
        yield from _publishing(name, app_id, mine, content)


@lru_cache(maxsize=2048)
def _made_of(
    agreement: Agreement, district: District, vendor: Vendor, product: Product
) -> tuple[str, str]:
    """The content of the POD, and what keeps it from ever becoming Live (POD-SCH-007)."""
    parts = (agreement, district, vendor, product)
    pod = pod_of(*parts, pod_id=_NO_ID, token=_NO_TOKEN, version=FIRST_VERSION)
    # The token is not the real one, so what is found about it says nothing.
    found = (each for each in lint(pod) if each.path.startswith("privacy"))
    return content_of(pod), "; ".join(str(each) for each in found if each.severity == ERROR)


def _ending(mine: Sequence[Known], why: str) -> Iterator[Action]:
    for each in mine:
        if each.status != model.EXPIRED:
            kind = DISCARD if each.status == model.DRAFT else END
            said = (each.agreement_id, each.app_id, each.pod_id, each.version)
            yield Action(kind, *said, f"The agreement {why}.")


def _drafting(name: str, app_id: str, mine: Sequence[Known], content: str) -> Iterator[Action]:
    kept = [each for each in mine if each.status == model.DRAFT and each.content == content][-1:]
    yield from _ending([each for each in mine if each not in kept], "is a draft")
    if kept:
        yield Action(LEAVE, name, app_id, kept[0].pod_id, kept[0].version, DRAFT_AS_AGREED)
    else:
        why = "The agreement is being negotiated."
        yield Action(
            WRITE_DRAFT, name, app_id, version=_next_version(mine), reason=why, content=content
        )


def _publishing(name: str, app_id: str, mine: Sequence[Known], content: str) -> Iterator[Action]:
    yield from _ending([each for each in mine if each.status == model.DRAFT], "is in force")
    seen = [each for each in mine if each.status != model.DRAFT]
    shown = [each for each in seen if each.status != model.EXPIRED]
    last = (shown or seen)[-1] if seen else None
    if last and (why := _settled(last, content)):
        yield Action(LEAVE, name, app_id, last.pod_id, last.version, why)
    else:
        why = "The agreement changed." if shown else "The agreement is in force."
        yield Action(
            PUBLISH, name, app_id, version=_next_version(seen), reason=why, content=content
        )


def _settled(last: Known, content: str) -> str:
    """Why the newest POD needs no successor; '' when it does."""
    same = last.content == content
    if last.status != model.EXPIRED:
        return AS_AGREED if same else ""
    if last.ended in (BY_REGISTRY, BY_DATE) or (last.ended == BY_VENDOR and not same):
        return ""
    return f"Its POD was ended by others ({last.ended}); issue one by hand to go on."


def _next_version(mine: Sequence[Known]) -> str:
    seen = [each.version for each in mine if each.status != model.DRAFT]
    return raised(seen[-1]) if seen else FIRST_VERSION
