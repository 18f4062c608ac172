"""An agreement becomes a POD: one pure function, the clauses of the NDPA to the slots of the POD.

Which clause fills which slot follows the table of NDPA clauses in our sheet (profile; the numbers
are of version 2.2). Texts of the form itself are never copied: a clause is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

from reference_hub.codec.pod_xml import build_pod
from reference_hub.model.pod import PENDING
from reference_hub.registry import parties
from reference_hub.registry.expansion import conditions, expansion, fields
from reference_hub.registry.nodes import Node, listed, said
from reference_hub.registry.records import (
    Agreement,
    Clause,
    Deletion,
    District,
    Framework,
    Product,
    Snapshot,
    Term,
    Vendor,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

Parts: TypeAlias = tuple[Agreement, District, Vendor, Product]


def pod_of(
    agreement: Agreement,
    district: District,
    vendor: Vendor,
    product: Product,
    *,
    pod_id: str,
    token: str,
    version: str,
) -> _Element:
    """The `pod` element of infrastructure 3.3, status Pending, with one privacy entry.

    `pod_id` is a UUID of version 1 or 4. Raises BadPod where a text cannot stand in a POD.
    """
    return build_pod(
        {
            "id": pod_id,
            "podStatus": PENDING,
            "podToken": token,
            "podVersion": version,
            "partyId": vendor.name,
            "privacyList": {"privacy": [_entry(agreement, district, vendor, product)]},
        }
    )


def pod_from(
    snapshot: Snapshot, agreement_id: str, app_id: str, *, pod_id: str, token: str, version: str
) -> _Element:
    """The POD of an agreement of a registry for one of `app_ids`; raises as `pod_of` does."""
    parts = parts_of(snapshot, snapshot.agreements[agreement_id], app_id)
    return pod_of(*parts, pod_id=pod_id, token=token, version=version)


def parts_of(snapshot: Snapshot, agreement: Agreement, app_id: str) -> Parts:
    """What the POD for one of `app_ids` is made of; the product names that one only."""
    product = snapshot.products[agreement.product]
    return (
        agreement,
        snapshot.districts[agreement.district],
        snapshot.vendors[agreement.vendor],
        replace(product, app_ids=(app_id,)) if app_id else product,
    )


def app_ids(product: Product) -> tuple[str, ...]:
    """The applications that each get a POD of their own; '' when the product names none."""
    return product.app_ids or ("",)


def _entry(agreement: Agreement, district: District, vendor: Vendor, product: Product) -> Node:
    places = [{"zoneId": district.zone, "contextId": each} for each in district.contexts]
    endpoints = [
        said(endpointURL=each.url, endpointProviderName=each.provider) for each in product.endpoints
    ]
    return said(
        default=True,
        appIDList=listed("appID", product.app_ids),
        adapterFingerprintList=listed("adapterFingerprint", product.fingerprints),
        zoneContextList=listed("zoneContext", places),
        endpointList=listed("endpoint", endpoints),
        dataModelNamespace=product.namespace,
        dataModelVersionMin=product.version_min,
        dataModelVersionMax=product.version_max,
        privacyObligationsDocument=said(
            contract=_contract(agreement),
            legalRequirements=_clauses(_duties(agreement)),
            technicalRequirements=_technical(agreement, vendor),
            dataController=parties.controller(district),
            dataProcessor=parties.processor(agreement, vendor),
            dataSubProcessorList=parties.subprocessors(agreement),
        ),
    )


def _contract(agreement: Agreement) -> Node:
    laws = [{"lawName": law.name, "lawDescription": law.description} for law in agreement.laws]
    return said(
        contractURI=agreement.uri,
        contractName=agreement.name,
        dateValidFrom=agreement.effective,
        dateValidTo=agreement.expires,
        contractVersion=agreement.version,
        studentDataIPRights=agreement.ip_rights,
    ) | {"lawList": {"law": laws}}


def _duties(agreement: Agreement) -> Iterable[Clause]:
    """The agreed clauses, and those for which a POD has no field of its own."""
    yield from agreement.clauses
    if agreement.breach and agreement.breach.hours is not None:
        within = f"Notice of a breach within {agreement.breach.hours} hours"
        yield Clause("Breach notice", _numbered(agreement, "5.4"), obligation=within)
    if agreement.originator:
        offer = f"General offer of agreement {agreement.originator}"
        yield Clause("General offer", "Exhibit E", offer)
    if agreement.document_url:
        yield Clause(
            "Signed agreement", obligation="The agreement as signed", url=agreement.document_url
        )


def _numbered(agreement: Agreement, number: str) -> str:
    return "" if agreement.type == "state" else number


def _clauses(clauses: Iterable[Clause]) -> Node:
    return said(clauseList=listed("clause", [_clause(each) for each in clauses]))


def _clause(clause: Clause) -> Node:
    duty = said(obligationDescription=clause.obligation, obligationURL=clause.url)
    return said(
        clauseLabel=clause.label,
        clauseReference=clause.reference,
        clauseContent=clause.text,
        obligationList=listed("obligation", [duty] if duty else []),
    )


def _technical(agreement: Agreement, vendor: Vendor) -> Node:
    granted = [
        {"fieldName": field.path, "controlrights": field.rights} for field in fields(agreement)
    ]
    schedule = Clause(
        "Schedule of data", _numbered(agreement, "1.3"), f"Exhibit B: {_ticks(agreement)}"
    )
    technologies = [_technology(each) for each in agreement.exhibit_f]
    return said(
        dataAccess=_clauses([schedule]) | said(fieldList=listed("field", granted)),
        conditionList=listed("condition", [_condition(each) for each in conditions(agreement)]),
        dataSubject=said(
            respondInDays=agreement.access.respond_days,
            requirePortability=agreement.access.portable,
        ),
        dataDeletion=_deletion(agreement, vendor),
        securityTechnologyList=listed("securityTechnology", technologies),
    )


def _ticks(agreement: Agreement) -> str:
    ticked = (row.id for row in expansion(agreement) if row.id in agreement.exhibit_b)
    return " ".join(ticked)


def _condition(term: Term) -> Node:
    pairs = {"path": term.path, "op": term.op, "value": term.value}
    properties = [
        {"propertyName": name, "propertyValue": value} for name, value in pairs.items() if value
    ]
    return said(
        typeOfCondition=term.kind,
        conditionName=term.name,
        conditionDescription=term.description,
        propertyList=listed("property", properties),
    )


def _deletion(agreement: Agreement, vendor: Vendor) -> Node:
    terms = agreement.deletion
    if terms is None:
        return {}
    return said(
        deleteData=terms.delete,
        dataRetention=terms.retention_days,
        deleteBy=terms.delete_by or _last_day(agreement, terms),
        partyToDeleteData=said(
            organisation=terms.organisation or vendor.name,
            deletecontactInfo=parties.contact(terms.contact) if terms.contact else None,
        ),
        respondInDays=terms.respond_days,
        requirePortability=agreement.access.portable,
    )


def _last_day(agreement: Agreement, terms: Deletion) -> date | None:
    if not terms.delete or agreement.expires is None or terms.retention_days is None:
        return None
    # Whatever an agreement says, it must not keep the others from being followed.
    days = min(terms.retention_days, (date.max - agreement.expires).days)
    return agreement.expires + timedelta(days=days)


def _technology(framework: Framework) -> Node:
    return said(
        technologyName=framework.name,
        technologyDescription=framework.description,
        referenceURL=framework.url,
        versionMin=framework.version_min,
    )
