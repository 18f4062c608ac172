"""Controller, processor and sub-processors of a POD, from the records of a registry."""

from __future__ import annotations

from collections.abc import Iterable

from reference_hub.registry.nodes import Node, listed, said
from reference_hub.registry.records import (
    Agreement,
    Contact,
    District,
    Page,
    SecurityTest,
    SubProcessor,
    Vendor,
)


def controller(district: District) -> Node:
    """The dataController."""
    return said(
        dataControllerName=district.name,
        privacyPolicyURL=district.privacy_policy_url,
        privacyContact=_contacts(district.contacts),
        issuesNotificationContact=_contacts(district.issue_contacts),
    )


def processor(agreement: Agreement, vendor: Vendor) -> Node:
    """The dataProcessor with its purposes (NDPA 4.2), staff (4.3), limits on advertising (4.7),
    places (5.1), tests (5.2) and breach contacts (5.4)."""
    return _identity(agreement, vendor) | _purposes(agreement) | _care(agreement)


def subprocessors(agreement: Agreement) -> Node:
    """The dataSubProcessorList (NDPA 2.3)."""
    return listed("dataSubProcessor", [_subprocessor(each) for each in agreement.subprocessors])


def contact(person: Contact) -> Node:
    """A person or desk as SIF's contact information."""
    phones = [{"number": person.phone}] if person.phone else []
    return {"name": said(familyName=person.family, givenName=person.given)} | said(
        positionTitle=person.position,
        emailList=listed("email", [person.email] if person.email else []),
        phoneNumberList=listed("phoneNumber", phones),
    )


def _contacts(people: Iterable[Contact]) -> list[Node]:
    return [contact(each) for each in people]


def _identity(agreement: Agreement, vendor: Vendor) -> Node:
    return said(
        dataProcessorName=vendor.name,
        privacyPolicyURL=vendor.privacy_policy_url,
        privacyContact=_contacts(vendor.contacts),
        notifyDataControllerOnAccessRequests=agreement.access.forward,
        dataProcessorContactForAccessRequests=_contacts(vendor.access_contacts),
    )


def _purposes(agreement: Agreement) -> Node:
    return said(
        purposeList=listed("purpose", agreement.purposes),
        alternatePurposeList=listed("alternatePurpose", agreement.alternate_purposes),
        deidentifiedPurposeList=listed("deidentifiedPurpose", agreement.deidentified_purposes),
        dataUsageMarketingAllowed=agreement.marketing,
        personalInformationUpdatedFromSource=agreement.refresh_days,
    )


def _care(agreement: Agreement) -> Node:
    breach, staff = agreement.breach, agreement.staff
    countries = [said(country=each.country, usage=each.usage) for each in agreement.countries]
    return said(
        dataBreachNotification=True if breach else None,
        dataBreachContact=_contacts(breach.contacts) if breach else None,
        employeesMustComplyWithAgreement=staff.bound,
        employeeConfidentialityAgreement=staff.confidentiality,
        employeeTrainingList=listed("employeeTraining", map(_training, staff.trainings)),
        passwordEmployeeAccessStandard=_standard(staff.password_standard),
        securityTestRequiredList=listed("securityTestRequired", map(_test, agreement.tests)),
        countryImpactedList=listed("countryImpacted", countries),
    )


def _training(page: Page) -> Node:
    return said(trainingName=page.name, trainingURL=page.url)


def _standard(page: Page | None) -> Node:
    return said(standardName=page.name, standardURL=page.url) if page else {}


def _test(test: SecurityTest) -> Node:
    days = test.remediation_days
    return said(
        testType=test.kind,
        testFrequency=test.frequency,
        remediationRequiredIn=None if days is None else str(days),
        shareResults=test.shared,
    )


def _subprocessor(each: SubProcessor) -> Node:
    return said(
        subProcessorName=each.name,
        privacyPolicyURL=each.privacy_policy_url,
        privacyContact=_contacts(each.contacts),
        purposeList=listed("purpose", each.purposes),
    )
