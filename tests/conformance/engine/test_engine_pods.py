"""The PODs we send are valid, and no two of them carry the same token."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from conformance import pods, trees


def terms(**changes: object) -> pods.Terms:
    """Ordinary terms with these changes."""
    plain: dict[str, object] = {
        "refid": pods.fresh_id(),
        "token": pods.fresh_token(random.Random(1)),
        "party": "Example Reading App",
        "app": "reader",
        "zone": "north",
        "fields": ("xStudent/name", "xStudent/localId"),
    }
    return pods.Terms(**(plain | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def schema(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    (path,) = (standards / "schemas/official/infrastructure-3.3").glob("*.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


@pytest.mark.parametrize("status", ["Live", "Draft", "Pending", "Expired"])
def test_a_pod_is_valid_for_the_published_schema(schema: etree.XMLSchema, status: str) -> None:
    pod = pods.build(terms(status=status))
    schema.assertValid(trees.parse(trees.tostring(pod.element)))


def test_two_pods_share_nothing_but_their_terms() -> None:
    one, other = pods.build(terms(party="A")), pods.build(terms(party="B"))
    texts = [trees.tostring(pod.element) for pod in (one, other)]
    assert texts[0].count(one.refid.encode()) == 2
    assert texts[1].count(other.refid.encode()) == 2
    assert b"<partyId>A<" in texts[0]
    assert b"<partyId>B<" in texts[1]


def test_dates_are_inclusive_days_of_the_contract() -> None:
    pod = pods.build(terms(valid_from=date(2026, 1, 2), valid_to=date(2026, 3, 4)))
    contract = trees.every(pod.element, "contract")[0]
    assert trees.text(contract, "dateValidFrom") == "2026-01-02"
    assert trees.text(contract, "dateValidTo") == "2026-03-04"


def test_a_token_starts_with_the_seed_and_ends_at_random() -> None:
    one, other = (pods.fresh_token(random.Random(5)) for _ in range(2))
    assert one[:8] == other[:8]
    assert one != other
    assert len(one) == 40


def test_a_token_can_have_any_length_and_alphabet() -> None:
    token = pods.fresh_token(random.Random(5), 128, "ab.-_")
    assert len(token) == 128
    assert set(token[8:]) <= set("ab.-_")
