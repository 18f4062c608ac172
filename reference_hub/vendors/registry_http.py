"""A registry behind HTTP, in the shape that `docs/registry.md` describes (profile: no registry has
published its own).

What is not complete is not an answer: a page that is missing, a list that changed between two
pages, a member that is not known all raise, and the caller keeps what it knew.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fixtures import registry
from fixtures.problems import FixtureError
from reference_hub.problems import SetupError
from reference_hub.registry.folder import snapshot
from reference_hub.registry.records import RegistryRefused, RegistryUnreachable, Snapshot
from reference_hub.workers.transport import Answer, Http, Unreachable

LARGEST_PAGE = 16 * 1024 * 1024
LARGEST_LIST = 100_000
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Page:
    tag: str
    total: int
    items: list[Any]


class _Changed(Exception):
    """The list changed while its pages were read."""


class HttpRegistry:
    """A RegistryClient that reads each list page by page and remembers it with its ETag.

    `key` is sent as Bearer token. Raises SetupError for an address that would show the key to
    others: plain HTTP is for this machine only.
    """

    def __init__(self, http: Http, url: str, key: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise SetupError("registry.url is not the address of a registry; write https://...")
        if parts.scheme == "http" and key and not _is_here(parts.hostname):
            raise SetupError("registry.url is not https; the key would be read on the way.")
        self.http, self.url, self.key = http, url.rstrip("/"), key
        self._kept: dict[str, tuple[str, list[Any]]] = {}

    def read(self) -> Snapshot:
        """All four lists as they are now."""
        lists = {kind: self._list(kind) for kind in registry.KINDS}
        try:
            return snapshot(registry.judge(lists))
        except FixtureError as error:
            raise RegistryRefused(f"The registry's answer cannot be used. {error}") from error

    def _list(self, kind: str) -> list[Any]:
        for _ in range(_TRIES):
            try:
                tag, items = self._pages(kind)
            except _Changed:
                continue
            if tag:
                self._kept[kind] = tag, items
            return items
        raise RegistryUnreachable(
            f"The registry's {kind} changed while they were read, {_TRIES} times; they are read "
            "again next time."
        )

    def _pages(self, kind: str) -> tuple[str, list[Any]]:
        kept = self._kept.get(kind)
        first = self._page(kind, 1, kept[0] if kept else "")
        if first is None:
            return kept or ("", [])
        items, number = list(first.items), 1
        while len(items) < first.total:
            number += 1
            page = self._page(kind, number, "")
            if page is None or (page.tag, page.total) != (first.tag, first.total):
                raise _Changed
            if not page.items:
                raise RegistryRefused(
                    f"The registry tells of {first.total} {kind} and sent {len(items)}; its pages "
                    "must hold all of them."
                )
            items += page.items
        if len(items) > first.total:
            raise RegistryRefused(f"The registry sent more {kind} than the total it tells.")
        return first.tag, items

    def _page(self, kind: str, number: int, tag: str) -> _Page | None:
        headers = {"Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"If-None-Match": tag} if tag else {}
        try:
            answer = self.http.send("GET", f"{self.url}/{kind}?page={number}", headers)
        except Unreachable as error:
            said = str(error).replace("the vendor", "the registry")
            raise RegistryUnreachable(f"The registry could not be read: {said}.") from None
        if answer.status == 304 and tag:
            return None
        _judge_status(kind, answer)
        return _page_of(kind, answer)


def _judge_status(kind: str, answer: Answer) -> None:
    if answer.status in (401, 403):
        raise RegistryRefused(
            f"The registry answered {answer.status} to {kind}: it does not take the key. Put the "
            "right one into the variable that registry.key_env names."
        )
    if answer.status == 429 or answer.status >= 500:
        raise RegistryUnreachable(f"The registry answered {answer.status} to {kind}.")
    if answer.status != 200:
        raise RegistryRefused(
            f"The registry answered {answer.status} to {kind}; expected 200. Look at registry.url."
        )


def _page_of(kind: str, answer: Answer) -> _Page:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise RegistryRefused(f"The registry's {kind} are not JSON.") from None
    if not isinstance(body, Mapping) or body.keys() != {"total", "items"}:
        raise RegistryRefused(
            f"The registry's {kind} are not an object with total and items, and nothing else."
        )
    total, items = body["total"], body["items"]
    if type(total) is not int or not 0 <= total <= LARGEST_LIST or not isinstance(items, list):
        raise RegistryRefused(
            f"The registry's {kind}: total must be a number up to {LARGEST_LIST}, items a list."
        )
    return _Page(answer.header("ETag"), total, items)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
