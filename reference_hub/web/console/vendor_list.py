"""All vendors of a district: by name, some at a time, found by name, agreement or problem."""

from __future__ import annotations

from flask import Response

from reference_hub.journeys import console_overview
from reference_hub.model.console import DISTRICT
from reference_hub.model.standing import AGREEMENTS, OFF
from reference_hub.store import console_vendors
from reference_hub.web.console import districts, lists, standing_words
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here


@page("/vendors", DISTRICT)
def vendor_list(here: Here) -> Response:
    """A page of the list."""
    zone = districts.chosen(here)
    wanted = lists.filters("q", "agreement", "problem")
    today = here.clock.today(zone)
    found = console_vendors.page(
        here.connection,
        zone,
        lists.asked(),
        today,
        words=wanted["q"],
        agreement=wanted["agreement"],
        problem=wanted["problem"],
    )
    ids = [row.id for row in found.rows]
    receivers = console_overview.sent_today(
        here.connection, console_vendors.about(here.connection, today, ids), zone, here.clock
    )
    rows = [
        (
            each,
            standing_words.health(here, each.flow),
            standing_words.agreement(here, each),
            standing_words.formats(here, each),
        )
        for each in receivers
    ]
    return here.show(
        "vendors.html",
        zone=zone,
        zones=districts.known(here),
        rows=rows,
        wanted=wanted,
        links=lists.links(found),
        agreements=_agreements(here),
        problems=_problems(here),
    )


def _agreements(here: Here) -> list[tuple[str, str]]:
    words = [each for each in AGREEMENTS if each != OFF]
    any_of = ("", here.say("vendors.any_agreement"))
    return [any_of, *((each, here.say(f"standing.agreement.{each}")) for each in words)]


def _problems(here: Here) -> list[tuple[str, str]]:
    any_of = ("", here.say("vendors.well_or_not"))
    return [
        any_of,
        *((each, here.say(f"vendors.problem.{each}")) for each in console_vendors.PROBLEMS),
    ]
