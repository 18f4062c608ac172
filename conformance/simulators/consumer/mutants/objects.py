"""Mistakes in environments and queues: namespace, order of the parts, what is empty."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.documents import NA4, node


@breaks("INF-FMT-001")
class SendsEnvironmentsWithoutANamespace(Consumer):
    """Leaves the namespace of the infrastructure out."""

    def wanted(self) -> etree._Element:
        return _bare(super().wanted())


def _bare(element: etree._Element) -> etree._Element:
    made = etree.Element(etree.QName(element).localname)
    made.text = element.text
    made.extend(_bare(one) for one in element)
    return made


@breaks("INF-FMT-001")
class SendsQueuesInTheDataModel(Consumer):
    """Puts its queue into the namespace of the data model."""

    def queue_wanted(self) -> etree._Element:
        made = super().queue_wanted()
        for one in made.iter():
            one.tag = f"{{{NA4}}}{etree.QName(one).localname}"
        return made


@breaks("NEG-041")
class NamesItselfFirst(Consumer):
    """Begins its environment with its name."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made.insert(0, made[3])
        return made


@breaks("NEG-041")
class PutsTheKeyBeforeTheMethod(Consumer):
    """Begins its environment with the application."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made.insert(1, made[-1])
        return made


@breaks("DAT-CON-012")
class SendsAnEmptyUserToken(Consumer):
    """Sends an empty element for a user that it does not have."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made.insert(3, node("userToken"))
        return made


@breaks("DAT-CON-012")
class SendsAnEmptyName(Consumer):
    """Sends its name as an empty element."""

    def wanted(self) -> etree._Element:
        made = super().wanted()
        made[3].text = None
        return made
