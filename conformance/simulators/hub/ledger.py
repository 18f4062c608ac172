"""Second layer: the life of PODs, the audit of what was decided, the operator's wishes.

Draft, published to Pending, acknowledged to Live, replaced or ended to Expired
(profile of this suite; the standard has the four words only).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import date

from lxml import etree

from conformance.simulators.hub.papers import (
    DRAFT,
    EXPIRED,
    LIVE,
    PENDING,
    Entry,
    Paper,
    read_entries,
)
from conformance.simulators.hub.parties import Message, Parties
from conformance.simulators.problems import Refusal

START = "0" * 64


class Ledger(Parties):
    """Publishing, acknowledging, replacing and ending PODs."""

    def new_token(self) -> str:
        """A token with 192 random bits, of sessions and of PODs."""
        return secrets.token_urlsafe(24)

    def next_version(self, vendor: str) -> str:
        """The version of the next POD of a vendor."""
        known = [one for one in self.held.papers if one.vendor == vendor]
        return f"{len(known) + 1}.0.0"

    def pod_id(self, vendor: str) -> str:  # noqa: ARG002
        """The id of the next POD of a vendor: one that no agreement had."""
        return self.new_id()

    def draft(self, vendor: str, document: etree._Element) -> Paper:
        """Write a POD that nobody sees yet."""
        paper = Paper(
            id=self.pod_id(vendor),
            vendor=vendor,
            version=self.next_version(vendor),
            token=self.new_token(),
            status=DRAFT,
            document=document,
            entries=read_entries(document),
        )
        self.check_publishable(paper)
        self.held.papers.append(paper)
        return paper

    def check_publishable(self, paper: Paper) -> None:
        """Refuse a POD that obliges nobody or names no agreement."""
        for name in ("contractURI", "dataControllerName", "dataProcessorName", "purpose"):
            if not any((one.text or "").strip() for one in paper.document.iter(f"{{*}}{name}")):
                raise Refusal(422, f"The POD has no {name}.")
        if not any(entry.fields for entry in paper.entries):
            raise Refusal(422, "The POD grants no field.")

    def publish(self, vendor: str, document: etree._Element) -> Paper:
        """Put a new POD in the place of those it overlaps with."""
        paper = self.draft(vendor, document)
        for old in self.replaced_by(paper):
            self.expire(old)
        paper.status = PENDING
        self.announce(paper, "CREATE")
        self.note("published", paper)
        return paper

    def replaced_by(self, paper: Paper) -> list[Paper]:
        """The PODs in use whose applications and places overlap."""
        return [
            old
            for old in self.held.papers
            if old.vendor == paper.vendor
            and old.status in (PENDING, LIVE)
            and any(_overlap(one, two) for one in old.entries for two in paper.entries)
        ]

    def expire(self, paper: Paper) -> None:
        """Take a POD out of use for good."""
        paper.status = EXPIRED
        self.announce(paper, "UPDATE")

    def end(self, vendor: str) -> None:
        """End all agreements of a vendor: no events any more, and nothing waits."""
        for paper in self.held.papers:
            if paper.vendor == vendor and paper.status in (PENDING, LIVE):
                self.expire(paper)
                self.note("ended", paper)
        self.purge(vendor)

    def purge(self, vendor: str) -> None:
        """Stop the subscriptions to objects and drop the messages about them."""
        for queue in self.held.queues.values():
            if queue.vendor == vendor:
                queue.services &= {"pods"}
                queue.messages = [one for one in queue.messages if one.paper is not None]

    def policy(self, vendor: str) -> str:
        """What acknowledges: the `marker`, or only a `receipt`."""
        return self.held.policies.get(vendor, "marker")

    def acknowledge(self, paper: Paper, channel: str) -> None:
        """The party has the POD: it is Live."""
        if paper.status == PENDING:
            paper.status = LIVE
            self.note(f"acknowledged by {channel}", paper)

    def visible_papers(self, vendor: str) -> list[Paper]:
        """A vendor's own PODs, drafts aside."""
        return [one for one in self.held.papers if one.vendor == vendor and one.status != DRAFT]

    def paper_of(self, token: str) -> Paper | None:
        """The POD of a token, of any vendor."""
        return next((one for one in self.held.papers if one.token == token), None)

    def in_time(self, entry: Entry, today: date) -> bool:
        """Whether the contract runs; both ends count."""
        return entry.starts <= today <= entry.ends

    def announce(self, paper: Paper, action: str) -> None:
        """Put an event about a POD into the queues of its party."""
        for queue in self.held.queues.values():
            if queue.vendor == paper.vendor and "pods" in queue.services:
                queue.messages.append(Message(self.new_id(), action, "pods", paper.id, paper))

    def note(self, what: str, paper: Paper | None = None, **told: str) -> None:
        """Write one line into the audit: a chain of hashes, and no values."""
        line = {"at": self.timestamp_header(), "what": what, **told}
        if paper is not None:
            line |= {"vendor": paper.vendor, "pod": paper.id, "version": paper.version}
        line["previous"] = self.held.audit[-1]["hash"] if self.held.audit else START
        text = json.dumps(line, sort_keys=True).encode()
        self.held.audit.append(line | {"hash": hashlib.sha256(text).hexdigest()})


def _overlap(one: Entry, two: Entry) -> bool:
    apps = not one.apps or not two.apps or set(one.apps) & set(two.apps)
    places = not one.places or not two.places or set(one.places) & set(two.places)
    return bool(apps and places)
