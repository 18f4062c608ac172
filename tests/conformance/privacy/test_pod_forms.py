"""PODs in their two forms: what we call valid is, and two readers agree on the hash of a text."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from lxml import etree

from conformance import pod_forms, pods, trees
from conformance.checks.pod.variants import MUTATIONS, VARIANTS, Change, with_listed_contacts
from conformance.simulators import pod_json
from conformance.simulators.agreements import GRAMMAR, read_pod
from conformance.simulators.problems import Malformed


def fresh(**changes: object) -> etree._Element:
    """A POD with all that the suite may ask for."""
    plain: dict[str, object] = {
        "refid": pods.fresh_id(),
        "token": pods.fresh_token(random.Random(1)),
        "party": "Example Reading App",
        "app": "reader",
        "zone": "north",
    }
    return pods.build(pods.Terms(**(plain | changes))).element  # type: ignore[arg-type]


FULL = {
    "endpoints": ("https://vendor.example/sif",),
    "masked": ("xStudent/localId",),
    "portability": True,
    "retention_days": 0,
    "contract_uri": "https://registry.example/1",
}


@pytest.fixture(scope="module")
def schema(standards: Path) -> etree.XMLSchema:
    """The published schema of infrastructure 3.3."""
    (path,) = (standards / "schemas/official/infrastructure-3.3").glob("*.xsd")
    return etree.XMLSchema(etree.parse(str(path)))


def valid(schema: etree.XMLSchema, pod: etree._Element) -> bool:
    """Whether the schema accepts the POD as it goes on the wire."""
    return bool(schema.validate(trees.parse(trees.tostring(pod))))


@pytest.mark.parametrize("change", VARIANTS, ids=lambda one: one.__name__)
def test_variants_are_valid_for_the_published_schema(
    schema: etree.XMLSchema, change: Change
) -> None:
    pod = fresh()
    change(pod)
    # Lists of contacts came after 3.3, whose schema is the last that was published as XSD.
    assert valid(schema, pod) is (change is not with_listed_contacts)


@pytest.mark.parametrize("change", MUTATIONS, ids=lambda one: one.__name__)
def test_mutations_are_invalid_for_the_published_schema(
    schema: etree.XMLSchema, change: Change
) -> None:
    pod = fresh()
    change(pod)
    assert not valid(schema, pod)
    with pytest.raises(Malformed):
        read_pod(trees.parse(trees.tostring(pod)))


def test_all_that_terms_can_say_is_valid(schema: etree.XMLSchema) -> None:
    assert valid(schema, fresh(**FULL))


@pytest.mark.parametrize("change", VARIANTS, ids=lambda one: one.__name__)
def test_judge_and_vendor_compute_the_same_hash(change: Change) -> None:
    pod = fresh(portability=True, retention_days=0)
    change(pod)
    assert pod_json.digest(pod, GRAMMAR) in pod_forms.hashes(pod)


def test_the_status_does_not_change_the_hash_and_a_word_does() -> None:
    terms = {"refid": pods.fresh_id(), "token": "t" * 40}
    live, expired = fresh(**terms), fresh(**terms, status="Expired")
    assert pod_forms.hashes(live) == pod_forms.hashes(expired)
    assert pod_forms.hashes(live).isdisjoint(pod_forms.hashes(fresh(**terms, contract="Other")))


def test_json_is_a_list_of_one_wrapper_and_reads_back_as_the_same_pod() -> None:
    pod = fresh(**FULL)
    told = json.loads(pod_forms.body(pod))
    assert list(told[0]) == ["pod"]
    assert told[0]["pod"]["privacyList"]["privacy"][0]["appIDList"] == {"appID": ["reader"]}
    back = pod_json.read(pod_forms.body(pod), GRAMMAR)
    assert dict(trees.leaves(back)) == dict(trees.leaves(pod))
    assert read_pod(back) == read_pod(pod)


def test_numbers_stand_as_numbers_and_nil_as_null() -> None:
    pod = fresh()
    VARIANTS[2](pod)
    entry = pod_forms.members(pod)["privacyList"]["privacy"][0]
    deletion = entry["privacyObligationsDocument"]["technicalRequirements"]["dataDeletion"]
    assert deletion == {"deleteData": "Y", "dataRetention": 60}
    assert entry["dataModelNamespace"] is None
