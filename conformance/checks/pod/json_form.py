"""PODs in JSON, in the form of infrastructure 3.6: a list of wrappers, each with one pod."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from conformance import pod_forms
from conformance.checks.pod.doors import not_acknowledged, opens
from conformance.checks.preparation import accepted, renew
from conformance.pods import Pod
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Told = dict[str, Any]
Change = Callable[[Told], object]


def privacy(told: Told) -> Told:
    """The first privacy entry."""
    entry: Told = told["privacyList"]["privacy"][0]
    return entry


def as_it_is(told: Told) -> None:
    """The plain POD."""


def unknown_members(told: Told) -> None:
    """Members that the schema does not know, which it allows."""
    told["colour"] = "green"
    privacy(told)["region"] = {"name": "North", "codes": [1, 2]}


def nil_model(told: Told) -> None:
    """A member that is null."""
    privacy(told)["dataModelNamespace"] = None


def empty_applications(told: Told) -> None:
    """A list without members."""
    privacy(told)["appIDList"] = {"appID": []}


def listed_contacts(told: Told) -> None:
    """Contacts in the list of later versions."""
    controller = privacy(told)["privacyObligationsDocument"]["dataController"]
    names = ("Robin", "Kim")
    contacts = [{"name": {"familyName": "Example", "givenName": one}} for one in names]
    controller["privacyContactList"] = {"contact": contacts}


VALID: tuple[Change, ...] = (
    as_it_is, unknown_members, nil_model, empty_applications, listed_contacts,
)  # fmt: skip


def no_token(told: Told) -> None:
    """No token."""
    del told["podToken"]


def unknown_status(told: Told) -> None:
    """A status outside the list."""
    told["podStatus"] = "Active"


def impossible_date(told: Told) -> None:
    """A day that does not exist."""
    contract = privacy(told)["privacyObligationsDocument"]["contract"]
    contract["dateValidFrom"] = "2026-02-30"


def list_for_a_name(told: Told) -> None:
    """A list where a name is due."""
    told["partyId"] = [told["partyId"]]


INVALID: tuple[Change, ...] = (no_token, unknown_status, impossible_date, list_for_a_name)


def pushed(sif: SifClient, body: bytes) -> Reply:
    """Deliver a body that says it is JSON."""
    headers = {"serviceType": "UTILITY", "Content-Type": "application/json"}
    return sif.request("POST", "pods/pod", body=body, headers=headers, marker=None)


def changed(sif: SifClient, change: Change) -> tuple[Pod, bytes]:
    """A POD, and its JSON with one change."""
    if not sif.config.pod.json:
        raise NotApplicable("the target does not claim [pod] json")
    pod = sif.new_pod()
    told = pod_forms.document(pod.element)
    change(told[0]["pod"])
    return pod, json.dumps(told, ensure_ascii=False).encode()


@pytest.mark.parametrize("change", VALID, ids=lambda one: one.__name__)
@verifies("POD-SCH-008")
def check_pod_in_json_is_taken(sif: SifClient, student: etree._Element, change: Change) -> None:
    """A POD in JSON is accepted, whatever the schema allows in it, and its token opens data."""
    pod, body = changed(sif, change)
    accepted(pushed(sif, body), "the POD in JSON is accepted")
    opens(sif.create(student, marker=pod.token), "its token opens the door to data")
    sif.use(pod)


@pytest.mark.parametrize("change", INVALID, ids=lambda one: one.__name__)
@verifies("POD-SCH-006", negative=True)
def check_invalid_pod_in_json_is_not_acknowledged(sif: SifClient, change: Change) -> None:
    """A POD in JSON that the schema does not allow is refused; a good one is acknowledged."""
    pod, body = changed(sif, change)
    not_acknowledged(pushed(sif, body), pod)
    renew(sif)


@verifies("POD-SCH-006", negative=True)
def check_broken_json_is_not_acknowledged(sif: SifClient) -> None:
    """JSON that breaks off, or that is no POD, is refused; a good POD is acknowledged."""
    pod, body = changed(sif, as_it_is)
    for broken in (body[:-30], b"[]", b'{"pod": 1}', b'[{"environment": {}}]'):
        not_acknowledged(pushed(sif, broken), pod)
    renew(sif)
