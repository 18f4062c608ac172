"""The lint tells what a valid POD lacks or contradicts, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fixtures import pods
from reference_hub.cli_pods import obligations
from reference_hub.codec.pod_document import write_pod
from reference_hub.codec.releases import spoken
from reference_hub.model.scope import Scope
from reference_hub.privacy.lint import lint, may_become_live, token_bits
from tests.reference_hub.pods.documents import (
    INF_36,
    POD_ID,
    TOKEN,
    element,
    entry_of,
    respelled,
    technical,
    written,
)

Change = Callable[[dict[str, Any]], object]
INSIDE = "privacy[1]/privacyObligationsDocument"


def document(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = entry_of(content)["privacyObligationsDocument"]
    return found


def told(change: Change) -> list[str]:
    """Findings about the small POD, changed."""
    return [str(each) for each in lint(written(change))]


def fields(*names: str) -> Change:
    listed = [{"fieldName": name} for name in names]
    return lambda content: technical(content)["dataAccess"].update(fieldList={"field": listed})


def condition(kind: str, **properties: str) -> Change:
    pairs = [{"propertyName": k, "propertyValue": v} for k, v in properties.items()]
    one = {"typeOfCondition": kind, "propertyList": {"property": pairs}}
    return lambda content: technical(content).update(conditionList={"condition": [one]})


def test_a_complete_pod_has_no_findings_in_any_version() -> None:
    assert lint(written()) == []
    assert lint(spoken(element(), INF_36)) == []


@pytest.mark.requirement("POD-SCH-007")
@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (
            lambda content: content["privacyList"].clear(),
            "error: privacyList: add an entry; an empty list grants nothing to anybody",
        ),
        (
            lambda content: document(content).pop("contract"),
            f"error: {INSIDE}/contract: missing; name the agreement that the POD comes from",
        ),
        (
            lambda content: document(content).pop("dataController"),
            f"error: {INSIDE}/dataController: missing; name who decides on the data, the district",
        ),
        (
            lambda content: document(content).pop("dataProcessor"),
            f"error: {INSIDE}/dataProcessor: missing; name who gets the data, the vendor",
        ),
        (
            lambda content: document(content)["dataProcessor"].update(
                purposeList={"purpose": [" "]}
            ),
            f"error: {INSIDE}/dataProcessor/purposeList: name at least one purpose",
        ),
        (
            fields(),
            f"error: {INSIDE}/technicalRequirements/dataAccess/fieldList: name at least one field; "
            "without one nothing is granted",
        ),
        (
            lambda content: document(content)["contract"].update(dateValidTo="2026-06-30"),
            f"error: {INSIDE}/contract/dateValidTo: let it not end before dateValidFrom; as it "
            "stands it is never in force",
        ),
        (
            lambda content: technical(content)["dataDeletion"].update(deleteBy="2020-01-01"),
            f"error: {INSIDE}/technicalRequirements/dataDeletion/deleteBy: let it not be before "
            "the contract begins",
        ),
        (
            lambda content: technical(content)["dataDeletion"].update(dataRetention=-1),
            f"error: {INSIDE}/technicalRequirements/dataDeletion/dataRetention: give a number of "
            "days from 0 on",
        ),
        (
            lambda content: entry_of(content).update(appIDList={"appID": []}),
            "error: privacy[1]: grants nothing: appIDList: names nobody; leave it out where "
            "anybody is meant",
        ),
        (
            lambda content: entry_of(content).update(
                dataModelNamespace="urn:m", dataModelVersionMin="4.3", dataModelVersionMax="4.0"
            ),
            "error: privacy[1]/dataModelVersionMax: let it not be less than dataModelVersionMin; "
            "as it stands no version fits",
        ),
        (
            condition("ENCRYPT", path="xStudent/name"),
            "error: privacy[1]: grants nothing: conditionList: a condition that the filter cannot "
            "honour",
        ),
    ],
)
def test_an_error_keeps_a_pod_from_becoming_live(change: Change, finding: str) -> None:
    found = lint(written(change))
    assert [str(each) for each in found] == [finding]
    assert not may_become_live(found)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (
            lambda content: content.update(podToken="lea-0001.vendor-42.v3"),
            "warning: podToken: draw it at random, with at least 128 bits",
        ),
        (
            lambda content: document(content)["dataController"].pop("privacyContact"),
            f"warning: {INSIDE}/dataController/privacyContact: name a contact for questions of "
            "privacy",
        ),
        (
            lambda content: document(content)["dataProcessor"]["privacyContact"][0].pop(
                "emailList"
            ),
            f"warning: {INSIDE}/dataProcessor/privacyContact: give an address, e-mail address or "
            "telephone number of one contact",
        ),
        (
            lambda content: document(content)["dataProcessor"].update(dataBreachNotification="Y"),
            f"warning: {INSIDE}/dataProcessor/dataBreachContact: name whom to tell of a breach",
        ),
        (
            lambda content: document(content)["dataController"].update(
                privacyPolicyURL="http://d.example"
            ),
            f"warning: {INSIDE}/dataController/privacyPolicyURL: give a URL that begins with "
            "https://",
        ),
        (
            lambda content: document(content)["dataController"].update(dataControllerName=" "),
            f"warning: {INSIDE}/dataController/dataControllerName: name the party",
        ),
        (
            lambda content: technical(content).pop("dataDeletion"),
            f"warning: {INSIDE}/technicalRequirements/dataDeletion: missing; say whether and when "
            "the data is deleted",
        ),
        (
            lambda content: technical(content)["dataDeletion"].update(deleteData="N"),
            f"warning: {INSIDE}/technicalRequirements/dataDeletion: deleteData is N, yet there is "
            "a term; leave one of them out",
        ),
        (
            lambda content: content["privacyList"]["privacy"].append(entry_of(content)),
            "warning: privacyList: mark one entry as default, not several",
        ),
        (
            fields("xStudent/@refId", "xStudent/nickName"),
            f"warning: {INSIDE}/technicalRequirements/dataAccess/fieldList/field[2]: "
            "xStudent/nickName is in no data model of the kit; correct the path",
        ),
        (
            fields("xStudent/@refId", "xStudent/phoneNumber/extension"),
            f"warning: {INSIDE}/technicalRequirements/dataAccess/fieldList: grant "
            "xStudent/phoneNumber/number too; the data model demands it in xStudent/phoneNumber, "
            "so xStudent/phoneNumber/extension may never be sent",
        ),
        (
            fields("IdMAuthentication/IdentityProviderLoginId"),
            f"note: {INSIDE}/technicalRequirements/dataAccess/fieldList/field[1]: "
            "IdMAuthentication is in no data model of the kit; check it by hand",
        ),
        (
            fields("xStudent/name", "xStudent/name"),
            f"note: {INSIDE}/technicalRequirements/dataAccess/fieldList/field[2]: xStudent/name "
            "is named twice; leave one out",
        ),
        (
            condition("DELETE", path="xStaff/name"),
            f"note: {INSIDE}/technicalRequirements/conditionList: DELETE of xStaff/name: the "
            "entry grants nothing of xStaff; the condition is without effect",
        ),
    ],
)
def test_what_is_doubtful_is_told_and_hinders_nobody(change: Change, finding: str) -> None:
    found = lint(written(change))
    assert finding in [str(each) for each in found]
    assert may_become_live(found)


def test_two_entries_for_the_same_caller_are_told() -> None:
    def change(content: dict[str, Any]) -> None:
        content["privacyList"]["privacy"].append(entry_of(content) | {"default": "N"})

    assert told(change) == [
        "warning: privacy[2]: tell it apart from privacy[1]; it is for the same and never chosen"
    ]


def test_a_field_that_cannot_be_read_is_an_error() -> None:
    found = told(fields("xStudent/@refId", "xStudent/*"))
    assert found[0].startswith(
        f"error: {INSIDE}/technicalRequirements/dataAccess/fieldList/field[2]: write a path such as"
    )


def test_a_condition_at_a_path_that_no_model_has_is_an_error() -> None:
    found = told(condition("DELETE", path="xStudent/nickName"))
    assert found == [
        f"error: {INSIDE}/technicalRequirements/conditionList: DELETE of xStudent/nickName: "
        "no data model of the kit has the path"
    ]


def test_a_whole_object_asks_for_no_further_field() -> None:
    assert told(fields("xStudent")) == []


def test_an_invalid_pod_gets_the_faults_of_the_schema() -> None:
    (found,) = lint(respelled(written(), ">Live<", ">Margaret<"))
    assert found.severity == "error"
    assert found.advice.startswith("correct what the schema refuses: line 1, /pod/podStatus")
    assert "Margaret" not in str(found)


@pytest.mark.parametrize(
    ("token", "enough"),
    [
        (TOKEN, True),
        ("0123456789abcdef" * 2, True),
        ("31415926535897932384626433832795028841", False),
        ("314159265358979323846264338327950288419", True),
        (POD_ID, False),
        ("abcabcabc" * 20, False),
        ("Zr8yQ2mKx0bVt7LwNc4H", False),
        ("", False),
    ],
)
def test_the_randomness_of_a_token_is_told_from_length_and_alphabet(
    token: str, enough: bool
) -> None:
    assert (token_bits(token) >= 128) == enough


@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_no_agreement_of_the_kit_has_an_error(name: str) -> None:
    terms = pods.agreement(name)
    granted = [each for style in ("xpress", "unity") for each in pods.granted_paths(terms, style)]  # type: ignore[arg-type]
    made = write_pod(POD_ID, TOKEN, "1", "Vendor", Scope("lea"), granted, obligations(terms))
    found = lint(made)
    assert may_become_live(found)
    assert not [each for each in found if "correct the path" in each.advice]
