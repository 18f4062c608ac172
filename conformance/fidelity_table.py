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

from conformance import crosswalk, facts, fidelity_edfi, trees
from conformance.crosswalk import compared, losses
from conformance.problems import Finding, NotVerified
from conformance.readback import ReadBack
from conformance.readback_forms import Row
from conformance.runfile import Fidelity, FidelityLine
from conformance.target_tables import Fidelity as Wanted

TARGET = "oneroster-1.2"
FILES = ("users", "roles", "demographics")
_ROSTER = "OneRoster 1.2 ({})"
# The local id stands in `identifier`.
LOCAL_ID = ("userIds", "XW-079")
# What the suite itself supplies, or nobody needs, where a file has no ids.
FLAT_HAS_NO = ("sourcedId", "enabledUser")
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
    if readback.told.form == "edfi":
        outcomes = fidelity_edfi.outcomes(students, documents, readback, on)
        return _table("Ed-Fi", students, fidelity_edfi.table(outcomes, documents))
    expected = [fact for fact in crosswalk.expected(TARGET, documents, on=on) if fact.file in FILES]
    found = [
        fact
        for name in FILES
        for row in _rows(students, readback, name)
        for fact in crosswalk.of_row(TARGET, name, row)
    ]
    if readback.told.form == "flat":
        expected = [
            fact
            for fact in expected
            if fact.path not in FLAT_HAS_NO and (fact.path, fact.row) != LOCAL_ID
        ]
        found = [fact for fact in found if fact.path not in FLAT_HAS_NO]
    outcomes = compared.compare(expected, found, observed=_observed(readback))
    outcomes = [_seen(one, readback) for one in outcomes]
    form = "CSV of its own" if readback.told.form == "flat" else _ROSTER.format(readback.told.form)
    return _table(form, students, losses.table(TARGET, outcomes, documents))


def _rows(students: Iterable[etree._Element], readback: ReadBack, name: str) -> list[Row]:
    """The rows of a table that are about these students, under their ids."""
    ids = {trees.folded(trees.refid(one)) for one in students}
    if readback.told.form == "flat":
        keyed = {"users": readback.users, "demographics": readback.demographics}
        found = keyed[name]() if name in keyed else {}
        return [{**row, "sourcedId": key} for key, row in found.items() if key in ids]
    return [
        row
        for row in readback.table(name)
        if trees.folded(row.get("userSourcedId") or row.get("sourcedId", "")) in ids
    ]


def _table(form: str, students: Sequence[etree._Element], lines: Iterable[losses.Line]) -> Fidelity:
    return Fidelity(
        form=form,
        students=len(students),
        lines=[_line(one) for one in lines if one.element.startswith("xStudent/")],
    )


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
            f"values invented in {table.form}: {invented}",
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
    column = outcome.path
    told = readback.told.form != "flat" or column in readback.told.columns
    if told and readback.sees(f"{outcome.file}.{column}"):
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
