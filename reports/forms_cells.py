"""What a run says to one item of a form: evidence, a statement of the vendor, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.runfile import (
    FAIL,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    Attested,
    RequirementVerdict,
)
from reports.forms_data import Item
from reports.pace import Pace, of_changes
from reports.source import Source, is_binding
from reports.summary_words import Words
from reports.themes import direction_of, theme_of

EVIDENCE = "evidence"
STATEMENT = "vendor statement"
NOTHING = "not measured"
HIGHEST = 4
SOON_MS = 60_000
_ROLE = "A product in this role has no part in it."
_UNTESTED = "This run did not test it."


@dataclass(frozen=True, slots=True)
class Cell:
    """An item with its answer. `kind` is evidence | vendor statement | not measured.

    `answer` is a word of the form or empty, `requirements` those behind it, failed ones first.
    """

    item: str
    kind: str
    answer: str
    note: str
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """The rows of a run by theme, with what else an item may ask for.

    `pace` is how fast changes were seen, None if the run did not measure it.
    """

    rows: Mapping[str, list[RequirementVerdict]]
    attested: Mapping[str, Attested]
    direction: str
    words: Words
    pace: Pace | None

    def state(self, theme: str) -> str:
        """met | weak | broken | open | untested."""
        rows = self.rows.get(theme, [])
        binding = [row for row in rows if is_binding(row.level)]
        verdicts = {row.verdict for row in binding}
        if FAIL in verdicts:
            return "broken"
        if verdicts & {NOT_VERIFIED, OUR_FAULT}:
            return "open"
        if any(row.verdict == FAIL for row in rows):
            return "weak"
        return "met" if any(row.verdict == PASS for row in rows) else "untested"

    def behind(self, themes: Iterable[str]) -> tuple[str, ...]:
        """The requirements of these themes that were decided, failed ones first."""
        rows = [row for theme in themes for row in self.rows.get(theme, [])]
        rows = [row for row in rows if row.verdict in (PASS, FAIL)]
        return tuple(row.id for row in sorted(rows, key=lambda row: (row.verdict == PASS, row.id)))


def record(source: Source, words: Words) -> Record:
    """Sort what a run holds for the items of forms."""
    rows: dict[str, list[RequirementVerdict]] = {}
    for row in source.verdict.requirements:
        rows.setdefault(theme_of(row), []).append(row)
    header, pace = source.run.header, of_changes(source.run.measured)
    attested = {one.id: one for one in header.attested if one.answer and not one.faults}
    return Record(rows, attested, direction_of(header.role), words, pace)


def cell(item: Item, run: Record) -> Cell:
    """The answer of a run to an item; evidence goes before what the vendor says of itself."""
    found = _level(item, run) if item.steps else _word(item, run)
    if found.kind != NOTHING:
        return found
    told = [run.attested[name] for name in item.asked if name in run.attested]
    if told:
        return _statement(item, told)
    asked = "Nobody answered for it in the attestation form." if item.asked else ""
    return Cell(item.name, NOTHING, "", item.silent or asked or found.note)


def _level(item: Item, run: Record) -> Cell:
    steps = item.steps.get(run.direction)
    if not steps:
        return Cell(item.name, NOTHING, "", _ROLE)
    reached: list[str] = []
    for number, step in enumerate(steps, 1):
        stops = [name for name in step if run.state(name) not in ("met", "weak")]
        if stops:
            return _stopped(item, run, number, stops, (*reached, *step))
        reached += step
    level = len(steps) + 1
    if item.lag:
        return _paced(item, run, level, reached)
    note = "" if level == HIGHEST else "This role shows no more."
    return _reached(item, run, level, note, reached)


def _paced(item: Item, run: Record, level: int, reached: list[str]) -> Cell:
    """One level more if half of the changes were seen within a minute."""
    if run.pace is None:
        note = f"Not level {level + 1}: this run did not measure how fast a change is seen."
        return _reached(item, run, level, note, reached)
    level += run.pace.median_ms <= SOON_MS
    note = f"Half of the changes were seen within {run.pace.median_ms / 1000:.1f} s."
    return _reached(item, run, level, note, reached)


def _stopped(item: Item, run: Record, level: int, stops: list[str], seen: Iterable[str]) -> Cell:
    seen = list(seen)
    if all(run.state(name) == "untested" for name in seen):
        return Cell(item.name, NOTHING, "", _UNTESTED)
    broken = [name for name in stops if run.state(name) == "broken"]
    names = run.words.themes(broken or stops)
    why = "for it broke on" if broken else "for this run did not settle"
    return _reached(item, run, level, f"Not level {level + 1}, {why}: {names}.", seen)


def _reached(item: Item, run: Record, level: int, note: str, themes: Iterable[str]) -> Cell:
    return Cell(item.name, EVIDENCE, f"level {level}", note, run.behind(themes))


def _word(item: Item, run: Record) -> Cell:
    states = {name: run.state(name) for name in item.themes}
    if not set(states.values()) - {"untested"}:
        return Cell(item.name, NOTHING, "", _UNTESTED)
    order = (("broken", "does not meet", "It broke on"), ("open", "could not be decided", "Open"),
             ("weak", "meets with reservations", "Weak on"),
             ("untested", "meets with reservations", "Not tested"))  # fmt: skip
    for state, answer, lead in order:
        if names := [name for name, one in states.items() if one == state]:
            note = f"{lead}: {run.words.themes(names)}."
            return Cell(item.name, EVIDENCE, answer, note, run.behind(item.themes))
    return Cell(item.name, EVIDENCE, "meets", "", run.behind(item.themes))


def _statement(item: Item, told: Iterable[Attested]) -> Cell:
    notes = [f"{one.id}: {one.answer}, {one.owner}, {one.date}. {one.obligation}" for one in told]
    answers = {one.answer for one in told}
    answer = answers.pop() if len(answers) == 1 else "see the note"
    return Cell(item.name, STATEMENT, answer, " ".join(notes))
