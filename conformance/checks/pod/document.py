"""The POD itself: which documents are taken, and which must not be acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import renew
from conformance.pods import Pod
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.trees import inf
from conformance.verifies import verifies

Change = Callable[[etree._Element], None]
NIL = f"{{{trees.XSI}}}nil"


def inner(pod: etree._Element, *names: str) -> etree._Element:
    """An element of the first privacy entry."""
    found = trees.child(pod, "privacyList", "privacy", *names)
    assert found is not None
    return found


def drop(pod: etree._Element, *names: str) -> None:
    """Remove an element of the first privacy entry."""
    parent, gone = inner(pod, *names[:-1]), inner(pod, *names)
    parent.remove(gone)


def to_nil(pod: etree._Element, *names: str) -> None:
    """Make an optional element nil."""
    found = inner(pod, *names)
    for one in list(found):
        found.remove(one)
    found.text = None
    found.set(NIL, "true")


def without_applications(pod: etree._Element) -> None:
    """No appIDList: valid for all applications."""
    drop(pod, "appIDList")


def empty_applications(pod: etree._Element) -> None:
    """An empty appIDList."""
    inner(pod, "appIDList").remove(inner(pod, "appIDList", "appID"))


def nil_model(pod: etree._Element) -> None:
    """The data model namespace is nil."""
    to_nil(pod, "dataModelNamespace")


def with_versions(pod: etree._Element) -> None:
    """A range of data model versions."""
    model = inner(pod, "dataModelNamespace")
    model.addnext(inf("dataModelVersionMin", "4.0"))
    least = inner(pod, "dataModelVersionMin")
    least.addnext(inf("dataModelVersionMax", "4.3"))


def without_end(pod: etree._Element) -> None:
    """A contract without an end."""
    drop(pod, "privacyObligationsDocument", "contract", "dateValidTo")


def nil_end(pod: etree._Element) -> None:
    """A contract whose end is nil."""
    to_nil(pod, "privacyObligationsDocument", "contract", "dateValidTo")


def without_contract(pod: etree._Element) -> None:
    """No contract at all."""
    drop(pod, "privacyObligationsDocument", "contract")


def empty_laws(pod: etree._Element) -> None:
    """An empty list of laws."""
    laws = inner(pod, "privacyObligationsDocument", "contract", "lawList")
    for one in list(laws):
        laws.remove(one)


def without_processor(pod: etree._Element) -> None:
    """No data processor."""
    drop(pod, "privacyObligationsDocument", "dataProcessor")


def nil_deletion(pod: etree._Element) -> None:
    """The obligation to delete is nil."""
    to_nil(pod, "privacyObligationsDocument", "technicalRequirements", "dataDeletion")


def with_subprocessors(pod: etree._Element) -> None:
    """A list with one further processor."""
    document = inner(pod, "privacyObligationsDocument")
    one = inf("dataSubProcessor", inf("subProcessorName", "Example Hosting"),
              inf("privacyPolicyURL", "https://hosting.example/privacy"))  # fmt: skip
    document.append(inf("dataSubProcessorList", one))


def with_conditions(pod: etree._Element) -> None:
    """A condition with a property."""
    access = inner(pod, "privacyObligationsDocument", "technicalRequirements", "dataAccess")
    prop = inf("property", inf("propertyName", "path"), inf("propertyValue", "xStudent/name"))
    condition = inf("condition", inf("typeOfCondition", "ROW_FILTER"),
                    inf("propertyList", prop))  # fmt: skip
    access.addnext(inf("conditionList", condition))


def pending(pod: etree._Element) -> None:
    """Still to be acknowledged."""
    status = trees.child(pod, "podStatus")
    assert status is not None
    status.text = "Pending"


VARIANTS: tuple[Change, ...] = (
    without_applications, empty_applications, nil_model, with_versions, without_end, nil_end,
    without_contract, empty_laws, without_processor, nil_deletion, with_subprocessors,
    with_conditions, pending,
)  # fmt: skip


def without_token(pod: etree._Element) -> None:
    """No token."""
    gone = trees.child(pod, "podToken")
    assert gone is not None
    pod.remove(gone)


def unknown_status(pod: etree._Element) -> None:
    """A status outside the list."""
    status = trees.child(pod, "podStatus")
    assert status is not None
    status.text = "Active"


def impossible_date(pod: etree._Element) -> None:
    """A day that does not exist."""
    inner(pod, "privacyObligationsDocument", "contract", "dateValidFrom").text = "2026-02-30"


def no_contract_name(pod: etree._Element) -> None:
    """A contract without its name."""
    drop(pod, "privacyObligationsDocument", "contract", "contractName")


def unknown_part(pod: etree._Element) -> None:
    """An element of no schema."""
    pod.append(inf("podColour", "green"))


def no_id(pod: etree._Element) -> None:
    """No id."""
    del pod.attrib["id"]


def wrong_id(pod: etree._Element) -> None:
    """An id that is no UUID."""
    pod.set("id", "pod-1")


def word_for_flag(pod: etree._Element) -> None:
    """A word where Y or N is due."""
    inner(pod, "default").text = "maybe"


MUTATIONS: tuple[Change, ...] = (
    without_token, unknown_status, impossible_date, no_contract_name, unknown_part, no_id,
    wrong_id, word_for_flag,
)  # fmt: skip


def not_acknowledged(reply: Reply, pod: Pod) -> None:
    """Refused with a 4xx, and its token is not in the answer's marker."""
    expect.true(400 <= reply.status < 500, "the POD is refused with 4xx", reply, str(reply.status))
    expect.true(reply.marker != pod.token, "the token is not acknowledged", reply)


