"""PODs that differ from the plain one: as the schema allows, and as it does not."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from conformance import trees
from conformance.trees import inf

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


def with_contacts(pod: etree._Element) -> None:
    """Two contacts of the controller, bare as in infrastructure 3.3."""
    controller = inner(pod, "privacyObligationsDocument", "dataController")
    controller.extend(contact("privacyContact", name) for name in ("Robin", "Kim"))


def with_listed_contacts(pod: etree._Element) -> None:
    """The same contacts in the list of later versions, in the namespace of such a version."""
    controller = inner(pod, "privacyObligationsDocument", "dataController")
    listed = [contact("contact", name) for name in ("Robin", "Kim")]
    controller.append(inf("privacyContactList", *listed))


def contact(tag: str, name: str) -> etree._Element:
    """A contact with a name and an address for letters."""
    address = inf("address", inf("line1", "1 Example Street"), inf("city", "Springfield"),
                  inf("postalCode", "01101"))  # fmt: skip
    named = inf("name", inf("familyName", "Example"), inf("givenName", name))
    return inf(tag, named, inf("role", "Privacy officer"), address)


def pending(pod: etree._Element) -> None:
    """Still to be acknowledged."""
    status = trees.child(pod, "podStatus")
    assert status is not None
    status.text = "Pending"


VARIANTS: tuple[Change, ...] = (
    without_applications, empty_applications, nil_model, with_versions, without_end, nil_end,
    without_contract, empty_laws, without_processor, nil_deletion, with_subprocessors,
    with_conditions, with_contacts, with_listed_contacts, pending,
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


def no_party(pod: etree._Element) -> None:
    """No party."""
    gone = trees.child(pod, "partyId")
    assert gone is not None
    pod.remove(gone)


def two_statuses(pod: etree._Element) -> None:
    """The status twice."""
    pod.insert(0, inf("podStatus", "Live"))


def wrong_order(pod: etree._Element) -> None:
    """The version before the token."""
    token, version = trees.child(pod, "podToken"), trees.child(pod, "podVersion")
    assert token is not None
    assert version is not None
    version.addnext(token)


def word_for_flag(pod: etree._Element) -> None:
    """A word where Y or N is due."""
    inner(pod, "default").text = "maybe"


MUTATIONS: tuple[Change, ...] = (
    without_token, unknown_status, impossible_date, no_contract_name, unknown_part, no_id,
    wrong_id, no_party, two_statuses, wrong_order, word_for_flag,
)  # fmt: skip
