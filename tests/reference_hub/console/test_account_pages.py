"""Administrators add accounts, disable them and give new passwords, each in their own district."""

from __future__ import annotations

import pytest

from tests.reference_hub.console.conftest import PASSWORD, Desk, Web
from tests.reference_hub.console.reading import names, rows

NEW = {"name": "Ana Ruiz", "role": "viewer", "vendor": "", "zone": "", "password": PASSWORD}


@pytest.fixture
def admin(desk: Desk) -> Web:
    """The administrator maria, signed in."""
    desk.account("maria")
    web = desk.web()
    web.sign_in("maria")
    return web


def number(desk: Desk, name: str) -> int:
    """The id of an account."""
    found = desk.run("SELECT id FROM console_account WHERE name = :name", name=name)
    return int(str(found[0][0]))


def test_an_administrator_adds_an_account_that_can_sign_in(desk: Desk, admin: Web) -> None:
    assert admin.post("/accounts/new", NEW).status_code == 303
    page = admin.get("/accounts").text
    assert "Ana Ruiz may sign in now." in page
    assert rows(page)["Ana Ruiz"] == ["viewer", "every district of this hub", "–", "may sign in"]
    assert desk.web().sign_in("ana ruiz").status_code == 303


@pytest.mark.parametrize(
    ("change", "field", "fault"),
    [
        ({"name": " "}, "name", "Enter a name"),
        ({"name": "MARIA"}, "name", "There is an account of this name already"),
        ({"role": "king"}, "role", "Choose one of the roles"),
        ({"role": "vendor", "vendor": "nobody"}, "vendor", "There is no vendor of this name"),
        ({"zone": "nowhere"}, "zone", "Choose one of the districts"),
        ({"password": "short"}, "password", "at least 12 characters"),
        ({"password": "Ana Ruiz 2026 Ana"}, "password", "does not hold your name"),
    ],
)
def test_a_wrong_value_is_told_next_to_its_field(
    desk: Desk, admin: Web, change: dict[str, str], field: str, fault: str
) -> None:
    answer = admin.post("/accounts/new", NEW | change)
    assert answer.status_code == 422
    said = answer.text.partition(f'id="{field}-fault">')[2].partition("</p>")[0]
    assert fault in said
    assert desk.run("SELECT count(*) FROM console_account") == [(1,)]
    assert PASSWORD not in answer.text


def test_a_vendors_account_belongs_to_the_district_of_its_vendor(desk: Desk, admin: Web) -> None:
    vendor_id = desk.vendor("reading")
    admin.post("/accounts/new", NEW | {"role": "vendor", "vendor": "reading"})
    found = desk.run("SELECT zone_id, vendor_id FROM console_account WHERE role = 'vendor'")
    assert found == [("demo-district", vendor_id)]


def test_disabling_signs_out_and_can_be_undone(desk: Desk, admin: Web) -> None:
    desk.account("pedro", "viewer")
    pedro = desk.web()
    pedro.sign_in("pedro")
    page = f"/accounts/{number(desk, 'pedro')}"
    assert admin.post(f"{page}/disable", page=page).status_code == 303
    assert pedro.get("/overview").status_code == 303
    assert rows(admin.get("/accounts").text)["pedro"][-1] == "disabled"
    admin.post(f"{page}/enable", page=page)
    assert pedro.sign_in("pedro").status_code == 303


def test_the_only_administrator_cannot_lock_everybody_out(desk: Desk, admin: Web) -> None:
    page = f"/accounts/{number(desk, 'maria')}"
    admin.post(f"{page}/disable", page=page)
    assert "This is the only administrator" in admin.get(page).text
    assert desk.run("SELECT disabled FROM console_account") == [(False,)]


def test_a_new_password_ends_the_sessions_of_its_account_alone(desk: Desk, admin: Web) -> None:
    desk.account("pedro", "viewer")
    pedro = desk.web()
    pedro.sign_in("pedro")
    page = f"/accounts/{number(desk, 'pedro')}"
    assert admin.post(page, {"password": "quite another phrase"}).status_code == 303
    assert pedro.get("/overview").status_code == 303
    assert admin.get("/overview").status_code == 200
    assert pedro.sign_in("pedro", "quite another phrase").status_code == 303


def test_an_administrator_of_a_district_sees_and_makes_accounts_of_it_alone(desk: Desk) -> None:
    chief = number(desk, desk.account("chief"))
    desk.account("ours", "viewer", "demo-district")
    web = desk.signed_in("admin", zone="demo-district")
    assert "ours" in names(web.get("/accounts").text)
    assert "chief" not in names(web.get("/accounts").text)
    assert web.get(f"/accounts/{chief}").status_code == 404
    assert web.post(f"/accounts/{chief}/disable", page="/account").status_code == 404
    for zone in ("", "other-district"):
        assert web.post("/accounts/new", NEW | {"zone": zone}).status_code == 422


def test_what_administrators_do_is_audited_under_their_name(desk: Desk, admin: Web) -> None:
    admin.post("/accounts/new", NEW)
    page = f"/accounts/{number(desk, 'Ana Ruiz')}"
    admin.post(f"{page}/disable", page=page)
    found = desk.run("SELECT actor, action, detail ->> 'account' FROM audit ORDER BY id")
    assert found[1:] == [
        ("console:maria", "console account added", "Ana Ruiz"),
        ("console:maria", "console account disabled", "Ana Ruiz"),
    ]
