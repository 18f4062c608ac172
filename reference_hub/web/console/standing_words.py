"""Health and agreement of a vendor as badges: the kind of badge, and words for people."""

from __future__ import annotations

from reference_hub.model import standing
from reference_hub.model.party import NATIVE
from reference_hub.model.standing import Flow, Receiver
from reference_hub.web.console.visit import Here

_HEALTH = {
    standing.DEAD: "bad",
    standing.SILENT: "bad",
    standing.FAILING: "warn",
    standing.PAUSED: "warn",
    standing.HELD: "warn",
    standing.LATE: "warn",
    standing.WELL: "good",
    standing.UNCONNECTED: "none",
}
_AGREEMENT = {
    standing.LIVE: "good",
    standing.WAITS: "warn",
    standing.BEGINS: "warn",
    standing.ENDED: "bad",
    standing.REJECTED: "bad",
    standing.NONE: "none",
    standing.OFF: "none",
}
# How people write what stands in the names of formats.
_NAMES = {"oneroster": "OneRoster", "edfi": "Ed-Fi", "csv": "CSV", "rest": "REST", "sif": "SIF"}
Badge = tuple[str, str]


def health(here: Here, flow: Flow) -> Badge:
    """The kind of badge and the words, with the number that matters."""
    found = flow.health(here.clock.now())
    number = {standing.DEAD: flow.dead, standing.HELD: flow.held}.get(found)
    if number is not None:
        return _HEALTH[found], here.say(f"standing.health.{found}", n=number)
    return _HEALTH[found], here.say(f"standing.health.{found}", since=here.since(flow.oldest))


def agreement(here: Here, receiver: Receiver) -> Badge:
    """The kind of badge and the words, on the district's day."""
    found = receiver.agreement(here.clock.today(receiver.scope.zone_id))
    return _AGREEMENT[found], here.say(f"standing.agreement.{found}")


def format_words(here: Here, name: str) -> str:
    """What people call the format of a connection."""
    if name == NATIVE:
        return "SIF"
    parts = [_NAMES.get(part, part) for part in name.split("-")]
    return " ".join(parts) if name else here.say("standing.no_format")


def formats(here: Here, receiver: Receiver) -> str:
    """The formats of a vendor."""
    if receiver.formats:
        return ", ".join(format_words(here, each) for each in receiver.formats)
    return here.say("standing.comes" if receiver.flow.connections else "standing.no_format")
