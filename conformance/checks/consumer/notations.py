"""A client that speaks JSON: its notation, its lists of one, and digits that are text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lxml import etree

from conformance import expect, notations, trees
from conformance.checks.consumer.later import row
from conformance.checks.consumer.looking import deliveries, introduced, uses, why
from conformance.checks.consumer.seen import ready, spoiled, steps, wanted
from conformance.notations import GOESSNER, PESC, XML
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.reply import read_json
from conformance.stage.calls import Call
from conformance.stage.play import Stage, answered
from conformance.stage.speech import DEFAULT_MODEL
from conformance.verifies import verifies
from fixtures.writers.shapes import Kind

IN_XML = "the run is in XML; [endpoint] notation names the JSON that the client speaks"
ROOTS = {"environments": "environment", "queues": "queue", "subscriptions": "subscription"}
# Digits with zeros at their start, and a number whose last zero says how exact it is.
LEADING, TRAILING = "00123400", "0054.10"


def xml_only(stage: Stage) -> None:
    """Leave what is said of namespaces and spelling to runs in XML."""
    own = stage.config.endpoint.notation
    if own != XML:
        raise NotApplicable(f"JSON has no namespaces, and the run is of {own}")


def spoken(stage: Stage) -> str:
    """The notation of the run, where it is JSON."""
    own = stage.config.endpoint.notation
    if own == XML:
        raise NotApplicable(IN_XML)
    return own


def bodies(stage: Stage) -> list[Call]:
    """The calls of one start that carry JSON of SIF."""
    found = [
        one
        for one in stage.life()
        if one.capture.body
        and steps(one)[:1] != ("privacy",)
        and "json" in one.asked.headers.get("Content-Type").lower()
    ]
    if not found and any(one.given.spoken for one in stage.life()):
        raise NotApplicable("the client reads JSON and writes none")
    return list(wanted(found, "body in JSON"))


def decoded(call: Call) -> Any:
    """The JSON of a call."""
    try:
        return read_json(call.capture.body)
    except ValueError:
        expect.true(False, "the body is JSON", call.message, "it is none")


@verifies("POD-SCH-008")
def check_document_in_json_is_taken(stage: Stage) -> None:
    """A POD that comes as JSON is read and used like one in XML."""
    spoken(stage)
    made, calls = introduced(stage, uses)
    read = [one for one in deliveries(calls, made).values() if one.given.spoken]
    if not read:
        raise NotVerified("the client asked for no document in JSON")
    used = any(uses(one, made) for one in calls)
    if not used:
        spoiled(calls)
    expect.true(used, "a document in JSON is used", read[-1].message, why(calls))


@verifies("NEG-032")
def check_bodies_follow_the_notation(stage: Stage) -> None:
    """Each body has one member, the root, and marks attributes as the declared notation does."""
    notation = spoken(stage)
    for call in bodies(stage):
        told = decoded(call)
        fine = isinstance(told, dict) and len(told) == 1
        expect.true(fine, "the body is an object with one member", call.message, "another shape")
        (name, content), *_ = told.items()
        root = ROOTS.get(steps(call)[0], name)
        expect.equal(name, root, "the member outside", call.message)
        for fault in faults(content, shape(stage, name), notation):
            expect.true(False, f"the body is in {notation} notation", call.message, fault)


def shape(stage: Stage, name: str) -> Kind:
    """What the notation must know of a root."""
    return notations.shape_of(name, stage.config.endpoint.model or DEFAULT_MODEL)


def faults(told: Any, kind: Kind, notation: str) -> Iterator[str]:
    """What is not as the notation has it."""
    if notation == GOESSNER and not isinstance(told, dict | list | str | None):
        yield "a value that is no text"
    for name, value in told.items() if isinstance(told, dict) else ():
        if notation == PESC and name[:1] in ("@", "#"):
            yield f"the mark of another notation at {name}"
        elif notation == GOESSNER and name in kind.attributes and name not in kind.parts:
            yield f"no mark at the attribute {name}"
        part = kind.parts.get(name)
        for one in value if isinstance(value, list) else [value]:
            yield from faults(one, part.kind if part else Kind(), notation)


@verifies("NEG-033")
def check_lists_of_one_are_written_as_lists(stage: Stage) -> None:
    """What the client sends of a list with one member is an array in PESC, none in Goessner."""
    notation, seen = spoken(stage), False
    for call in bodies(stage):
        told = decoded(call)
        for name, content in told.items() if isinstance(told, dict) else ():
            for value in repeated(content, shape(stage, name)):
                seen = True
                alone = isinstance(value, list) and len(value) == 1
                fine = isinstance(value, list) if notation == PESC else not alone
                wrong = type(value).__name__
                expect.true(fine, f"a list is written as {notation} has it", call.message, wrong)
    if not seen:
        raise NotApplicable("no body of the client holds a list")


def repeated(told: Any, kind: Kind) -> Iterator[Any]:
    """What stands for parts that may repeat."""
    for name, value in told.items() if isinstance(told, dict) else ():
        part = kind.parts.get(name)
        if part is None:
            continue
        if part.many:
            yield value
        for one in value if isinstance(value, list) else [value]:
            yield from repeated(one, part.kind)


@contextmanager
def instead(stage: Stage, zone: str, students: list[etree._Element]) -> Iterator[None]:
    """The zone has these students only, inside the block."""
    held = stage.hub.students[zone]
    kept = list(held)
    held[:] = students
    try:
        yield
    finally:
        held[:] = kept


def read(
    stage: Stage, stored: ReadBack, students: list[etree._Element]
) -> tuple[list[dict[str, str]], Call]:
    """What the vendor shows of each of these students after a round in which a zone had no others,
    an empty row for one that it does not show; and the call that brought them."""
    ready(stage)
    (zone, *_) = stage.zones
    with instead(stage, zone, students):
        calls = stage.synchronise()
    brought = [one for one in calls if one.given.spoken and one.zone == zone and answered([one])]
    if not brought:
        raise NotVerified("the client did not ask for the students in JSON")
    return [row(stored, trees.refid(one)) or {} for one in students], brought[0]


@verifies("NEG-033")
def check_a_list_of_one_is_read(stage: Stage, stored: ReadBack) -> None:
    """A page with one student is read: the student shows."""
    spoken(stage)
    student = stage.newcomer(stage.zones[0])
    (found,), call = read(stage, stored, [student])
    name = trees.text(student, "name", "givenName")
    seen = found.get("givenName", "")
    expect.equal(seen, name, "given name of the only student", call.message)


@verifies("NEG-034")
def check_digits_stay_as_they_were_sent(stage: Stage, stored: ReadBack) -> None:
    """Local ids of digits keep the zeros at their start and at their end."""
    spoken(stage)
    students = [stage.newcomer(stage.zones[0]) for _ in range(2)]
    for student, digits in zip(students, (LEADING, TRAILING), strict=True):
        local = trees.child(student, "localId")
        assert local is not None
        local.text = digits
    found, call = read(stage, stored, students)
    if not all(one.get("identifier") for one in found):
        raise NotVerified("the students, or their local ids, do not show")
    for shown, digits in zip(found, (LEADING, TRAILING), strict=True):
        expect.equal(shown["identifier"], digits, "local id", call.message)
