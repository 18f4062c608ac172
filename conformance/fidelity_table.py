"""The table of fidelity: how many values of each element were kept, changed, lost or invented.

In the vendor's own form the expectations are those of `crosswalk`, which says as well what has no
place there; read back as SIF every value has its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date

from lxml import etree

from conformance import crosswalk, facts, fidelity, trees
from conformance.crosswalk import compared, losses
from conformance.problems import Finding, NotVerified
from conformance.readback import ReadBack
from conformance.runfile import Fidelity, FidelityLine
from conformance.target_tables import Fidelity as Wanted

TARGET = "oneroster-1.2"
FILES = ("users", "roles", "demographics")
UNSEEN, UNAVOIDABLE = compared.UNSEEN, "no place"
OBSERVED = (compared.KEPT, compared.CHANGED, compared.LOST)


def comparable(student: etree._Element) -> etree._Element:
    """A student as it is compared in a roster: without contacts and earlier stays.

    Contacts need objects of their own there, and two roles of one school are one in its key; both
    are judged by checks of their own.
    """
    copy = deepcopy(student)
    for one in [one for one in copy if trees.local(one) in ("studentContacts", "otherEnrollments")]:
        copy.remove(one)
    return copy


def of_form(students: Sequence[etree._Element], readback: ReadBack, on: date) -> Fidelity:
    """What became of the students in the vendor's own form; schools are taken for known."""
    documents = [*students, *_schools(students)]
    expected = [fact for fact in crosswalk.expected(TARGET, documents, on=on) if fact.file in FILES]
    ids = {trees.folded(trees.refid(one)) for one in students}
    found = [
        fact
        for name in FILES
        for row in readback.table(name)
        if trees.folded(row.get("userSourcedId") or row.get("sourcedId", "")) in ids
        for fact in crosswalk.of_row(TARGET, name, row)
    ]
    outcomes = compared.compare(expected, found, observed=_observed(readback))
    outcomes = [_seen(one, readback) for one in outcomes]
    lines = losses.table(TARGET, outcomes, documents)
    return Fidelity(
        form=f"OneRoster 1.2 ({readback.told.form})",
        students=len(students),
        lines=[_line(one) for one in lines if one.element.startswith("xStudent/")],
    )


def of_columns(students: Sequence[etree._Element], readback: ReadBack) -> Fidelity:
    """What became of the students in a form without ids, column by column as `fidelity` says."""
    users, demographics = readback.users(), readback.demographics()
    counted: dict[str, Counter[str]] = {}
    for one in students:
        key = trees.folded(trees.refid(one))
        for judged in fidelity.compare(one, users.get(key, {}), demographics.get(key, {})):
            field, told = judged.expected.field, any(judged.expected.allowed)
            fate = judged.outcome if readback.sees(field) else UNSEEN
            fate = fate if readback.has_place(field) else UNAVOIDABLE
            if told or fate == fidelity.INVENTED:
                counted.setdefault(judged.expected.element, Counter())[fate] += 1
    lines = [
        FidelityLine(
            element=element,
            status="carried",
            sent=found.total() - found[fidelity.INVENTED],
            unseen=found[UNSEEN],
            unavoidable=found[UNAVOIDABLE],
            **{name: found[name] for name in (*OBSERVED, compared.INVENTED)},
        )
        for element, found in counted.items()
    ]
    names = {"edfi": "Ed-Fi", "flat": "CSV of its own"}
    form = names.get(readback.told.form, readback.told.form)
    return Fidelity(form=form, students=len(students), lines=lines)


