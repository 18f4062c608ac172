"""Every page with every role: allowed or refused, as docs/console-permissions.md says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from reference_hub.model.console import ROLES
from reference_hub.web.console.routes import PAGES, blueprint
from reference_hub.web.console.site import NOBODY, ROUTES, Route
from tests.reference_hub.console.conftest import Desk, Web

PAGE = Path(__file__).parents[3] / "docs" / "console-permissions.md"
HEAD = """# Who may open which page of the console

Made by `tests/reference_hub/console/test_permissions.py` of the routes themselves, which it asks
one by one with an account of each role; renew it with `UPDATE_CONSOLE_PERMISSIONS=1`. A vendor's
account sees what belongs to its own vendor only: anything else is answered as if it were not there.

| Page | Method | Not signed in | {roles} |
| --- | --- | --- | {lines} |
"""
PLACES = re.compile(r"<(?:\w+:)?(\w+)>")


def rows() -> list[tuple[Route, str]]:
    """Every route with each of its methods."""
    assert PAGES
    return sorted(
        ((route, method) for route in ROUTES for method in route.methods),
        key=lambda row: (row[0].rule, row[1]),
    )


def table() -> str:
    """The page as it must be."""
    said = HEAD.format(roles=" | ".join(ROLES), lines=" | ".join("---" for _ in ROLES))
    for route, method in rows():
        is_open = route.roles == (NOBODY,)
        cells = ["yes" if is_open or role in route.roles else "no" for role in ROLES]
        first = "yes" if is_open else "to the sign-in"
        said += f"| `{route.rule}` | {method} | {first} | {' | '.join(cells)} |\n"
    return said


def test_the_permissions_page_lists_every_route() -> None:
    if os.environ.get("UPDATE_CONSOLE_PERMISSIONS"):
        PAGE.write_text(table(), "utf-8")
    assert PAGE.read_text("utf-8") == table(), "renew it with UPDATE_CONSOLE_PERMISSIONS=1"


def test_no_page_is_served_past_the_permissions() -> None:
    declared = {route.endpoint for route in ROUTES}
    app = Flask("x")
    app.register_blueprint(blueprint)
    others = {
        rule.endpoint.removeprefix("console.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.")
    } - declared
    assert others == {"asset", "nowhere"}


@pytest.fixture
def asked(desk: Desk, everybody: Callable[[], dict[str, Web]]) -> dict[str, Web]:
    """Every role, and whoever has not signed in."""
    return everybody() | {NOBODY: desk.web()}


def test_every_route_answers_each_role_as_it_is_declared(
    asked: dict[str, Web],
) -> None:
    faults = []
    for route, method in rows():
        path = PLACES.sub("1", route.rule).removeprefix("/console")
        if route.endpoint == "sign_out":
            continue
        for role, web in asked.items():
            status = answered(web, method, path, route)
            if status != expected(route, role, status):
                faults.append(f"{method} {route.rule} as {role}: {status}")
    assert faults == []


def answered(web: Web, method: str, path: str, route: Route) -> int:
    if method == "GET":
        return web.get(path, stream=True).status_code
    page = "/sign-in" if route.roles == (NOBODY,) else "/account"
    token = web.csrf(page) if web.get(page).status_code == 200 else "none"
    return web.post(path, {"csrf": token}).status_code


def expected(route: Route, role: str, status: int) -> int:
    """What is right: the status itself where any but a refusal is."""
    if route.roles == (NOBODY,):
        return status if status not in (403, 500) else 200
    if role == NOBODY:
        return 303
    if role not in route.roles:
        return 403
    return status if status not in (403, 500, 502, 503) else 200
