"""Write the `pod` element of infrastructure 3.3 from an agreement: pure, order as in its schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.scope import Scope

_NSMAP: dict[str, str] = {None: INFRASTRUCTURE}  # type: ignore[dict-item]  # stubs lack None


@dataclass(frozen=True, slots=True)
class Obligations:
    """What an agreement says, ready for the POD. `laws` are (name, description) pairs;
    `retention_days` None leaves the duty to delete out."""

    contract_uri: str
    contract_name: str
    contract_version: str
    starts: date
    ends: date | None
    controller: str
    controller_policy: str
    processor: str
    processor_policy: str
    purposes: tuple[str, ...]
    laws: tuple[tuple[str, str], ...]
    retention_days: int | None


def write_pod(
    pod_id: str,
    token: str,
    version: str,
    party_id: str,
    scope: Scope,
    granted: Sequence[str],
    terms: Obligations,
) -> bytes:
    """The POD as XML bytes, status Pending, one privacy entry that covers the whole scope."""
    pod = etree.Element(_tag("pod"), {"id": pod_id}, nsmap=_NSMAP)
    _leaves(pod, podStatus="Pending", podToken=token, podVersion=version, partyId=party_id)
    privacy = _branch(_branch(pod, "privacyList"), "privacy")
    _leaves(privacy, default="Y")
    place = _branch(_branch(privacy, "zoneContextList"), "zoneContext")
    _leaves(place, zoneId=scope.zone_id, contextId=scope.context_id)
    document = _branch(privacy, "privacyObligationsDocument")
    _write_contract(document, terms)
    _write_technical(document, granted, terms)
    _write_parties(document, terms)
    return etree.tostring(pod)


def with_status(document: bytes, status: str) -> bytes:
    """The same POD with another podStatus."""
    pod = etree.fromstring(document)
    element = pod.find(_tag("podStatus"))
    if element is not None:
        element.text = status
    return etree.tostring(pod)


def _write_contract(document: etree._Element, terms: Obligations) -> None:
    contract = _branch(document, "contract")
    _leaves(contract, contractURI=terms.contract_uri, contractName=terms.contract_name)
    _leaves(contract, dateValidFrom=terms.starts.isoformat())
    if terms.ends:
        _leaves(contract, dateValidTo=terms.ends.isoformat())
    _leaves(contract, contractVersion=terms.contract_version)
    laws = _branch(contract, "lawList")
    for name, description in terms.laws:
        _leaves(_branch(laws, "law"), lawName=name, lawDescription=description)


def _write_technical(document: etree._Element, granted: Iterable[str], terms: Obligations) -> None:
    technical = _branch(document, "technicalRequirements")
    fields = _branch(_branch(technical, "dataAccess"), "fieldList")
    for path in granted:
        _leaves(_branch(fields, "field"), fieldName=path, controlrights="R")
    if terms.retention_days is not None:
        _leaves(
            _branch(technical, "dataDeletion"),
            deleteData="Y",
            dataRetention=str(terms.retention_days),
        )


def _write_parties(document: etree._Element, terms: Obligations) -> None:
    controller = _branch(document, "dataController")
    _leaves(
        controller, dataControllerName=terms.controller, privacyPolicyURL=terms.controller_policy
    )
    processor = _branch(document, "dataProcessor")
    _leaves(processor, dataProcessorName=terms.processor, privacyPolicyURL=terms.processor_policy)
    purposes = _branch(processor, "purposeList")
    for purpose in terms.purposes:
        _leaves(purposes, purpose=purpose)


def _tag(name: str) -> str:
    return f"{{{INFRASTRUCTURE}}}{name}"


def _branch(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, _tag(name))


def _leaves(parent: etree._Element, **values: str) -> None:
    for name, value in values.items():
        _branch(parent, name).text = value
