"""The obligation document of one zone: what is shown, what opens the data, what was told when."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from conformance.pods import Pod
from conformance.stage.district import GRANTED


@dataclass(slots=True)
class Place:
    """One zone. `shown` is the document a client can read, `pod` the one that is in force.

    Only the token of `pod` opens data; those in `retired` did so once. `granted` are the field
    paths of `pod`; `answers` holds the ids of explicit acknowledgements by their content.
    """

    zone: str
    shown: etree._Element | None = None
    raw: bytes = b""
    pod: Pod | None = None
    granted: tuple[str, ...] = GRANTED
    retired: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)

    def put_in_force(self, pod: Pod, granted: tuple[str, ...]) -> None:
        """Show this document and open the data to its token; the one before is superseded."""
        self.withdraw()
        self.pod, self.shown, self.granted = pod, pod.element, granted

    def show(self, element: etree._Element, raw: bytes = b"") -> None:
        """Show a document that opens nothing, or these very bytes instead of it."""
        self.withdraw()
        self.shown, self.raw = element, raw

    def withdraw(self) -> None:
        """Show nothing and open nothing."""
        if self.pod is not None:
            self.retired.add(self.pod.token)
        self.pod, self.shown, self.raw = None, None, b""
