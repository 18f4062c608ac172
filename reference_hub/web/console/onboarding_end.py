"""The last steps of taking a vendor on: what was decided, and real data."""

from __future__ import annotations

from flask import Response, request, url_for

from reference_hub.journeys import console_onboarding
from reference_hub.journeys.console_onboarding import Changed
from reference_hub.journeys.form import link_for
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.console_run import APPROVED, VERDICTS
from reference_hub.model.onboarding import OPEN, Facts, Onboarding, barred
from reference_hub.model.vendor_kind import KINDS, PUSH
from reference_hub.problems import SetupError
from reference_hub.store import console_runs, receipts
from reference_hub.store.receipts import REJECTED
from reference_hub.web.console import run_words
from reference_hub.web.console.onboarding_steps import case_of, changed, facts_of, show_step
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services

_LONGEST = 2000


@page("/onboarding/<int:case_id>/decision", DECIDING, methods=("GET", "POST"))
def onboarding_decision(here: Here, case_id: int) -> Response:
    """Record a decision with its conditions; earlier ones stay."""
    case = case_of(here, case_id, lock=request.method == "POST")
    facts = facts_of(here, case)
    told: dict[str, object] = {
        "run": facts.run,
        "badge": run_words.badge(here, facts.run) if facts.run else None,
        "verdicts": VERDICTS,
        "decisions": console_runs.decisions(here.connection, case.vendor_id)
        if case.vendor_id
        else [],
    }
    if request.method == "GET":
        return show_step(here, facts, "decision", **told)
    if case.vendor_id is None or case.state != OPEN:
        return changed(here, "connection", case)
    verdict, text = here.value("verdict"), here.whole("conditions")
    faults = {}
    if verdict not in VERDICTS:
        faults["verdict"] = here.say("onboarding.decision.choose")
    shortest = 0 if verdict == APPROVED else 3
    if not shortest <= len(text) <= _LONGEST:
        faults["conditions"] = here.say("onboarding.decision.write")
    if faults:
        return show_step(here, facts, "decision", 422, faults=faults, **told)
    console_onboarding.decide(here.connection, case, verdict, text, here.account, here.clock)
    return here.go("onboarding_data", "onboarding.decided", case_id=case.id)


@page("/onboarding/<int:case_id>/data", DISTRICT)
def onboarding_data(here: Here, case_id: int) -> Response:
    """Whether real data may be switched on, and what is missing."""
    facts = facts_of(here, case_of(here, case_id))
    newest = facts.pod or facts.past
    receipt = receipts.of(here.connection, newest.id) if newest else None
    return show_step(
        here,
        facts,
        "data",
        barred=barred(facts),
        pod=facts.pod,
        receipt=receipt if facts.pod else None,
        turned_down=receipt if receipt and receipt.decision == REJECTED else None,
        **_link(here, facts),
    )


def _link(here: Here, facts: Facts) -> dict[str, object]:
    """The page on which a vendor that is sent no documents acknowledges one; whoever has its
    address may answer for the vendor, so only who decides sees it. One that comes may do it by
    itself: by a receipt, and a SIF client by its marker too (web/unopened). `by_link`: in which
    words the page says so, '' where there is no link."""
    way = facts.case.way
    if way is None or way.kind == PUSH:
        return {"by_link": "", "link": ""}
    words = way.kind if KINDS[way.kind].comes else "called"
    if facts.pod is None or facts.pod.acknowledged or not here.may(*DECIDING):
        return {"by_link": words, "link": ""}
    try:
        return {"by_link": words, "link": link_for(facts.pod, services().settings, here.clock)}
    except SetupError:
        return {"by_link": words, "link": ""}


@page("/onboarding/<int:case_id>/publish", DECIDING, methods=("POST",))
def onboarding_publish(here: Here, case_id: int) -> Response:
    """Send the document of the agreement to the vendor."""
    case = case_of(here, case_id, lock=True)
    facts = facts_of(here, case)
    if case.vendor_id is None or case.state != OPEN:
        return changed(here, "connection", case)
    if barred(facts) not in ("unpublished", "unacknowledged", ""):
        return changed(here, "data", case)
    console_onboarding.publish_pod(here.connection, case, here.account, here.clock)
    is_sent = case.way is not None and case.way.kind == PUSH
    told = "onboarding.published" if is_sent else "onboarding.published_waits"
    return here.go("onboarding_data", told, case_id=case.id)


@page("/onboarding/<int:case_id>/switch-on", DECIDING, methods=("GET", "POST"))
def onboarding_switch_on(here: Here, case_id: int) -> Response:
    """Ask once more, then let real data go."""
    case = case_of(here, case_id, lock=request.method == "POST")
    back = url_for("console.onboarding_data", case_id=case.id)
    if request.method == "GET":
        return here.show(
            "confirm.html",
            title=here.say("onboarding.on.title", name=case.name),
            lines=_what_goes_on(here, case),
            button=here.say("onboarding.on.button"),
            back=back,
            danger=False,
        )
    if case.state != OPEN:
        return changed(here, "data", case)
    settings = services().settings
    try:
        why = console_onboarding.switch_on(
            here.connection, case, settings, here.account, here.clock
        )
    except Changed:
        return changed(here, "data", case)
    if why:
        here.note(f"onboarding.barred.{why}", kind="fault")
        return here.go("onboarding_data", case_id=case.id)
    return here.go("onboarding_data", "onboarding.is_on", case_id=case.id, say_name=case.name)


def _what_goes_on(here: Here, case: Onboarding) -> list[str]:
    lines = [here.say("onboarding.on.what")]
    if case.way is not None and KINDS[case.way.kind].comes:
        lines.append(here.say("onboarding.on.comes"))
    return [*lines, here.say("onboarding.on.undo")]


@page("/onboarding/<int:case_id>/give-up", DECIDING, methods=("GET", "POST"))
def onboarding_give_up(here: Here, case_id: int) -> Response:
    """Ask once more, then end the case."""
    case = case_of(here, case_id, lock=request.method == "POST")
    if request.method == "GET":
        return here.show(
            "confirm.html",
            title=here.say("onboarding.end.title", name=case.name),
            lines=[here.say("onboarding.end.what")],
            button=here.say("onboarding.end.button"),
            back=url_for("console.onboarding_case", case_id=case.id),
            danger=True,
        )
    if case.state != OPEN:
        return changed(here, "data", case)
    console_onboarding.give_up(here.connection, case, here.account, here.clock)
    return here.go("onboarding_list", "onboarding.ended", say_name=case.name)
