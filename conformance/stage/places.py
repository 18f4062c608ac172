"""The obligation document of one zone: what is shown, what opens the data, what was told when."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from conformance import trees
from conformance.pods import Pod
from conformance.stage.district import GRANTED

# What a document waits for while it is Pending: the first use of its marker or the receipt, the
# receipt alone, or the district.
FIRST_USE, RECEIPT, DISTRICT = "first use", "receipt", "district"


@dataclass(slots=True)
class Place:
    """One zone. `shown` is the document a client can read, `pod` the one that is in force.

    Only the token of `pod` opens data; those in `retired` did so once. `granted` are the field
    paths of `pod`; `answers` holds the ids of explicit acknowledgements by their content. `waits`
    says what keeps the document Pending, empty: it is Live.
    """

    zone: str
    shown: etree._Element | None = None
    raw: bytes = b""
    pod: Pod | None = None
    granted: tuple[str, ...] = GRANTED
    retired: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    waits: str = ""

    def put_in_force(self, pod: Pod, granted: tuple[str, ...], waits: str = "") -> None:
        """Show this document and open the data to its token; the one before is superseded."""
        self.withdraw()
        self.pod, self.shown, self.granted, self.waits = pod, pod.element, granted, waits

    def come_alive(self) -> None:
        """What the document waited for has happened: it is Live."""
        self.waits = ""
        status = trees.child(self.shown, "podStatus") if self.shown is not None else None
        if status is not None:
            status.text = "Live"

    def show(self, element: etree._Element, raw: bytes = b"") -> None:
        """Show a document that opens nothing, or these very bytes instead of it."""
        self.withdraw()
        self.shown, self.raw = element, raw

    def withdraw(self) -> None:
        """Show nothing and open nothing."""
        if self.pod is not None:
            self.retired.add(self.pod.token)
        self.pod, self.shown, self.raw, self.waits = None, None, b"", ""
