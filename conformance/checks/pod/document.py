"""The POD itself: which documents are taken, and which must not be acknowledged."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import trees, versions
from conformance.checks.pod.doors import not_acknowledged, opens
from conformance.checks.pod.variants import (
    MUTATIONS,
    VARIANTS,
    Change,
    pending,
    with_contacts,
    with_listed_contacts,
)
from conformance.checks.preparation import accepted, renew
from conformance.problems import NotApplicable
from conformance.sif import SifClient
from conformance.verifies import verifies


@pytest.mark.parametrize("change", VARIANTS, ids=lambda one: one.__name__)
@verifies("POD-SCH-005")
def check_every_valid_pod_is_taken(sif: SifClient, student: etree._Element, change: Change) -> None:
    """A POD with parts left out, nil, empty or added as the schema allows opens the door."""
    listed = versions.reaches(sif.config.endpoint.infrastructure, "3.4")
    if change is (with_contacts if listed else with_listed_contacts):
        raise NotApplicable("contacts stand in a list from infrastructure 3.4 on")
    pod = sif.new_pod()
    change(pod.element)
    accepted(sif.push_pod(pod), "the POD is accepted")
    if change is not pending:
        opens(sif.create(student, marker=pod.token), "its token opens the door to data")
    sif.use(pod)


@pytest.mark.parametrize("change", MUTATIONS, ids=lambda one: one.__name__)
@verifies("POD-SCH-006", negative=True)
def check_invalid_pod_is_not_acknowledged(sif: SifClient, change: Change) -> None:
    """A POD that the schema does not allow is refused and not acknowledged; a good one is."""
    pod = sif.new_pod()
    change(pod.element)
    not_acknowledged(sif.push_pod(pod), pod)
    renew(sif)


HOSTILE = {
    "document type": "<!DOCTYPE pod>",
    "outside entity": '<!DOCTYPE pod [<!ENTITY leak SYSTEM "file:///etc/hostname">]>',
    "parameter entity": '<!DOCTYPE pod [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>',
    "bomb": '<!DOCTYPE pod [<!ENTITY leak "ha"><!ENTITY b "&leak;&leak;"><!ENTITY c "&b;&b;">]>',
    "outside subset": '<!DOCTYPE pod SYSTEM "http://127.0.0.1:9/pod.dtd">',
}


@pytest.mark.parametrize("form", sorted(HOSTILE))
@verifies("POD-SCH-009", negative=True)
def check_hostile_pod_is_not_acknowledged(sif: SifClient, form: str) -> None:
    """A POD with a document type or an outside entity is refused; without it is acknowledged."""
    pod = sif.new_pod()
    body = trees.tostring(pod.element).replace(b"<pod ", f"{HOSTILE[form]}<pod ".encode(), 1)
    if "leak" in HOSTILE[form]:
        body = body.replace(b"FERPA", b"&leak;")
    reply = sif.request("POST", "pods/pod", body=body, headers={"serviceType": "UTILITY"},
                        marker=None)  # fmt: skip
    not_acknowledged(reply, pod)
    renew(sif)


@verifies("POD-SCH-006", negative=True)
def check_draft_is_not_acknowledged(sif: SifClient) -> None:
    """A POD in draft is no agreement: it is not acknowledged, a live one is."""
    pod = sif.new_pod(status="Draft")
    not_acknowledged(sif.push_pod(pod), pod)
    renew(sif)


@verifies("POD-SCH-006", negative=True)
def check_other_object_is_not_acknowledged(sif: SifClient) -> None:
    """An environment, or a pod in a namespace of its own, at the door for PODs is refused."""
    pod = sif.new_pod()
    foreign = trees.tostring(pod.element).replace(trees.INF.encode(), b"http://vendor.example/pod")
    for body in (foreign, trees.tostring(sif.environment_body("check"))):
        reply = sif.request("POST", "pods/pod", body=body, headers={"serviceType": "UTILITY"},
                            marker=None)  # fmt: skip
        not_acknowledged(reply, pod)
    renew(sif)
