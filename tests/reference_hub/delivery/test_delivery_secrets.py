"""Secrets of connections: the place is stored, the secret is read there at each delivery."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_hub.problems import SetupError
from reference_hub.vendors.secrets import secret, with_secrets
from tests.reference_hub.delivery.district import District, Vendor, change

KEY = {"key": "demo-vendor", "method": "Basic"}


def test_a_secret_is_read_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("in a file\n", "utf-8")
    monkeypatch.setenv("A_SECRET", "in a variable")
    assert secret("env:A_SECRET") == "in a variable"
    assert secret(f"file:{file}") == "in a file"
    assert secret("the secret itself") == "the secret itself"


def test_only_what_is_secret_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "value")
    given = {"key": "env:A_SECRET", "secret": "env:A_SECRET"}
    assert with_secrets(given) == {"key": "env:A_SECRET", "secret": "value"}


@pytest.mark.parametrize("place", ["env:NOT_THERE", "file:/not/there"])
def test_a_missing_secret_is_named_by_its_place(place: str) -> None:
    with pytest.raises(SetupError, match=place.partition(":")[2]):
        secret(place)


def test_an_empty_file_holds_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", "utf-8")
    with pytest.raises(SetupError, match="is empty"):
        secret(f"file:{tmp_path / 'empty'}")


def test_a_delivery_uses_the_secret_of_the_moment(
    district: District, vendor: tuple[Vendor, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, url = vendor
    app.needs_pod = False
    monkeypatch.setenv("VENDOR_S", "demo-secret-1")
    credentials = KEY | {"secret": "env:VENDOR_S"}
    district.connect(district.vendor(policy="off"), url, credentials=credentials)
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]
    stored = district.query("SELECT credentials::text, session::text FROM subscriber")
    assert "demo-secret-1" not in str(stored)


def test_a_secret_that_is_not_there_makes_the_message_wait(
    district: District, vendor: tuple[Vendor, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, url = vendor
    monkeypatch.delenv("VENDOR_S", raising=False)
    credentials = KEY | {"secret": "env:VENDOR_S"}
    district.connect(district.vendor(policy="off"), url, credentials=credentials)
    district.accept(change(1))
    district.deliver()
    ((_, state, reason),) = district.states()
    assert (state, "VENDOR_S is not set" in reason) == ("waiting", True)
    assert app.seen == []
