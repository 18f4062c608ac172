"""The third step of taking a vendor on: how it gets data, where it is, what it does.

Kind and form stay once they are kept, but the connection can be taken back as long as it was of no
consequence, and another kind chosen.
"""

from __future__ import annotations

from flask import Response, request, url_for

from reference_hub.journeys import console_onboarding
from reference_hub.journeys.console_onboarding import Changed
from reference_hub.model.console import DECIDING
from reference_hub.model.onboarding import OPEN, settled
from reference_hub.model.vendor_kind import KINDS, Kind
from reference_hub.problems import SetupError
from reference_hub.web.console import way_form
from reference_hub.web.console.onboarding_steps import (
    case_of,
    changed,
    facts_of,
    seen_version,
    show_step,
)
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services


@page("/onboarding/<int:case_id>/connection", DECIDING, methods=("GET", "POST"))
def onboarding_connection(here: Here, case_id: int) -> Response:
    """Choose how the vendor gets data, then say where the product is and what it does."""
    case = case_of(here, case_id, lock=request.method == "POST")
    facts = facts_of(here, case)
    is_known = case.way is not None
    form = way_form.form_of(here, case.way, is_fixed=is_known, is_key_fixed=is_known)
    told: dict[str, object] = {"form": form, "way": form.known, "kinds": list(KINDS)}
    told["settled"] = settled(facts)
    if request.method == "GET":
        return show_step(here, facts, "connection", **told)
    if case.state != OPEN or not case.read_by:
        return changed(here, "connection" if case.read_by else "preview", case)
    faults = way_form.faults_of(here, form)
    if faults:
        return show_step(here, facts, "connection", 422, faults=faults, **told)
    way = way_form.way_told(here, form)
    try:
        secret = services().outside.secret(way.secret) if form.kind.comes else ""
        with here.connection.begin_nested():
            console_onboarding.connect(
                here.connection, case, seen_version(here), way, secret, here.account, here.clock
            )
    except Changed:
        return changed(here, "connection", case)
    except SetupError:
        taken = {"key": here.say("way.key_taken")}
        return show_step(here, facts, "connection", 422, faults=taken, **told)
    return here.go("onboarding_doctor", "onboarding.connected", case_id=case.id)


@page("/onboarding/<int:case_id>/other-kind", DECIDING, methods=("GET", "POST"))
def onboarding_other_kind(here: Here, case_id: int) -> Response:
    """Ask once more, then take the connection back, so that another kind can be chosen."""
    case = case_of(here, case_id, lock=request.method == "POST")
    why = settled(facts_of(here, case))
    if case.way is None:
        return changed(here, "connection", case)
    if why:
        here.note(f"onboarding.settled.{why}", kind="fault")
        return here.go("onboarding_connection", case_id=case.id)
    if request.method == "GET":
        return here.show(
            "confirm.html",
            title=here.say("onboarding.other_kind.title", name=case.name),
            lines=_what_goes(here, KINDS[case.way.kind], case.way.key),
            button=here.say("onboarding.other_kind.button"),
            back=url_for("console.onboarding_connection", case_id=case.id),
            danger=True,
        )
    settings = services().settings
    try:
        with here.connection.begin_nested():
            console_onboarding.disconnect(
                here.connection, case, case.version, settings, here.account, here.clock
            )
    except Changed:
        return changed(here, "connection", case)
    return here.go("onboarding_connection", "onboarding.other_kind.done", case_id=case.id)


def _what_goes(here: Here, kind: Kind, key: str) -> list[str]:
    so_far = here.say("onboarding.other_kind.so_far", kind=here.say(f"way.kinds.{kind.name}"))
    lines = [so_far, here.say("onboarding.other_kind.what")]
    if kind.comes:
        lines.append(here.say("onboarding.other_kind.key", key=key))
    return lines
