"""Inside a vendor's network: client certificates, own issuers, proxies, caps and pauses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import doctor, session
from conformance.cli import main
from conformance.doctor import Diagnosis
from conformance.evidence import Evidence
from conformance.pacing import Pacing, seconds_of
from conformance.problems import NotVerified, RateLimited
from conformance.reply import Headers
from conformance.route import Route
from conformance.runfile import read_run
from conformance.session import wire_to
from conformance.wire import Capture, Limits, Wire
from reports.render import write_report
from tests.conformance.doctor.certificates import PASSWORD
from tests.conformance.doctor.servers import Change, Message, Proxy
from tests.conformance.doctor.world import World
from tests.conformance.engine.conftest import SECRET, answering, http

CHECK = "INF-CRE-001"


def diagnosis(world: World, **tables: Any) -> Diagnosis:
    """What the doctor says; raises SetupFault for a fault."""
    config = world.config(tables)
    with wire_to(config, Evidence()) as wire:
        return doctor.examine(config, wire)


def certified(world: World, name: str) -> Mapping[str, str]:
    return {"client_certificate": f"{name}.pem", "client_key": f"{name}.key"}


def test_a_server_that_demands_a_certificate_gets_one(world: World) -> None:
    url = world.tls(world.good, client_issuer=str(world.authority.file))
    world.authority.issue("us")
    found = diagnosis(
        world, endpoint={"url": url, "ca_file": world.issuer}, network=certified(world, "us")
    )
    assert len(found.fine) == 2
    assert found.notes == ()


def test_the_password_of_a_key_comes_from_the_environment(world: World) -> None:
    url = world.tls(world.good, client_issuer=str(world.authority.file))
    assert world.locked.key.is_file()
    network = {**certified(world, "locked"), "client_key_password_env": "KEY_PASSWORD"}
    environ = {"KEY_PASSWORD": PASSWORD}
    endpoint = {"url": url, "ca_file": world.issuer}
    found = diagnosis(world, endpoint=endpoint, network=network, environ=environ)
    assert len(found.fine) == 2


def test_an_https_target_is_reached_through_a_tunnel(world: World) -> None:
    proxy = Proxy(login="jo:hush")
    network = {"proxy": world.listening(proxy), "proxy_login_env": "LOGIN"}
    endpoint = {"url": world.tls(world.good), "ca_file": world.issuer}
    found = diagnosis(world, endpoint=endpoint, network=network, environ={"LOGIN": "jo:hush"})
    assert len(found.fine) == 2
    assert {line.split()[0] for line in proxy.asked} == {"CONNECT"}


def test_an_http_target_is_asked_by_its_whole_address(world: World) -> None:
    proxy = Proxy(login="jo:hush")
    network = {"proxy": world.listening(proxy), "proxy_login_env": "LOGIN"}
    found = diagnosis(world, network=network, environ={"LOGIN": "jo:hush"})
    assert len(found.fine) == 2
    assert proxy.asked[0] == f"POST {world.url}/environments/environment HTTP/1.1"


def test_the_words_to_a_proxy_are_no_part_of_an_exchange(world: World, tmp_path: Path) -> None:
    proxy = Proxy(login="jo:hush")
    network = {"proxy": world.listening(proxy), "proxy_login_env": "LOGIN"}
    for url in (world.url, world.tls(world.good)):
        endpoint = {"url": url, "ca_file": world.issuer}
        given = {"endpoint": endpoint, "network": network, "environ": {"LOGIN": "jo:hush"}}
        outcome = session.run(world.config(given), seed=1, only=[CHECK], out=tmp_path)
        assert outcome.exit_code == 0
        assert outcome.directory is not None
        written = (outcome.directory / "run.jsonl").read_text("utf-8")
        assert "hush" not in written
        assert "CONNECT" not in written
        starts = [one.response.start for one in read_run(outcome.directory / "run.jsonl").exchanges
                  if one.response]  # fmt: skip
        assert "HTTP/1.1 200 Connected" not in starts


def test_a_host_that_is_named_needs_no_proxy(world: World) -> None:
    network = {"proxy": "http://127.0.0.1:1", "direct": ["127.0.0.1"]}
    assert len(diagnosis(world, network=network).fine) == 2


@pytest.mark.parametrize(("said", "asked", "notes"), [(True, True, 0), (False, False, 0)])
def test_the_environment_decides_only_when_told(
    world: World, said: bool, asked: bool, notes: int
) -> None:
    proxy = Proxy()
    environ = {"HTTP_PROXY": world.listening(proxy)}
    found = diagnosis(world, network={"proxy_from_environment": said}, environ=environ)
    assert (bool(proxy.asked), len(found.notes)) == (asked, notes)


def test_a_proxy_of_the_environment_that_is_not_used_is_noted(world: World) -> None:
    found = diagnosis(world, environ={"https_proxy": "http://proxy.example:3128"})
    assert "HTTPS_PROXY is set and not used" in found.notes[0]


def test_no_proxy_of_the_environment_is_obeyed() -> None:
    route = Route(proxies={"https": "http://p:1"}, exempt=("example.org",))
    urls = ("https://example.org/a", "https://sif.example.org", "https://other.org", "http://x.org")
    assert [route.proxy_for(url) for url in urls] == ["", "", "http://p:1", ""]


def test_requests_keep_to_the_cap(world: World) -> None:
    url = world.listening(answering(http("200 OK")))
    began = time.monotonic()
    with Wire(route=Route(requests_per_second=20)) as wire:
        for _ in range(5):
            wire.send("GET", url)
    assert 0.19 < time.monotonic() - began < 2


def busy(times: int) -> Change:
    """Answer the first requests about students with 429, before the vendor sees them."""
    left = [times]

    def request(asked: Message) -> Message | bytes:
        if "xStudents" not in asked.line or not left[0]:
            return asked
        left[0] -= 1
        return http("429 Too Many Requests", b"", "Retry-After: 0")

    return request


def test_a_429_is_waited_for_and_told_and_nobodys_failure(world: World, tmp_path: Path) -> None:
    config = world.config({"endpoint": {"url": world.between(request=busy(3))}})
    outcome = session.run(config, seed=1, only=[CHECK], out=tmp_path, examine=False)
    assert (outcome.exit_code, outcome.answers_429) == (0, 3)
    assert outcome.directory is not None
    run = read_run(outcome.directory / "run.jsonl")
    assert (run.end.answers_429, run.end.waited_seconds) == (3, 0.0)
    page = write_report(outcome.directory).read_text("utf-8")
    assert "3 answers were 429; 0.0 s were waited" in page


def test_a_429_without_end_could_not_be_verified(world: World) -> None:
    config = world.config({"endpoint": {"url": world.between(request=busy(10_000))}})
    outcome = session.run(config, seed=1, only=[CHECK], examine=False)
    told = {(check.verdict, "429" in check.reason) for check in outcome.verdict.checks}
    assert (told, outcome.exit_code) == ({("could not verify", True)}, 2)


def test_pauses_are_as_long_as_asked_and_bounded() -> None:
    slept: list[float] = []
    pacing = Pacing(Route(longest_pause=5, longest_wait=7), sleep=slept.append)
    pacing.again("4", 0)
    with pytest.raises(RateLimited, match="longest_wait_seconds is 7"):
        pacing.again("4", 0)
    with pytest.raises(RateLimited, match="asks to wait 6 s; longest_pause_seconds is 5"):
        pacing.again("6", 0)
    assert (slept, pacing.waited, pacing.refused) == ([4.0], 4.0, 3)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("", 1), ("soon", 1), ("-3", 1)])
def test_a_retry_after_without_sense_is_a_second(told: str, seconds: float) -> None:
    assert seconds_of(told) == seconds


def test_limits_hold_inside_a_tunnel(world: World) -> None:
    silent = world.listening(lambda one: time.sleep(2))
    route = Route(proxies={"https": silent})
    began = time.monotonic()
    limits = Limits(connect_seconds=0.2, read_seconds=0.2)
    with Wire(limits, route=route) as wire, pytest.raises(NotVerified):
        wire.send("GET", "https://sif.example.org/")
    assert time.monotonic() - began < 1.5


def test_a_secret_that_others_can_read_is_noted(world: World) -> None:
    file = world.folder / world.file("secret.txt", SECRET)
    file.chmod(0o644)
    credentials = {"secret_env": None, "secret_file": file.name}
    assert "chmod 600" in world.config({"credentials": credentials}).notes[0]
    file.chmod(0o600)
    assert world.config({"credentials": credentials}).notes == ()


def test_a_replayed_pause_takes_no_time() -> None:
    class Player:
        """Answers 429 once, then 204, without a network."""

        count = 0

        def play(self, *_: object) -> tuple[int, None, Capture]:
            self.count += 1
            headers = Headers((("Retry-After", "30"),))
            status = 429 if self.count == 1 else 204
            return status, None, Capture("GET", "", b"", b"", b"", b"", b"", headers, "", 0.0)

    began = time.monotonic()
    with Wire(player=Player()) as wire:
        assert wire.send("GET", "http://sif.example.org/").status == 204
        assert wire.pacing.waited == 30
    assert time.monotonic() - began < 5


def test_the_terminal_tells_what_a_429_cost(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONFORMANCE_SECRET", SECRET)
    world.config({"endpoint": {"url": world.between(request=busy(2))}})
    words = ["run", "--target", str(world.folder / "conformance.toml"), "--only", CHECK]
    assert main([*words, "--out", str(world.folder / "runs"), "--quiet", "--seed", "1"]) == 0
    assert "The target answered 429 2 times: 0 s were waited." in capsys.readouterr().out