def of_sif(pairs: Iterable[tuple[etree._Element, etree._Element | None]]) -> Fidelity:
    """What became of students that are read back as SIF, given what was sent and what was read."""
    counted: dict[str, Counter[str]] = {}
    number = 0
    for number, (sent, kept) in enumerate(pairs, 1):  # noqa: B007
        for fate in facts.fates(sent, kept):
            counted.setdefault(fate.path, Counter())[fate.outcome] += 1
    lines = [
        FidelityLine(
            element=path,
            status="carried",
            sent=sum(found[name] for name in OBSERVED),
            **{name: found[name] for name in (*OBSERVED, compared.INVENTED)},
        )
        for path, found in counted.items()
    ]
    return Fidelity(form="SIF", students=number, lines=lines)


def judge(table: Fidelity, wanted: Wanted) -> None:
    """A Finding if less is kept, or more invented, than the target file allows.

    NotVerified where nothing, or not everything with a place, could be observed: what nobody can
    see is never taken for kept.
    """
    seen = sum(_observed_in(line) for line in table.lines)
    if not seen:
        raise NotVerified("no value can be observed in this form, so nothing is known")
    for line in table.lines:
        least = wanted.elements.get(line.element)
        if least is not None and line.kept < least * _observed_in(line):
            raise Finding(
                f"{line.element}: {line.kept} of {_observed_in(line)} values were kept",
                f"at least {least:.1%}",
                _rest(line),
                path=line.element,
            )
    kept = sum(line.kept for line in table.lines)
    if kept < wanted.kept * seen:
        worst = max(table.lines, key=lambda line: line.changed + line.lost)
        raise Finding(
            f"{kept} of {seen} values with a place in {table.form} were kept",
            f"at least {wanted.kept:.1%}",
            f"{kept / seen:.1%}; most in {worst.element}: {_rest(worst)}",
            path=worst.element,
        )
    invented = sum(line.invented for line in table.lines)
    if invented > wanted.invented:
        worst = max(table.lines, key=lambda line: line.invented)
        raise Finding(
            f"{invented} values were invented in {table.form}",
            f"at most {wanted.invented}",
            f"{invented}, most in {worst.element}",
            path=worst.element,
        )
    unseen = [line for line in table.lines if line.unseen]
    if unseen:
        raise NotVerified(
            f"{sum(line.unseen for line in unseen)} values of {len(unseen)} elements cannot be"
            f" observed in {table.form}, first {unseen[0].element}"
        )


def _observed_in(line: FidelityLine) -> int:
    return line.kept + line.changed + line.lost


def _rest(line: FidelityLine) -> str:
    return f"{line.changed} changed, {line.lost} lost"


def _observed(readback: ReadBack) -> set[str]:
    roles = bool(readback.told.roles) and readback.told.form not in ("edfi", "flat")
    return set(FILES) if roles else {"users", "demographics"}


def _seen(outcome: compared.Outcome, readback: ReadBack) -> compared.Outcome:
    """The outcome, unless the form has no such column."""
    if readback.sees(f"{outcome.file}.{outcome.path}"):
        return outcome
    return replace(outcome, outcome=compared.UNSEEN)


def _line(one: losses.Line) -> FidelityLine:
    return FidelityLine(
        element=one.element,
        status=one.status,
        sent=one.sent,
        kept=one.kept,
        changed=one.changed,
        lost=one.lost,
        invented=one.invented,
        unseen=one.unseen,
        unavoidable=one.unavoidable,
    )


def _schools(students: Iterable[etree._Element]) -> list[etree._Element]:
    """The schools and districts that students point at, as bare objects."""
    made: dict[str, bytes] = {}
    for one in students:
        school = trees.text(one, "enrollment", "schoolRefId")
        district = trees.text(one, "enrollment", "leaRefId")
        if school:
            made[school] = (
                f'<xSchool xmlns="{trees.NA4}" refId="{school}"><leaRefId>{district}</leaRefId>'
                "<schoolName>Example School</schoolName></xSchool>"
            ).encode()
            made[district] = (
                f'<xLea xmlns="{trees.NA4}" refId="{district}"><leaName>Example District</leaName>'
                "</xLea>"
            ).encode()
    return [trees.parse(one) for one in made.values()]
