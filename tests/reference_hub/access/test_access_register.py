"""Applications from the settings file: what an entry makes, and which faults are told how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from reference_hub.journeys.register import register
from reference_hub.model.party import Application
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.settings import ApplicationEntry, Settings, Zone, load
from reference_hub.store import vendors
from tests.reference_hub.access.conftest import grant

HERE = Scope("demo-district")
ZONES = {
    "demo-district": Zone("Demo", contexts=("DEFAULT", "2026")),
    "other-district": Zone("Other"),
}
ENVIRON = {"SECRET": "very-secret", "OTHER_SECRET": "another"}
QUERY = {"name": "xStudents", "rights": {"QUERY": "APPROVED"}}
FILE = """
[zones.demo-district]
contexts = ["DEFAULT", "2026"]

[applications.portal]
secret_env = "SECRET"
zone = "demo-district"
context = "2026"
kind = "provider"
notation = "pesc"
rights = [
  { name = "xStudents", rights = { QUERY = "APPROVED", PROVIDE = "APPROVED" } },
  { type = "UTILITY", name = "*", context = "DEFAULT", rights = { QUERY = "APPROVED" } },
]
may_request = [{ name = "xStaffs", rights = { QUERY = "APPROVED" } }]
"""


def entered(store: Engine, **values: Any) -> Application:
    entry = ApplicationEntry(**({"secret_env": "SECRET", "zone": "demo-district"} | values))
    with store.begin() as connection:
        assert register(connection, {"app": entry}, ZONES, ENVIRON) == ["app"]
        found = vendors.find_application(connection, "app")
    assert found is not None
    return found


def test_the_file_says_all_about_an_application(store: Engine, tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(FILE, "utf-8")
    settings: Settings = load(path, {})
    with store.begin() as connection:
        register(connection, settings.applications, settings.zones, ENVIRON)
        found = vendors.find_application(connection, "portal")
    place = Scope("demo-district", "2026")
    assert found == Application(
        "portal", "very-secret", "provider", None, place, "BROKERED", "pesc",
        (
            Grant(place.zone_id, "2026", "OBJECT", "xStudents",
                  {"QUERY": "APPROVED", "PROVIDE": "APPROVED"}),
            grant("*", "UTILITY", QUERY="APPROVED"),
        ),
        (Grant(place.zone_id, "2026", "OBJECT", "xStaffs", {"QUERY": "APPROVED"}),), "portal",
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "expected"), [("source", "DIRECT"), ("provider", "BROKERED")])
def test_the_type_of_environment_follows_the_kind(store: Engine, kind: str, expected: str) -> None:
    assert entered(store, kind=kind).environment_type == expected
    assert entered(store, kind=kind, environment="DIRECT").environment_type == "DIRECT"


def test_what_an_entry_leaves_out_is_the_default_again(store: Engine) -> None:
    entered(store, kind="provider", notation="pesc", rights=[QUERY], may_request=[QUERY])
    found = entered(store, secret_env="OTHER_SECRET")
    assert found == Application("app", "another", "source", None, HERE, app_id="app")


def test_an_entry_may_say_which_product_it_is(store: Engine) -> None:
    assert entered(store, app_id="Reading App").app_id == "Reading App"
    assert entered(store).app_id == "app"


def test_a_vendor_is_named(store: Engine) -> None:
    with store.begin() as connection:
        vendor_id = vendors.add_vendor(connection, "reading", "Reading Inc", HERE)
    found = entered(store, kind="vendor", vendor="reading")
    assert (found.kind, found.vendor_id) == ("vendor", vendor_id)


def test_a_row_in_another_zone_has_its_default_context(store: Engine) -> None:
    found = entered(store, context="2026", rights=[QUERY | {"zone": "other-district"}])
    assert [each.scope for each in found.grants] == [Scope("other-district")]


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"secret_env": "NOT_SET"}, "applications.app.secret_env: the environment variable NOT_SET"),
    ({"zone": "nowhere"}, "applications.app names the zone 'nowhere'; known zones are demo"),
    ({"context": "1999"}, "applications.app names the context '1999'"),
    ({"kind": "vendor"}, "name it with applications.app.vendor"),
    ({"kind": "vendor", "vendor": "nobody"}, "There is no vendor 'nobody'"),
    ({"kind": "provider", "vendor": "nobody"}, "leave one of them out"),
    ({"rights": [{"nmae": "x"}]}, "applications.app.rights, row 1 has the unknown key 'nmae'"),
    ({"rights": [QUERY, {"name": ""}]}, "applications.app.rights, row 2.name is ''"),
    ({"rights": [{"name": 7}]}, "row 1.name is 7"),
    ({"rights": [QUERY | {"type": "MAGIC"}]}, "row 1.type is 'MAGIC'; known are OBJECT"),
    ({"rights": [{"name": "x"}]}, "row 1.rights is a table such as"),
    ({"rights": [{"rights": ["QUERY"]}]}, "row 1.rights is a table such as"),
    ({"rights": [{"rights": {}}]}, "row 1.rights is a table such as"),
    ({"rights": [{"rights": {"ADMIN": "APPROVED"}}]}, "row 1.rights has 'ADMIN'"),
    ({"rights": [{"rights": {"QUERY": "YES"}}]}, "row 1.rights.QUERY is 'YES'"),
    ({"rights": [{"rights": {"QUERY": []}}]}, "row 1.rights.QUERY is []"),
    ({"may_request": [QUERY | {"zone": "x"}]}, "applications.app.may_request, row 1 names the zo"),
    ({"may_request": [QUERY | {"context": "x"}]}, "names the context 'x', which zone demo-distric"),
]


@pytest.mark.parametrize(("values", "words"), FAULTS)
def test_a_faulty_entry_is_told_with_key_and_value(
    store: Engine, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(SetupError) as refused:
        entered(store, **values)
    assert words in str(refused.value)


@pytest.mark.parametrize("key", ["", " ", "a:b"])
def test_a_key_that_basic_cannot_carry_is_refused(store: Engine, key: str) -> None:
    entry = ApplicationEntry("SECRET", "demo-district")
    with store.begin() as connection, pytest.raises(SetupError, match="no colon"):
        register(connection, {key: entry}, ZONES, ENVIRON)


def test_of_a_faulty_file_nothing_is_registered(store: Engine) -> None:
    entries = {
        "good": ApplicationEntry("SECRET", "demo-district"),
        "bad": ApplicationEntry("SECRET", "nowhere"),
    }
    with pytest.raises(SetupError), store.begin() as connection:
        register(connection, entries, ZONES, ENVIRON)
    with store.connect() as connection:
        assert vendors.all_applications(connection) == []


def test_what_is_not_told_of_a_known_application_stays(store: Engine) -> None:
    with store.begin() as connection:
        vendors.add_application(
            connection, "app", "one", HERE, kind="provider", notation="pesc",
            grants=[grant("xStudents", QUERY="APPROVED")],
        )  # fmt: skip
        vendors.add_application(connection, "app", "two", HERE)
        found = vendors.find_application(connection, "app")
    grants = (grant("xStudents", QUERY="APPROVED"),)
    known = ("app", "two", "provider", None, HERE, "BROKERED", "pesc", grants)
    assert found == Application(*known, app_id="app")


@pytest.mark.parametrize("place", [Scope("other-district"), Scope("demo-district", "2026")])
def test_a_vendors_key_works_only_where_its_pods_hold(store: Engine, place: Scope) -> None:
    with store.begin() as connection:
        vendor_id = vendors.add_vendor(connection, "reading", "Reading Inc", HERE)
        with pytest.raises(SetupError, match="where its PODs hold"):
            vendors.add_application(connection, "app", "one", place, vendor_id=vendor_id)
