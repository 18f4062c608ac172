"""The operator names the address of a provider that does not register itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reference_hub.broker.conftest import STUDENTS, Elsewhere, drained
from tests.reference_hub.command_line import run_in
from tests.reference_hub.web.conftest import Client, Hub

Run = Callable[..., subprocess.CompletedProcess[str]]
ADD = ("provider", "add", "far-sis", "--service", "xStudents", "--url")


@pytest.fixture
def run(hub: Hub, tmp_path: Path) -> Run:
    """Run `reference-hub` on the store of the test's hub."""
    url = hub.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")

    def made(*words: str) -> subprocess.CompletedProcess[str]:
        done = run_in(tmp_path, {"DATABASE_URL": url}, *words)
        assert "Traceback" not in done.stderr
        return done

    return made


def test_requests_go_where_the_operator_says(
    run: Run, provider: Client, consumer: Client, elsewhere: Elsewhere
) -> None:
    done = run(*ADD, elsewhere.url)
    assert done.stdout == "far-sis provides xStudents in demo-district.\n"
    assert consumer.send("GET", "/requests/xStudents").content == STUDENTS.encode()
    (row,) = json.loads(run("provider", "list", "--json").stdout)
    assert row == {
        "application": "far-sis", "service": "xStudents", "type": "OBJECT", "by": "operator",
        "zone": "demo-district", "context": "DEFAULT", "url": elsewhere.url,
    }  # fmt: skip
    assert run("provider", "remove", "--service", "xStudents").returncode == 0
    assert consumer.send("GET", "/requests/xStudents").status_code == 204


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ((*ADD, "http://127.0.0.1:1/sif"), "has a provider"),
        ((*ADD, "ftp://sis.example"), "http or https"),
        (("provider", "add", "portal", *ADD[3:], "http://x"), "app add portal --kind provider"),
        (("provider", "add", "nobody", *ADD[3:], "http://x"), "app add nobody --kind provider"),
        (("provider", "remove", "--service", "xSchools"), "reference-hub provider list"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    run: Run, registered: Any, join: Any, words: tuple[str, ...], hint: str
) -> None:
    registered("xStudents")
    join("portal", environment_type="DIRECT")
    done = run(*words)
    assert (done.returncode, hint in done.stderr) == (3, True)


def test_a_vendor_cannot_be_named_a_provider(run: Run, hub: Hub, join: Any) -> None:
    join("greedy", vendor_id=hub.vendor())
    done = run("provider", "add", "greedy", *ADD[3:], "http://vendor.example/")
    assert (done.returncode, "greedy acts for a vendor" in done.stderr) == (3, True)
    assert json.loads(run("provider", "list", "--json").stdout) == []


def test_the_worker_process_answers_delayed_requests(
    run: Run, registered: Any, consumer: Client, subscribed: Any
) -> None:
    registered("xStudents")
    messages = subscribed(consumer, "xSchools")
    headers = {"requestType": "DELAYED", "queueId": messages.split("/")[2], "requestId": "r-1"}
    assert consumer.send("GET", "/requests/xStudents", **headers).status_code == 202
    assert run("work", "--until-empty").returncode == 0
    (message,) = drained(consumer, messages)
    assert (message.content, message.headers["requestId"]) == (STUDENTS.encode(), "r-1")
