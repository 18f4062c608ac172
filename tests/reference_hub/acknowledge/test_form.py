"""The form for people: what it shows, keeps and hides."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
import requests
from lxml import html
from sqlalchemy import text
from structlog.testing import capture_logs

from reference_hub.clock import Clock
from reference_hub.journeys.form import link_for
from reference_hub.model.pod import Pod
from reference_hub.problems import SetupError
from reference_hub.settings import Privacy, Settings
from reference_hub.store import audits
from tests.reference_hub.web.conftest import SCOPE

PERSON = {"name": "Ada Example", "role": "Privacy officer", "mail": "ada@reading.example"}
YES, NO = {"decision": "ACKNOWLEDGED"}, {"decision": "REJECTED", "reason": "Too much"}


class Hour:
    """A clock that the test puts forward."""

    def __init__(self) -> None:
        self.moved = timedelta()

    def now(self) -> datetime:
        """The real time, moved."""
        return datetime.now(UTC) + self.moved


@pytest.fixture
def hour() -> Hour:
    """The hub's clock."""
    return Hour()


@pytest.fixture
def offered(
    another: Any, web_settings: Settings, hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A hub that offers the form."""
    monkeypatch.setenv("LINK_KEY", "a key for links that is long enough")
    settings = msgspec.structs.replace(web_settings, privacy=Privacy(link_key_env="LINK_KEY"))
    made = another(settings, Clock(now=hour.now))
    made.vendor()
    return made


def link(hub: Any, pod: Pod, settings: Settings | None = None) -> str:
    """The address of the form on the port of this test."""
    made = link_for(pod, settings or hub.settings)
    return f"{hub.base}/{made.split('/', 3)[3]}"


def status(hub: Any) -> list[tuple[str, str | None]]:
    """Status of each POD and the way of its receipt."""
    found = text("SELECT p.status, r.channel FROM pod p LEFT JOIN receipt r ON r.pod_id = p.id")
    with hub.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(found)]  # type: ignore[misc]


def words(reply: requests.Response) -> str:
    """The text of a page."""
    return " ".join(html.fromstring(reply.text).text_content().split())


def test_the_form_says_who_what_and_until_when(offered: Any) -> None:
    granted = ("xStudent/@refId", "xStudent/name", "xStudent/demographics/birthDate")
    pod = offered.pod(1, granted=granted)
    reply = requests.get(link(offered, pod))
    assert reply.status_code == 200
    shown = words(reply)
    assert "to 30 June 2035, both days included" in shown
    for told in ("District", "Vendor", "Student name (B16)", "Demographics: birth date (B07.1)"):
        assert told in shown
    assert "Use the data for this only: Practice." in shown
    assert "Delete the data when the agreement ends." in shown
    assert pod.token not in reply.text


def test_acknowledging_keeps_the_person_in_the_receipt_alone(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    with capture_logs() as logs:
        reply = requests.post(address, data=PERSON | YES)
    assert [each.status_code for each in reply.history] == [303]
    assert "Acknowledged: privacy obligations" in words(reply)
    assert "Ada Example, Privacy officer, ada@reading.example" in words(reply)
    assert status(offered) == [("Live", "form")]
    with offered.engine.connect() as connection:
        trail = audits.trail(connection, SCOPE)
    assert [each.action for each in trail] == ["acknowledged POD"]
    assert "Ada" not in f"{trail}{logs}"
    assert "ada@" not in f"{trail}{logs}"
    assert address.rpartition("/")[2] not in str(logs)


def test_rejecting_ends_the_pod_and_shows_so(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    reply = requests.post(address, data=PERSON | NO)
    assert status(offered) == [("Expired", "form")]
    assert "Rejected: privacy obligations" in words(reply)
    assert "Too much" in words(requests.get(address))


def test_used_twice_it_shows_the_first_decision(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    requests.post(address, data=PERSON | YES)
    again = requests.post(address, data=PERSON | NO | {"name": "Eve Other"})
    assert (again.status_code, again.history) == (200, [])
    assert "Ada Example" in words(again)
    assert "Eve Other" not in words(again)
    assert status(offered) == [("Live", "form")]


def test_what_lacks_is_asked_for_and_nothing_is_kept(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    reply = requests.post(address, data={"name": "Ada <b>", "mail": "no mail"} | YES)
    assert reply.status_code == 422
    page = html.fromstring(reply.text)
    assert page.xpath("//input[@aria-invalid='true']/@id") == ["role", "mail"]
    assert page.xpath("//input[@id='name']/@value") == ["Ada <b>"]
    assert page.xpath("//p[@id='role-fault']/text()") == ["Please write your role."]
    assert "<b>" not in reply.text
    assert status(offered) == [("Pending", None)]


def test_every_field_has_a_label_and_the_page_a_language(offered: Any) -> None:
    page = html.fromstring(requests.get(link(offered, offered.pod(1))).text)
    assert page.get("lang") == "en"
    assert len(page.xpath("//h1")) == 1
    fields = page.xpath("//input/@id")
    assert fields == ["name", "role", "mail", "reason"]
    assert page.xpath("//label/@for") == fields
    assert page.xpath("//button/@value") == ["ACKNOWLEDGED", "REJECTED"]
    described = {each for ids in page.xpath("//@aria-describedby") for each in ids.split()}
    assert described <= set(page.xpath("//@id"))
    assert not page.xpath("//script | //@onclick | //@style | //link | //img")


def closed(reply: requests.Response, code: int) -> None:
    """A page that says nothing of any POD."""
    assert reply.status_code == code
    assert "This link opens nothing" in words(reply)
    for told in ("District", "Vendor", "Practice", "xStudent", "1.0.0", "reading"):
        assert told not in reply.text


def test_a_link_opens_for_some_days_only(offered: Any, hour: Hour) -> None:
    address = link(offered, offered.pod(1))
    hour.moved = timedelta(days=13)
    assert requests.get(address).status_code == 200
    hour.moved = timedelta(days=15)
    closed(requests.get(address), 410)
    closed(requests.post(address, data=PERSON | YES), 410)
    assert status(offered) == [("Pending", None)]


def test_a_link_of_a_pod_that_is_over_opens_nothing(offered: Any) -> None:
    ended = offered.pod(1, status="Expired"), offered.pod(1, ends=date(2026, 1, 1))
    for pod in ended:
        closed(requests.get(link(offered, pod)), 410)
        closed(requests.post(link(offered, pod), data=PERSON | YES), 410)


def test_a_link_that_was_not_signed_here_opens_nothing(
    offered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = offered.pod(1)
    good = link(offered, pod)
    monkeypatch.setenv("OTHER_KEY", "another key that is long enough too")
    strange = Settings(privacy=Privacy(link_key_env="OTHER_KEY"))
    head, _, tail = good.rpartition("/")
    forged = [
        link(offered, pod, strange),
        *(f"{head}/{each}" for each in (tail[:-1], f"{tail}A", tail.swapcase(), f"x{tail}")),
        *(f"{head}/{each}" for each in ("x", "%00", "é", "." * 3000, "a.b.c", pod.id)),
    ]
    for address in forged:
        reply = requests.get(address)
        closed(reply, 404)
        closed(requests.post(address, data=PERSON | YES), 404)
    assert status(offered) == [("Pending", None)]


def test_a_link_is_for_one_version(offered: Any) -> None:
    pod = offered.pod(1)
    with offered.engine.begin() as connection:
        connection.execute(text("UPDATE pod SET version = '2.0.0'"))
    closed(requests.get(link(offered, pod)), 404)


def test_the_link_holds_no_token(offered: Any) -> None:
    pod = offered.pod(1)
    payload = link(offered, pod).rpartition("/")[2].partition(".")[0]
    told = base64.urlsafe_b64decode(payload + "==")
    assert pod.id.encode() in told
    assert pod.token.encode() not in told


BODIES: list[tuple[Any, dict[str, str]]] = [
    (b"\xff=\xfe", {}),
    (b"&" * 5000, {}),
    (b"a=1&" * 500, {}),
    (b"x" * 20_000, {}),
    ("{}", {"Content-Type": "application/json"}),
    (b"", {}),
    (b"x", {"Content-Encoding": "gzip"}),
]


def test_hostile_forms_are_refused(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    for body, headers in BODIES:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        assert requests.post(address, data=body, headers=kind).status_code in (400, 415, 422)
    for name in (*PERSON, "reason", "decision"):
        for value in ("\x00", "x" * 300, "\u202e\x07"):
            reply = requests.post(address, data=PERSON | YES | {name: value})
            assert reply.status_code == 422, (name, value)
    assert status(offered) == [("Pending", None)]


def test_the_page_is_kept_nowhere_and_framed_by_nobody(offered: Any) -> None:
    address = link(offered, offered.pod(1))
    for reply in (requests.get(address), requests.get(f"{address}x")):
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in reply.headers


def test_the_policy_admits_the_style_of_the_page_and_nothing_else(offered: Any) -> None:
    reply = requests.get(link(offered, offered.pod(1)))
    (style,) = re.findall(r"<style>(.*?)</style>", reply.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; ")


def test_a_console_may_frame_it_where_the_settings_say_so(
    another: Any, offered: Any, web_settings: Settings
) -> None:
    named = ["https://console.example", "https://x.example; script-src *"]
    privacy = Privacy(link_key_env="LINK_KEY", frame_ancestors=named)
    framed = another(msgspec.structs.replace(web_settings, privacy=privacy))
    headers = requests.get(link(framed, offered.pod(1))).headers
    policy = headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self'; frame-ancestors https://console.example")
    assert "X-Frame-Options" not in headers


def test_without_a_key_there_are_no_links(
    hub: Any, offered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod = offered.pod(1)
    path = link(offered, pod).rpartition("/")[2]
    closed(requests.get(f"{hub.base}/privacy/acknowledge/{path}"), 404)
    with pytest.raises(SetupError, match="link_key_env"):
        link_for(pod, hub.settings)
    monkeypatch.setenv("LINK_KEY", "short")
    with pytest.raises(SetupError, match="16 characters"):
        link_for(pod, offered.settings)
