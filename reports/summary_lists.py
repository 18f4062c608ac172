"""The lists on the page for a district: meaning, data, gaps, risks, conditions."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.runfile import Header
from reports.summary_data import Schedule
from reports.summary_facts import Answer, Facts, Untested, is_aside
from reports.summary_words import Words
from reports.themes import heaviest, themes

MOST_MEANINGS = 5
MOST_GAPS = 10
MOST_RISKS = 3
# The forms beside the page name them all; here they must leave room on one sheet.
MOST_ELEMENTS = 32
MOST_CONDITIONS = 4
DELETE_DAYS = 60
_GRAVE = 8
# Which of two questions costs a school more when its answer is bad.
_GRAVITY = ("allowed", "stops", "complete", "in_step", "line")


def school(told: Facts, say: Words) -> list[str]:
    """What the result means in a school, worst first; at most five sentences."""
    lines = [say.theme(name, "school") for name in told.broken[: MOST_MEANINGS - 1]]
    if told.open:
        lines.append(say.say("school", "open", themes=say.themes(told.open)))
    if told.weak and not told.broken:
        lines.append(say.say("school", "weak", themes=say.themes(told.weak)))
    good = [_good(name, told.direction, say) for name in told.in_state("yes", "weak")]
    return (lines + [line for line in good if line])[:MOST_MEANINGS] or [say.say("school", "none")]


def _good(question: str, direction: str, say: Words) -> str:
    said = say.tables[question]
    text: str = said.get(f"good_{direction}") or said.get("good", "")
    return text


def data(found: Schedule, say: Words) -> list[tuple[str, str]]:
    """What of the schedule was exchanged, as pairs of a name and a list in words."""
    if found.state == "empty":
        return [("", say.say("data", "empty"))]
    beyond = {"clean": "beyond_yes", "found": "beyond_no", "open": "beyond_open"}
    told = [(say.say("data", "beyond"), say.say("data", beyond.get(found.beyond, "beyond_none")))]
    if found.state == "unknown":
        return [(say.say("data", "unseen"), _lines(found.unseen, say)),
                ("", say.say("data", "unknown")), *told]  # fmt: skip
    if found.unseen:
        told.insert(0, (say.say("data", "unseen"), _lines(found.unseen, say)))
    return [(say.say("data", "seen"), _lines(found.seen, say)), *told]


def _lines(groups: Sequence[Sequence[str]], say: Words) -> str:
    known, either = say.tables["schedule"], say.say("join", "either")
    names = [either.join(known.get(line, line) for line in group) for group in groups]
    return say.listed(names, MOST_ELEMENTS)


def untested(told: Facts, say: Words, only: Sequence[str]) -> list[str]:
    """What was not tested and why; at most ten lines."""
    lines = [say.say("cause", "only")] if only else []
    if silent := told.in_state("none"):
        lines.append(f"{say.say('cause', 'role')}: {say.questions(silent)}")
    if told.promises:
        lines.append(say.say("cause", "promises", number=told.promises))
    lines += [_gap(one, say) for one in told.causes]
    return lines[:MOST_GAPS] or [say.say("cause", "nothing")]


def _gap(one: Untested, say: Words) -> str:
    parts = [say.theme(name, "name") for name in one.themes]
    if one.points:
        key = "point" if one.points == 1 else "points"
        parts.append(say.say("cause", key, number=one.points))
    return f"{say.say('cause', one.cause)}: {say.listed(parts, 6)}"


def risks(told: Facts, say: Words) -> list[str]:
    """The three largest: seen in this run, not known, not tested, then what no test can show."""
    denied = [say.say("risk", "denied", number=told.denied)] if told.denied else []
    found = [*_risks(told, "no", "seen", say), *denied, *_risks(told, "open", "unknown", say)]
    found += [*_risks(told, "none", "untested", say), *_risks(told, "part", "untested", say)]
    silent = heaviest({name for one in told.causes for name in one.themes})
    grave = [name for name in silent if themes().theme[name].weight >= _GRAVE]
    found += [f"{say.say('risk', 'untested')}: {say.theme(name, 'school')}" for name in grave]
    found += [say.say("risk", name) for name in ("people", "copies", "next")]
    return found[:MOST_RISKS]


def _risks(told: Facts, state: str, kind: str, say: Words) -> list[str]:
    found = [one for one in told.answers if one.state == state]
    found.sort(key=lambda one: _GRAVITY.index(one.question))
    return [f"{say.say('risk', kind)}: {_risk(one, told.direction, say)}" for one in found]


def _risk(one: Answer, direction: str, say: Words) -> str:
    if is_aside(one, direction):
        return say.theme(one.about[0], "school")
    return say.say("risk", one.question)


def conditions(told: Facts, say: Words, until: str) -> list[str]:
    """Sentences that can be pasted into a contract; at most ten."""
    lines = [say.theme(name, "ask") for name in (*told.broken, *told.weak)[:MOST_CONDITIONS]]
    if told.open:
        lines.append(say.say("condition", "open", themes=say.themes(told.open)))
    if silent := told.in_state("none", "part"):
        lines.append(say.say("condition", "untested", questions=say.questions(silent)))
    if told.denied:
        lines.append(say.say("condition", "denied", number=told.denied))
    if told.promises:
        lines.append(say.say("condition", "promises", number=told.promises))
    again = "again" if until else "again_undated"
    lines.append(say.say("condition", again, until=until))
    return [*lines, say.say("condition", "delete", days=DELETE_DAYS)]


def silent(header: Header, say: Words) -> list[str]:
    """What the page does not say; first, who may have had an interest in the result."""
    names = {name.casefold() for name in header.vendor.values()}
    by = [] if header.executor else [say.say("silent", "nobody")]
    if header.executor and header.executor.casefold() in names | {"maker", "the maker", "vendor"}:
        by = [say.say("silent", "own")]
    return [*by, *(say.say("silent", name) for name in ("receipt", "day", "law"))]
