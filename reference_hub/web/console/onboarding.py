"""Vendors that are being taken on: the list, and the first step, the agreement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from flask import Response, request, url_for

from reference_hub.journeys import console_agreement, console_onboarding
from reference_hub.journeys.console_agreement import Entered, NotUsable, Parts
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.onboarding import OPEN, STEPS, current
from reference_hub.model.scope import Scope
from reference_hub.problems import HubError
from reference_hub.settings import Zone
from reference_hub.store import console_onboarding as store
from reference_hub.web.console import districts, lists
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{1,58}[A-Za-z0-9]")
_URL = re.compile(r"https?://[^\s/]+\S{0,300}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_USUAL_BUNDLES = ["organisations"]
_USUAL_TICKS = ("B07.1", "B07.3", "B08.1", "B08.2", "B14.2", "B15.1", "B16")


@page("/onboarding", DISTRICT)
def onboarding_list(here: Here) -> Response:
    """Cases of a district and the step at which each is."""
    zone = districts.chosen(here)
    found, cases = store.page(here.connection, zone, lists.asked(20))
    settings = services().settings
    rows = []
    for case in cases:
        facts = console_onboarding.facts(here.connection, case, settings)
        step = current(facts)
        rows.append((case, step, STEPS.index(step) + 1))
    return here.show(
        "onboarding.html",
        zone=zone,
        zones=districts.known(here),
        rows=rows,
        steps=len(STEPS),
        links=lists.links(found),
        may_act=here.may(*DECIDING),
        open=OPEN,
    )


@page("/onboarding/new", DECIDING, methods=("GET", "POST"))
def onboard(here: Here) -> Response:
    """Choose an agreement of the registry."""
    zone = _zone(here)
    offered, fault = _offered(here, zone)
    chosen = next((each for each in offered if each.agreement.id == here.value("agreement")), None)
    told: dict[str, object] = {"zone": zone, "offered": offered, "registry_fault": fault}
    if request.method == "GET":
        return here.show("onboarding_choose.html", faults={}, **told)
    faults = _name_fault(here)
    if chosen is None:
        faults["agreement"] = here.say("onboarding.choose.none_chosen")
    if not faults and chosen is not None:
        return _begun(here, zone, chosen) or _taken(here, "onboarding_choose.html", told)
    return here.show("onboarding_choose.html", 422, faults=faults, **told)


def _zone(here: Here) -> str:
    """The district of the form, kept in a hidden field."""
    asked = here.value("zone")
    return asked if asked in districts.known(here) else districts.chosen(here)


def _offered(here: Here, zone: str) -> tuple[list[Parts], str]:
    try:
        found = services().outside.registry()
    except HubError:
        return [], here.say("onboarding.choose.unreadable")
    if found is None:
        return [], here.say("onboarding.choose.no_registry")
    return console_agreement.offered(found, zone), ""


def _name_fault(here: Here) -> dict[str, str]:
    fits = _NAME.fullmatch(here.value("name"))
    return {} if fits else {"name": here.say("onboarding.name_fault")}


def _begun(here: Here, zone: str, given: Parts) -> Response | None:
    scope = Scope(zone, given.district.contexts[0])
    case_id = store.add(
        here.connection,
        scope,
        here.value("name"),
        given.vendor.name,
        console_agreement.stored(given),
        here.account.name,
        here.clock.now(),
    )
    if case_id is None:
        return None
    here.audit(scope, "began to take a vendor on", vendor=here.value("name"))
    return here.go("onboarding_preview", "onboarding.begun", case_id=case_id)


def _taken(here: Here, template: str, told: dict[str, object]) -> Response:
    return here.show(template, 409, faults={"name": here.say("onboarding.taken")}, **told)


@dataclass(frozen=True, slots=True)
class _Form:
    """The fields of the page on which an agreement is entered, and what they begin with."""

    zone: str
    today: str
    description: str


@page("/onboarding/enter", DECIDING, methods=("GET", "POST"))
def enter_agreement(here: Here) -> Response:
    """Enter an agreement: who, for what, until when, and Exhibit B as tick boxes."""
    zone = _zone(here)
    settings = services().settings.zones.get(zone, Zone())
    form = _Form(zone, here.clock.today(zone).isoformat(), settings.description)
    asked = request.method == "POST" or here.is_back()
    also = here.values("also") if asked else _USUAL_BUNDLES
    told: dict[str, object] = {
        "zone": zone,
        "form": form,
        "groups": console_agreement.lines_of_the_form(),
        "ticks": here.values("tick") if asked else list(_USUAL_TICKS),
        "bundles": [
            (each, here.say(f"onboarding.bundles.{each}"), each in also)
            for each in console_agreement.BUNDLES
        ],
    }
    if request.method == "GET":
        return here.show("onboarding_enter.html", faults={}, **told)
    faults = _name_fault(here) | _faults(here)
    if not faults:
        try:
            scope = Scope(zone, settings.contexts[0])
            given = console_agreement.entered(_entered(here), scope, settings.time_zone)
        except NotUsable as error:
            faults = {"whole": str(error)}
        else:
            return _begun(here, zone, given) or _taken(here, "onboarding_enter.html", told)
    return here.show("onboarding_enter.html", 422, faults=faults, **told)


def _entered(here: Here) -> Entered:
    return Entered(
        here.value("party"),
        here.value("product"),
        here.value("purpose"),
        here.value("policy"),
        here.value("starts"),
        here.value("ends"),
        here.value("days"),
        here.value("district"),
        here.value("district_policy"),
        here.values("tick"),
        [each for each in console_agreement.BUNDLES if each in here.values("also")],
    )


def _faults(here: Here) -> dict[str, str]:
    """What to correct, by field."""
    faults = {
        name: here.say("onboarding.enter.missing")
        for name in ("party", "product", "purpose", "district")
        if not 2 <= len(here.value(name)) <= 200
    }
    for name in ("policy", "district_policy"):
        if not _URL.fullmatch(here.value(name)):
            faults[name] = here.say("onboarding.enter.no_address")
    for name in ("starts", "ends"):
        if here.value(name) and not _is_day(here.value(name)):
            faults[name] = here.say("onboarding.enter.no_day")
    if not here.value("starts"):
        faults["starts"] = here.say("onboarding.enter.no_day")
    if not faults.keys() & {"starts", "ends"} and "" < here.value("ends") < here.value("starts"):
        faults["ends"] = here.say("onboarding.enter.ends_before")
    if not re.fullmatch("[0-9]{1,4}", here.value("days")):
        faults["days"] = here.say("onboarding.enter.no_number")
    if not here.values("tick"):
        faults["tick"] = here.say("onboarding.enter.no_tick")
    return faults


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def address_of(step: str, case_id: int) -> str:
    """The page of a step; the agreement itself is chosen once, so its step shows the preview."""
    pages = {"agreement": "preview", "summary": "run"}
    return url_for(f"console.onboarding_{pages.get(step, step)}", case_id=case_id)
