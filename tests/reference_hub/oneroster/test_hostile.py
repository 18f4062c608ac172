"""Queries that mean no good: each is refused or answered for what it is, none is run as SQL."""

from __future__ import annotations

import pytest
import requests
from sqlalchemy import text

from reference_hub.store import target_reading
from tests.reference_hub.oneroster.conftest import ROSTERING, Puller, few
from tests.reference_hub.oneroster.openapi import Service

BAD = {
    "invalid_filter_field": [
        "filter=nothing%3D%27x%27", "filter=", "filter=familyName", "filter=familyName%3Dx",
        "filter=a%3D%27x%27%20AND%20b%3D%27y%27%20OR%20c%3D%27z%27",
        "filter=familyName%3D%27x%27%20AND%20",
        "filter=familyName%3D%27x%27%3B%20DROP%20TABLE%20target_row",
        "filter=body%3D%27x%27", "filter=t.body%3D%27x%27", "filter=roles.password%3D%27x%27",
        "filter=password%3D%27x%27", "filter=roles%3D%27x%27", "filter=grades%3E%2701%27",
        "filter=dateLastModified~%272026%27", "filter=agents.href%3D%27x%27",
        "filter=" + "(" * 500,
    ],
    "invalid_selection_field": [
        "fields=", "fields=password", "fields=sourcedId,body", "fields=%2A",
    ],
    "invaliddata": [
        "limit=0", "limit=-1", "limit=x", "limit=1e3", "limit=99999999999999999999", "limit=",
        "offset=-1", "offset=%2B1", "orderBy=up", "sort=body", "sort=roles", "sort=grades",
        "sort=familyName;DROP", "limit=1&limit=2", "filter=%00%3D%27x%27", "filter=%FF",
        "filter=dateLastModified%3E%27yesterday%27", "filter=" + "x" * 3000, "after=x",
        "after=1&sort=familyName", "sort=familyName%27%20--",
    ],
}  # fmt: skip


@pytest.mark.requirement("TRN-PR-02")
def test_a_bad_query_is_refused_in_the_published_form(
    holding: Puller, services: dict[str, Service]
) -> None:
    for minor, queries in BAD.items():
        for query in queries:
            reply = holding.get(f"users?{query}")
            assert reply.status_code == 400, query
            assert services["rosters"].faults("GET", "users", 400, reply.json()) == []
            (field,) = reply.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
            assert field["imsx_codeMinorFieldValue"] == minor, query


def test_a_refusal_repeats_nothing_that_was_sent(holding: Puller) -> None:
    for query in ("filter=Zwetschge", "fields=Zwetschge", "sort=Zwetschge", "limit=Zwetschge"):
        assert "Zwetschge" not in holding.get(f"users?{query}").text
    assert "Zwetschge" not in holding.get("users/Zwetschge").text
    assert "Zwetschge" not in holding.get("Zwetschge").text


def test_no_value_of_a_query_reaches_the_log(
    holding: Puller, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    one = few()["users"][0]
    holding.get("users", filter=f"familyName='{one['familyName']}'")
    holding.get(f"users/{one['sourcedId']}")
    holding.get("users", filter="familyName='Zwetschge' AND nothing='x'")
    told = "".join(capsys.readouterr())
    assert "/ims/oneroster/rostering/v1p2/<path:_>" in told
    assert not [each for each in (one["familyName"], one["sourcedId"], "Zwetschge") if each in told]


PATHS = {
    404: [
        "nothing", "users/x", "users/x/y", "classes/x/students", "schools/x/classes/y/students",
        "users/..%2F..%2Forgs", "roles", "users/x/classes/y", "%20",
    ],
    400: ["users/%00", "users/%FF"],
}  # fmt: skip


def test_a_path_that_leads_nowhere_is_not_found(holding: Puller) -> None:
    for status, paths in PATHS.items():
        assert [holding.get(path).status_code for path in paths] == [status] * len(paths)


def test_a_class_of_another_school_is_not_in_this_one(holding: Puller) -> None:
    rows = few()
    one = rows["classes"][0]
    schools = [row["sourcedId"] for row in rows["orgs"] if row["type"] == "school"]
    (other,) = [school for school in schools if school != one["schoolSourcedId"]]
    below = f"classes/{one['sourcedId']}/students"
    assert holding.get(f"schools/{one['schoolSourcedId']}/{below}").status_code == 200
    assert holding.get(f"schools/{other}/{below}").status_code == 404


def test_rosters_are_only_read(holding: Puller) -> None:
    for verb in ("POST", "PUT", "DELETE", "PATCH"):
        assert holding.send(verb, "users", {}, root=ROSTERING).status_code == 405


def test_head_tells_the_number_and_sends_no_body(holding: Puller) -> None:
    url = f"{holding.hub.base}{ROSTERING}/orgs"
    told = {"Authorization": f"Bearer {holding.token}"}
    reply = requests.head(url, headers=told, timeout=10)
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["X-Total-Count"] == str(len(few()["orgs"]))


def test_a_query_that_takes_too_long_is_given_up(
    holding: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_reading, "SECONDS", 0.2)
    with holding.hub.engine.begin() as connection:
        connection.execute(text("LOCK TABLE target_row IN ACCESS EXCLUSIVE MODE"))
        reply = holding.get("users")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert "took longer" in reply.json()["imsx_description"]
    assert holding.get("users").status_code == 200
