"""Which part of a result is wanted, and what an answer tells of it (Base Architecture 5.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a result is wanted; pages count from 1."""

    number: int
    size: int


class Pages:
    """Reading the paging parameters and writing them back."""

    largest_page = 1000

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        """A number of the paging parameters."""
        text = request.parameter(name)
        if text is None:
            return None
        # Seven digits are enough for any page and keep int() from being abused.
        if not (text.isascii() and text.isdecimal() and len(text) < 8) or int(text) < least:
            raise Refusal(400, f"{name} is not a whole number from {least}.")
        return int(text)

    def page_too_large(self) -> Refusal:
        """The refusal for a page beyond what is supplied."""
        return Refusal(413, f"Pages hold {self.largest_page} objects at most.")

    def page_start(self, page: Page) -> int:
        """Index of the first object of a page."""
        return (page.number - 1) * page.size

    def page_headers(self, page: Page, shown: int, count: int) -> tuple[tuple[str, str], ...]:
        """Paging headers; the size is the number of objects really on the page."""
        headers = (
            ("navigationPage", str(page.number)),
            ("navigationPageSize", str(shown)),
            ("navigationCount", str(count)),
        )
        return (*headers, *self.last_page_header(page, count))

    def last_page_header(self, page: Page, count: int) -> tuple[tuple[str, str], ...]:
        """navigationLastPage, which a page size of zero leaves without meaning."""
        return (("navigationLastPage", str(ceil(count / page.size))),) if page.size else ()