def acknowledged(sif: SifClient) -> None:
    """The positive control: an ordinary POD is accepted."""
    renew(sif)


@pytest.mark.parametrize("change", VARIANTS, ids=lambda one: one.__name__)
@verifies("POD-SCH-005")
def check_every_valid_pod_is_acknowledged(sif: SifClient, change: Change) -> None:
    """A POD with parts left out, nil, empty or added as the schema allows is acknowledged."""
    pod = sif.new_pod()
    change(pod.element)
    reply = sif.push_pod(pod)
    expect.true(reply.ok, "the POD is accepted", reply, str(reply.status))
    expect.header(reply, MARKER, pod.token)
    sif.use(pod)


@pytest.mark.parametrize("change", MUTATIONS, ids=lambda one: one.__name__)
@verifies("POD-SCH-006", negative=True)
def check_invalid_pod_is_not_acknowledged(sif: SifClient, change: Change) -> None:
    """A POD that the schema does not allow is refused and not acknowledged; a good one is."""
    pod = sif.new_pod()
    change(pod.element)
    not_acknowledged(sif.push_pod(pod), pod)
    acknowledged(sif)


HOSTILE = {
    "document type": "<!DOCTYPE pod>",
    "outside entity": '<!DOCTYPE pod [<!ENTITY leak SYSTEM "file:///etc/hostname">]>',
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
    acknowledged(sif)


@pytest.mark.parametrize("fault", ["another party", "not begun", "ended"])
@verifies("POD-LC-007", negative=True)
def check_foreign_or_untimely_pod_is_refused(sif: SifClient, fault: str) -> None:
    """A POD for somebody else, or outside its dates, is refused; one for today is acknowledged."""
    today = date.today()  # noqa: DTZ011  # a contract runs on the calendar of the district
    changes: dict[str, dict[str, object]] = {
        "another party": {"party": "Somebody Else Inc"},
        "not begun": {"valid_from": today + timedelta(days=30)},
        "ended": {
            "valid_from": today - timedelta(days=90),
            "valid_to": today - timedelta(days=30),
        },
    }
    pod = sif.new_pod(**changes[fault])
    not_acknowledged(sif.push_pod(pod), pod)
    acknowledged(sif)


@verifies("POD-SCH-006", negative=True)
def check_draft_is_not_acknowledged(sif: SifClient) -> None:
    """A POD in draft is no agreement: it is not acknowledged, a live one is."""
    pod = sif.new_pod(status="Draft")
    not_acknowledged(sif.push_pod(pod), pod)
    acknowledged(sif)


@verifies("POD-SCH-006", negative=True)
def check_other_object_is_not_acknowledged(sif: SifClient) -> None:
    """An environment, or a pod in a namespace of its own, at the door for PODs is refused."""
    pod = sif.new_pod()
    foreign = trees.tostring(pod.element).replace(trees.INF.encode(), b"http://vendor.example/pod")
    for body in (foreign, trees.tostring(sif.environment_body("check"))):
        reply = sif.request("POST", "pods/pod", body=body, headers={"serviceType": "UTILITY"},
                            marker=None)  # fmt: skip
        not_acknowledged(reply, pod)
    acknowledged(sif)
