"""All runs of a district; two and more side by side; bundles that somebody else packed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_files, console_run
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.model.console_run import STATES, Run
from reference_hub.store import console_runs
from reference_hub.web.console import districts, lists, run_words
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import HTML, Here
from reference_hub.web.services import services

_MOST = 6
# Pages of the scribe hold their own style and script: they run apart from every site, cut off.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox allow-scripts"
)


@page("/runs", DISTRICT)
def run_list(here: Here) -> Response:
    """A page of the list."""
    zone = districts.chosen(here)
    wanted = lists.filters("q", "state")
    found, runs = console_runs.page(
        here.connection, zone, lists.asked(), words=wanted["q"], state=wanted["state"]
    )
    return here.show(
        "runs.html",
        zone=zone,
        zones=districts.known(here),
        rows=[(run, run_words.badge(here, run), run_words.counts(here, run)) for run in runs],
        wanted=wanted,
        states=[("", here.say("runs.any_state")), *_states(here)],
        links=lists.links(found),
    )


def _states(here: Here) -> list[tuple[str, str]]:
    return [(each, here.say(f"runs.state.{each}")) for each in STATES]


def run_of(here: Here, run_id: int) -> Run:
    """The run with that id; as if there were none where the account may not see it."""
    found = console_runs.by_id(here.connection, run_id)
    if found is None or not here.account.sees(found.scope.zone_id, found.vendor_id):
        raise NotFound
    return found


@page("/runs/compare", DISTRICT)
def compare_runs(here: Here) -> Response:
    """The comparison that the suite makes of the ticked runs, on a page of its own."""
    asked = [int(each) for each in request.args.getlist("run") if each.isdecimal()][:_MOST]
    settings = services().settings.console
    runs = [run_of(here, each) for each in dict.fromkeys(asked) if each < 2**31]
    places = [place for run in runs if (place := console_files.result_folder(settings, run))]
    if len(places) < 2:
        return here.show("run_compare.html", 422 if asked else 200, why="few", said="")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "comparison.html"
        arguments = ["compare", "--html", str(made), *map(str, places)]
        done = console_run.ask(settings, arguments, Path(folder))
        if not made.is_file():
            why = "not_comparable" if done.code == 2 else "failed"
            return here.show("run_compare.html", 422, why=why, said=_last(done.fault))
        return as_page(made.read_text("utf-8"))


def as_page(text: str) -> Response:
    """A page of the scribe as it stands, cut off from the console."""
    response = Response(text, content_type=HTML)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("conformance: ").removeprefix("Error: ") if lines else ""


@page("/runs/verify", DECIDING, methods=("GET", "POST"))
def verify_bundle(here: Here) -> Response:
    """Check a bundle that a vendor sent: what does it prove?"""
    if request.method == "GET":
        return here.show("run_verify.html", faults={}, found=None, name="")
    upload = request.files.get("bundle")
    content = upload.read() if upload else b""
    if not content.startswith(b"PK"):
        faults = {"bundle": here.say("runs.verify.no_bundle")}
        return here.show("run_verify.html", 422, faults=faults, found=None, name="")
    settings = services().settings.console
    with tempfile.TemporaryDirectory() as folder:
        # The name that the browser tells is shown, never used.
        (Path(folder) / "uploaded.zip").write_bytes(content)
        done = console_run.ask(settings, ["verify", "--json", "uploaded.zip"], Path(folder))
    try:
        found = json.loads(done.text)
    except ValueError:
        faults = {"bundle": here.say("runs.verify.unreadable", why=_last(done.fault))}
        return here.show("run_verify.html", 422, faults=faults, found=None, name="")
    told = (upload.filename if upload else "") or ""
    name = " ".join(told.split())[:120]
    return here.show("run_verify.html", faults={}, found=found, name=name)
