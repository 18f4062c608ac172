"""Vendors that misbehave as a whole do so within bounds."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from conformance.simulators import serve
from conformance.simulators.mutants import MUTANTS, special


@pytest.mark.parametrize("name", ["Silent", "SlowDrip"])
def test_slow_vendors_answer_in_the_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(special, "PATIENCE", 0.2)
    with serve(MUTANTS[name]()) as handle:
        started = time.monotonic()
        reply = requests.get(f"{handle.url}/environments")
    assert reply.status_code == 401
    assert time.monotonic() - started > 0.15


def test_a_truncated_body_is_noticed_by_the_client() -> None:
    with serve(MUTANTS["TruncatedBody"]()) as handle:
        url = f"{handle.url}/environments"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(url, headers={"Accept-Encoding": "identity"})


@pytest.mark.parametrize(("name", "status"), [("YesMan", 200), ("Echo", 200), ("StoresTwice", 201)])
def test_agreeable_vendors_agree(name: str, status: int, build: Any) -> None:
    with serve(MUTANTS[name]()) as handle:
        vendor = build.vendor(handle.url, marker="Token.1")
        assert vendor.open().ok
        assert vendor.push_pod(build.pod("Token.1")).headers["dataPrivacyMarker"] == "Token.1"
        assert vendor.create(build.student(build.refid())).status_code == status
        vendor.http.close()


def test_error_pages_are_html(build: Any) -> None:
    with serve(MUTANTS["HtmlErrorPages"]()) as handle:
        reply = requests.get(f"{handle.url}/rc/7/xStudents")
    assert (reply.status_code, reply.text[:6]) == (401, "<html>")


def test_a_content_of_no_content_does_not_spoil_the_next_answer(build: Any) -> None:
    with serve(MUTANTS["NoContentWithContent"](needs_pod=False)) as handle:
        vendor, refid = build.vendor(handle.url), build.refid()
        vendor.open()
        vendor.create(build.student(refid))
        reply = vendor.send("PUT", f"xStudents/{refid}", build.student(refid))
        assert (reply.status_code, "Content-Length" in reply.headers) == (204, True)
        assert vendor.send("GET", f"xStudents/{refid}").status_code == 200
        vendor.http.close()
