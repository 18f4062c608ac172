"""Every listing and every object has the form of the published documents of OneRoster 1.2."""

from __future__ import annotations

import pytest

from reference_hub.web.oneroster import resources
from tests.reference_hub.oneroster.conftest import Puller, district
from tests.reference_hub.oneroster.openapi import Service


def ids() -> dict[str, str]:
    """An id for each kind of path, which belong together."""
    rows = district()
    seat = next(row for row in rows["enrollments"] if row["role"] == "student")
    teaching = next(
        row for row in rows["enrollments"]
        if row["role"] == "teacher" and row["classSourcedId"] == seat["classSourcedId"]
    )  # fmt: skip
    one = next(row for row in rows["classes"] if row["sourcedId"] == seat["classSourcedId"])
    term = one["termSourcedIds"][1]
    period = next(
        row for row in rows["academicSessions"] if row.get("parentSourcedId") == term
    )  # fmt: skip
    return {
        "classes": seat["classSourcedId"], "schools": seat["schoolSourcedId"],
        "students": seat["userSourcedId"], "users": seat["userSourcedId"],
        "teachers": teaching["userSourcedId"], "courses": one["courseSourcedId"],
        "terms": term, "gradingPeriods": period["sourcedId"], "academicSessions": term,
        "orgs": seat["schoolSourcedId"], "enrollments": seat["sourcedId"],
        "demographics": seat["userSourcedId"],
    }  # fmt: skip


def path_of(form: str, known: dict[str, str]) -> str:
    parts = form.split("/")
    return "/".join(known[parts[i - 1]] if part == "{}" else part for i, part in enumerate(parts))


def test_every_answer_has_the_published_form(reading: Puller, services: dict[str, Service]) -> None:
    for verb, form in resources.forms(resources.ROSTERING):
        reply = reading.get(path_of(form, ids()))
        assert reply.status_code == 200, form
        assert services["rosters"].faults(verb, form, 200, reply.json()) == []
        (content,) = reply.json().values()
        assert content, form


def test_what_was_taken_away_has_the_published_form_and_no_text(
    reading: Puller, services: dict[str, Service]
) -> None:
    for name, rows in district().items():
        reading.shelf.take_away(name, *(row["sourcedId"] for row in rows))
    for name in ("users", "orgs", "classes", "courses", "enrollments", "academicSessions"):
        reply = reading.get(name, limit="400")
        assert services["rosters"].faults("GET", name, 200, reply.json()) == []
        assert {each["status"] for each in reply.json()[name]} == {"tobedeleted"}
        texts = {row[cell] for row in district()["users"] for cell in ("givenName", "username")}
        assert not [text for text in texts if f'"{text}"' in reply.text]


@pytest.mark.parametrize("name", ["rosters", "gradebook"])
def test_the_operations_are_those_of_the_published_documents(
    services: dict[str, Service], name: str
) -> None:
    mine = set(resources.forms(resources.ROSTERING if name == "rosters" else resources.GRADEBOOK))
    theirs = set(services[name].operations)
    assert mine - theirs == set()
    late = {(verb, form) for verb, form in theirs - mine}
    assert {(verb, form.split("/")[0]) for verb, form in late} <= {
        ("PUT", "assessmentLineItems"), ("DELETE", "assessmentLineItems"),
        ("PUT", "assessmentResults"), ("DELETE", "assessmentResults"),
        ("PUT", "scoreScales"), ("DELETE", "scoreScales"),
    }  # fmt: skip
    for verb, form in mine:
        names = tuple(form.split("/")[0::2])
        assert set(resources.scopes(verb, names)) == services[name].scopes(verb, form), form
