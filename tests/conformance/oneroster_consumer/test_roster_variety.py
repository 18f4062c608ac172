"""Clients that do it right in another way are not failed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from conformance.runfile import FAIL, NOT_VERIFIED, OUR_FAULT, PASS
from conformance.simulators.agreements import Pod
from conformance.simulators.oneroster_consumer import RosterClient
from conformance.simulators.oneroster_consumer.link import Answer
from conformance.simulators.oneroster_consumer.paging import Unfinished
from tests.conformance.judging import with_verdict
from tests.conformance.oneroster_consumer.judging import judged

NOBODY = "http://127.0.0.1"


class Minimal(RosterClient):
    """Reads users only, whole each time, without a limit; no document, no store to look into."""

    collections = ("users",)
    papers = False
    delta = False
    scopes = RosterClient.scopes[:1]

    def address(self, collection: str, condition: str, offset: int) -> str:
        told: dict[str, str | int] = {"offset": offset} if offset else {}
        return f"{self.root}/{collection}" + (f"?{self.query(told)}" if told else "")


class Chatty(RosterClient):
    """Asks for parts and single objects as well; accepts by the marker on each call."""

    def acknowledge(self, pod: Pod) -> bool:
        self.marker = pod.token
        return True

    marker = ""

    def send(self, method: str, url: str, lines: Mapping[str, str], body: bytes = b"") -> Answer:
        own = {"Accept": "application/json", "dataPrivacyMarker": self.marker}
        return super().send(method, url, {**lines, **own} if "/v1p2/" in url else lines, body)

    def take(self, collection: str) -> None:
        super().take(collection)
        if collection == "classes":
            for own in list(self.store.objects["classes"])[:1]:
                self.read_part(f"classes/{own}/students")
                self.call("GET", f"{self.root}/classes/{own}")

    def read_part(self, path: str) -> None:
        """The pupils of a class, to the end."""
        url, came = f"{self.root}/{path}?limit=2", 0
        while url:
            answer = self.call("GET", url)
            if answer.status != 200:
                raise Unfinished(answer.status)
            count = len(self.objects(answer, "users"))
            came += count
            url = self.next(answer, path, "", count, came)


class Awkward(RosterClient):
    """Goes by offset to an empty page, sorts, names fields, asks for changes with a margin."""

    limit = 50

    def address(self, collection: str, condition: str, offset: int) -> str:
        told: dict[str, str | int] = {
            "offset": offset, "limit": self.limit, "sort": "sourcedId", "orderBy": "desc",
        }  # fmt: skip
        if condition:
            told["filter"] = condition
        return f"{self.root}/{collection}?{self.query(told)}"

    def next(self, answer: Answer, collection: str, condition: str, count: int, came: int) -> str:
        return self.address(collection, condition, came) if count else ""

    def condition(self, mark: str) -> str:
        return f"dateLastModified > '{mark[:10]}T00:00:00Z'"

    def synchronise(self) -> None:
        self.token = ""
        super().synchronise()


class Old(RosterClient):
    """Speaks OneRoster 1.1: no scopes are asked for."""

    @property
    def root(self) -> str:
        return f"{self.hub}/ims/oneroster/v1p1"

    def token_form(self) -> dict[str, str]:
        return {"grant_type": "client_credentials"}


# Its tables, and the checks that it may fail or that it gives no chance to judge.
FALSE = {"capabilities": {"pod": False, "delta": False, "readback": False}}
ONE_COLLECTION = {
    "narrower_scope_stops_nothing_else", "one_shut_collection_stops_no_other",
    "empty_collection_is_fine",
}  # fmt: skip
VARIETY: Sequence[tuple[type[RosterClient], dict[str, Any], set[str]]] = [
    (Minimal, FALSE, ONE_COLLECTION),
    (Chatty, {}, set()),
    (Awkward, {}, {"links_in_a_circle_come_to_an_end"}),
    (Old, {"roster": {"version": "1.1"}}, {"extended_words_stop_nothing"}),
]


@pytest.mark.soak
@pytest.mark.parametrize(("product", "tables", "undecided"), VARIETY)
def test_a_lawful_client_is_failed_nowhere(
    product: type[RosterClient], tables: dict[str, Any], undecided: set[str]
) -> None:
    checks = judged(product(NOBODY), **tables)
    assert {one.id: one.reason for one in with_verdict(checks, FAIL).values()} == {}
    assert {one.id: one.reason for one in with_verdict(checks, OUR_FAULT).values()} == {}
    assert set(with_verdict(checks, NOT_VERIFIED)) <= undecided
    assert len(with_verdict(checks, PASS)) >= 25


@pytest.mark.parametrize(("product", "tables"), [one[:2] for one in VARIETY])
def test_a_lawful_client_turns_pages_and_renews_its_token(
    product: type[RosterClient], tables: dict[str, Any]
) -> None:
    only = ["DAT-ORC-001", "DAT-ORC-007", "DAT-ORC-020", "DAT-ORC-021"]
    checks = judged(product(NOBODY), only, **tables)
    assert {one.id: one.reason for one in checks if one.verdict != PASS} == {}
