"""What the checks of OneRoster providers have in common: refusals, controls, moments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from conformance import expect
from conformance.checks.preparation import control_holds
from conformance.oneroster_kinds import MINORS
from conformance.oneroster_offer import Body, Roster, document, inner, items, single
from conformance.reply import Reply

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def reads(roster: Roster, name: str = "") -> Reply:
    """The positive control: the same client, asking properly, is served."""
    reply = roster.get(name or roster.collections[0], limit="1")
    control_holds(reply, "a client with good credentials is served")
    return reply


def refused(reply: Reply, *codes: int) -> None:
    """One of these statuses, and no object in the body."""
    expect.status(reply, *codes)
    told = [one for one in (*items(reply), single(reply)) if "sourcedId" in one]
    expect.equal(len(told), 0, "objects in a refusal", reply)


def minors(reply: Reply) -> list[str]:
    """The codes of an error that say what was wrong, of either version."""
    told = document(reply)
    field = told.get("imsx_CodeMinor")
    fields = inner(field, "imsx_codeMinorField") if isinstance(field, Mapping) else []
    found = [one.get("imsx_codeMinorFieldValue") for one in fields]
    older = [one.get("imsx_codeMinor") for one in inner(told, "statusInfoSet")]
    return [str(one) for one in (*found, *older) if one]


def says(roster: Roster, reply: Reply, minor: str) -> None:
    """An error of 1.2 names this code; 1.1 only recommends codes."""
    if roster.is_1_2:
        found = minors(reply)
        expect.true(minor in found, f"the error says {minor}", reply, ", ".join(found) or "none")


def complete_error(reply: Reply) -> None:
    """The payload that 1.2 defines for errors: major, severity and known minor codes."""
    told = document(reply)
    expect.equal(told.get("imsx_codeMajor"), "failure", "imsx_codeMajor", reply)
    expect.equal(told.get("imsx_severity"), "error", "imsx_severity", reply)
    found = minors(reply)
    expect.true(bool(found), "the error has a minor code", reply, "none")
    unknown = sorted({*found} - MINORS)
    expect.true(not unknown, "minor codes are those of the standard", reply, ", ".join(unknown))


def same_ids(found: Sequence[str], wanted: Sequence[str], what: str, reply: Reply) -> None:
    """Just these objects, each once, in any order; only counts are told."""
    lacking, beyond = {*wanted} - {*found}, {*found} - {*wanted}
    told = f"{len(found)} objects, {len(lacking)} lacking, {len(beyond)} too many"
    same = not lacking and not beyond and len(found) == len(set(found))
    expect.true(same, f"{what}: {len(set(wanted))} objects, each once", reply, told)


def without(body: Body, *names: str) -> dict[str, object]:
    """The object without some members."""
    return {name: value for name, value in body.items() if name not in names}
