"""Steps of taking a vendor on that talk to it: doctor, made-up students, the run of the suite."""

from __future__ import annotations

from pathlib import Path

from flask import Response
from werkzeug.exceptions import NotFound

from reference_hub.journeys import (
    console_agreement,
    console_files,
    console_onboarding,
    console_run,
    console_sandbox,
)
from reference_hub.journeys.console_onboarding import Changed
from reference_hub.journeys.console_sandbox import NoSandbox
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.console_run import DOCTOR, RUN
from reference_hub.model.onboarding import OPEN, Onboarding
from reference_hub.model.vendor_kind import KINDS, PULL, PUSH
from reference_hub.problems import SetupError
from reference_hub.store import console_runs
from reference_hub.web.console import reasons, run_start, run_words
from reference_hub.web.console.onboarding_steps import case_of, changed, facts_of, show_step
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here
from reference_hub.web.services import root_url, services


@page("/onboarding/<int:case_id>/doctor", DISTRICT)
def onboarding_doctor(here: Here, case_id: int) -> Response:
    """Whether the product can be tested at all."""
    facts = facts_of(here, case_of(here, case_id))
    run, settings = facts.doctor, services().settings.console
    return show_step(
        here,
        facts,
        "doctor",
        run=run,
        badge=run_words.badge(here, run) if run else None,
        why=run_words.why(here, run) if run else "",
        asks=console_files.asks(settings, run) if run else [],
    )


@page("/onboarding/<int:case_id>/run", DISTRICT)
def onboarding_run(here: Here, case_id: int) -> Response:
    """The run of the suite, and its summary when it has ended."""
    case = case_of(here, case_id)
    facts = facts_of(here, case)
    run, settings = facts.run, services().settings.console
    seconds = console_run.most_seconds(settings, case.way) if case.way else settings.run_seconds
    return show_step(
        here,
        facts,
        "run",
        run=run,
        badge=run_words.badge(here, run) if run else None,
        counts=run_words.counts(here, run) if run else [],
        said=run_words.said(run) if run else "",
        progress=console_files.progress(settings, run) if run else {},
        asks=console_files.asks(settings, run) if run else [],
        minutes=int(seconds // 60),
        comes=case.way is not None and KINDS[case.way.kind].comes,
    )


@page("/onboarding/<int:case_id>/start/<kind>", DECIDING, methods=("POST",))
def onboarding_start(here: Here, case_id: int, kind: str) -> Response:
    """Start doctor or run."""
    case, step = case_of(here, case_id), _page_of(kind)
    if case.way is None or case.vendor_id is None or case.state != OPEN:
        return changed(here, "connection", case)
    product = str(case.agreement["product"]["name"])
    vendor, quick = here.vendor(case.vendor_id), here.value("quick") == "yes"
    fault = run_start.started(here, vendor, case.way, product, kind=kind, quick=quick)
    if fault:
        here.note(fault, kind="fault")
    return here.go(step, case_id=case.id)


def _page_of(kind: str) -> str:
    pages = {DOCTOR: "onboarding_doctor", RUN: "onboarding_run"}
    if kind not in pages:
        raise NotFound
    return pages[kind]


@page("/onboarding/<int:case_id>/stop/<kind>", DECIDING, methods=("POST",))
def onboarding_stop(here: Here, case_id: int, kind: str) -> Response:
    """Stop what goes on; it can be started again at once."""
    case, step = case_of(here, case_id), _page_of(kind)
    run = console_runs.last(here.connection, case.vendor_id, kind) if case.vendor_id else None
    stopped = bool(run) and console_runs.cancel(
        here.connection, run.id if run else 0, here.account.name
    )
    return here.go(step, "runs.cancelled" if stopped else "runs.over", case_id=case.id)


@page("/onboarding/<int:case_id>/sandbox", DISTRICT)
def onboarding_sandbox(here: Here, case_id: int) -> Response:
    """What became of the made-up students."""
    case = case_of(here, case_id)
    facts = facts_of(here, case)
    told = facts.tried.reasons if facts.tried else ()
    try:
        place = console_sandbox.scope_of(case.scope, services().settings).zone_id
    except NoSandbox:
        place = ""
    return show_step(
        here,
        facts,
        "sandbox",
        tried=facts.tried,
        reasons=[reasons.in_words(here, each) for each in told],
        students=console_sandbox.STUDENTS,
        place=place,
        kind=KINDS[case.way.kind] if case.way else KINDS[PUSH],
        key=console_sandbox.key_of(case.way) if case.way else "",
        hub=root_url(),
        places=_places(here, case),
    )


def _places(here: Here, case: Onboarding) -> list[tuple[str, str]]:
    """Where in the hub the product of a vendor that comes begins."""
    if case.way is None or case.way.kind == PULL:
        return [
            (here.say("onboarding.sandbox.environments"), f"{root_url()}/environments/environment")
        ]
    version = "rostering/v1p2" if "1.2" in case.way.format else "v1p1"
    return [
        (here.say("onboarding.sandbox.roster"), f"{root_url()}/ims/oneroster/{version}"),
        (here.say("onboarding.sandbox.tokens"), f"{root_url()}/oauth/token"),
    ]


@page("/onboarding/<int:case_id>/deliver", DECIDING, methods=("POST",))
def onboarding_deliver(here: Here, case_id: int) -> Response:
    """Make the sandbox ready and queue what is in it to the vendor's double."""
    case = case_of(here, case_id, lock=True)
    if case.way is None or case.state != OPEN:
        return changed(here, "connection", case)
    try:
        told = _delivered(here, case)
    except NoSandbox as error:
        here.note(f"onboarding.sandbox.{error}", kind="fault")
        return here.go("onboarding_sandbox", case_id=case.id)
    except SetupError:
        here.note("onboarding.taken", kind="fault")
        return here.go("onboarding_sandbox", case_id=case.id)
    except Changed:
        return changed(here, "sandbox", case)
    return here.go("onboarding_sandbox", told, case_id=case.id)


def _delivered(here: Here, case: Onboarding) -> str:
    hub = services()
    assert case.way is not None

    def generate(arguments: list[str], cwd: Path) -> int:
        return console_run.ask(hub.settings.console, arguments, cwd).code

    scope = console_sandbox.scope_of(case.scope, hub.settings)
    console_sandbox.fill(hub.engine, scope, generate, hub.clock)
    given = console_agreement.restored(case.agreement)
    secret = hub.outside.secret(case.way.secret)
    with here.connection.begin_nested():
        double = console_sandbox.deliver(
            here.connection, case, case.way, scope, given, secret, hub.clock
        )
    console_onboarding.set_sandbox(here.connection, case, double, here.account, hub.clock)
    kind = KINDS[case.way.kind]
    if kind.comes:
        return "onboarding.sandbox.opened"
    return f"onboarding.sandbox.{'queued' if kind.reads_documents else 'queued_alone'}"
