"""The command `reference-hub console account`: who may sign in."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from reference_hub.cli import cli
from tests.reference_hub.console.conftest import Desk

PASSWORD = "correct horse battery"


def run(desk: Desk, *words: str, typed: str = "", **environ: str) -> Result:
    """The command on the store of the desk."""
    url = desk.engine.url.render_as_string(False).replace("postgresql+psycopg", "postgresql", 1)
    env = {"DATABASE_URL": url, "CONSOLE_PASSWORD": PASSWORD} | environ
    command = ["console", "account", *words]
    return CliRunner().invoke(cli, command, env=env, input=typed or None)


def add(desk: Desk, name: str, *more: str) -> Result:
    """An account with PASSWORD."""
    return run(desk, "add", name, *more, "--password-env", "CONSOLE_PASSWORD")


def test_the_first_account_lets_somebody_in(desk: Desk) -> None:
    done = add(desk, "maria", "--role", "admin")
    assert done.exit_code == 0, done.output
    assert done.output == "maria may sign in at /console/ of the hub, as admin.\n"
    assert desk.web().sign_in("Maria", PASSWORD).status_code == 303


def test_a_password_is_asked_for_twice_and_never_shown(desk: Desk) -> None:
    words = ("add", "maria", "--role", "viewer")
    differs = run(desk, *words, typed=f"{PASSWORD}\nanother one entirely\n{PASSWORD}\n{PASSWORD}\n")
    assert differs.exit_code == 0, differs.output
    assert "do not match" in differs.output
    assert PASSWORD not in differs.output
    assert desk.web().sign_in("maria", PASSWORD).status_code == 303


def test_accounts_are_listed_with_what_they_may_see(desk: Desk) -> None:
    desk.vendor("reading")
    add(desk, "maria", "--role", "manager", "--zone", "demo-district")
    add(desk, "rita", "--role", "vendor", "--vendor", "reading")
    desk.web().sign_in("maria", PASSWORD)
    rows = json.loads(run(desk, "list", "--json").output)
    shown = [(row["account"], row["role"], row["zone"], row["vendor"]) for row in rows]
    assert shown == [
        ("maria", "manager", "demo-district", "-"),
        ("rita", "vendor", "demo-district", "reading"),
    ]
    assert [row["last_seen"] == "-" for row in rows] == [False, True]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (("--role", "vendor"), "needs --vendor NAME"),
        (("--role", "viewer", "--vendor", "reading"), "needs --vendor NAME"),
        (("--role", "vendor", "--vendor", "nobody"), "There is no vendor 'nobody'"),
        (("--role", "viewer", "--zone", "nowhere"), "no zone 'nowhere' (known: demo-district)"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    desk: Desk, more: tuple[str, ...], fault: str
) -> None:
    done = add(desk, "maria", *more)
    assert done.exit_code != 0
    assert fault in str(done.exception)
    assert desk.run("SELECT count(*) FROM console_account") == [(0,)]


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "12 to 256 characters; this one has 5"),
        ("x" * 300, "12 to 256 characters; this one has 300"),
        ("my name is Maria", "must not hold the name"),
        ("aaaaaaaaaaaaaaab", "a few characters repeated"),
    ],
)
def test_a_weak_password_is_refused(desk: Desk, password: str, fault: str) -> None:
    words = ("add", "maria", "--role", "admin", "--password-env", "P")
    done = run(desk, *words, P=password)
    assert fault in str(done.exception)
    assert password not in str(done.exception)


def test_a_name_is_taken_whatever_its_case(desk: Desk) -> None:
    add(desk, "maria", "--role", "admin")
    assert "There is an account MARIA already" in str(
        add(desk, "MARIA", "--role", "viewer").exception
    )


def test_a_disabled_account_is_signed_out_and_let_in_again_by_undo(desk: Desk) -> None:
    add(desk, "maria", "--role", "admin")
    add(desk, "pedro", "--role", "viewer")
    web = desk.web()
    web.sign_in("pedro", PASSWORD)
    assert "sessions ended: 1" in run(desk, "disable", "pedro").output
    assert web.get("/overview").status_code == 303
    assert web.sign_in("pedro", PASSWORD).status_code == 401
    run(desk, "disable", "pedro", "--undo")
    assert web.sign_in("pedro", PASSWORD).status_code == 303


def test_the_last_administrator_cannot_be_disabled(desk: Desk) -> None:
    add(desk, "maria", "--role", "admin")
    add(desk, "ana", "--role", "admin", "--zone", "demo-district")
    assert "maria is the only admin" in str(run(desk, "disable", "maria").exception)
    add(desk, "pedro", "--role", "admin")
    assert run(desk, "disable", "maria").exit_code == 0


def test_a_new_password_ends_every_session(desk: Desk) -> None:
    add(desk, "maria", "--role", "admin")
    web = desk.web()
    web.sign_in("maria", PASSWORD)
    done = run(desk, "password", "maria", "--password-env", "NEW", NEW="quite another phrase")
    assert done.exit_code == 0, done.output
    assert web.get("/overview").status_code == 303
    assert web.sign_in("maria", PASSWORD).status_code == 401
    assert web.sign_in("maria", "quite another phrase").status_code == 303


def test_what_happens_to_accounts_is_audited_without_passwords(desk: Desk) -> None:
    add(desk, "maria", "--role", "admin")
    add(desk, "pedro", "--role", "viewer")
    run(desk, "disable", "pedro")
    found = desk.run("SELECT actor, action, detail FROM audit ORDER BY id")
    assert found == [
        ("operator", "console account added", {"account": "maria", "role": "admin"}),
        ("operator", "console account added", {"account": "pedro", "role": "viewer"}),
        ("operator", "console account disabled", {"account": "pedro"}),
    ]
