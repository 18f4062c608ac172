"""The POD (privacy obligations document) of infrastructure 3.3: its grammar and the terms in it.

Contacts are read in the bare form of 3.3 and in the list wrappers of later versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from lxml import etree

from conformance.simulators import pod_json
from conformance.simulators.documents import child_text, is_infrastructure
from conformance.simulators.grammar import is_uuid, load_grammar
from conformance.simulators.problems import Malformed

GRAMMAR = load_grammar("pod")


@dataclass(frozen=True, slots=True)
class Pod:
    """What the simulator needs of a POD. `terms` are the days (from, to) of its contracts.

    `digest` is the hash of all but the status; `masked` are paths whose values are placeholders;
    `erase` tells that the data has to go with the end, `passed_on` that rules travel with it.
    """

    id: str
    status: str
    token: str
    party: str
    zones: tuple[tuple[str, str], ...]
    terms: tuple[tuple[date, date], ...]
    version: str = ""
    digest: str = ""
    fields: tuple[str, ...] = ()
    masked: frozenset[str] = frozenset()
    erase: bool = False
    passed_on: bool = False
    contract: str = ""

    def in_force(self, today: date) -> bool:
        """Whether a contract covers the day, both ends included; no contract sets no limit."""
        return not self.terms or any(first <= today <= last for first, last in self.terms)


def read_pod(element: etree._Element) -> Pod:
    """Judge a pod element and take its terms; raises Malformed."""
    if not is_infrastructure(element, "pod"):
        raise Malformed("body", "is not a pod of the infrastructure namespace")
    if not is_uuid(element.get("id", "").strip()):
        raise Malformed("id", "is not a UUID of version 1 or 4")
    GRAMMAR.judge(element, "Pod")
    space = element.tag[: element.tag.rfind("}") + 1]
    return Pod(
        id=element.get("id", "").strip().lower(),
        status=child_text(element, "podStatus"),
        # Compared byte for byte, so never trimmed; a line break would split a header.
        token=re.sub(r"\s", " ", element.findtext(f"{space}podToken") or ""),
        party=child_text(element, "partyId"),
        zones=tuple(dict.fromkeys(_zone(zone) for zone in element.iter(f"{space}zoneContext"))),
        terms=tuple(
            _term(contract) for contract in element.iter(f"{space}contract") if len(contract)
        ),
        version=child_text(element, "podVersion"),
        digest=pod_json.digest(element, GRAMMAR),
        fields=tuple(child_text(one, "fieldName") for one in element.iter(f"{space}field")),
        masked=frozenset(_masked(element)),
        erase=any(_erases(one) for one in element.iter(f"{space}dataDeletion")),
        passed_on=any(one.text == "Y" for one in element.iter(f"{space}requirePortability")),
        contract=next((one.text or "" for one in element.iter(f"{space}contractURI")), ""),
    )


def _zone(element: etree._Element) -> tuple[str, str]:
    return child_text(element, "zoneId"), child_text(element, "contextId") or "DEFAULT"


def _term(contract: etree._Element) -> tuple[date, date]:
    last = child_text(contract, "dateValidTo")
    first = date.fromisoformat(child_text(contract, "dateValidFrom")[:10])
    return first, date.fromisoformat(last[:10]) if last else date.max


def _masked(element: etree._Element) -> list[str]:
    found = []
    for condition in element.iter("{*}condition"):
        named = {
            child_text(one, "propertyName"): child_text(one, "propertyValue")
            for one in condition.iter("{*}property")
        }
        if child_text(condition, "typeOfCondition") == "MASK":
            found.append(named.get("path", ""))
    return found


def _erases(deletion: etree._Element) -> bool:
    """Whether the data is to go at once: no days of retention are granted."""
    return (
        child_text(deletion, "deleteData") == "Y" and child_text(deletion, "dataRetention") == "0"
    )
