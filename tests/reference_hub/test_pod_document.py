"""The POD that the hub writes is valid against the published schema and says what was agreed."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from fixtures import pods
from reference_hub.cli_parties import obligations
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.pod_document import with_status, write_pod
from reference_hub.model.scope import Scope

POD_ID = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14"


def made(name: str = "reading-app") -> etree._Element:
    """A POD of one of the kit's agreements."""
    terms = pods.agreement(name)
    granted = pods.granted_paths(terms)
    scope = Scope("demo-district")
    return etree.fromstring(
        write_pod(POD_ID, "tok", "1.0.0", "Reader", scope, granted, obligations(terms))
    )


def texts(pod: etree._Element, name: str) -> list[str | None]:
    """The texts of all elements of that name."""
    return [element.text for element in pod.iter(f"{{{INFRASTRUCTURE}}}{name}")]


def test_the_published_schema_accepts_every_agreement_of_the_kit(standards: Path) -> None:
    path = standards / "schemas/official/infrastructure-3.3/SIF_Message.xsd"
    schema = etree.XMLSchema(etree.parse(str(path)))
    for name in pods.AGREEMENTS:
        schema.assertValid(made(name))


def test_the_pod_lists_exactly_the_granted_paths() -> None:
    granted = pods.granted_paths(pods.agreement("reading-app"))
    assert texts(made(), "fieldName") == list(granted)


def test_the_pod_carries_token_version_party_and_dates() -> None:
    pod = made()
    assert texts(pod, "podToken") == ["tok"]
    assert texts(pod, "podVersion") == ["1.0.0"]
    assert texts(pod, "partyId") == ["Reader"]
    assert texts(pod, "dateValidTo") == ["2035-06-30"]


def test_a_new_status_changes_nothing_else() -> None:
    pod = made()
    live = etree.fromstring(with_status(etree.tostring(pod), "Live"))
    assert texts(live, "podStatus") == ["Live"]
    live.find(f"{{{INFRASTRUCTURE}}}podStatus").text = "Pending"  # type: ignore[union-attr]
    assert etree.tostring(live) == etree.tostring(pod)
