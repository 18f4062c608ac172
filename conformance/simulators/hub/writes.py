"""Fifth layer: what vendors write, field by field as their POD allows, and what they delete."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from conformance.simulators.hub import pruning
from conformance.simulators.hub.access import Pass, id_of
from conformance.simulators.hub.parties import Message, Stored
from conformance.simulators.hub.reads import Reads, folded, no_provider
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


class Writes(Reads):
    """Updates by vendors, deletions, and what the district's own system stores."""

    def update_one(self, request: Request, vendor: str, collection: str, refid: str) -> Response:
        """PUT of one object: each value must stand in a field that is granted RW."""
        through = self.admit(request, vendor, "update")
        self.find(through, collection, refid)
        update = self.read_xml(request)
        name = pruning.name_of(update)
        for path in told_paths(update):
            if path not in (f"{name}/@refId", f"{name}/@RefId"):
                self.check_writable(path, through)
        stored = self.held.objects[collection][folded(refid)]
        merge(stored.element, update)
        self.store(collection, stored.element, "UPDATE")
        return Response(204)

    def check_writable(self, path: str, through: Pass) -> None:
        """Refuse a field that is granted for reading only, or not at all."""
        if not pruning.covered(path, through.entry.writable):
            raise Refusal(403, "A field of this update is not granted for writing.")

    def delete_one(self, request: Request, vendor: str, collection: str, refid: str) -> Response:
        """DELETE of one object: no marker is asked for, but the right to delete is."""
        self.check_deletion(request, vendor)
        if folded(refid) not in self.held.objects.get(collection, {}):
            raise Refusal(404, "There is no object with this id.")
        raise Refusal(403, "Vendors have no right to delete.")

    def delete_many(self, request: Request, vendor: str, collection: str) -> Response:
        """PUT with methodOverride DELETE: the same for several, here for none of them."""
        self.check_deletion_of_many(request, vendor)
        if collection not in self.held.objects:
            raise no_provider()
        raise Refusal(403, "Vendors have no right to delete.")

    def check_deletion(self, request: Request, vendor: str) -> None:
        """Nothing: a single DELETE carries no marker."""

    def check_deletion_of_many(self, request: Request, vendor: str) -> None:
        """Nothing: a deletion of many carries none either."""

    def load(self, document: etree._Element) -> None:
        """The district's own system stores the objects of a collection."""
        collection = pruning.name_of(document)
        if collection == "PersonPrivacyObligationDocuments":
            self.keep_wishes(document)
        for one in document:
            self.store(collection, deepcopy(one), "")

    def keep_wishes(self, document: etree._Element) -> None:
        """Note which person does not want to be shared with which party."""
        for person in document:
            refid = folded(person.findtext("{*}ParentRefId") or "")
            parties = {one.text for one in person.iter("{*}NeverShareWithParty")}
            for vendor in self.vendors.values():
                if vendor.party in parties:
                    self.held.barred.setdefault(vendor.key, set()).add(refid)

    def store(self, collection: str, element: etree._Element, action: str) -> None:
        """Keep an object and put an event of the change into the queues that want it."""
        known = self.held.objects.setdefault(collection, {})
        refid = folded(id_of(element))
        action = action or ("UPDATE" if refid in known else "CREATE")
        self.held.changes += 1
        known[refid] = Stored(element, self.held.changes)
        for queue in self.held.queues.values():
            if collection in queue.services:
                queue.messages.append(Message(self.new_id(), action, collection, refid))


def told_paths(element: etree._Element, around: str = "") -> list[str]:
    """The paths of all values that an update tells."""
    path = f"{around}/{pruning.name_of(element)}".lstrip("/")
    found = [f"{path}/@{name!s}" for name, _ in element.items()]
    for child in element:
        found += told_paths(child, path)
    return found if len(element) else [*found, path]


def merge(stored: etree._Element, update: etree._Element) -> None:
    """Take over what an update tells; the rest stays."""
    for child in update:
        known = stored.find(child.tag)
        if known is not None and len(child):
            merge(known, child)
        elif known is not None:
            known.text = child.text
        else:
            stored.append(deepcopy(child))
