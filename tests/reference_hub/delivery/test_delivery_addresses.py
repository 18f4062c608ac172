"""Where the hub delivers to: what an address may be, and that what was checked is what is used."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Response
from reference_hub.problems import SetupError
from reference_hub.settings import Delivery, Server, Settings
from reference_hub.vendors.addresses import Forbidden, Reach, reach_of, refuse_url
from reference_hub.workers.transport import Http, Unreachable
from tests.reference_hub.delivery.district import District, Vendor, change

PUBLIC = Reach()
OPEN = Reach(private=True, loopback=True)


def named(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let every name resolve to these addresses, one list for each question."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *given: Any, **more: Any) -> Any:
        if host[0].isdigit():
            return real(host, port, *given, **more)
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        kinds = [(socket.AF_INET6 if ":" in each else socket.AF_INET, each) for each in found]
        return [(kind, socket.SOCK_STREAM, 6, "", (each, port)) for kind, each in kinds]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "::"),
        *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2130706433", "0x7f000001"),
    ],
)
def test_no_address_but_a_public_one_is_allowed(address: str) -> None:
    with pytest.raises(Forbidden):
        PUBLIC.addresses(address, 443)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert PUBLIC.addresses(address, 443) == [address]


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.1", "fc00::1", "127.0.0.1", "::1"])
def test_private_addresses_may_be_allowed(address: str) -> None:
    assert OPEN.addresses(address, 443) == [address]


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254"]
)
def test_a_cloud_machines_own_secrets_are_never_reached(address: str) -> None:
    with pytest.raises(Forbidden, match="own secrets"):
        OPEN.addresses(address, 80)


def test_one_bad_address_of_a_name_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Forbidden, match="private network"):
        PUBLIC.addresses("vendor.example", 443)


def test_the_socket_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor()
    with serve(vendor) as handle:
        port = int(handle.url.split(":")[2].split("/")[0])
        asked = named(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
        reach = Reach(loopback=True)
        http = Http(2, check=reach.check, dial=reach.dial)
        status = http.send("GET", f"http://vendor.example:{port}/x", {}).status
        http.close()
    assert status in (401, 404)
    assert asked == ["vendor.example"]


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://v.example/", "file:///etc/passwd", "http://user:pw@v.example/", "https://"),
        *("http://user@v.example/", "http://v.example:x/", "gopher://v.example", "v.example"),
    ],
)
def test_what_is_no_address_to_deliver_to_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        OPEN.check(url)


def test_this_machine_is_allowed_where_the_hub_listens_on_it_alone() -> None:
    assert reach_of(Settings()).loopback
    assert not reach_of(Settings(server=Server(host="0.0.0.0"))).loopback
    allowed = Settings(server=Server(host="0.0.0.0"), delivery=Delivery(allow_private=True))
    assert reach_of(allowed) == Reach(private=True, loopback=True)
    assert not reach_of(Settings()).private


def test_a_connection_is_checked_again_when_it_delivers(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    app, url = vendor
    district.connect(district.vendor(policy="off"), url)
    district.accept(change(1))
    district.deliver(Settings(server=Server(host="0.0.0.0")))
    ((_, state, reason),) = district.states()
    assert state == "waiting"
    assert reason.startswith("the vendor's address is this machine itself")
    assert app.seen == []


def test_an_environment_cannot_send_the_hub_elsewhere(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    app, url = vendor
    district.connect(district.vendor(policy="off"), url)
    session = '{"token": "t", "requests": "http://169.254.169.254/latest", "environment": ""}'
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET session = %s", (session,))
    district.accept(change(1))
    district.deliver()
    assert "own secrets" in district.states()[0][2]
    assert app.seen == []


def test_a_redirect_is_not_followed(district: District, vendor: tuple[Vendor, str]) -> None:
    app, url = vendor
    app.needs_pod = False
    district.connect(district.vendor(policy="off"), url)
    app.serves(Response(302, headers=(("Location", f"{url}/elsewhere"),)))
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "waiting", "the vendor answered 302")]
    assert len(app.seen) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://10.0.0.9/", "private network"),
        ("https://user:pw@v.example/", "holds a user or a password"),
        ("http://v.example/", "must begin with https://"),
        ("sftp://v.example/", "must begin with http:// or https://"),
        ("https://169.254.169.254/", "own secrets"),
    ],
)
def test_a_person_is_told_what_is_wrong_with_an_address(url: str, said: str) -> None:
    with pytest.raises(SetupError, match=said) as caught:
        refuse_url(url, Reach(loopback=True), schemes=("http", "https"))
    assert "pw" not in str(caught.value)


def test_a_name_nobody_knows_is_left_to_the_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    refuse_url("https://vendor.example/", PUBLIC, schemes=("https",))
    with pytest.raises(Unreachable, match="cannot be resolved"):
        PUBLIC.dial("vendor.example", 443, 1)
