"""What a POD grants and demands in plain words, for people who read no SIF.

Lines of Exhibit B of the National Data Privacy Agreement stand for the paths that they open; which
those are is our decision (`fixtures.pods`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.pods import exhibit_b
from reference_hub.model.pod import (
    DELETE,
    GENERALISE,
    HASH,
    MASK,
    NULL,
    PURPOSE,
    ROW_FILTER,
    Condition,
    Terms,
)

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_OPS = {
    "in": "is one of",
    "not-in": "is none of",
    "eq": "is",
    "ne": "is not",
    "lt": "is less than",
    "le": "is at most",
    "gt": "is more than",
    "ge": "is at least",
    "present": "is there",
    "absent": "is not there",
}
_CHANGES = {
    DELETE: "{} is never sent",
    NULL: "{} is sent empty",
    MASK: "{} is sent as a placeholder, not as its value",
    HASH: "{} is sent as a pseudonym made for you alone",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of data; `paths` are those granted of it, `may_change` where all may be written."""

    label: str
    paths: tuple[str, ...]
    may_change: bool = False


def data_lines(terms: Terms) -> list[Line]:
    """The grant by lines of Exhibit B, then by object what no line has."""
    left, lines = dict.fromkeys(terms.granted), list[Line]()
    for row in exhibit_b():
        known = (*row.xpress_paths, *row.unity_paths)
        opened = tuple(path for path in terms.granted if any(_meet(path, each) for each in known))
        if opened:
            lines.append(_line(f"{row.category} ({row.id})", opened, terms))
        for path in opened:
            left.pop(path, None)
    for name in dict.fromkeys(path.partition("/")[0] for path in left):
        rest = tuple(path for path in left if path.partition("/")[0] == name)
        lines.append(_line(f"{words(name).capitalize()}: {_list(map(_inner, rest))}", rest, terms))
    return lines


def conditions(terms: Terms) -> list[str]:
    """What the conditions do, a sentence each."""
    return [f"{text}." for each in terms.conditions if (text := _condition(each))]


def duties(entry: Mapping[str, Any]) -> list[str]:
    """What an entry (of the mapping that `tree_of` gives) demands, a sentence each."""
    document = entry.get("privacyObligationsDocument", {})
    technical, processor = (
        document.get(name, {}) for name in ("technicalRequirements", "dataProcessor")
    )
    return [
        *_deletion(technical.get("dataDeletion", {})),
        *_subject(technical.get("dataSubject", {})),
        *_processing(processor),
        *_others(document, technical),
        *_clauses(document.get("legalRequirements", {})),
    ]


def words(name: str) -> str:
    """A SIF name in words: `xStudent` is student, `givenName` given name."""
    bare = name.removeprefix("@")
    if bare[:1] == "x" and bare[1:2].isupper():
        bare = bare[1:]
    return " ".join(_HUMPS.split(bare)).lower()


def _line(label: str, paths: tuple[str, ...], terms: Terms) -> Line:
    return Line(label, paths, all(path in terms.writable for path in paths))


def _meet(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")


def _inner(path: str) -> str:
    return " ".join(map(words, path.split("/")[1:])) or "everything"


def _list(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))


def _condition(each: Condition) -> str:
    if each.kind == PURPOSE:
        return each.name and f"For this purpose only: {each.name}"
    name, _, inner = each.path.partition("/")
    field = f"{words(name)} {' '.join(map(words, inner.split('/')))}".strip()
    if each.kind == ROW_FILTER:
        return f"Only where {field} {_OPS.get(each.op, each.op)} {each.value}".rstrip()
    if each.kind == GENERALISE:
        part = f"first {each.value} characters" if each.op == "prefix" else each.op
        return f"Of {field} only the {part}"
    return _CHANGES.get(each.kind, "{} is restricted").format(field.capitalize())


def _deletion(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("deleteData") == "Y":
        yield "Delete the data when the agreement ends."
    if "dataRetention" in told:
        yield f"Keep none of it for more than {told['dataRetention']} days after that."
    if "deleteBy" in told:
        yield f"Delete the data by {told['deleteBy']}."
    if "respondInDays" in told:
        yield f"Confirm the deletion within {told['respondInDays']} days of being asked."


def _subject(told: Mapping[str, Any]) -> Iterator[str]:
    if "respondInDays" in told:
        yield f"Answer requests of the people concerned within {told['respondInDays']} days."
    if told.get("requirePortability") == "Y":
        yield "Pass these rules on with the data wherever it goes."


def _processing(told: Mapping[str, Any]) -> Iterator[str]:
    for label, name, inner in (
        ("Use the data for this only", "purposeList", "purpose"),
        ("Also allowed", "alternatePurposeList", "alternatePurpose"),
        ("Without names allowed", "deidentifiedPurposeList", "deidentifiedPurpose"),
    ):
        if listed := told.get(name, {}).get(inner):
            yield f"{label}: {'; '.join(listed)}."
    yes_or_no = (
        ("dataUsageMarketingAllowed", "N", "No use for marketing."),
        ("dataBreachNotification", "Y", "Report every breach of the data."),
        ("notifyDataControllerOnAccessRequests", "Y", "Pass requests for access to the district."),
        ("employeesMustComplyWithAgreement", "Y", "Your staff keeps this agreement too."),
        ("employeeConfidentialityAgreement", "Y", "Your staff signs for confidentiality."),
    )
    yield from (text for name, word, text in yes_or_no if told.get(name) == word)
    for each in told.get("countryImpactedList", {}).get("countryImpacted", []):
        yield f"Country: {each.get('country', '')} {each.get('usage', '')}".strip() + "."


def _others(document: Mapping[str, Any], technical: Mapping[str, Any]) -> Iterator[str]:
    listed = document.get("dataSubProcessorList", {}).get("dataSubProcessor", [])
    if named := [each["subProcessorName"] for each in listed if each.get("subProcessorName")]:
        yield f"No other company handles the data but: {', '.join(named)}."
    for each in technical.get("securityTechnologyList", {}).get("securityTechnology", []):
        told = (each.get("technologyName", ""), each.get("versionMin", ""))
        yield f"Security: {' '.join(filter(None, told))}."


def _clauses(legal: Mapping[str, Any]) -> Iterator[str]:
    for each in legal.get("clauseList", {}).get("clause", []):
        names = ("clauseReference", "clauseLabel", "clauseContent")
        told = " ".join(filter(None, (each.get(name, "") for name in names)))
        if told:
            yield f"Clause {told}".rstrip(".") + "."
        for one in each.get("obligationList", {}).get("obligation", []):
            if text := one.get("obligationDescription"):
                yield text.rstrip(".") + "."
