"""A run handed on in other forms, and an old one deleted."""

from __future__ import annotations

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.journeys import console_exports, console_files
from reference_hub.journeys.console_exports import FORMS, NotMade
from reference_hub.model.console import DECIDING, DISTRICT
from reference_hub.store import console_runs
from reference_hub.web.console.run_list import run_of
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here, see_other
from reference_hub.web.services import services


@page("/runs/<int:run_id>/export/<form>", DISTRICT)
def run_export(here: Here, run_id: int, form: str) -> Response:
    """A file to keep; the first time it is asked for the suite makes it."""
    run, settings = run_of(here, run_id), services().settings.console
    if form not in FORMS:
        raise NotFound
    try:
        name, content = console_exports.export(settings, run, form, here.language)
    except LookupError:
        raise NotFound from None
    except NotMade:
        here.note("exports.no_pdf" if form == "pdf" else "runs.not_packed", kind="fault")
        return see_other(url_for("console.run_page", run_id=run.id))
    response = Response(content, content_type=FORMS[form].kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page("/runs/<int:run_id>/delete", DECIDING, methods=("GET", "POST"))
def delete_run(here: Here, run_id: int) -> Response:
    """Ask once more, then delete it with its files; never one that a decision rests on."""
    run = run_of(here, run_id)
    if request.method == "GET" and not console_runs.is_decided_on(here.connection, run.id):
        return here.show(
            "confirm.html",
            title=here.say("runs.delete.title", vendor=run.vendor),
            lines=[
                here.say("runs.delete.which", when=here.moment(run.started, run.scope.zone_id)),
                here.say("runs.delete.what"),
            ],
            button=here.say("runs.delete.button"),
            back=url_for("console.run_page", run_id=run.id),
            danger=True,
        )
    if request.method == "GET" or not console_runs.delete(here.connection, run.id):
        here.note("runs.delete.kept", kind="fault")
        return see_other(url_for("console.run_page", run_id=run.id))
    name = str(run.result.get("name", ""))
    here.audit(run.scope, "deleted a run", vendor=run.vendor, run=run.id, name=name)
    console_files.forget(console_files.folder(services().settings.console, run.folder))
    return here.go("run_list", "runs.delete.done")
