"""The page of a vendor whose application of the settings waits for a decision."""

from __future__ import annotations

import pytest

from tests.reference_hub.console.conftest import SCOPE, Desk
from tests.reference_hub.console.student import School

WAITS = "No data goes to reading before a decision about this vendor is recorded."


@pytest.fixture
def waiting(desk: Desk) -> str:
    """Such a vendor; its page."""
    vendor_id, _ = School(desk).comes("reading")
    desk.run("UPDATE application SET decision = 'required'")
    return f"/vendors/{vendor_id}"


def verdicts(desk: Desk) -> list[tuple[object, ...]]:
    """What was recorded, oldest first."""
    return desk.run("SELECT verdict, conditions, decided_by FROM console_decision ORDER BY id")


def test_overview_and_page_tell_what_waits(desk: Desk, waiting: str) -> None:
    manager, viewer = desk.signed_in("manager"), desk.signed_in("viewer")
    for page in ("/overview", waiting):
        assert WAITS in viewer.get(page).text
    assert "Decide about this vendor" in manager.get(waiting).text
    assert "Decide about this vendor" not in viewer.get(waiting).text
    own = desk.signed_in("vendor", vendor_id=int(waiting.rpartition("/")[2]))
    assert WAITS in own.get(waiting).text
    assert WAITS not in desk.signed_in("manager", zone="other-district").get("/overview").text


def test_a_decision_frees_it_and_a_refusal_holds_it_again(desk: Desk, waiting: str) -> None:
    web = desk.signed_in("manager")
    form = f"{waiting}/decision"
    assert web.post(form, {"verdict": "approved", "conditions": ""}).status_code == 303
    assert WAITS not in web.get(waiting).text
    fields = {"verdict": "refused", "conditions": "Not needed any more"}
    assert web.post(form, fields).status_code == 303
    assert "No data goes to reading: this vendor was refused." in web.get(waiting).text
    (approved, refused) = verdicts(desk)
    assert (approved[:2], refused[:2]) == (("approved", ""), ("refused", "Not needed any more"))
    actors = desk.run("SELECT DISTINCT actor FROM audit WHERE action LIKE 'decided %'")
    assert actors == [(f"console:{approved[2]}",)]
    assert "Not needed any more" in web.get(form).text


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"verdict": "", "conditions": "words"}, "Choose one of the three."),
        ({"verdict": "perhaps", "conditions": "words"}, "Choose one of the three."),
        ({"verdict": "refused", "conditions": ""}, "Write the conditions or the reasons"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_kept(
    desk: Desk, waiting: str, fields: dict[str, str], fault: str
) -> None:
    answer = desk.signed_in("manager").post(f"{waiting}/decision", fields)
    assert (answer.status_code, fault in answer.text) == (422, True)
    assert verdicts(desk) == []


def test_somebody_elses_vendor_is_not_there(desk: Desk, waiting: str) -> None:
    web = desk.signed_in("manager", zone="other-district")
    assert SCOPE.zone_id == "demo-district"
    assert web.get(f"{waiting}/decision").status_code == 404
