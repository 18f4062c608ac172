"""What a POD grants and demands in plain words, for people who read no SIF.

Lines of Exhibit B of the National Data Privacy Agreement stand for the paths that they open; which
those are is our decision (`fixtures.pods`). The sentences stand in wording.<language>.toml; what
the document itself says in words stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from fixtures.pods import exhibit_b
from reference_hub.model.pod import (
    GENERALISE,
    PURPOSE,
    ROW_FILTER,
    Condition,
    Terms,
)

_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
ENGLISH = "en"


@cache
def texts(language: str) -> Mapping[str, Any]:
    """The sentences in a language, by key, with the tables `ops` and `changes`."""
    path = files(__package__) / f"wording.{language}.toml"
    return tomllib.loads(path.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of data; `paths` are those granted of it, `may_change` where all may be written;
    `row_id`: its line of Exhibit B, '' where none has it."""

    label: str
    paths: tuple[str, ...]
    may_change: bool = False
    row_id: str = field(default="", compare=False)


def data_lines(terms: Terms) -> list[Line]:
    """The grant by lines of Exhibit B, then by object what no line has."""
    left, lines = dict.fromkeys(terms.granted), list[Line]()
    for row in exhibit_b():
        known = (*row.xpress_paths, *row.unity_paths)
        opened = tuple(path for path in terms.granted if any(_meet(path, each) for each in known))
        if opened:
            lines.append(_line(f"{row.category} ({row.id})", opened, terms, row.id))
        for path in opened:
            left.pop(path, None)
    for name in dict.fromkeys(path.partition("/")[0] for path in left):
        rest = tuple(path for path in left if path.partition("/")[0] == name)
        lines.append(_line(f"{words(name).capitalize()}: {_list(map(_inner, rest))}", rest, terms))
    return lines


def conditions(terms: Terms, language: str = ENGLISH) -> list[str]:
    """What the conditions do, a sentence each."""
    said = texts(language)
    return [f"{text}." for each in terms.conditions if (text := _condition(each, said))]


def duties(entry: Mapping[str, Any], language: str = ENGLISH) -> list[str]:
    """What an entry (of the mapping that `tree_of` gives) demands, a sentence each."""
    said = texts(language)
    document = entry.get("privacyObligationsDocument", {})
    technical, processor = (
        document.get(name, {}) for name in ("technicalRequirements", "dataProcessor")
    )
    return [
        *_deletion(technical.get("dataDeletion", {}), said),
        *_subject(technical.get("dataSubject", {}), said),
        *_processing(processor, said),
        *_others(document, technical, said),
        *_clauses(document.get("legalRequirements", {}), said),
    ]


def words(name: str) -> str:
    """A SIF name in words: `xStudent` is student, `givenName` given name."""
    bare = name.removeprefix("@")
    if bare[:1] == "x" and bare[1:2].isupper():
        bare = bare[1:]
    return " ".join(_HUMPS.split(bare)).lower()


def _line(label: str, paths: tuple[str, ...], terms: Terms, row_id: str = "") -> Line:
    return Line(label, paths, all(path in terms.writable for path in paths), row_id)


def _meet(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")


def _inner(path: str) -> str:
    return " ".join(map(words, path.split("/")[1:])) or "everything"


def _list(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))


def _condition(each: Condition, said: Mapping[str, Any]) -> str:
    if each.kind == PURPOSE:
        return each.name and said["purpose"].format(name=each.name)
    name, _, inner = each.path.partition("/")
    place = f"{words(name)} {' '.join(map(words, inner.split('/')))}".strip()
    if each.kind == ROW_FILTER:
        op = said["ops"].get(each.op, each.op)
        return str(said["only_where"].format(field=place, op=op, value=each.value)).rstrip()
    if each.kind == GENERALISE:
        part = said["prefix"].format(value=each.value) if each.op == "prefix" else each.op
        return str(said["only_part"].format(field=place, part=part))
    text = said["changes"].get(each.kind.lower(), said["restricted"])
    return str(text.format(field=place.capitalize()))


def _deletion(told: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[str]:
    if told.get("deleteData") == "Y":
        yield said["delete_data"]
    if "dataRetention" in told:
        yield said["retention"].format(days=told["dataRetention"])
    if "deleteBy" in told:
        yield said["delete_by"].format(day=told["deleteBy"])
    if "respondInDays" in told:
        yield said["confirm_within"].format(days=told["respondInDays"])


def _subject(told: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[str]:
    if "respondInDays" in told:
        yield said["answer_within"].format(days=told["respondInDays"])
    if told.get("requirePortability") == "Y":
        yield said["pass_on"]


def _processing(told: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[str]:
    for key, name, inner in (
        ("purposes", "purposeList", "purpose"),
        ("alternate", "alternatePurposeList", "alternatePurpose"),
        ("deidentified", "deidentifiedPurposeList", "deidentifiedPurpose"),
    ):
        if listed := told.get(name, {}).get(inner):
            yield said[key].format(names="; ".join(listed))
    yes_or_no = (
        ("dataUsageMarketingAllowed", "N", "no_marketing"),
        ("dataBreachNotification", "Y", "breaches"),
        ("notifyDataControllerOnAccessRequests", "Y", "access_requests"),
        ("employeesMustComplyWithAgreement", "Y", "staff_keeps"),
        ("employeeConfidentialityAgreement", "Y", "staff_signs"),
    )
    yield from (said[key] for name, word, key in yes_or_no if told.get(name) == word)
    for each in told.get("countryImpactedList", {}).get("countryImpacted", []):
        named = f"{each.get('country', '')} {each.get('usage', '')}".strip()
        yield said["country"].format(name=named)


def _others(
    document: Mapping[str, Any], technical: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[str]:
    listed = document.get("dataSubProcessorList", {}).get("dataSubProcessor", [])
    if named := [each["subProcessorName"] for each in listed if each.get("subProcessorName")]:
        yield said["companies"].format(names=", ".join(named))
    for each in technical.get("securityTechnologyList", {}).get("securityTechnology", []):
        told = (each.get("technologyName", ""), each.get("versionMin", ""))
        yield said["security"].format(name=" ".join(filter(None, told)))


def _clauses(legal: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[str]:
    for each in legal.get("clauseList", {}).get("clause", []):
        names = ("clauseReference", "clauseLabel", "clauseContent")
        told = " ".join(filter(None, (each.get(name, "") for name in names)))
        if told:
            yield said["clause"].format(name=told.rstrip("."))
        for one in each.get("obligationList", {}).get("obligation", []):
            if text := one.get("obligationDescription"):
                yield text.rstrip(".") + "."
