"""Second layer: a collection page by page, to its end.

Links are followed where they are told, else `offset` moves on by what came. A page that cannot be
had, or that is no page, ends in Unfinished: what was read of the collection is not used.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

from conformance.simulators.oneroster_consumer.link import Answer, Link

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*!-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))?)*)")
_REL = re.compile(r"rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


class Unfinished(Exception):
    """The collection was not read to its end; `status` is what the last call was answered."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}")
        self.status = status


class Paging(Link):
    """Reads whole collections."""

    limit = 3
    most_pages = 2_000

    def read(self, collection: str, condition: str = "") -> list[dict[str, Any]]:
        """Every object of a collection, once; raises Unfinished."""
        found: dict[str, dict[str, Any]] = {}
        seen: list[str] = []
        came = 0
        url = self.first(collection, condition)
        for _ in range(self.most_pages):
            if not url or not self.is_new(url, seen):
                break
            seen.append(url)
            answer = self.page(url)
            if answer.status != 200:
                return self.broken_off(list(found.values()), answer.status)
            objects = self.objects(answer, collection)
            came += len(objects)
            for one in objects:
                self.came(found, one)
            url = self.next(answer, collection, condition, len(objects), came)
        if url:
            return self.broken_off(list(found.values()), 508)
        return list(found.values())

    def is_new(self, url: str, seen: list[str]) -> bool:
        """Whether a page was not asked for yet."""
        return url not in seen

    def came(self, found: dict[str, dict[str, Any]], body: dict[str, Any]) -> None:
        """One object of a page: the later one is the newer one."""
        found[str(body["sourcedId"])] = body

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:  # noqa: ARG002
        """What is used of a collection that was not read to its end: nothing."""
        raise Unfinished(status)

    def first(self, collection: str, condition: str) -> str:
        """The address of the first page."""
        return self.address(collection, condition, 0)

    def address(self, collection: str, condition: str, offset: int) -> str:
        """The address of a page by its offset."""
        told: dict[str, str | int] = {"limit": self.limit, "offset": offset}
        if condition:
            told["filter"] = condition
        return f"{self.root}/{collection}?{self.query(told)}"

    def query(self, told: dict[str, str | int]) -> str:
        """A query; every reserved character is escaped."""
        return urlencode(told, quote_via=quote, safe="")

    def page(self, url: str) -> Answer:
        """One page, or the refusal of it."""
        return self.call("GET", url)

    def objects(self, answer: Answer, collection: str) -> list[dict[str, Any]]:
        """The objects of a page; raises Unfinished where the body is no page."""
        body = answer.json()
        listed = body.get(collection) if isinstance(body, dict) else None
        if not isinstance(listed, list):
            raise Unfinished(answer.status)
        return [one for one in listed if isinstance(one, dict) and "sourcedId" in one]

    def next(self, answer: Answer, collection: str, condition: str, count: int, came: int) -> str:
        """The address of the next page; empty at the end."""
        links = self.links(answer)
        if links:
            url = links.get("next", "")
            if url and not self.is_ours(url):
                raise Unfinished(answer.status)
            return url
        total = answer.get("x-total-count")
        more = came < int(total) if total.isdecimal() else count > 0
        return self.address(collection, condition, came) if more and count else ""

    def links(self, answer: Answer) -> dict[str, str]:
        """The links of an answer by relation, each made whole."""
        found: dict[str, str] = {}
        for line in answer.all("link"):
            for url, parameters in _LINK.findall(line):
                named = _REL.search(parameters)
                for rel in (named[1] or named[2]).lower().split() if named else ():
                    found[rel] = self.joined(answer.url, url)
        return found
