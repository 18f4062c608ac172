"""Steps of taking a vendor on before anything is sent: what it opens, and how it is reached."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from lxml import etree
from werkzeug.exceptions import NotFound

from reference_hub.codec.pod_json import write_json
from reference_hub.journeys import console_agreement, console_onboarding
from reference_hub.journeys.console_onboarding import Changed
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.onboarding import OPEN, STEPS, Facts, Onboarding, current, done
from reference_hub.store import console_onboarding as store
from reference_hub.web.console.onboarding import address_of
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here, see_other
from reference_hub.web.services import services

# Steps whose page is a form, for those who may fill it in.
FORMS = ("connection", "decision")


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
        preview=console_agreement.preview(given, here.language),
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
