"""Taking a vendor on, step by step: what is kept, what is refused, what goes to the vendor when."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.accept import accept
from reference_hub.model.change import CREATE, Change
from tests.reference_hub.console.conftest import SCOPE, Desk
from tests.reference_hub.console.vendor_at_work import (
    ENTERED,
    PARTY,
    SECRET,
    Taking,
    delivering,
    product,
    runs_desk,
    runs_settings,
    taking,
)
from tests.reference_hub.listening import listening_at
from tests.waiting import until

__all__ = ["runs_desk", "runs_settings", "taking"]


def test_an_entered_agreement_is_told_in_plain_language_xml_and_json(taking: Taking) -> None:
    taking.enter()
    page = taking.web.get(f"{taking.at}/preview").text
    assert "Demographics: gender (B07.3)" in page
    assert "&lt;podVersion&gt;1.0.0&lt;/podVersion&gt;" in page
    assert "&#34;podVersion&#34;: &#34;1.0.0&#34;" in page
    assert "Keep none of it for more than 60 days after that." in page
    assert "xStudent/address" not in page


def test_what_it_opens_is_told_in_spanish_too(taking: Taking) -> None:
    taking.enter()
    page = taking.web.get(f"{taking.at}/preview?lang=es").text
    assert "Género (B07.3)" in page
    assert "Demographics: gender" not in page
    assert "No guardar nada más de 60 días después." in page
    assert "Usar los datos solo para esto: Reading practice." in page


def test_wrong_values_stand_beside_their_fields_and_nothing_is_kept(taking: Taking) -> None:
    wrong = {"name": "x", "policy": "none", "ends": "2020-01-01", "days": "many", "tick": []}
    answer = taking.web.post("/onboarding/enter", ENTERED | wrong)
    assert answer.status_code == 422
    for field in ("name", "policy", "ends", "days"):
        assert f'id="{field}-fault"' in answer.text, field
    assert "Tick at least one kind of data." in answer.text
    assert 'value="Reading practice"' in answer.text
    assert taking.desk.run("SELECT count(*) FROM console_onboarding") == [(0,)]


def test_an_agreement_of_the_registry_is_taken_as_it_stands(taking: Taking) -> None:
    page = taking.web.get("/onboarding/new").text
    assert "Example Reading Inc" in page
    answer = taking.web.post("/onboarding/new", {"name": "Reading", "agreement": "reading-app"})
    assert answer.status_code == 303
    shown = taking.web.get(answer.headers["Location"].removeprefix("/console")).text
    assert "Use the data for this only: Reading practice for enrolled students" in shown


def test_a_name_is_taken_once(taking: Taking) -> None:
    taking.enter()
    again = taking.web.post("/onboarding/enter", ENTERED | {"name": "READING"})
    assert again.status_code == 409
    assert 'id="name-fault"' in again.text


def test_two_people_do_not_overwrite_each_other(taking: Taking) -> None:
    taking.enter()
    fields = {"version": "1"}
    page = f"{taking.at}/preview"
    first = taking.web.post(f"{taking.at}/read", fields, page=page)
    assert first.headers["Location"].endswith("/connection")
    second = taking.web.post(f"{taking.at}/read", fields, page=f"{taking.at}/connection")
    assert second.headers["Location"].endswith("/preview")
    assert "Somebody else changed this in the meantime" in taking.web.get(page).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://vendor.example"),
        ("url", "http://169.254.169.254/sif3"),
        ("key", "a:b"),
        ("secret_password", ""),
        ("method", "None"),
    ],
)
def test_a_connection_that_cannot_work_is_refused(taking: Taking, field: str, value: str) -> None:
    taking.enter()
    taking.press("read", "preview")
    fields = {"url": "http://127.0.0.1:9/sif3", "key": "k", "secret_password": SECRET,
              "method": "Basic", "version": "2"}  # fmt: skip
    answer = taking.web.post(f"{taking.at}/connection", fields | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert taking.desk.run("SELECT count(*) FROM vendor") == [(0,)]


def test_the_secret_is_kept_in_a_file_and_shown_nowhere(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    [(credentials, objects)] = taking.desk.run("SELECT credentials, objects FROM subscriber")
    assert isinstance(credentials, dict)
    place = Path(credentials["secret"].removeprefix("file:"))
    assert (place.read_text("utf-8"), place.stat().st_mode & 0o777) == (SECRET, 0o600)
    assert objects == []
    assert SECRET not in taking.web.get(f"{taking.at}/connection").text
    found = taking.desk.run(
        "SELECT count(*) FROM audit WHERE detail::text LIKE :x", x=f"%{SECRET}%"
    )
    assert found == [(0,)]


def test_a_decision_needs_its_conditions_in_words(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    where = f"{taking.at}/decision"
    answer = taking.web.post(where, {"verdict": "conditions", "conditions": " "})
    assert answer.status_code == 422
    assert 'id="conditions-fault"' in answer.text
    taking.press("decision", "decision", verdict="conditions", conditions="Only grade 5.")
    rows = taking.desk.run("SELECT verdict, conditions, run_id FROM console_decision")
    assert rows == [("conditions", "Only grade 5.", None)]


def test_another_hub_on_the_same_store_goes_on_where_the_first_one_stopped(
    taking: Taking, console_clock: Clock
) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    desk = taking.desk
    with listening_at(create_app(desk.settings, desk.engine, console_clock, judge=Judge())) as base:
        taking.web.base = base
        listed = taking.web.get("/onboarding").text
        assert "Step 4 of 9: Can it be tested?" in listed
        assert taking.web.get(taking.at).headers["Location"].endswith("/doctor")


def test_what_was_typed_outlives_the_session_but_for_the_secret(taking: Taking) -> None:
    taking.enter()
    taking.press("read", "preview")
    where = f"{taking.at}/connection"
    fields = {"csrf": taking.web.csrf(where), "url": "https://vendor.example/sif3", "key": "k",
              "secret_password": SECRET, "can": ["create"]}  # fmt: skip
    taking.desk.later(minutes=31)
    assert "/sign-in" in taking.web.post(where, fields).headers["Location"]
    [(name,)] = taking.desk.run("SELECT name FROM console_account")
    taking.web.sign_in(str(name))
    page = taking.web.get(where).text
    assert 'value="https://vendor.example/sif3"' in page
    kept = taking.desk.run("SELECT count(*) FROM console_draft WHERE fields::text LIKE '%demo-s%'")
    assert kept == [(0,)]


@pytest.mark.parametrize(
    "step", ["preview", "connection", "doctor", "sandbox", "run", "decision", "data", "give-up"]
)
def test_every_step_is_told_in_spanish(taking: Taking, step: str) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    answer = taking.web.get(f"{taking.at}/{step}?lang=es")
    assert answer.status_code == 200
    assert "Take vendors on" not in answer.text


def test_a_viewer_reads_the_steps_and_changes_nothing(taking: Taking) -> None:
    taking.enter()
    viewer = taking.desk.signed_in("viewer")
    page = viewer.get(f"{taking.at}/preview")
    assert page.status_code == 200
    assert "I have read it" not in page.text
    assert viewer.post(f"{taking.at}/read", {}, page="/account").status_code == 403


def test_real_data_waits_for_a_decision_where_the_district_asks_for_one(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    assert "no decision is recorded" in taking.web.get(f"{taking.at}/data").text
    taking.press("publish", "data")
    assert taking.desk.run("SELECT count(*) FROM pod") == [(0,)]
    taking.press("switch-on", "switch-on")
    assert taking.desk.run("SELECT objects FROM subscriber") == [([],)]


def test_a_refused_vendor_gets_nothing(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    taking.press("decision", "decision", verdict="refused", conditions="It leaks fields.")
    taking.press("publish", "data")
    assert "the district refused this vendor" in taking.web.get(f"{taking.at}/data").text
    assert taking.desk.run("SELECT count(*) FROM pod") == [(0,)]


def test_real_data_goes_after_decision_acknowledgement_and_switch_only(
    taking: Taking, tmp_path: Path
) -> None:
    student(taking.desk)
    with product(tmp_path) as url, delivering(taking.desk):
        taking.enter()
        taking.connect(url)
        taking.press("decision", "decision", verdict="approved", conditions="")
        taking.press("publish", "data")
        until(lambda: taking.desk.run("SELECT acknowledged IS NOT NULL FROM pod") == [(True,)])
        assert delivered(taking.desk) == 0
        taking.press("switch-on", "switch-on")
        until(lambda: delivered(taking.desk) == 1)
    assert "gets real data" in taking.web.get(f"{taking.at}/data").text


def student(desk: Desk) -> None:
    """One real student of the district."""
    refid = "D3E34B359D75101A8C3D00AA001A1652"
    text = (
        f'<xStudent xmlns="http://www.sifassociation.org/datamodel/na/4.x" refId="{refid}">'
        "<name><familyName>Real</familyName></name></xStudent>"
    )
    with desk.engine.begin() as connection:
        change = Change(CREATE, "xStudent", refid.lower(), text.encode())
        accept(connection, SCOPE, "sis", [change], desk.clock)


def delivered(desk: Desk) -> int:
    """How many objects have arrived at the vendor."""
    found = desk.run("SELECT count(*) FROM message WHERE kind <> 'pod' AND state = 'done'")
    return int(str(found[0][0]))


def test_made_up_students_come_from_a_zone_of_their_own(taking: Taking, tmp_path: Path) -> None:
    student(taking.desk)
    with product(tmp_path) as url, delivering(taking.desk):
        taking.enter()
        taking.connect(url)
        taking.press("deliver", "sandbox")
        until(lambda: delivered(taking.desk) == 12)
        taking.press("deliver", "sandbox")
        until(lambda: delivered(taking.desk) == 24)
    rows = taking.desk.run(
        "SELECT DISTINCT s.zone_id, v.party_id FROM message m JOIN subscriber s"
        " ON s.id = m.subscriber_id JOIN vendor v ON v.id = s.vendor_id WHERE m.state = 'done'"
    )
    assert rows == [("second-district", PARTY)]
    assert "acknowledged" in taking.web.get(f"{taking.at}/sandbox").text
