"""The HTTP adapter reads whole lists or none, keeps the key to itself, and asks for no more than
is new."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from werkzeug.wrappers import Response

from reference_hub.problems import SetupError
from reference_hub.registry.records import RegistryError, RegistryRefused, RegistryUnreachable
from reference_hub.vendors.registry_http import HttpRegistry
from reference_hub.workers.transport import Http
from tests.reference_hub.listening import listening_at
from tests.reference_hub.registry.agreed import KIT
from tests.reference_hub.registry.serving import KEY, RegistryServer


@pytest.fixture
def http() -> Iterator[Http]:
    """A client with little patience."""
    client = Http(0.5)
    yield client
    client.close()


@pytest.fixture
def server() -> RegistryServer:
    """The kit's registry."""
    return RegistryServer()


@pytest.fixture
def client(server: RegistryServer, http: Http) -> Iterator[HttpRegistry]:
    """The adapter on a real socket."""
    with listening_at(server) as url:
        yield HttpRegistry(http, url, KEY)


def test_it_reads_what_the_files_say(client: HttpRegistry) -> None:
    assert client.read() == KIT


def test_it_reads_every_page(client: HttpRegistry, server: RegistryServer) -> None:
    server.page = 3
    assert client.read() == KIT
    assert [asked for asked, _ in server.asked if asked.startswith("agreements")] == [
        f"agreements {number}" for number in (1, 2, 3, 4)
    ]


def test_what_has_not_changed_is_not_sent_again(
    client: HttpRegistry, server: RegistryServer
) -> None:
    first = client.read()
    server.asked.clear()
    assert client.read() == first
    assert [status for _, status in server.asked] == [304, 304, 304, 304]


def test_what_has_changed_is_read_anew(client: HttpRegistry, server: RegistryServer) -> None:
    client.read()
    server.lists["agreements"][0]["status"] = "TERMINATED"
    name = server.lists["agreements"][0]["id"]
    assert client.read().agreements[name].status == "TERMINATED"


def test_a_registry_without_etags_will_do(client: HttpRegistry, server: RegistryServer) -> None:
    server.tags = False
    assert client.read() == client.read() == KIT


def test_a_list_that_changes_between_two_pages_is_read_from_the_start(
    client: HttpRegistry, server: RegistryServer
) -> None:
    server.page = 5

    def change(kind: str, page: int) -> None:
        if (kind, page) == ("agreements", 2) and len(server.lists[kind]) == 10:
            server.lists[kind].pop(0)

    server.spoil = change
    assert len(client.read().agreements) == 9


def test_a_list_that_never_holds_still_is_no_answer(
    client: HttpRegistry, server: RegistryServer
) -> None:
    server.page = 5

    def change(kind: str, page: int) -> None:
        if (kind, page) == ("agreements", 2):
            server.lists[kind][0]["name"] += "!"

    server.spoil = change
    with pytest.raises(RegistryUnreachable, match="agreements changed while they were read"):
        client.read()


@pytest.mark.parametrize(
    ("answer", "fault", "said"),
    [
        (Response("{}", 401), RegistryRefused, "does not take the key"),
        (Response("{}", 503), RegistryUnreachable, "answered 503 to agreements"),
        (Response("{}", 429), RegistryUnreachable, "answered 429 to agreements"),
        (Response("{}", 404), RegistryRefused, "expected 200"),
        (Response("", 302, {"Location": "/x"}), RegistryRefused, "answered 302"),
        (Response("", 304), RegistryRefused, "answered 304"),
        (Response("<html>", 200), RegistryRefused, "are not JSON"),
        (Response("[" * 100_000, 200), RegistryRefused, "are not JSON"),
        (Response("[]", 200), RegistryRefused, "an object with total and items"),
        (Response('{"total": 1, "items": [], "more": 1}'), RegistryRefused, "and nothing else"),
        (Response('{"total": true, "items": []}', 200), RegistryRefused, "total must be a number"),
        (Response('{"total": 3, "items": []}', 200), RegistryRefused, "tells of 3 agreements"),
        (Response('{"total": 0, "items": [{}]}', 200), RegistryRefused, "more agreements than"),
        (Response('{"total": 1, "items": [{}]}', 200), RegistryRefused, "number 1 has no id"),
    ],
)
def test_half_an_answer_is_no_answer(
    client: HttpRegistry,
    server: RegistryServer,
    answer: Response,
    fault: type[RegistryError],
    said: str,
) -> None:
    server.spoil = lambda kind, page: answer if kind == "agreements" else None
    with pytest.raises(fault, match=said):
        client.read()


def test_an_agreement_with_an_unknown_member_is_left_out_and_told(
    client: HttpRegistry, server: RegistryServer
) -> None:
    server.lists["agreements"][0]["withold"] = ["xStudent/name"]
    (fault,) = client.read().faults
    assert (fault.id, fault.status) == (server.lists["agreements"][0]["id"], "ACTIVE")
    assert "did you mean 'withheld'?" in fault.text


def test_a_slow_registry_is_given_up(client: HttpRegistry, server: RegistryServer) -> None:
    server.spoil = lambda kind, page: time.sleep(0.8)
    with pytest.raises(RegistryUnreachable, match="the registry did not answer in time"):
        client.read()


def test_a_registry_that_is_not_there_is_unreachable(http: Http) -> None:
    with pytest.raises(RegistryUnreachable, match="the registry cannot be reached"):
        HttpRegistry(http, "http://127.0.0.1:1", KEY).read()


@pytest.mark.parametrize(
    "url",
    ["http://registry.example", "registry.example", "ftp://x.example", "https://x.example?a=1"],
)
def test_an_address_that_would_show_the_key_is_refused(http: Http, url: str) -> None:
    with pytest.raises(SetupError, match=r"registry\.url") as told:
        HttpRegistry(http, url, KEY)
    assert KEY not in str(told.value)


def test_no_message_holds_the_key_or_the_address(http: Http) -> None:
    with pytest.raises(RegistryError) as told:
        HttpRegistry(http, "http://127.0.0.1:1/secret-part", KEY).read()
    assert KEY not in str(told.value)
    assert "secret-part" not in str(told.value)
