"""Steps of taking a vendor on before anything is sent: what it opens, and how it is reached."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from lxml import etree
from werkzeug.exceptions import NotFound

from reference_hub.codec.pod_json import write_json
from reference_hub.journeys import console_agreement, console_files, console_onboarding
from reference_hub.journeys.console_onboarding import Changed
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.console_run import Way
from reference_hub.model.onboarding import OPEN, STEPS, Facts, Onboarding, current, done
from reference_hub.problems import SetupError
from reference_hub.store import console_onboarding as store
from reference_hub.web.console.onboarding import address_of
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here, see_other
from reference_hub.web.services import services

# Steps whose page is a form, for those who may fill it in.
FORMS = ("connection", "decision")
METHODS = ("SIF_HMACSHA256", "Basic")


def case_of(here: Here, case_id: int, *, lock: bool = False) -> Onboarding:
    """The case with that id; as if there were none where the account may not see it."""
    found = store.by_id(here.connection, case_id, lock=lock)
    if found is None or not here.account.sees(found.scope.zone_id, found.vendor_id):
        raise NotFound
    return found


def facts_of(here: Here, case: Onboarding) -> Facts:
    """All that the steps of the case depend on."""
    return console_onboarding.facts(here.connection, case, services().settings)


def show_step(
    here: Here, facts: Facts, step: str, status: int = 200, /, **values: object
) -> Response:
    """The page of a step, with all steps beside it and whether each is done."""
    is_done = done(facts)
    now = current(facts)
    decides = here.may(*DECIDING)
    steps = [
        (
            each,
            is_done[each],
            address_of(each, facts.case.id) if decides or each not in FORMS else "",
        )
        for each in STEPS
    ]
    values = {"faults": {}} | values
    return here.show(
        f"onboarding_{step}.html",
        status,
        case=facts.case,
        facts=facts,
        steps=steps,
        step=step,
        now=now,
        next=address_of(now, facts.case.id),
        number=STEPS.index(step) + 1,
        zone=facts.case.scope.zone_id,
        may_act=decides and facts.case.state == OPEN,
        **values,
    )


def changed(here: Here, step: str, case: Onboarding) -> Response:
    """Somebody else was quicker: show the page as it is now, and say so."""
    here.note("onboarding.changed", kind="fault")
    return see_other(address_of(step, case.id))


def seen_version(here: Here) -> int:
    """The version of the case that the form was made of."""
    said = here.value("version")
    return int(said) if said.isdecimal() and len(said) < 10 else 0


@page("/onboarding/<int:case_id>", DISTRICT)
def onboarding_case(here: Here, case_id: int) -> Response:
    """Go to the step that is next."""
    case = case_of(here, case_id)
    step = current(facts_of(here, case))
    may_open = here.may(*DECIDING) or step not in FORMS
    return see_other(address_of(step if may_open else "preview", case.id))


@page("/onboarding/<int:case_id>/preview", DISTRICT)
def onboarding_preview(here: Here, case_id: int) -> Response:
    """What the agreement opens, in plain language and as the document that the vendor gets."""
    case = case_of(here, case_id)
    given = console_agreement.restored(case.agreement)
    xml, as_json = _documents(given)
    return show_step(
        here,
        facts_of(here, case),
        "preview",
        given=given,
        preview=console_agreement.preview(given),
        xml=xml,
        json=as_json,
    )


def _documents(given: console_agreement.Parts) -> tuple[str, str]:
    pod = console_agreement.sample(given)
    told: Any = json.loads(write_json(pod))
    etree.indent(pod)
    return etree.tostring(pod, encoding="unicode"), json.dumps(told, indent=2, ensure_ascii=False)


@page("/onboarding/<int:case_id>/read", DECIDING, methods=("POST",))
def onboarding_read(here: Here, case_id: int) -> Response:
    """Note that somebody has read what it opens."""
    case = case_of(here, case_id, lock=True)
    if case.state != OPEN:
        return changed(here, "preview", case)
    try:
        console_onboarding.set_read(
            here.connection, case, seen_version(here), here.account, here.clock
        )
    except Changed:
        return changed(here, "preview", case)
    return here.go("onboarding_connection", "onboarding.read", case_id=case.id)


@page("/onboarding/<int:case_id>/connection", DECIDING, methods=("GET", "POST"))
def onboarding_connection(here: Here, case_id: int) -> Response:
    """Where the product is, what the hub signs with, and what it says that it does."""
    case = case_of(here, case_id, lock=request.method == "POST")
    facts = facts_of(here, case)
    asked = request.method == "POST" or here.is_back()
    taken = here.values("can") if asked else _known(case)
    told: dict[str, object] = {"methods": METHODS, "capabilities": _ticks(here, taken)}
    if request.method == "GET":
        return show_step(here, facts, "connection", **told)
    if case.state != OPEN or not case.read_by:
        return changed(here, "connection" if case.read_by else "preview", case)
    faults = _connection_faults(here, case)
    if faults:
        return show_step(here, facts, "connection", 422, faults=faults, **told)
    try:
        way = _way(here, case)
        console_onboarding.connect(
            here.connection, case, seen_version(here), way, here.account, here.clock
        )
    except Changed:
        return changed(here, "connection", case)
    return here.go("onboarding_doctor", "onboarding.connected", case_id=case.id)


def _known(case: Onboarding) -> tuple[str, ...]:
    return case.way.capabilities if case.way else console_files.CAPABILITIES


def _ticks(here: Here, taken: Any) -> list[tuple[str, str, bool]]:
    return [
        (each, here.say(f"onboarding.can.{each}"), each in taken)
        for each in console_files.CAPABILITIES
    ]


def _connection_faults(here: Here, case: Onboarding) -> dict[str, str]:
    faults = {}
    try:
        services().outside.refuse_url(here.value("url"))
    except (SetupError, ValueError):
        faults["url"] = here.say("onboarding.connection.no_url")
    if not here.value("key") or ":" in here.value("key"):
        faults["key"] = here.say("onboarding.connection.no_key")
    # Named so that no form that is kept holds it.
    if not here.value("secret_password") and case.way is None:
        faults["secret_password"] = here.say("onboarding.connection.no_secret")
    if here.value("method") not in METHODS:
        faults["method"] = here.say("onboarding.connection.no_method")
    if here.value("demographics") and not here.value("users"):
        faults["users"] = here.say("onboarding.connection.no_users")
    return faults


def _way(here: Here, case: Onboarding) -> Way:
    secret = case.way.secret if case.way else ""
    if typed := here.value("secret_password"):
        settings, name = services().settings.console, here.clock.new_uuid()
        secret = console_files.keep_secret(settings, name, typed)
    known = [each for each in console_files.CAPABILITIES if each in here.values("can")]
    return Way(
        here.value("url").rstrip("/"),
        here.value("key"),
        secret,
        here.value("method"),
        capabilities=tuple(known),
        users=here.value("users"),
        demographics=here.value("demographics"),
    )
