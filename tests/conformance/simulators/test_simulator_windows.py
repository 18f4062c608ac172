"""The other forms in which the simulator shows its students."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest


@pytest.fixture
def three(vendor: Any, build: Any) -> Any:
    """A vendor that holds three students."""
    for number, name in enumerate(("Abara", "Brandt", "Costa"), 1):
        inner = f"<localId>00{number}</localId>"
        assert vendor.create(build.student(build.refid(), inner, name=name)).status_code == 201
    return vendor


def show(vendor: Any, path: str) -> Any:
    """GET a window, signed as the application."""
    return vendor.http.get(f"{vendor.url}/{path}", headers=vendor.application())


def names(reply: Any) -> list[str]:
    """The family names of a page."""
    assert reply.status_code == 200
    return [user["familyName"] for user in reply.json()["users"]]


def test_pages_follow_their_links_and_tell_the_count(three: Any) -> None:
    first = show(three, "oneroster/v1p2/users?limit=2&offset=0&sort=familyName")
    assert (names(first), first.headers["X-Total-Count"]) == (["Abara", "Brandt"], "3")
    assert set(first.links) == {"first", "last", "next"}
    second = three.http.get(first.links["next"]["url"], headers=three.application())
    assert len(names(second)) == 1
    assert set(second.links) == {"first", "last", "prev"}


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("familyName='Costa'", ["Costa"]),
        ("familyName~'r' AND identifier!='001'", ["Brandt"]),
        ("identifier<'002' OR familyName>='C'", ["Abara", "Costa"]),
    ],
)
def test_filters_hold(three: Any, told: str, wanted: list[str]) -> None:
    reply = three.http.get(
        f"{three.url}/oneroster/v1p2/users",
        params={"filter": told, "sort": "familyName"},
        headers=three.application(),
    )
    assert names(reply) == wanted


def test_a_field_that_does_not_exist_is_refused_with_its_code(three: Any) -> None:
    reply = show(three, "oneroster/v1p2/users?fields=shoeSize")
    (minor,) = reply.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert reply.status_code == 400
    assert minor["imsx_codeMinorFieldValue"] == "invalid_selection_field"


def test_ed_fi_tells_people_by_their_local_id(three: Any) -> None:
    people = show(three, "ed-fi/students?limit=2&offset=1").json()
    assert [one["studentUniqueId"] for one in people] == ["002", "003"]
    assert people[0]["lastSurname"] == "Brandt"


def test_bundle_and_own_layout_hold_the_same_people(three: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(show(three, "export/bundle.zip").content)) as bundle:
        assert bundle.read("users.csv") == three.rows("users")
    lines = show(three, "export/students.csv").text.splitlines()
    assert lines[0].startswith("Student number,Given name")
    assert [line.split(",")[0] for line in lines[1:]] == ["001", "002", "003"]
