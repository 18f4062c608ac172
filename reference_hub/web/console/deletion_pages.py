"""Requests to delete: of one student, or of all that a vendor has; how far they are."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_cases as journey
from reference_hub.journeys import console_people
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.store import console_cases, deletions, vendors
from reference_hub.store.console_cases import CLOSED, OPEN, STUDENT, TAKEN_BACK, Case
from reference_hub.web.console import districts, lists
from reference_hub.web.console.panels import panel
from reference_hub.web.console.people import (
    LONGEST,
    SHORTEST,
    asked_wrongly,
    named_vendor,
    zone_of,
)
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

_BADGES = {OPEN: "warn", CLOSED: "good", TAKEN_BACK: "none"}
_STATES = (OPEN, CLOSED, TAKEN_BACK)


@page("/deletions", DISTRICT)
def deletion_list(here: Here) -> Response:
    """A page of the requests, newest first; whom one is about stands on no list."""
    zone = districts.chosen(here)
    wanted = lists.filters("state")
    state = wanted["state"] if wanted["state"] in _STATES else ""
    found = console_cases.page(here.connection, zone, lists.asked(), state)
    rows = [(console_cases.of_row(row), row.vendor) for row in found.rows]
    states = [("", here.say("deletions.any"))]
    states += [(each, here.say(f"deletions.states.{_slug(each)}")) for each in _STATES]
    return here.show(
        "deletions.html",
        zone=zone,
        zones=districts.known(here),
        rows=[(case, name, _badge(here, case)) for case, name in rows],
        state=state,
        states=states,
        links=lists.links(found),
        may_act=here.may(*DECIDING),
    )


@page("/deletions/<int:number>", DISTRICT)
def deletion_case(here: Here, number: int) -> Response:
    """One request: what happened at once, what each vendor has done since, what people must do."""
    case, vendor = _case(here, number)
    local_ids: tuple[str, ...] = ()
    if case.kind == STUDENT and here.may(*DECIDING):
        here.audit(case.scope, "console looked at a deletion", case=case.id, person=case.refid)
        local_ids = console_people.local_ids(here.connection, case.scope, case.refid)
    return here.show(
        "deletion_case.html",
        case=case,
        vendor=vendor,
        zone=case.scope.zone_id,
        badge=_badge(here, case),
        local_ids=local_ids,
        progress=journey.progress(here.connection, case),
        today=here.clock.today(case.scope.zone_id),
        may_act=here.may(*DECIDING),
    )


@page("/deletions/<int:number>/note", DECIDING, methods=("GET", "POST"))
def deletion_note(here: Here, number: int) -> Response:
    """Write down what people did, and close the request. Of two who write at once the second is
    shown what the first wrote, and keeps the own words."""
    case, vendor = _case(here, number)
    if request.method == "GET":
        return _note_form(here, case, vendor)
    note, is_closed = here.whole("note"), "closed" in here.values("close")
    faults = {}
    if len(note) > 2000:
        faults["note"] = here.say("deletions.note.long")
    elif is_closed and not note:
        faults["note"] = here.say("deletions.note.missing")
    if case.state != OPEN:
        faults["note"] = here.say("deletions.note.over")
    if faults:
        return _note_form(here, case, vendor, faults, status=422)
    state = CLOSED if is_closed else OPEN
    if not journey.change(
        here.connection, case, _version(here), note, state, here.account, here.clock
    ):
        now, _ = _case(here, number)
        return _note_form(here, now, vendor, status=409, is_stale=True)
    return here.go("deletion_case", f"deletions.noted_{state}", number=case.id, say_number=case.id)


def _note_form(
    here: Here,
    case: Case,
    vendor: Vendor | None,
    faults: dict[str, str] | None = None,
    *,
    status: int = 200,
    is_stale: bool = False,
) -> Response:
    return here.show(
        "deletion_note.html",
        status,
        case=case,
        vendor=vendor,
        zone=case.scope.zone_id,
        faults=faults or {},
        is_stale=is_stale,
        note=here.whole("note", case.note),
        is_closed="closed" in here.values("close"),
        # What somebody else wrote meanwhile counts as read once it was shown.
        version=case.version if is_stale else here.value("version", str(case.version)),
    )


@page("/deletions/<int:number>/take-back", DECIDING, methods=("GET", "POST"))
def deletion_take_back(here: Here, number: int) -> Response:
    """Share the student again, after asking once more."""
    case, vendor = _case(here, number)
    if case.kind != STUDENT:
        raise NotFound
    if request.method == "GET":
        return here.show(
            "deletion_confirm.html",
            title=here.say("deletions.take_back.title", number=case.id),
            lines=[
                here.say("deletions.take_back.again"),
                here.say("deletions.take_back.documents"),
            ],
            button=here.say("deletions.take_back.button"),
            back=url_for("console.deletion_case", number=case.id),
            hidden={"version": case.version},
        )
    is_open = case.state != TAKEN_BACK
    if not is_open or not journey.take_back(
        here.connection, case, _version(here), vendor, here.account, here.clock
    ):
        here.note("deletions.changed", "fault", number=case.id)
        return here.go("deletion_case", number=case.id)
    return here.go("deletion_case", "deletions.taken_back", number=case.id, say_number=case.id)


@page("/people/delete", DECIDING, methods=("GET", "POST"))
def delete_student(here: Here) -> Response:
    """Ask for number, vendor and reason; show what will happen; do it."""
    zone = zone_of(here)
    if request.method == "GET":
        return _student_form(here, zone)
    faults = asked_wrongly(here)
    vendor = named_vendor(here, zone, faults)
    refids = console_people.found(here.connection, Scope(zone), here.value("local_id"))
    if "local_id" not in faults and not refids:
        faults["local_id"] = here.say("people.unknown")
    if faults:
        return _student_form(here, zone, faults)
    if here.value("sure") != "yes":
        return _student_sure(here, zone, vendor, refids)
    made = [
        journey.ask_student(
            here.connection, Scope(zone), each, vendor, here.value("reason"), here.account,
            here.clock,
        )
        for each in refids
    ]  # fmt: skip
    number, is_new = made[-1]
    notice = "deletions.student.done" if is_new else "deletions.student.already"
    return here.go("deletion_case", notice, number=number, say_number=number)


def _student_form(here: Here, zone: str, faults: dict[str, str] | None = None) -> Response:
    return here.show(
        "delete_student.html",
        422 if faults else 200,
        zone=zone,
        zones=districts.known(here),
        faults=faults or {},
    )


def _student_sure(
    here: Here, zone: str, vendor: Vendor | None, refids: tuple[str, ...]
) -> Response:
    found = console_people.subject(
        here.connection, Scope(zone), refids, vendor_id=vendor.id if vendor else None
    )
    numbers = found.numbers
    here.audit(
        Scope(zone), "console looked at a student", person=list(refids), why=here.value("reason")
    )
    lines = [
        here.say("deletions.student.never", whom=vendor.name)
        if vendor
        else here.say("deletions.student.never_any"),
        here.say(
            "deletions.student.told",
            n=numbers[console_people.HOLDS] + numbers[console_people.WAITS],
        ),
        here.say("deletions.student.to_ask", n=numbers[console_people.MAY]),
        here.say("deletions.student.source"),
    ]
    if len(refids) > 1:
        lines.insert(0, here.say("people.twice", n=len(refids)))
    return here.show(
        "deletion_confirm.html",
        title=here.say("deletions.student.sure", number=here.value("local_id")),
        lines=lines,
        button=here.say("deletions.student.button"),
        back=url_for("console.delete_student", zone=zone),
        hidden={
            "zone": zone,
            "local_id": here.value("local_id"),
            "whom": here.value("whom"),
            "reason": here.value("reason"),
            "sure": "yes",
        },
    )


@page("/vendors/<int:vendor_id>/delete", DECIDING, methods=("GET", "POST"))
def delete_at_vendor(here: Here, vendor_id: int) -> Response:
    """End what was agreed with a vendor and ask it to delete, after the name was typed."""
    vendor = here.vendor(vendor_id)
    if request.method == "GET":
        return here.show("delete_at_vendor.html", vendor=vendor, faults={})
    faults = {}
    if not SHORTEST <= len(here.value("reason")) <= LONGEST:
        faults["reason"] = here.say("deletions.vendor.no_reason")
    if here.value("name").casefold() != vendor.name.casefold():
        faults["name"] = here.say("deletions.vendor.other_name", name=vendor.name)
    if not faults:
        number, ended = journey.ask_vendor(
            here.connection, vendor, here.value("reason"), here.account, here.clock
        )
        if number:
            return here.go("deletion_case", "deletions.vendor.done", number=number, say_n=ended)
        faults["reason"] = here.say("deletions.vendor.nothing")
    return here.show("delete_at_vendor.html", 422, vendor=vendor, faults=faults)


@panel("deletion_panel.html", DISTRICT)
def deletion_panel(here: Here, vendor: Vendor) -> dict[str, object] | None:
    """What the vendor was asked to delete and what it confirmed, on its page."""
    listed = deletions.of_vendor(here.connection, vendor.id)
    if not listed and not here.may(*DECIDING):
        return None
    return {
        "listed": listed,
        "today": here.clock.today(vendor.scope.zone_id),
        "may_act": here.may(*DECIDING),
    }


def _case(here: Here, number: int) -> tuple[Case, Vendor | None]:
    case = console_cases.find(here.connection, number)
    if case is None or not here.account.sees(case.scope.zone_id):
        raise NotFound
    vendor = vendors.vendor_by_id(here.connection, case.vendor_id) if case.vendor_id else None
    return case, vendor


def _version(here: Here) -> int:
    said = here.value("version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _badge(here: Here, case: Case) -> tuple[str, str]:
    return here.say(f"deletions.states.{_slug(case.state)}"), _BADGES[case.state]


def _slug(state: str) -> str:
    return state.replace(" ", "_")
