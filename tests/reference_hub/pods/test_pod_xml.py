"""Building the pod element from a mapping, and reading it back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from fixtures import pods
from reference_hub.cli_pods import obligations
from reference_hub.codec.pod_document import write_pod
from reference_hub.codec.pod_grammar import bare_names, grammar
from reference_hub.codec.pod_terms import read_terms
from reference_hub.codec.pod_xml import BadPod, build_pod, tree_of, with_status
from reference_hub.codec.xml import MalformedDocument, local_name
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.scope import Scope
from tests.reference_hub.pods.documents import (
    INF_36,
    NIL,
    POD_ID,
    SEEDS,
    drawn,
    element,
    entry_of,
    respelled,
    small,
    technical,
    written,
)


def refused(**change: Any) -> str:
    with pytest.raises(BadPod) as caught:
        build_pod({**small(), **change})
    return str(caught.value)


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_what_is_built_reads_back_the_same(seed: int) -> None:
    for namespace in (INFRASTRUCTURE, INF_36):
        content = drawn(seed, namespace)
        assert tree_of(build_pod(content, namespace)) == without_traces(content)


def without_traces(value: Any) -> Any:
    """What is left of a mapping once it was XML: no bare contacts leave no trace."""
    if isinstance(value, dict):
        kept = {k: each for k, each in value.items() if each != [] or k not in bare_names()}
        return {k: without_traces(each) for k, each in kept.items()}
    return [without_traces(each) for each in value] if isinstance(value, list) else value


def test_the_order_of_the_mapping_does_not_matter() -> None:
    assert etree.tostring(build_pod(dict(reversed(small().items())))) == written()


def test_days_numbers_and_truth_are_written_as_the_schema_has_them() -> None:
    def change(content: dict[str, Any]) -> None:
        entry_of(content)["default"] = False
        technical(content)["dataDeletion"] = {"dataRetention": 7, "deleteBy": date(2030, 1, 2)}

    pod = element(change)
    assert pod.findtext(".//{*}default") == "N"
    assert pod.findtext(".//{*}dataRetention") == "7"
    assert pod.findtext(".//{*}deleteBy") == "2030-01-02"


def test_none_leaves_a_member_out() -> None:
    pod = element(lambda content: technical(content).update(dataDeletion=None))
    assert pod.find(".//{*}dataDeletion") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"colour": 1}, "pod: has no colour; it has id, podStatus, podToken"),
        ({"podToken": None}, "pod/podToken: is required and missing"),
        ({"podToken": ["a"]}, "pod/podToken: expected one value, no list"),
        ({"podToken": 7}, "pod/podToken: expected a value for normalizedString; found int"),
        ({"podToken": "a\x00b"}, "pod/podToken: the text holds a sign that cannot stand in XML"),
        ({"podStatus": True}, "pod/podStatus: expected one of Draft, Pending, Live, Expired"),
        ({"podStatus": "Done"}, "pod/podStatus: expected one of Draft, Pending, Live, Expired"),
        ({"id": "pod-1"}, "pod/@id: expected the pattern"),
        ({"privacyList": {"privacy": {}}}, "pod/privacyList/privacy: expected a list"),
        ({"privacyList": "none"}, "pod/privacyList: expected a mapping of names to values"),
    ],
)
def test_a_mapping_that_makes_no_pod_is_refused(change: dict[str, Any], told: str) -> None:
    assert f"The POD cannot be written. {told}" in refused(**change)


def test_a_moment_is_no_day() -> None:
    end = {"deleteBy": datetime(2030, 1, 2, tzinfo=UTC)}
    with pytest.raises(BadPod, match="deleteBy: expected a value for date; found datetime"):
        element(lambda content: technical(content).update(dataDeletion=end))


def test_nil_elements_say_nothing() -> None:
    pod = element()
    end = next(pod.iter("{*}dateValidTo"))
    end.text, end.attrib[NIL] = None, "true"
    contract = entry_of(tree_of(pod))["privacyObligationsDocument"]["contract"]
    assert "dateValidTo" not in contract


def test_white_space_is_read_as_the_types_have_it() -> None:
    xml = respelled(written(), ">Live<", "> Live\n<").replace(b">60<", b"> +060 <")
    content = tree_of(etree.fromstring(respelled(xml, ">1.0.0<", ">1.\t0 <")))
    assert content["podStatus"] == "Live"
    assert content["podVersion"] == "1. 0 "
    assert technical(content)["dataDeletion"]["dataRetention"] == 60


def test_a_comment_does_not_cut_a_text_short() -> None:
    pod = etree.fromstring(respelled(written(), ">Vendor</partyId>", ">Ven<!-- -->dor</partyId>"))
    assert tree_of(pod)["partyId"] == "Vendor"


def test_what_is_not_valid_is_not_read() -> None:
    with pytest.raises(MalformedDocument, match="not a valid POD; line 1, /pod/podStatus"):
        tree_of(etree.fromstring(respelled(written(), ">Live<", ">Done<")))


def test_a_new_status_changes_nothing_else() -> None:
    assert with_status(written(), "Pending") == respelled(written(), ">Live<", ">Pending<")


@pytest.mark.requirement("POD-SCH-001", "POD-DEL-008")
@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_each_agreement_of_the_kit_becomes_a_pod_of_the_published_schema(
    standards: Path, name: str
) -> None:
    path = standards / "schemas/official/infrastructure-3.3/SIF_Message.xsd"
    terms, granted = pods.agreement(name), pods.granted_paths(pods.agreement(name))
    place = Scope("demo-district")
    made = write_pod(POD_ID, "tok", "1.0.0", "Reader", place, granted, obligations(terms))
    pod = etree.fromstring(made)
    etree.XMLSchema(etree.parse(str(path))).assertValid(pod)
    assert read_terms(pod)[0].granted == granted
    assert read_terms(pod)[0].ends == terms.valid_to


def test_every_element_of_the_grammar_can_be_written() -> None:
    found = {local_name(each) for seed in range(120) for each in build_pod(drawn(seed)).iter()}
    names = {slot.name for _, slot in grammar(INFRASTRUCTURE).paths() if not slot.is_attribute}
    assert found == names | {"pod"}
