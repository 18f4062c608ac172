"""Is a POD of any use? A schema-valid one may oblige nobody to anything (requirement POD-SCH-007).

A profile of ours: what an entry must say before it becomes Live, and what in it contradicts itself.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from lxml.etree import _Element

from reference_hub.codec.pod_schema import day_of, faults
from reference_hub.codec.pod_terms import problems_of, read_terms
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.releases import spoken
from reference_hub.codec.xml import read
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.pod import Terms
from reference_hub.privacy.findings import ERROR, NOTE, WARNING, Finding
from reference_hub.privacy.lint_fields import lint_fields

LEAST_BITS = 128
_LEAST_VARIETY = 8
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_UUID_BITS = 122
_ALPHABETS = (string.digits, string.hexdigits[:16], string.ascii_letters + string.digits)
_DOCUMENT = "privacyObligationsDocument"
_PARTS = {
    "contract": "name the agreement that the POD comes from",
    "dataController": "name who decides on the data, the district",
    "dataProcessor": "name who gets the data, the vendor",
}


def lint(document: bytes | _Element) -> list[Finding]:
    """What stands against a POD of any version, entry by entry; none: nothing was found."""
    pod = read(document) if isinstance(document, bytes) else document
    if found := faults(pod):
        return [Finding(ERROR, "pod", f"correct what the schema refuses: {each}") for each in found]
    pod = spoken(pod, INFRASTRUCTURE)
    content, terms = tree_of(pod), read_terms(pod)
    entries = content["privacyList"].get("privacy", [])
    findings = [*_token(content["podToken"]), *_entries(terms)]
    for number, (entry, term) in enumerate(zip(entries, terms, strict=True), start=1):
        findings += _entry(entry, term, f"privacy[{number}]")
    return findings


def may_become_live(findings: Iterable[Finding]) -> bool:
    """Whether none of them is an error."""
    return all(each.severity != ERROR for each in findings)


def token_bits(token: str) -> int:
    """How many bits at most a guesser must find, told from length and kind of the characters."""
    if _UUID.fullmatch(token):
        return _UUID_BITS
    marks = set(token)
    if len(marks) < _LEAST_VARIETY:
        return 0
    kinds = (each for each in _ALPHABETS if marks <= set(each))
    return int(len(token) * math.log2(len(next(kinds, string.ascii_letters + "0123456789-_"))))


def _token(token: str) -> Iterator[Finding]:
    if token_bits(token) < LEAST_BITS:
        yield Finding(WARNING, "podToken", f"draw it at random, with at least {LEAST_BITS} bits")


def _entries(terms: tuple[Terms, ...]) -> Iterator[Finding]:
    if not terms:
        yield Finding(ERROR, "privacyList", "add an entry; an empty list grants nothing to anybody")
    if sum(each.is_default for each in terms) > 1:
        yield Finding(WARNING, "privacyList", "mark one entry as default, not several")
    numbered = enumerate(map(_audience, terms), start=1)
    for (first, one), (second, other) in combinations(numbered, 2):
        if one == other:
            advice = f"tell it apart from privacy[{first}]; it is for the same and never chosen"
            yield Finding(WARNING, f"privacy[{second}]", advice)


def _audience(terms: Terms) -> tuple[object, ...]:
    return (
        frozenset(terms.app_ids),
        frozenset(terms.fingerprints),
        frozenset(terms.places),
        frozenset(terms.endpoints),
        *(terms.namespace, terms.version_min, terms.version_max),
    )


def _entry(entry: Mapping[str, Any], terms: Terms, path: str) -> Iterator[Finding]:
    document = entry.get(_DOCUMENT, {})
    inside = f"{path}/{_DOCUMENT}"
    for name, advice in _PARTS.items():
        if not document.get(name):
            yield Finding(ERROR, f"{inside}/{name}", f"missing; {advice}")
    for problem in problems_of(entry):
        if document.get("contract") or not problem.startswith("contract:"):
            yield Finding(ERROR, path, f"grants nothing: {problem}")
    yield from _dates(document, inside)
    yield from _deletion(document, inside)
    yield from _parties(document, inside)
    yield from _versions(terms, path)
    yield from lint_fields(entry, f"{inside}/technicalRequirements")


def _dates(document: Mapping[str, Any], path: str) -> Iterator[Finding]:
    contract = document.get("contract", {})
    first, last = (day_of(contract.get(each, "")) for each in ("dateValidFrom", "dateValidTo"))
    if first and last and last < first:
        advice = "let it not end before dateValidFrom; as it stands it is never in force"
        yield Finding(ERROR, f"{path}/contract/dateValidTo", advice)
    deletion = document.get("technicalRequirements", {}).get("dataDeletion", {})
    gone = day_of(deletion.get("deleteBy", ""))
    place = f"{path}/technicalRequirements/dataDeletion/deleteBy"
    if gone and first and gone < first:
        yield Finding(ERROR, place, "let it not be before the contract begins")
    elif gone and last and gone < last:
        yield Finding(WARNING, place, "it is before the contract ends; set it on that day or later")


def _deletion(document: Mapping[str, Any], path: str) -> Iterator[Finding]:
    technical = document.get("technicalRequirements", {})
    deletion = technical.get("dataDeletion")
    place = f"{path}/technicalRequirements/dataDeletion"
    if deletion is None:
        yield Finding(WARNING, place, "missing; say whether and when the data is deleted")
        return
    if deletion.get("deleteData") == "N" and {"dataRetention", "deleteBy"} & deletion.keys():
        yield Finding(WARNING, place, "deleteData is N, yet there is a term; leave one of them out")
    if deletion.get("deleteData") == "Y" and not {"dataRetention", "deleteBy"} & deletion.keys():
        yield Finding(WARNING, place, "say when: dataRetention in days, or deleteBy")
    for part, name in (("dataDeletion", "dataRetention"), ("dataDeletion", "respondInDays"),
                       ("dataSubject", "respondInDays")):  # fmt: skip
        if technical.get(part, {}).get(name, 0) < 0:
            advice = "give a number of days from 0 on"
            yield Finding(ERROR, f"{path}/technicalRequirements/{part}/{name}", advice)


def _parties(document: Mapping[str, Any], path: str) -> Iterator[Finding]:
    processor = document.get("dataProcessor", {})
    if processor and not _said(processor.get("purposeList", {}).get("purpose", [])):
        yield Finding(ERROR, f"{path}/dataProcessor/purposeList", "name at least one purpose")
    for party in ("dataController", "dataProcessor"):
        if party in document:
            yield from _party(document[party], f"{path}/{party}")
    if processor.get("dataBreachNotification") == "Y" and not processor.get("dataBreachContact"):
        advice = "name whom to tell of a breach"
        yield Finding(WARNING, f"{path}/dataProcessor/dataBreachContact", advice)
    for number, each in enumerate(_listed(document, "dataSubProcessor"), start=1):
        place = f"{path}/dataSubProcessorList/dataSubProcessor[{number}]"
        if not each.get("subProcessorName", "").strip():
            yield Finding(WARNING, place, "name the sub-processor")
        yield from _policy(each, place)


def _party(party: Mapping[str, Any], path: str) -> Iterator[Finding]:
    name = f"{path.rpartition('/')[2]}Name"
    if not party.get(name, "").strip():
        yield Finding(WARNING, f"{path}/{name}", "name the party")
    contacts = party.get("privacyContact", [])
    if not contacts:
        yield Finding(WARNING, f"{path}/privacyContact", "name a contact for questions of privacy")
    elif not any({"emailList", "phoneNumberList", "address"} & each.keys() for each in contacts):
        advice = "give an address, e-mail address or telephone number of one contact"
        yield Finding(WARNING, f"{path}/privacyContact", advice)
    yield from _policy(party, path)


def _policy(party: Mapping[str, Any], path: str) -> Iterator[Finding]:
    if not party["privacyPolicyURL"].lower().startswith("https://"):
        yield Finding(WARNING, f"{path}/privacyPolicyURL", "give a URL that begins with https://")


def _versions(terms: Terms, path: str) -> Iterator[Finding]:
    least, most = (_numbers(each) for each in (terms.version_min, terms.version_max))
    if least and most and most < least[: len(most)]:
        advice = "let it not be less than dataModelVersionMin; as it stands no version fits"
        yield Finding(ERROR, f"{path}/dataModelVersionMax", advice)
    if not terms.namespace and (terms.version_min or terms.version_max):
        advice = "name the data model that the versions are of"
        yield Finding(NOTE, f"{path}/dataModelNamespace", advice)


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.split(".")
    is_plain = all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts)
    return tuple(map(int, parts)) if is_plain else ()


def _said(words: Iterable[str]) -> bool:
    return any(word.strip() for word in words)


def _listed(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = document.get(f"{name}List", {}).get(name, [])
    return found
