"""No more than was granted, and no less than can be worked with."""

from __future__ import annotations

import re

from conformance import expect
from conformance.checks.consumer.looking import introduced, reads, under, working
from conformance.problems import NotApplicable, NotVerified
from conformance.stage import meaning
from conformance.stage.calls import Call
from conformance.stage.district import GRANTED
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage
from conformance.verifies import verifies

_WORDS = re.compile(r"[A-Za-z@][\w@]*(?:/[\w@]+)+|@?[a-z]\w*")


def places(calls: list[Call]) -> set[tuple[str, str, str]]:
    """Zone, address and page of each answered request for data."""
    return {
        (one.zone, "/".join(one.asked.steps), one.asked.says("navigationPage"))
        for one in reads(calls)
        if one.given.status < 300
    }


@verifies("POD-MIN-008")
def check_missing_optional_fields_stop_nothing(stage: Stage) -> None:
    """Students that hold their id and name only are read as completely as full ones."""
    working(stage)
    whole = places(stage.synchronise())
    if not whole:
        raise NotVerified("the client read no student")
    stage.thin_out()
    calls = stage.synchronise(lambda some: len(places(list(some))) >= len(whole))
    stage.thin_out(False)
    part = places(calls)
    what = "as many addresses are read when optional fields are missing"
    expect.true(len(part) >= len(whole), what, None, f"{len(part)} instead of {len(whole)}")


def asked_for(stage: Stage) -> list[Call]:
    """The covered calls of two rounds under an ordinary document."""
    made = working(stage)
    stage.synchronise()
    return under(stage.calls(of_the_run=stage.relayed), made)


def granted(stage: Stage) -> tuple[str, ...]:
    """The field paths of the documents that the client works under."""
    if not stage.relayed:
        return GRANTED
    found = [meaning.granted(one) for one in introduced(stage)[0].values()]
    if not all(found):
        raise NotApplicable("the documents of the hub name no fields")
    return tuple(path for paths in found for path in paths)


@through_relay
@verifies("DAT-POD-002")
def check_only_granted_objects_are_asked_for(stage: Stage) -> None:
    """Every covered request is for an object of which the POD grants a field."""
    objects = {path.partition("/")[0] + "s" for path in granted(stage)}
    for call in asked_for(stage):
        expect.one_of(call.given.service, objects, "the object asked for", call.message)


@through_relay
@verifies("DAT-POD-002")
def check_conditions_name_granted_fields_only(stage: Stage) -> None:
    """No condition, order or service path names a field that the POD keeps back."""
    paths = granted(stage)
    for call in asked_for(stage):
        text = " ".join(call.asked.given.get(name, "") for name in ("where", "order"))
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
        for path in _WORDS.findall(bare) if bare.strip() else []:
            kept = "/" in path and not _granted(call, path, paths)
            expect.true(not kept, "conditions name granted fields only", call.message, path)


def _granted(call: Call, path: str, granted: tuple[str, ...]) -> bool:
    kind = call.given.service.removesuffix("s")
    whole = path if path.startswith(f"{kind}/") else f"{kind}/{path}"
    return any(whole == one or whole.startswith(f"{one}/") for one in granted)
