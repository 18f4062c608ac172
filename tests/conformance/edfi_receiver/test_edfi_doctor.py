"""What stands in the way of judging an Ed-Fi host is named before any check runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance import target
from conformance.evidence import Evidence
from conformance.problems import SetupFault, TargetError
from conformance.roles import Setting, tools_of
from conformance.session import wire_to
from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from conformance.simulators.edfi_receiver.answers import FORBIDDEN, Refused
from conformance.simulators.message import Request, Response
from tests.conformance.edfi_receiver.judging import table_for


class AsksForLogin(EdfiHost):
    """Shows a page at the root."""

    def root(self, request: Request) -> Response:
        return Response(200, b"<html><input type='password'></html>", "text/html")


class GrantsNoEnrolments(EdfiHost):
    """The claim set of the key lacks enrolments."""

    denied = ("studentSchoolAssociations",)


class ClaimsToReadOnly(EdfiHost):
    """The claim set of the key lets sections be read."""

    def act(self, request: Request, name: str, number: str) -> Response:
        if name == "sections" and request.method != "GET":
            raise Refused(403, FORBIDDEN, "The claim set does not allow to create.")
        return super().act(request, name, number)


def examined(url: str, **changes: dict[str, Any]) -> tuple[str, ...]:
    """What the doctor finds in order; raises SetupFault."""
    table = table_for(url)
    table |= {name: table.get(name, {}) | more for name, more in changes.items()}
    config, evidence = target.from_table(table, environ={}), Evidence()
    with wire_to(config, evidence) as wire:
        tools = tools_of("edfi-receiver", Setting(config, wire, evidence))
        try:
            return tools.examine().fine
        finally:
            tools.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A conforming host."""
    with serve(EdfiHost()) as handle:
        yield handle.url


def test_a_host_that_can_be_judged_is_fine(url: str) -> None:
    assert examined(url)[0] == f"{url} is the root of an Ed-Fi API of data standard 5.2.0"


@pytest.mark.parametrize(
    ("changes", "key", "seen"),
    [
        ({"edfi": {"data_standard": "4"}}, "[edfi] data_standard", "speaks data standard 5.2.0"),
        ({"edfi": {"school": 4711}}, "[edfi] school", "no schools 4711"),
        ({"edfi": {"district": 4711}}, "[edfi] district", "no localEducationAgencies 4711"),
        ({"credentials": {"secret": "wrong"}}, "[credentials] key", "answered 401"),
        ({"endpoint": {"url": "http://127.0.0.1:1/api"}}, "[endpoint] url", "nothing listens"),
    ],
    ids=["version", "school", "district", "secret", "port"],
)
def test_a_fault_is_named_by_its_key(
    url: str, changes: dict[str, dict[str, Any]], key: str, seen: str
) -> None:
    with pytest.raises(SetupFault) as caught:
        examined(url, **changes)
    assert key in caught.value.key
    assert seen in caught.value.seen


def test_an_address_below_the_root_is_named(url: str) -> None:
    with pytest.raises(SetupFault, match=r"\[endpoint\] url") as caught:
        examined(url, endpoint={"url": f"{url}/data/v3"})
    assert "shows its versions" in caught.value.fix


def test_a_login_page_is_named() -> None:
    with serve(AsksForLogin()) as handle, pytest.raises(SetupFault, match="with a web page"):
        examined(handle.url)


def test_a_missing_claim_is_named() -> None:
    with serve(GrantsNoEnrolments()) as handle, pytest.raises(SetupFault) as caught:
        examined(handle.url)
    assert "studentSchoolAssociations answered 403" in caught.value.seen
    assert "claim set" in caught.value.fix


def test_a_claim_to_read_only_is_named_and_nothing_is_created() -> None:
    host = ClaimsToReadOnly()
    with serve(host) as handle:
        with pytest.raises(SetupFault, match="sections answered 403 to an empty record"):
            examined(handle.url)
        fine = examined(handle.url, capabilities={"sections": False})
    assert len(fine) == 2
    assert "students" not in host.held


@pytest.mark.parametrize(
    ("edfi", "message"),
    [
        ({"data_standard": "3"}, r"data_standard.*'3'"),
        ({"school": 0}, r"\[edfi\] school"),
        ({"largest_page": 0}, r"\[edfi\] largest_page"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(edfi: dict[str, Any], message: str) -> None:
    table = table_for("http://127.0.0.1:1/api")
    with pytest.raises(TargetError, match=message):
        target.from_table(table | {"edfi": table["edfi"] | edfi}, environ={})


def test_other_roles_need_no_school() -> None:
    table = table_for("http://127.0.0.1:1/api") | {"edfi": {}}
    table["vendor"] = {"name": "Example", "role": "receiver"}
    assert target.from_table(table | {"capabilities": {}}, environ={}).edfi.school == 0
