"""Mistakes of readers of documents: too strict with valid ones, or blind to what is wrong."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.agreements import Pod, read_pod
from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.documents import child_text
from conformance.simulators.problems import Malformed

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@breaks("POD-SCH-005")
class ChokesOnNil(Consumer):
    """Takes an element without content for a fault."""

    def judge(self, element: etree._Element) -> Pod:
        if any(one.get(_NIL) for one in element.iter("{*}*")):
            raise Malformed("pod", "holds an element without a value")
        return super().judge(element)


@breaks("POD-SCH-005")
class ReadsOneEntryOnly(Consumer):
    """Expects exactly one privacy entry."""

    def judge(self, element: etree._Element) -> Pod:
        if len(list(element.iter("{*}privacy"))) != 1:
            raise Malformed("privacyList", "holds more than one entry")
        return super().judge(element)


@breaks("POD-SCH-005")
class NeedsALaw(Consumer):
    """Finds an empty list of laws incomplete."""

    def judge(self, element: etree._Element) -> Pod:
        if not list(element.iter("{*}law")):
            raise Malformed("lawList", "is empty")
        return super().judge(element)


@breaks("POD-SCH-006", "POD-LC-007")
class AcknowledgesAnything(Consumer):
    """Takes the token of whatever it is given."""

    def judge(self, element: etree._Element) -> Pod:
        try:
            return super().judge(element)
        except Malformed:
            token = child_text(element, "podToken")
            return Pod(element.get("id", ""), "Live", token, self.party, (), ())

    def for_us(self, pod: Pod) -> bool:  # noqa: ARG002
        return True

    def in_force(self, pod: Pod) -> bool:
        return pod.status != "Expired"


@breaks("POD-SCH-006")
class TakesAnyStatus(Consumer):
    """Knows the status Expired and takes every other word for Live."""

    def judge(self, element: etree._Element) -> Pod:
        status = element.find("{*}podStatus")
        if status is not None and status.text != "Expired":
            status.text = "Live"
        return super().judge(element)


@breaks("POD-SCH-006")
class TakesTheFirstOfTwoTokens(Consumer):
    """Looks for the first token and does not see a second one."""

    def judge(self, element: etree._Element) -> Pod:
        for one in element.findall("{*}podToken")[1:]:
            element.remove(one)
        return super().judge(element)


@breaks("POD-SCH-009")
class ReadsDoctypes(Consumer):
    """Reads a document type like any other part of XML."""

    def check_doctype(self, body: bytes) -> None:
        pass

    def understand(self, answer: Answer) -> list[etree._Element]:
        parser = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=True)
        try:
            return list(etree.fromstring(answer.body, parser).iter("{*}pod"))
        except etree.XMLSyntaxError:
            return []


@breaks("POD-SCH-009")
class FetchesOutsideEntities(Consumer):
    """Refuses a document type, after it has fetched what it names."""

    def check_doctype(self, body: bytes) -> None:
        if b"/entity/" in body:
            self.link.send("GET", "entity/text")
        super().check_doctype(body)


@breaks("POD-LC-007")
class AcknowledgesForeignDocuments(Consumer):
    """Does not look whose document it is."""

    def for_us(self, pod: Pod) -> bool:  # noqa: ARG002
        return True


@breaks("POD-LC-007")
class IgnoresTheDatesOfContracts(Consumer):
    """Looks at the status only."""

    def in_force(self, pod: Pod) -> bool:
        return pod.status in ("Live", "Pending")


@breaks("POD-VER-004")
class RefusesNarrowerGrants(Consumer):
    """Does not start to work when a field is missing that it was once granted."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.widest = 0

    def judge(self, element: etree._Element) -> Pod:
        pod = read_pod(element)
        wide = len(list(element.iter("{*}field")))
        if wide < self.widest:
            raise Malformed("fieldList", "is shorter than before")
        self.widest = wide
        return pod
