"""Another kind of vendor can be chosen as long as nothing was sent, run or decided."""

from __future__ import annotations

import json

import pytest

from reference_hub.store import vendors
from tests.reference_hub.console.vendor_at_work import (
    KEY,
    SECRET,
    Taking,
    runs_desk,
    runs_settings,
    taking,
)
from tests.reference_hub.console.whole_walk import EDFI, FILES, PULL, PUSH, ROSTER

__all__ = ["runs_desk", "runs_settings", "taking"]
NOWHERE = "http://127.0.0.1:9/sif3"


def again(taking: Taking, url: str, **fields: object) -> None:
    """Connect it once more."""
    given = {"url": url, "key": KEY, "secret_password": SECRET, "method": "SIF_HMACSHA256"}
    assert taking.press("connection", "connection", **(given | fields)) == "doctor"


def thrown_away(taking: Taking) -> str:
    """Ask for another kind, read what that means, do it; the page of the connection then."""
    assert "Choose another kind or form" in taking.web.get(f"{taking.at}/connection").text
    assert taking.press("other-kind", "other-kind") == "connection"
    return taking.web.get(f"{taking.at}/connection").text


@pytest.mark.parametrize(
    "other", [FILES, EDFI, ROSTER, PULL], ids=["files", "edfi", "roster", "pull"]
)
def test_what_was_begun_as_another_kind_goes_on_as_the_right_one(
    taking: Taking, other: dict[str, object]
) -> None:
    taking.enter()
    taking.connect(NOWHERE, **PUSH)
    looked(taking)
    assert "What was seen" in taking.web.get(f"{taking.at}/doctor").text
    page = thrown_away(taking)
    assert "How does the vendor get data?" in page
    assert taking.desk.run("SELECT count(*) FROM subscriber") == [(0,)]
    comes = other["kind"] in ("roster", "pull")
    again(taking, "" if comes else NOWHERE, **other)
    assert taking.desk.run("SELECT way ->> 'kind' FROM console_onboarding") == [(other["kind"],)]
    assert taking.web.get(taking.at).headers["Location"].endswith("/doctor")
    assert "What was seen" not in taking.web.get(f"{taking.at}/doctor").text


def test_a_key_that_was_given_out_is_taken_back(taking: Taking) -> None:
    taking.enter()
    taking.connect("", **PULL)
    told = taking.web.get(f"{taking.at}/other-kind").text
    assert "The key reading is taken back" in told
    thrown_away(taking)
    assert taking.desk.run("SELECT count(*) FROM application") == [(0,)]
    again(taking, NOWHERE, **FILES)
    assert taking.desk.run("SELECT transport FROM subscriber") == [("http_put",)]


def test_another_form_of_the_same_kind_can_be_chosen(taking: Taking) -> None:
    taking.enter()
    taking.connect(NOWHERE, **FILES)
    thrown_away(taking)
    again(taking, NOWHERE, **(FILES | {"format": "oneroster-1.1-csv"}))
    assert taking.desk.run("SELECT format FROM subscriber") == [("oneroster-1.1-csv",)]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("run", "a conformance run was made"),
        ("deliver", "made-up students were sent"),
        ("publish", "the document of the agreement was published"),
        ("decide", "a decision about this connection is recorded"),
    ],
)
def test_after_that_the_page_says_why_not_and_what_to_do(
    taking: Taking, step: str, said: str
) -> None:
    taking.enter()
    taking.connect(NOWHERE, **FILES)
    if step == "run":
        noted_run(taking)
    elif step == "deliver":
        taking.press("deliver", "sandbox")
    else:
        taking.press("decision", "decision", verdict="approved", conditions="")
        if step == "publish":
            taking.press("publish", "data")
    page = taking.web.get(f"{taking.at}/connection").text
    assert said in page
    assert "begin anew with another name" in page
    assert taking.web.get(f"{taking.at}/other-kind").headers["Location"].endswith("/connection")
    answer = taking.web.post(f"{taking.at}/other-kind", {}, page=f"{taking.at}/connection")
    assert answer.status_code == 303
    kept = taking.desk.run(
        "SELECT count(*) FROM subscriber WHERE url = :url", url=f"{NOWHERE}/files"
    )
    assert kept != [(0,)]


def looked(taking: Taking) -> None:
    """The doctor looked at it as it was said to be, and found a fault."""
    fault = {"fault": {"key": "url", "seen": "no SIF", "fix": "correct it"}}
    taking.desk.run(
        "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, folder, options, started,"
        " started_by, beat, state, exit_code, result) SELECT zone_id, context_id, vendor_id,"
        " 'doctor', 'looked', jsonb_build_object('way', way), now(), 'ana', now(), 'ended', 3,"
        " CAST(:told AS jsonb) FROM console_onboarding",
        told=json.dumps(fault),
    )


def noted_run(taking: Taking) -> None:
    """A run that somebody stopped."""
    taking.desk.run(
        "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, folder, options, started,"
        " started_by, beat, state, result) SELECT zone_id, context_id, id, 'run', 'gone', '{}',"
        " now(), 'ana', now(), 'cancelled', '{}' FROM vendor"
    )


def test_of_two_who_change_at_once_the_second_is_told(taking: Taking) -> None:
    taking.enter()
    taking.connect(NOWHERE, **FILES)
    thrown_away(taking)
    second = taking.web.post(f"{taking.at}/other-kind", {}, page=f"{taking.at}/connection")
    assert second.status_code == 303
    page = taking.web.get(f"{taking.at}/connection").text
    assert "Somebody else changed this in the meantime" in page


def test_the_name_stays_that_of_the_vendor(taking: Taking) -> None:
    taking.enter()
    taking.connect("", **ROSTER)
    thrown_away(taking)
    again(taking, "", **PULL)
    with taking.desk.engine.begin() as connection:
        assert [each.name for each in vendors.all_vendors(connection)] == ["Reading"]
