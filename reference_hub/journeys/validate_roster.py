"""The functional service rosterValidation: is a roster fit to be opened to vendors?

The zone's own objects are looked at, with what the source submitted in their place or beside them.
Findings name object type, id, rule and path; nothing else of an object leaves this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import fold, local_name, read, refid_of
from reference_hub.journeys.job_service import Done, JobService, Task
from reference_hub.model.job import Phase
from reference_hub.store import objects

NAMESPACE = "urn:reference-hub:roster-report:1"
SCHEMA, REFERENCE, DUPLICATE = "schema", "reference", "duplicate"
CHECKED = ("xStaff", "xStudent", "xRoster")
SUBMITTED = ("xLea", "xSchool", "xCalendar", "xCourse", "xStaff", "xStudent", "xContact", "xRoster")
MOST_FINDINGS = 10_000
PAGE = 500
# Which elements point at what: by their own name, or `refId` by the name of the element around it.
_POINTERS = {
    "leaRefId": "xLea",
    "schoolRefId": "xSchool",
    "courseRefId": "xCourse",
    "studentRefId": "xStudent",
    "schoolCalendarRefId": "xCalendar",
    "contactPersonRefId": "xContact",
    "studentReference": "xStudent",
    "staffPersonReference": "xStaff",
    "homeRoomTeacher": "xStaff",
    "counselor": "xStaff",
}
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one object; `path` names elements, never values."""

    object_type: str
    refid: str
    rule: str
    path: str


@dataclass(frozen=True, slots=True)
class _Look:
    """The task with what was found so far."""

    task: Task
    submitted: dict[Key, bytes]
    found: list[Finding] = field(default_factory=list)
    seen: dict[tuple[str, ...], str] = field(default_factory=dict)


def validate_roster(task: Task) -> Done:
    """Check all staff, students and rosters; the report goes into the phase `report`."""
    submitted = {(each.object_type, fold(each.refid)): each.body for each in task.submitted}
    look, checked = _Look(task, submitted), 0
    for object_type in CHECKED:
        for page in _pages(look, object_type):
            checked += len(page)
            _check(look, object_type, page)
    description = f"{checked} objects checked, {len(look.found)} findings."
    return Done(description, {"report": write_report(checked, look.found)})


def write_report(checked: int, found: list[Finding]) -> bytes:
    """The report; of very many findings the first ones, beside their true number."""
    nsmap: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item]  # stubs lack None
    totals = {"checked": str(checked), "findings": str(len(found))}
    root = etree.Element(f"{{{NAMESPACE}}}rosterReport", totals, nsmap=nsmap)
    for each in found[:MOST_FINDINGS]:
        finding = etree.SubElement(root, f"{{{NAMESPACE}}}finding")
        parts = {
            "objectType": each.object_type,
            "refId": each.refid,
            "rule": each.rule,
            "path": each.path,
        }
        for name, text in parts.items():
            etree.SubElement(finding, f"{{{NAMESPACE}}}{name}").text = text
    return etree.tostring(root)


def _pages(look: _Look, object_type: str) -> Iterator[list[_Element]]:
    task = look.task
    for stored in objects.each_page(task.connection, task.scope, object_type, PAGE):
        yield [
            read(each.body) for each in stored if (object_type, each.refid) not in look.submitted
        ]
    yield [read(body) for (kind, _), body in look.submitted.items() if kind == object_type]


def _check(look: _Look, object_type: str, page: list[_Element]) -> None:
    unresolved = _missing(look, {key for element in page for _, key in _references(element)})
    for element in page:
        paths = [(SCHEMA, path) for path in _schema_faults(look.task, element)]
        dangling = {path: None for path, key in _references(element) if key in unresolved}
        paths += [(REFERENCE, path) for path in dangling]
        paths += [(DUPLICATE, path) for path in _repeated(look, object_type, element)]
        refid = refid_of(element)
        look.found.extend(Finding(object_type, refid, rule, path) for rule, path in paths)


def _schema_faults(task: Task, element: _Element) -> list[str]:
    problems = task.judge.judge(element, model=task.model).problems
    return [problem.path for problem in problems]


def _references(element: _Element) -> Iterator[tuple[str, Key]]:
    for leaf in element.iter("*"):
        name, parent = local_name(leaf), leaf.getparent()
        if leaf is element or parent is None:
            continue
        kind = _POINTERS.get(local_name(parent) if name == "refId" else name)
        value = fold(leaf.text or "")
        if kind and value and (name == "refId" or name.endswith("RefId")):
            yield _path(leaf), (kind, value)


def _missing(look: _Look, keys: Iterable[Key]) -> set[Key]:
    wanted: dict[str, set[str]] = {}
    for kind, refid in keys:
        if (kind, refid) not in look.submitted:
            wanted.setdefault(kind, set()).add(refid)
    connection, scope = look.task.connection, look.task.scope
    return {
        (kind, refid)
        for kind, refids in wanted.items()
        for refid in refids - objects.existing(connection, scope, kind, refids)
    }


def _repeated(look: _Look, object_type: str, element: _Element) -> Iterator[str]:
    refid = refid_of(element)
    for path, values in _identities(object_type, element):
        if all(values) and look.seen.setdefault((object_type, path, *values), refid) != refid:
            yield path
    members = [each.text for each in element.iterfind("{*}students/{*}studentReference/{*}refId")]
    folded = [fold(member or "") for member in members]
    if len(set(folded)) < len(folded):
        yield "/xRoster/students/studentReference"


def _identities(object_type: str, element: _Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    if object_type == "xRoster":
        terms = {each.text or "" for each in element.iterfind(".//{*}sessionCode")}
        names = ("schoolRefId", "schoolSectionId")
        values = tuple((element.findtext(f"{{*}}{name}") or "").strip() for name in names)
        year = element.findtext("{*}schoolYear") or "none"
        yield "/xRoster/schoolSectionId", (*values, year, "|".join(sorted(terms)) or "none")
    else:
        yield f"/{object_type}/localId", ((element.findtext("{*}localId") or "").strip(),)


def _path(leaf: _Element) -> str:
    names = [local_name(leaf), *(local_name(each) for each in leaf.iterancestors())]
    return "/" + "/".join(reversed(names))


ROSTER_VALIDATION = JobService(
    name="rosterValidation",
    phases=(
        Phase(
            "submission",
            required=False,
            # Not QUERY: what was submitted is not given out again.
            rights=("CREATE", "UPDATE", "DELETE"),
            states_rights=("QUERY", "CREATE"),
            accepts=SUBMITTED,
        ),
        Phase("validation", required=True),
        Phase("report", required=True, rights=("QUERY",)),
    ),
    work_phase="validation",
    work=validate_roster,
    timeout=timedelta(days=1),
)
