"""One vendor: product, agreement, deliveries, what did not arrive and why, and what to do."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request

from reference_hub.journeys import console_overview, console_vendor
from reference_hub.model.console import ALL, DECIDING
from reference_hub.model.party import PULL, Vendor
from reference_hub.model.standing import Receiver
from reference_hub.store import console_agreements, console_deliveries, console_vendors
from reference_hub.store.console_deliveries import Line
from reference_hub.store.console_paging import Asked
from reference_hub.web.console import panels, reasons, standing_words
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

_LAST = 8
_SHORTEST = 3


@page("/vendors/<int:vendor_id>", ALL)
def vendor_page(here: Here, vendor_id: int) -> Response:
    """All about one vendor."""
    vendor = here.vendor(vendor_id)
    receiver = _receiver(here, vendor)
    lines = console_deliveries.connections(here.connection, vendor.id)
    return here.show(
        "vendor.html",
        vendor=vendor,
        receiver=receiver,
        zone=vendor.scope.zone_id,
        health=standing_words.health(here, receiver.flow),
        agreed=standing_words.agreement(here, receiver),
        agreement=console_vendor.agreement(here.connection, vendor, here.clock),
        days=console_vendor.DAYS,
        keys=console_agreements.keys(here.connection, vendor.id),
        lines=[(each, *_described(here, each)) for each in lines],
        groups=_groups(here, vendor, lines),
        kept=_kept(here, vendor),
        last=_last(here, lines),
        panels=panels.filled(here, vendor),
        may_act=here.may(*DECIDING),
        paused_by=next((each.paused_by for each in lines if each.paused_by), ""),
    )


def _receiver(here: Here, vendor: Vendor) -> Receiver:
    zone = vendor.scope.zone_id
    today = here.clock.today(zone)
    found = console_vendors.about(here.connection, today, [vendor.id])
    return console_overview.sent_today(here.connection, found, zone, here.clock)[0]


def _described(here: Here, line: Line) -> tuple[standing_words.Badge, str, str]:
    """Health, format, and where the data goes: never the whole address, which may hold a secret."""
    host = "" if line.transport == PULL else urlsplit(line.url).hostname or ""
    way = here.say(f"vendor.transport.{line.transport}", host=host)
    return (
        standing_words.health(here, line.flow),
        standing_words.format_words(here, line.format),
        way,
    )


def _groups(here: Here, vendor: Vendor, lines: list[Line]) -> list[dict[str, object]]:
    names = {line.id: line for line in lines}
    now = here.clock.now()
    found = []
    for each in console_deliveries.open_groups(here.connection, vendor.id):
        line = names[each.connection_id]
        words = reasons.in_words(here, each.reason)
        if each.state == "waiting" and not each.reason:
            words = _waits(here, line, each.next_try > now)
        found.append({"each": each, "line": line, "words": words})
    return found


def _waits(here: Here, line: Line, is_later: bool) -> str:
    """Why a message waits that nothing is wrong with."""
    if line.flow.paused:
        return here.say("reasons.paused", who=line.paused_by)
    if line.still is not None:
        return here.say("reasons.queued_behind", why=reasons.in_words(here, line.still.reason))
    return here.say("reasons.gathers" if is_later else "reasons.next")


def _kept(here: Here, vendor: Vendor) -> list[dict[str, object]]:
    return [
        {"each": each, "words": reasons.in_words(here, each.reason)}
        for each in console_deliveries.kept(here.connection, vendor.id)
    ]


def _last(here: Here, lines: list[Line]) -> list[dict[str, object]]:
    """What arrived last, over all connections."""
    asked = Asked(size=_LAST)
    rows = [
        (row, line)
        for line in lines
        for row in console_deliveries.page(
            here.connection, line.id, console_deliveries.ARRIVED, asked
        ).rows
    ]
    rows.sort(key=lambda pair: (pair[0].settled, pair[0].id), reverse=True)
    return [
        {"row": row, "line": line, "words": reasons.in_words(here, row.reason)}
        for row, line in rows[:_LAST]
    ]


@page("/vendors/<int:vendor_id>/pause", DECIDING, methods=("GET", "POST"))
def pause_vendor(here: Here, vendor_id: int) -> Response:
    """Ask why, then let nothing go."""
    vendor = here.vendor(vendor_id)
    if request.method == "GET":
        return here.show("vendor_pause.html", vendor=vendor, faults={})
    why = here.value("why")
    if not _SHORTEST <= len(why) <= 200:
        faults = {"why": here.say("vendor.pause.missing")}
        return here.show("vendor_pause.html", 422, vendor=vendor, faults=faults)
    stopped = console_vendor.pause(here.connection, vendor, here.account, why, here.clock)
    notice = "vendor.paused" if stopped else "vendor.paused_already"
    return here.go("vendor_page", notice, vendor_id=vendor.id, say_name=vendor.name)


@page("/vendors/<int:vendor_id>/go-on", DECIDING, methods=("POST",))
def go_on(here: Here, vendor_id: int) -> Response:
    """Deliver again."""
    vendor = here.vendor(vendor_id)
    console_vendor.go_on(here.connection, vendor, here.account, here.clock)
    return here.go("vendor_page", "vendor.goes_on", vendor_id=vendor.id, say_name=vendor.name)


@page("/vendors/<int:vendor_id>/try-again", DECIDING, methods=("POST",))
def try_again(here: Here, vendor_id: int) -> Response:
    """Try what was given up, and wake what the hub leaves alone."""
    vendor = here.vendor(vendor_id)
    goes, _ = console_vendor.try_again(here.connection, vendor, here.account, here.clock)
    return here.go("vendor_page", "vendor.tried", vendor_id=vendor.id, say_n=goes)
