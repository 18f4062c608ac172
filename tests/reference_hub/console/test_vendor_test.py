"""A vendor that was connected by the command line is tested from its page."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from reference_hub.journeys import console_files
from reference_hub.store import vendors
from tests.reference_hub.console.conftest import SCOPE
from tests.reference_hub.console.vendor_at_work import (
    CAN,
    KEY,
    PARTY,
    SECRET,
    Taking,
    product,
    runs_desk,
    runs_settings,
    taking,
)
from tests.waiting import until

__all__ = ["runs_desk", "runs_settings", "taking"]


def connected(taking: Taking, **other: object) -> int:
    """A vendor with a connection; its id."""
    given: dict[str, object] = {
        "format": "sif-xml", "transport": "sif_push", "url": "https://v.example/sif3",
        "credentials": {"key": KEY, "secret": "env:VENDOR_KEY_2", "method": "Basic"},
        "objects": ["xStudent"],
    }  # fmt: skip
    with taking.desk.engine.begin() as connection:
        vendor_id = vendors.add_vendor(connection, "reading", PARTY, SCOPE)
        vendors.add_subscriber(connection, vendor_id, "reading-sif", SCOPE, **(given | other))  # type: ignore[arg-type]
    return vendor_id


def test_what_the_hub_knows_stands_in_the_form_but_for_the_secret(taking: Taking) -> None:
    vendor_id = connected(taking)
    assert f"/vendors/{vendor_id}/test" in taking.web.get(f"/vendors/{vendor_id}").text
    page = taking.web.get(f"/vendors/{vendor_id}/test").text
    assert 'value="https://v.example/sif3"' in page
    assert f'value="{KEY}"' in page
    assert "VENDOR_KEY_2" not in page
    assert taking.desk.signed_in("viewer").get(f"/vendors/{vendor_id}/test").status_code == 403


@pytest.mark.parametrize(
    ("other", "role", "told"),
    [
        ({}, "receiver", "https://v.example/sif3"),
        (
            {"format": "oneroster-1.2-csv", "transport": "http_put",
             "url": "https://v.example/roster/files"},
            "file-receiver", "roster/files",
        ),
        ({"format": "edfi-5", "transport": "edfi", "url": "https://v.example/api"},
         "edfi-receiver", "https://v.example/api"),
        ({"format": "oneroster-1.2-rest", "transport": "pull", "url": "", "credentials": {}},
         "oneroster-consumer", "client id"),
    ],
)  # fmt: skip
def test_each_connection_leads_to_the_fields_of_its_kind(
    taking: Taking, other: dict[str, object], role: str, told: str
) -> None:
    vendor_id = connected(taking, **other)
    page = taking.web.get(f"/vendors/{vendor_id}/test").text
    assert told in page
    kinds = {"receiver": "push", "file-receiver": "files", "edfi-receiver": "edfi",
             "oneroster-consumer": "roster"}  # fmt: skip
    assert f'name="kind" value="{kinds[role]}"' in page


def test_a_connected_vendor_is_looked_at_and_again_and_its_connection_stays(
    taking: Taking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENDOR_KEY_2", SECRET)
    with product(tmp_path) as url:
        vendor_id = connected(taking, url=url)
        before = taking.desk.run("SELECT url, credentials, objects FROM subscriber")
        fields = {"product": "Reading App", "kind": "push", "url": url, "key": KEY, "look": "yes",
                  "method": "SIF_HMACSHA256", "can": list(CAN)}  # fmt: skip
        answer = taking.web.post(f"/vendors/{vendor_id}/test", fields)
        assert answer.status_code == 303
        until(lambda: taking.state("doctor") == "ended")
        where = answer.headers["Location"].removeprefix("/console")
        page = taking.web.get(where).text
        assert "can be tested" in page
        assert "What was found" in page
        again = taking.web.post(f"{where}/again", {}, page=where)
        assert again.headers["Location"] != answer.headers["Location"]
        until(lambda: taking.state("doctor") == "ended")
    [(folder,)] = taking.desk.run("SELECT folder FROM console_run WHERE id = 2")
    target = console_files.folder(taking.desk.settings.console, str(folder)) / "target.toml"
    assert tomllib.loads(target.read_text("utf-8"))["vendor"]["product"] == "Reading App"
    assert SECRET not in target.read_text("utf-8")
    assert taking.desk.run("SELECT url, credentials, objects FROM subscriber") == before


def test_a_fault_of_the_doctor_is_explained_in_the_language_of_the_page(taking: Taking) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    taking.ran("doctor")
    page = taking.web.get(f"{taking.at}/doctor?lang=es").text
    assert "corrija la dirección" in page
    assert '<dd lang="en">' in page
