"""An agreement becomes the POD that its golden file holds, and the hub reads it back as agreed.

Set RENEW_GOLDEN=1 to write the golden files anew; look at the difference before you keep it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from reference_hub.codec.pod_terms import problems_of, read_terms
from reference_hub.codec.pod_xml import BadPod, tree_of
from reference_hub.privacy.conditions import faults
from reference_hub.privacy.lint import lint, may_become_live
from reference_hub.registry.content import content_of
from reference_hub.registry.expansion import conditions, fields
from reference_hub.registry.records import Access, Breach, Clause, Deletion
from tests.reference_hub.registry.agreed import ACTIVE_IDS, KIT, agreement, pod

GOLDEN = Path(__file__).parent / "golden"


def texts(element: etree._Element, name: str) -> list[str | None]:
    """The texts of all elements of that name."""
    return [each.text for each in element.iter(f"{{*}}{name}")]


@pytest.mark.requirement("REG-003", "REG-001")
@pytest.mark.parametrize("name", ACTIVE_IDS)
def test_each_agreement_in_force_becomes_its_golden_pod(name: str) -> None:
    written = etree.tostring(pod(agreement(name)), pretty_print=True, encoding="unicode")
    path = GOLDEN / f"{name}.xml"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(written, "utf-8")
    assert written == path.read_text("utf-8")


def test_there_is_no_golden_file_without_its_agreement() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.xml")) == ACTIVE_IDS


@pytest.mark.parametrize("name", sorted(KIT.agreements))
def test_the_published_schema_accepts_every_pod(name: str, infrastructure: etree.XMLSchema) -> None:
    infrastructure.assertValid(pod(agreement(name)))


@pytest.mark.parametrize("name", sorted(KIT.agreements))
def test_the_hub_reads_back_what_was_agreed(name: str) -> None:
    terms, (entry,) = agreement(name), read_terms(pod(agreement(name)))
    assert entry.granted == tuple(field.path for field in fields(terms))
    assert entry.writable == tuple(each.path for each in fields(terms) if each.rights == "RW")
    assert (entry.starts, entry.ends) == (terms.effective, terms.expires)
    assert [each.path for each in entry.conditions] == [each.path for each in conditions(terms)]
    assert entry.app_ids == KIT.products[terms.product].app_ids


@pytest.mark.parametrize("name", sorted(KIT.agreements))
def test_the_filter_can_keep_every_condition(name: str) -> None:
    (entry,) = read_terms(pod(agreement(name)))
    assert faults(entry.conditions, b"key of a vendor") == {}


@pytest.mark.requirement("POD-SCH-007")
@pytest.mark.parametrize("name", ACTIVE_IDS)
def test_no_pod_has_what_would_keep_it_from_becoming_live(name: str) -> None:
    of_entries = [each for each in lint(pod(agreement(name))) if each.path.startswith("privacy")]
    assert may_become_live(of_entries)


@pytest.mark.requirement("POD-SCH-007")
@pytest.mark.parametrize("name", ACTIVE_IDS)
def test_every_pod_obliges_to_something(name: str) -> None:
    (entry,) = tree_of(pod(agreement(name)))["privacyList"]["privacy"]  # type: ignore[call-overload,index]
    document = entry["privacyObligationsDocument"]
    assert problems_of(entry) == []
    assert document["contract"]["contractURI"] == KIT.agreements[name].uri
    assert document["dataController"]["dataControllerName"]
    assert document["dataProcessor"]["purposeList"]["purpose"]
    assert document["technicalRequirements"]["dataAccess"]["fieldList"]["field"]


@pytest.mark.requirement("REG-001")
def test_the_contract_is_named_by_its_address_in_the_registry() -> None:
    made = pod(agreement("minimal"))
    assert texts(made, "contractURI") == ["https://registry.example/agreements/minimal"]
    assert texts(made, "contractName") == ["Name tags"]


def test_a_new_pod_is_pending_and_belongs_to_the_vendor() -> None:
    made = pod(agreement("larkspur-maths"))
    assert texts(made, "podStatus") == ["Pending"]
    assert texts(made, "partyId") == texts(made, "dataProcessorName") == ["Larkspur Learning LLC"]
    assert texts(made, "appID") == ["larkspur-maths"]


def test_each_context_of_the_district_is_named() -> None:
    made = pod(agreement("quillmark-next"))
    assert texts(made, "zoneId") == ["lake-prairie", "lake-prairie"]
    assert texts(made, "contextId") == ["DEFAULT", "summer"]


def test_the_hours_of_a_breach_notice_stand_in_a_clause() -> None:
    made = pod(agreement("minimal", breach=Breach(hours=24)))
    assert texts(made, "dataBreachNotification") == ["Y"]
    assert texts(made, "obligationDescription") == ["Notice of a breach within 24 hours"]
    assert "5.4" in texts(made, "clauseReference")


def test_a_state_form_has_no_numbers_of_the_national_one() -> None:
    terms = agreement("tidewater-bus", breach=Breach(hours=24))
    assert texts(pod(terms), "clauseReference") == []


def test_a_general_offer_names_the_agreement_it_comes_from() -> None:
    made = pod(agreement("harbor-reading"))
    assert "General offer of agreement reading-app" in texts(made, "clauseContent")
    assert "Exhibit E" in texts(made, "clauseReference")


@pytest.mark.parametrize(
    ("deletion", "by"),
    [
        (Deletion(True, 60), "2035-08-29"),
        (Deletion(True, 60, date(2035, 7, 1)), "2035-07-01"),
        (Deletion(False, 60), None),
        (Deletion(True), None),
    ],
)
def test_the_day_of_deletion_follows_from_the_end(deletion: Deletion, by: str | None) -> None:
    made = pod(agreement("minimal", deletion=deletion))
    assert texts(made, "deleteBy") == ([by] if by else [])


def test_what_was_not_agreed_is_not_said() -> None:
    made = pod(agreement("minimal", deletion=None, access=Access()))
    silent = ("dataDeletion", "dataSubject", "dataSubProcessorList", "dataBreachNotification")
    assert [name for name in silent if next(made.iter(f"{{*}}{name}"), None) is not None] == []
    assert texts(made, "dataUsageMarketingAllowed") == ["N"]


def test_equal_content_has_one_digest_whatever_the_identity() -> None:
    one, other = pod(agreement("minimal")), pod(agreement("minimal"))
    other.set("id", "1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    for name in ("podStatus", "podToken", "podVersion"):
        next(other.iter(f"{{*}}{name}")).text = "Live"
    assert content_of(one) == content_of(other)


def test_any_other_change_changes_the_digest() -> None:
    before = content_of(pod(agreement("minimal")))
    assert content_of(pod(agreement("minimal", version="2.3"))) != before
    assert content_of(pod(agreement("minimal", withheld=("xStudent/name",)))) != before


def test_a_sign_that_no_xml_can_hold_is_refused() -> None:
    terms = agreement("minimal", clauses=(Clause("A bell \x07"),))
    with pytest.raises(BadPod, match="cannot stand in XML"):
        pod(terms)
