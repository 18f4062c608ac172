"""Pages: their numbers and links, and that changes between them neither repeat nor skip anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import requests

from tests.reference_hub.oneroster.conftest import Puller, district


def links(reply: requests.Response) -> dict[str, str]:
    """The addresses of a Link header by relation."""
    return {name: url for url, name in re.findall(r'<([^>]*)>; rel="(\w+)"', reply.headers["Link"])}


def pages(puller: Puller, path: str, **query: str) -> Iterator[list[str]]:
    """The ids on each page, by following `next`."""
    reply = puller.get(path, **query)
    while True:
        (found,) = reply.json().values()
        yield [each["sourcedId"] for each in found]
        if "next" not in links(reply):
            return
        reply = puller.get(links(reply)["next"])


def users(puller: Puller) -> list[str]:
    return [row["sourcedId"] for row in district()["users"]]


@pytest.mark.requirement("TRN-PR-01")
def test_pages_hold_everybody_once_and_say_how_many_there_are(reading: Puller) -> None:
    found = list(pages(reading, "users", limit="10"))
    assert [len(each) for each in found[:-1]] == [10] * (len(found) - 1)
    assert sorted(each for page in found for each in page) == sorted(users(reading))
    reply = reading.get("users", limit="10", offset="10")
    assert reply.headers["X-Total-Count"] == str(len(users(reading)))


@pytest.mark.requirement("TRN-PR-01")
def test_links_lead_to_the_first_the_previous_and_the_last_page(reading: Puller) -> None:
    number = len(users(reading))
    reply = reading.get("users", limit="10", offset="20", filter="status='active'")
    found = links(reply)
    assert sorted(found) == ["first", "last", "next", "prev"]
    assert ("offset=0" in found["first"], "offset=10" in found["prev"]) == (True, True)
    assert f"offset={(number - 1) // 10 * 10}" in found["last"]
    last = reading.get(found["last"]).json()["users"]
    assert len(last) == (number - 1) % 10 + 1
    assert (
        reading.get(found["prev"]).json()
        == reading.get("users", limit="10", offset="10", filter="status='active'").json()
    )


@pytest.mark.requirement("TRN-PR-01")
def test_a_thousand_users_are_read_once_each_while_others_come_and_go(
    puller: Callable[..., Puller], later: Callable[[float], datetime]
) -> None:
    one = puller().allowed("roster.readonly")
    rows = {name: district(420)[name] for name in ("orgs", "users", "roles")}
    one.shelf.fill(rows)
    every = {row["sourcedId"] for row in rows["users"]}
    assert len(every) > 1000
    # What a page holds unless told otherwise, and at most.
    sizes = [len(one.get("users", **asked).json()["users"]) for asked in ({}, {"limit": "5000"})]
    assert sizes == [100, 400]
    seen: list[str] = []
    touched: set[str] = set()
    for number, page in enumerate(pages(one, "users", limit="97", filter="status='active'")):
        seen += page
        new = f"0000-new-{number}"
        old = [page[0], next(iter(sorted(every - set(seen))), page[0])]
        one.shelf.take_away("users", *old)
        one.shelf.keep("users", dict(rows["users"][5], sourcedId=new))
        one.shelf.keep("roles", dict(rows["roles"][5], sourcedId=f"r-{new}", userSourcedId=new))
        touched |= {*old, new}
        later(1)
    assert len(seen) == len(set(seen))
    assert every - touched - set(seen) == set()


def test_offsets_alone_neither_repeat_nor_skip_while_others_come(
    puller: Callable[..., Puller],
) -> None:
    one = puller().allowed("roster.readonly")
    one.shelf.fill(district())
    every = {row["sourcedId"] for row in district()["classes"]}
    seen: list[str] = []
    for offset in range(0, len(every), 7):
        (found,) = one.get("classes", limit="7", offset=str(offset)).json().values()
        seen += [each["sourcedId"] for each in found]
        one.shelf.keep("classes", dict(district()["classes"][0], sourcedId=f"000-{offset}"))
    assert every <= set(seen)
    assert len(seen) == len(set(seen))


@pytest.mark.requirement("TRN-LC-01")
def test_a_row_that_went_is_told_of_for_a_time_and_then_is_not_there(
    reading: Puller, later: Callable[[float], datetime]
) -> None:
    one = district()["users"][0]["sourcedId"]
    reading.shelf.take_away("users", one)
    told = reading.get(f"users/{one}").json()["user"]
    assert (told["status"], told["givenName"], told["familyName"]) == ("tobedeleted", "", "")
    assert not {"email", "userIds", "username"} & told.keys()
    later(31 * 24 * 3600)
    reading.allowed("roster.readonly").shelf.stamp()
    assert reading.get(f"users/{one}").status_code == 404
