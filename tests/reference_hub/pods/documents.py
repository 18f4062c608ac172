"""PODs drawn over the whole grammar, and a small one that every test can change."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.pod_grammar import POD, Grammar, Slot, grammar
from reference_hub.codec.pod_xml import build_pod
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for

INF_36 = namespace_for("3.6")
POD_ID = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14"
TOKEN = "Zr8yQ2mKx0bVt7LwNc4HsG1e"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TEXTS = {
    "normalizedString": ["", " ", "one", "two words", "é 漢", "a<b&c", "x" * 300],
    "anyURI": ["https://a.example/x?y=1", "urn:x:1", "", "relative/path"],
    "date": ["2026-07-01", "2024-02-29", "2026-07-01Z", "2026-07-01-05:00"],
    "integer": [0, 5, -3, 10**12],
    "unsignedInt": [0, 7, 2**32 - 1],
}


def drawn(seed: int, namespace: str = INFRASTRUCTURE) -> dict[str, Any]:
    """The content of a valid POD; each optional member stands in about a third of them."""
    spelled = grammar(namespace)
    return _branch(Random(seed), spelled, spelled.roots[POD], 0)


def _branch(rng: Random, spelled: Grammar, type_: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    # The deeper, the rarer: the tree has clauses in clauses.
    chance = 0.9 if depth < 5 else 0.35
    for slot in spelled.branches[type_]:
        if slot.is_many:
            number = rng.randint(1 if slot.is_required or depth < 2 else 0, 2)
            found[slot.name] = [_value(rng, spelled, slot, depth) for _ in range(number)]
        elif slot.is_required or rng.random() < chance:
            found[slot.name] = _value(rng, spelled, slot, depth)
    return found


def _value(rng: Random, spelled: Grammar, slot: Slot, depth: int) -> Any:
    if slot.type in spelled.branches:
        return _branch(rng, spelled, slot.type, depth + 1)
    leaf = spelled.leaves[slot.type]
    if leaf.pattern:
        return POD_ID
    return rng.choice(leaf.words or _TEXTS[leaf.base])


def small() -> dict[str, Any]:
    """A POD that grants two fields, complete in the eyes of the lint."""
    contact = {"name": {"familyName": "Office"}, "emailList": {"email": ["o@district.example"]}}
    party = {"privacyPolicyURL": "https://d.example/privacy", "privacyContact": [contact]}
    fields = [{"fieldName": each} for each in ("xStudent/@refId", "xStudent/name")]
    document = {
        "contract": {
            "contractURI": "urn:agreement:1",
            "contractName": "Reading",
            "dateValidFrom": "2026-07-01",
            "dateValidTo": "2029-06-30",
            "lawList": {"law": []},
        },
        "technicalRequirements": {
            "dataAccess": {"fieldList": {"field": fields}},
            "dataDeletion": {"deleteData": "Y", "dataRetention": 60},
        },
        "dataController": {"dataControllerName": "District", **party},
        "dataProcessor": {
            "dataProcessorName": "Vendor",
            **deepcopy(party),
            "purposeList": {"purpose": ["Practice"]},
        },
    }
    return {
        "id": POD_ID,
        "podStatus": "Live",
        "podToken": TOKEN,
        "podVersion": "1.0.0",
        "partyId": "Vendor",
        "privacyList": {"privacy": [{"default": "Y", "privacyObligationsDocument": document}]},
    }


def entry_of(content: dict[str, Any]) -> dict[str, Any]:
    """The first privacy entry."""
    found: dict[str, Any] = content["privacyList"]["privacy"][0]
    return found


def technical(content: dict[str, Any]) -> dict[str, Any]:
    """The technical requirements of the first entry."""
    found: dict[str, Any] = entry_of(content)["privacyObligationsDocument"]["technicalRequirements"]
    return found


def element(change: Callable[[dict[str, Any]], object] = lambda _: None) -> _Element:
    """The small POD, its content changed first."""
    content = small()
    change(content)
    return build_pod(content)


def written(change: Callable[[dict[str, Any]], object] = lambda _: None) -> bytes:
    """The same as XML."""
    return etree.tostring(element(change))


def respelled(xml: bytes, old: str, new: str) -> bytes:
    """XML with one text in place of another, which must stand there once."""
    assert xml.count(old.encode()) == 1
    return xml.replace(old.encode(), new.encode())


SEEDS = st.integers(0, 2**32)
