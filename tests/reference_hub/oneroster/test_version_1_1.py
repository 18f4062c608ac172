"""What is different in OneRoster 1.1: one role, orgs, one service, errors in a set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference_hub.oneroster.conftest import V1_1, Puller, few


@pytest.fixture
def old(puller: Callable[..., Puller]) -> Puller:
    """A vendor with a connection for 1.1, and a token without scopes."""
    made = puller("classic", "1.1").allowed()
    made.shelf.fill(few())
    return made


def users(old: Puller, **query: str) -> list[dict[str, Any]]:
    return list(old.get("users", **query).json()["users"])


@pytest.mark.requirement("TRN-PR-04")
def test_a_user_has_one_role_and_the_orgs_of_all(old: Puller) -> None:
    person = few()["users"][0]["sourcedId"]
    orgs = [row["sourcedId"] for row in few()["orgs"]]
    old.shelf.take_away("roles", *(x["sourcedId"] for x in few()["roles"]))
    for number, (kind, role, org) in enumerate(
        [("secondary", "teacher", orgs[1]), ("primary", "principal", orgs[0])]
    ):
        old.shelf.keep("roles", {
            "sourcedId": f"r{number}", "userSourcedId": person, "roleType": kind, "role": role,
            "orgSourcedId": org,
        })  # fmt: skip
    (one,) = users(old, filter="status='active'")
    assert one["role"] == "administrator"
    assert {each["sourcedId"] for each in one["orgs"]} == set(orgs[:2])
    assert not {"roles", "primaryOrg", "preferredFirstName", "pronouns"} & one.keys()
    assert users(old, filter="role='administrator'") == [one]
    assert users(old, filter=f"orgs.sourcedId='{orgs[1]}'") == [one]


@pytest.mark.requirement("TRN-PR-04")
def test_roles_that_1_1_does_not_know_are_told_in_its_words(old: Puller) -> None:
    known = {"administrator", "aide", "guardian", "parent", "proctor", "relative", "student",
             "teacher"}  # fmt: skip
    assert {each["role"] for each in users(old)} <= known


def test_one_service_holds_rosters_and_gradebook(old: Puller) -> None:
    room = few()["classes"][0]["sourcedId"]
    for path in ("orgs", "lineItems", f"classes/{room}/students", f"classes/{room}/results"):
        assert old.get(path).status_code == 200, path
    assert old.get("scoreScales").status_code == 404
    (shown,) = old.get("classes").json()["classes"]
    assert shown["school"]["href"].startswith(f"{old.hub.base}{V1_1}/orgs/")


def test_a_line_item_is_of_a_grading_period(old: Puller) -> None:
    rows = few()
    period = next(row for row in rows["academicSessions"] if row["type"] == "gradingPeriod")
    old.shelf.keep("lineItems", {
        "sourcedId": "li", "title": "Essay", "assignDate": "2026-10-01", "dueDate": "2026-10-09",
        "classSourcedId": rows["classes"][0]["sourcedId"], "categorySourcedId": "c",
        "academicSessionSourcedId": period["sourcedId"], "resultValueMax": "12.50",
        "schoolSourcedId": rows["classes"][0]["schoolSourcedId"],
    })  # fmt: skip
    (item,) = old.get("lineItems", filter="dueDate>'2026-10-08'").json()["lineItems"]
    assert item["gradingPeriod"]["sourcedId"] == period["sourcedId"]
    assert (item["dueDate"], item["resultValueMax"]) == ("2026-10-09T00:00:00.000Z", 12.5)
    assert not {"school", "academicSession"} & item.keys()
    assert old.get("lineItems", filter="resultValueMax>='12.6'").json()["lineItems"] == []


def test_errors_come_in_a_set(old: Puller) -> None:
    wanted = {
        "users/x": (404, "unknown object"), "users?sort=body": (400, "invalid_sort_field"),
        "users?filter=x": (400, "invalid_filter_field"), "users?limit=x": (400, "invalid data"),
        "users?fields=x": (400, "invalid_selection_field"),
    }  # fmt: skip
    for path, (status, minor) in wanted.items():
        reply = old.get(path)
        (told,) = reply.json()["statusInfoSet"]
        assert (reply.status_code, told["imsx_codeMinor"]) == (status, minor)
        assert (told["imsx_codeMajor"], told["imsx_severity"]) == ("failure", "error")


def test_scopes_of_1_1_count_where_they_are_asked_for(old: Puller) -> None:
    prefix = "https://purl.imsglobal.org/spec/or/v1p1/scope"
    told = old.ask_token("roster-core.readonly", prefix=prefix).json()
    old.token = told["access_token"]
    assert old.get("users").status_code == 200
    assert old.get("demographics").status_code == 403
