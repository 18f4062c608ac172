"""PODs in many forms: valid by the 3.3 schema all the same, or invalid in one place."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from conformance import trees
from conformance.trees import XSI, inf

Change = Callable[[etree._Element], None]


def _privacy(pod: etree._Element) -> etree._Element:
    return trees.every(pod, "privacy")[0]


def _part(pod: etree._Element, name: str) -> etree._Element:
    return trees.every(pod, name)[0]


def _drop(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _nil(name: str) -> Change:
    def change(pod: etree._Element) -> None:
        element = _part(pod, name)
        for child in list(element):
            element.remove(child)
        element.text = None
        element.set(f"{{{XSI}}}nil", "true")

    return change


def _emptied(name: str) -> Change:
    def change(pod: etree._Element) -> None:
        for child in list(_part(pod, name)):
            _drop(child)

    return change


def _without(*names: str) -> Change:
    def change(pod: etree._Element) -> None:
        for name in names:
            _drop(_part(pod, name))

    return change


def _told(name: str, text: str) -> Change:
    def change(pod: etree._Element) -> None:
        _part(pod, name).text = text

    return change


def _other_application_first(pod: etree._Element) -> None:
    other = inf("privacy", inf("default", "N"), inf("appIDList", inf("appID", "another-app")))
    _part(pod, "privacyList").insert(0, other)


def _fingerprints(pod: etree._Element) -> None:
    _part(pod, "appIDList").addnext(inf("adapterFingerprintList"))


def _sub_processors(pod: etree._Element) -> None:
    one = inf(
        "dataSubProcessor",
        inf("subProcessorName", "Example Hosting"),
        inf("privacyPolicyURL", "https://hosting.example/privacy"),
        inf("purposeList", inf("purpose", "Hosting")),
    )
    _part(pod, "privacyObligationsDocument").append(inf("dataSubProcessorList", one))


def _versions(pod: etree._Element) -> None:
    _part(pod, "dataModelNamespace").addnext(inf("dataModelVersionMin", "4.0"))


def _contact(pod: etree._Element) -> None:
    name = inf("name", inf("familyName", "Example"), inf("givenName", "Jo"))
    contact = inf("privacyContact", name, inf("positionTitle", "Privacy officer"))
    _part(_part(pod, "dataController"), "privacyPolicyURL").addnext(contact)


VALID: dict[str, Change] = {
    "nil applications": _nil("appIDList"),
    "nil data model": _nil("dataModelNamespace"),
    "nil last day": _nil("dateValidTo"),
    "empty laws": _emptied("lawList"),
    "empty applications": _emptied("appIDList"),
    "empty fingerprints": _fingerprints,
    "no deletion": _without("dataDeletion"),
    "no data model": _without("dataModelNamespace"),
    "another application first": _other_application_first,
    "sub-processors": _sub_processors,
    "least version": _versions,
    "a contact": _contact,
    "letters of other languages": _told("contractName", "Überlassung — données d'élèves 学生"),
}


def _two_tokens(pod: etree._Element) -> None:
    token = _part(pod, "podToken")
    token.addnext(inf("podToken", token.text or ""))


def _wrong_id(pod: etree._Element) -> None:
    pod.set("id", "1234")


TWICE = "two tokens"
INVALID: dict[str, Change] = {
    "no token": _without("podToken"),
    "no version": _without("podVersion"),
    "no party": _without("partyId"),
    "no privacy list": _without("privacyList"),
    "unknown status": _told("podStatus", "Alive"),
    "no such date": _told("dateValidFrom", "2026-13-40"),
    TWICE: _two_tokens,
    "no UUID": _wrong_id,
}
