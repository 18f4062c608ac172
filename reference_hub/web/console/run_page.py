"""One run: watched while it goes on, read when it has ended, stopped, started again, handed on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_exports, console_files
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.console_run import RUNNING, Run, Way
from reference_hub.model.onboarding import Onboarding
from reference_hub.model.party import Vendor
from reference_hub.store import console_onboarding, console_runs
from reference_hub.web.console import run_start, run_words
from reference_hub.web.console.panels import panel
from reference_hub.web.console.run_list import as_page, run_of
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here, see_other
from reference_hub.web.services import Services, services

# A stream of events ends after so long; the browser opens the next one.
_STREAM_SECONDS, _LOOK_SECONDS = 20.0, 0.5
# Each stream holds a thread of the server: whoever finds none free is told once and comes again.
_STREAMS = threading.BoundedSemaphore(3)


@page("/runs/<int:run_id>", DISTRICT)
def run_page(here: Here, run_id: int) -> Response:
    """How the run stands; without a script the page loads itself anew while it goes on."""
    run = run_of(here, run_id)
    settings = services().settings.console
    case = console_onboarding.of_vendor(here.connection, run.vendor_id)
    return here.show(
        "run.html",
        run=run,
        zone=run.scope.zone_id,
        badge=run_words.badge(here, run),
        counts=run_words.counts(here, run),
        said=run_words.said(run),
        why=run_words.why(here, run),
        progress=console_files.progress(settings, run),
        case=case,
        asks=console_files.asks(settings, run),
        has_way=_way(run, case) is not None,
        may_act=here.may(*DECIDING),
        has_pages=console_files.result_folder(settings, run) is not None,
        exports=console_exports.listed(settings, run),
        decided=console_runs.is_decided_on(here.connection, run.id),
    )


def _way(run: Run, case: Onboarding | None) -> Way | None:
    """How to reach the product now: as the case says, else as it was reached then."""
    return case.way if case and case.way else run.way


@page("/runs/<int:run_id>/events", DISTRICT)
def run_events(here: Here, run_id: int) -> Response:
    """Progress as server-sent events: `progress` with done, total, check; `end` when it is over."""
    run, hub = run_of(here, run_id), services()
    response = Response(_stream(hub, run), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _stream(hub: Services, run: Run) -> Iterator[str]:
    is_held = _STREAMS.acquire(blocking=False)
    until, last = time.monotonic() + (_STREAM_SECONDS if is_held else 0.0), None
    try:
        yield "retry: 1500\n\n"
        while True:
            with hub.engine.begin() as connection:
                now = console_runs.by_id(connection, run.id)
            if now is None or now.state != RUNNING:
                yield _event("end", {})
                return
            settings = hub.settings.console
            told = {**console_files.progress(settings, run)}
            told["asks"] = console_files.asks(settings, run)
            if told != last:
                yield _event("progress", told)
                last = told
            if time.monotonic() >= until:
                return
            time.sleep(_LOOK_SECONDS)
    finally:
        if is_held:
            _STREAMS.release()


def _event(name: str, value: object) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"


@page("/runs/<int:run_id>/cancel", DECIDING, methods=("GET", "POST"))
def cancel_run(here: Here, run_id: int) -> Response:
    """Ask once more, then stop it."""
    run = run_of(here, run_id)
    if request.method == "GET":
        return here.show(
            "confirm.html",
            title=here.say("runs.cancel.title", vendor=run.vendor),
            lines=[here.say("runs.cancel.what")],
            button=here.say("runs.cancel.button"),
            back=url_for("console.run_page", run_id=run.id),
            danger=True,
        )
    done = console_runs.cancel(here.connection, run.id, here.account.name)
    if done:
        here.audit(run.scope, "stopped a run", vendor=run.vendor, run=run.id)
    return here.go("run_page", "runs.cancelled" if done else "runs.over", run_id=run.id)


@page("/runs/<int:run_id>/again", DECIDING, methods=("POST",))
def run_again(here: Here, run_id: int) -> Response:
    """Start the same again: after an interruption, a stop, or a change at the vendor."""
    run = run_of(here, run_id)
    case = console_onboarding.of_vendor(here.connection, run.vendor_id)
    way = _way(run, case)
    if way is None:
        raise NotFound
    vendor, quick = here.vendor(run.vendor_id), bool(run.options.get("quick"))
    product = str(run.options.get("product") or vendor.name)
    fault = run_start.started(here, vendor, way, product, kind=run.kind, quick=quick)
    if fault:
        here.note(fault, kind="fault")
        return see_other(url_for("console.run_page", run_id=run.id))
    last = console_runs.last(here.connection, vendor.id, run.kind)
    return here.go("run_page", "runs.started", run_id=last.id if last else run.id)


@page("/runs/<int:run_id>/pages/<name>", DISTRICT)
def run_file(here: Here, run_id: int, name: str) -> Response:
    """A page that the suite made of the run."""
    place = console_files.result_folder(services().settings.console, run_of(here, run_id))
    if name not in console_files.PAGES or place is None or not (place / name).is_file():
        raise NotFound
    return as_page((place / name).read_text("utf-8"))


@panel("run_panel.html", DISTRICT)
def last_run(here: Here, vendor: Vendor) -> dict[str, object] | None:
    """On the page of a vendor: its last run and what was decided."""
    run: Run | None = console_runs.last(here.connection, vendor.id, "run")
    decided = console_runs.decisions(here.connection, vendor.id)
    case = console_onboarding.of_vendor(here.connection, vendor.id)
    if run is None and not decided and case is None:
        return None
    return {
        "run": run,
        "badge": run_words.badge(here, run) if run else None,
        "counts": run_words.counts(here, run) if run else [],
        "decisions": decided,
        "case": case,
    }
