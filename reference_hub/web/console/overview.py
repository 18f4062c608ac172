"""The first page: the hub in the middle, systems around it, the same as a table."""

from __future__ import annotations

from flask import Response, url_for

from reference_hub.journeys import console_overview
from reference_hub.journeys.console_overview import Overview
from reference_hub.model.console import ALL, VENDOR
from reference_hub.model.standing import Receiver, Sender
from reference_hub.store import held_applications
from reference_hub.web.console import districts, picture, standing_words
from reference_hub.web.console.picture import Node
from reference_hub.web.console.site import page
from reference_hub.web.console.visit import Here

# More boxes than these nobody takes in at a look.
MOST_DRAWN = 14
MOST_ROWS = 50


@page("/", ALL)
def home(here: Here) -> Response:
    """The first page of whoever has signed in."""
    return here.go("overview")


@page("/overview", ALL)
def overview(here: Here) -> Response:
    """The district at one look; a vendor is led to its own page."""
    if here.may(VENDOR):
        return here.go("vendor_page", vendor_id=here.account.vendor_id)
    zone = districts.chosen(here)
    found = console_overview.overview(here.connection, zone, here.clock, MOST_ROWS)
    receivers = [_receiver(here, each) for each in found.receivers]
    senders = [_sender(here, each) for each in found.senders]
    left, right = senders[:MOST_DRAWN], receivers[:MOST_DRAWN]
    more = found.number - MOST_DRAWN
    if more > 0:
        right[-1] = _others(here, more + 1, zone)
    return here.show(
        "overview.html",
        found=found,
        zone=zone,
        zones=districts.known(here),
        pictures=(("wide", picture.wide(left, right)), ("narrow", picture.narrow(left, right))),
        senders=list(zip(found.senders, senders, strict=True)),
        rows=_rows(here, found, receivers),
        more=found.number - len(found.receivers),
        held=_held(here, zone),
    )


def _held(here: Here, zone: str) -> list[held_applications.Held]:
    """Applications of the settings that wait for a decision, as many as fit on a page."""
    found = held_applications.every(here.connection)
    return [each for each in found if each.zone == zone][:MOST_DRAWN]


def _others(here: Here, number: int, zone: str) -> Node:
    name = here.say("overview.others", n=number)
    address = url_for("console.vendor_list", zone=zone)
    return Node(name, here.say("overview.others_line"), "none", "", address, takes=True)


def _sender(here: Here, each: Sender) -> Node:
    name = here.say("overview.files", name=each.name) if each.kind == "files" else each.name
    words = here.say("overview.seen", since=here.since(each.seen)) if each.seen else ""
    line = here.say("overview.sent_line", n=each.told)
    kind = "good" if each.told else "none"
    return Node(name, line, kind, words, sends=True)


def _receiver(here: Here, each: Receiver) -> Node:
    kind, words = standing_words.health(here, each.flow)
    _, agreed = standing_words.agreement(here, each)
    form = standing_words.formats(here, each)
    line = here.say("overview.got_line", format=form, n=each.sent, agreement=agreed)
    address = url_for("console.vendor_page", vendor_id=each.id)
    return Node(each.name, line, kind, words, address, sends=each.told > 0, takes=True)


def _rows(
    here: Here, found: Overview, nodes: list[Node]
) -> list[tuple[Receiver, Node, standing_words.Badge, str]]:
    return [
        (each, node, standing_words.agreement(here, each), standing_words.formats(here, each))
        for each, node in zip(found.receivers, nodes, strict=False)
    ]
