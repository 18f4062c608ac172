"""Functions of the Ed-Fi tables for results of tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reference_hub.translate.calls import Call, Graph, Note, Read, Written, function
from reference_hub.translate.edfi_words import uri, word_of
from reference_hub.translate.functions_edfi_lists import items_in
from reference_hub.translate.functions_plain import NOT_A_CODE
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE

_LIMIT = 35
_LEVEL = uri("AssessmentReportingMethod", "Achievement/proficiency level")
_METHOD = "assessmentReportingMethodDescriptor"

Item = dict[str, Any]


def _datatype(value: str) -> str:
    kind = "Integer" if value.lstrip("+-").isdigit() else "Level"
    kind = "Decimal" if kind == "Level" and value.replace(".", "", 1).isdigit() else kind
    return uri("ResultDatatypeType", kind)


def _results(call: Call, of_parts: bool) -> tuple[list[tuple[str, Item]], list[Note]]:
    """The results with the part of the test they belong to ('' for the whole of it)."""
    found: list[tuple[str, Item]] = []
    notes: list[Note] = []
    metric = call.record.get("metric")
    method = call.codes.get(metric if isinstance(metric, str) else "")
    for number, item in enumerate(items_in(call.record.get("scores"))):
        value, part = item.get("value", "").strip(), item.get("subTest", "")
        if not value or bool(part) != of_parts:
            continue
        if method is None or len(value) > _LIMIT:
            fault = (UNMAPPED_CODE, NOT_A_CODE) if method is None else (NARROWED, "too long")
            notes.append(Note(*fault, item=number))
            continue
        result = {"result": value, "resultDatatypeTypeDescriptor": _datatype(value)}
        found.append((part, {**result, _METHOD: method}))
    return found, notes


def _results_read(call: Call) -> Read:
    scores: list[dict[str, str]] = []
    metric = None
    for node in call.values:
        if isinstance(node, Mapping) and node.get("result"):
            scores.append({"value": str(node["result"])})
            metric = call.meanings.get(str(node.get(_METHOD, "")))
    return Read({"scores": scores, "metric": metric} if scores else None)


@function("edfi_score_results", read=_results_read, raw=True)
def score_results(call: Call) -> Written:
    """Write the results of the whole test, as text with its kind and the way it is reported."""
    found, notes = _results(call, of_parts=False)
    return Written([item for _, item in found] or None, tuple(notes))


def _levels(call: Call, of_part: str) -> tuple[list[Item], list[Note]]:
    """The levels reached in the whole test ('') or a part, in the host's words."""
    words: Mapping[str, str] = call.settings.get("performance_levels", {})
    found: dict[str, Item] = {}
    notes: list[Note] = []
    for number, item in enumerate(items_in(call.record.get("scores"))):
        told = " ".join(item.get("performanceLevel", "").split())
        if not told or item.get("subTest", "") != of_part:
            continue
        if told not in words:
            notes.append(Note(UNMAPPED_CODE, NOT_A_CODE, item=number))
            continue
        level = {
            "performanceLevelDescriptor": uri("PerformanceLevel", words[told]),
            _METHOD: _LEVEL,
        }
        found.setdefault(told, {**level, "performanceLevelIndicatorName": told})
    return list(found.values()), notes


@function("edfi_score_levels")
def score_levels(call: Call) -> Written:
    """Write the levels reached in the whole test, by the words of the connection's settings
    (`performance_levels`: the test's word to Ed-Fi's)."""
    levels, notes = _levels(call, "")
    return Written(levels or None, tuple(notes))


def _parts_read(call: Call) -> Read:
    scores: list[dict[str, str]] = []
    metric = None
    for node in call.values:
        part = node.get("objectiveAssessmentReference") if isinstance(node, Mapping) else None
        code = str(part.get("identificationCode", "")) if isinstance(part, Mapping) else ""
        for result in node.get("scoreResults", ()) if code else ():
            scores.append({"value": str(result.get("result", "")), "subTest": _dashed(code)})
            metric = call.meanings.get(str(result.get(_METHOD, "")))
            for level in node.get("performanceLevels", ()):
                told = level.get("performanceLevelIndicatorName")
                told = told or word_of("PerformanceLevel", level["performanceLevelDescriptor"])
                scores[-1]["performanceLevel"] = str(told)
    whole = [dict(each) for each in items_in(call.record.pop("scores", []))]
    return Read({"metric": metric, "scores": [*whole, *scores] or None})


def _dashed(code: str) -> str:
    if len(code) != 32:
        return code
    return "-".join((code[:8], code[8:12], code[12:16], code[16:20], code[20:]))


@function("edfi_objective_results", read=_parts_read, raw=True)
def objective_results(call: Call) -> Written:
    """Write the results and levels of the parts of a test."""
    found, notes = _results(call, of_parts=True)
    name = _identifier(call)
    space = call.settings.get("namespace")
    if not name or not space:
        return Written(None, tuple(notes))
    items = []
    for part, result in found:
        if not _is_of_a_test(call.graph, part):
            notes.append(Note(NARROWED, "of which test the part is, is not known", field=1))
            continue
        reference = {"identificationCode": part.replace("-", "")[:32]}
        reference |= {"assessmentIdentifier": name, "namespace": space}
        item = {"objectiveAssessmentReference": reference, "scoreResults": [result]}
        levels, lost = _levels(call, part)
        notes += lost
        items.append(item | ({"performanceLevels": levels} if levels else {}))
    return Written(items or None, tuple(notes))


def _is_of_a_test(graph: Graph | None, part: str) -> bool:
    test = graph.get("SubTest", part) if graph else None
    if graph is None or test is None:
        return False
    return "assessment" in test or bool(graph.referring("AssessmentForm", "subTests", part))


def _identifier(call: Call) -> str:
    told = [each for each in call.values[2:] if isinstance(each, str)]
    return " ".join(told[0].split()) if told else ""


def _moment_read(call: Call) -> Read:
    return Read((str(call.values[0]), *(None for _ in call.fields[1:])))


@function("edfi_first_moment", read=_moment_read)
def first_moment(call: Call) -> Written:
    """Write the first known instant; a time without a zone is one of the district's (`zone`)."""
    for place, each in enumerate(call.values):
        if isinstance(each, str):
            notes = (Note(INFERRED, "the sitting says it", place),) if place else ()
            found, more = _with_zone(call, each, place)
            return Written(found, (*notes, *more))
    return Written()


@function("edfi_end_moment")
def end_moment(call: Call) -> Written:
    """Like `edfi_first_moment`, where nothing is to be read back."""
    return first_moment(call)


def _with_zone(call: Call, told: str, place: int) -> tuple[str | None, tuple[Note, ...]]:
    at = datetime.fromisoformat(told)
    if at.tzinfo is not None:
        return told, ()
    name = call.settings.get("zone")
    if not name:
        return None, (Note(NARROWED, "the time names no zone, nor do the settings (zone)", place),)
    note = Note(INFERRED, "the time names no zone; that of the district is meant", place)
    return at.replace(tzinfo=ZoneInfo(name)).isoformat(timespec="seconds"), (note,)


@function("edfi_year_of_moment")
def year_of_moment(call: Call) -> Written:
    """Write the school year in which an instant lies: one that begins in July (profile)."""
    told = next((each for each in call.values if isinstance(each, str)), None)
    if not told:
        return Written()
    year, month = int(told[:4]), int(told[5:7])
    return Written(year + 1 if month >= 7 else year)
