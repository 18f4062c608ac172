"""The checks judge requirements, not our own simulator: a service that differs legally passes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance import session, target
from conformance.simulators import serve
from conformance.simulators.message import Response
from conformance.simulators.oneroster_provider import RosterProvider
from conformance.simulators.oneroster_provider.district import Bodies, Body
from conformance.simulators.oneroster_provider.reads import KINDS, Call
from conformance.simulators.problems import Refusal
from tests.conformance.judging import SEED
from tests.conformance.oneroster_provider.judging import table_for


class Minimal(RosterProvider):
    """Reads objects and pages; knows no queries, scopes, signatures, counts and links."""

    largest_page = 40

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        if "filter" in call.request.query:
            raise Refusal(400, "Filters are not supported.", "invalid_filter_field")
        return found

    def granted(self, asked: str) -> frozenset[str]:
        return frozenset(("roster.readonly",))

    def total_header(self, total: int, shown: int) -> tuple[tuple[str, str], ...]:
        return ()

    def link_header(self, call: Call, offset: int, limit: int, total: int) -> str:
        return ""

    def selected(self, call: Call, found: Bodies) -> Bodies:
        return found


class Chatty(RosterProvider):
    """Says more than it must: headers, metadata, empty lists, a body with blanks, longer errors."""

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        more: Body = {"metadata": {"chatty.colour": "green", "chatty.sizes": [1, 2]}}
        return told | more | ({"children": []} if KINDS[name][1] == "org" else {})

    def document(self, name: str, told: Any) -> Response:
        body = json.dumps({name: told}, indent=2).encode()
        return Response(200, body, "application/json; charset=utf-8")

    def finish(self, call: Call, response: Response) -> Response:
        more = (("Server", "Chatty/7"), ("Set-Cookie", "route=7"), ("X-Cost", "3"))
        return super().finish(call, response).adding(*more)

    def error_payload(self, call: Call, refusal: Refusal) -> dict[str, Any]:
        return super().error_payload(call, refusal) | {"traceId": "77"}

    def challenge(self, status: int) -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", "Basic"), *super().challenge(status)) if status == 401 else ()


class Awkward(RosterProvider):
    """Small pages, another order, other legal statuses and addresses, words of its own."""

    largest_page = 20

    def objects(self, name: str) -> Bodies:
        return super().objects(name)[::-1]

    def limit(self, call: Call) -> int:
        try:
            return super().limit(call)
        except Refusal as refusal:
            raise Refusal(422, refusal.message, "invaliddata") from refusal

    def shown(self, call: Call, name: str, body: Body) -> Body:
        told = super().shown(call, name, body)
        if KINDS[name][1] == "org" and told["type"] == "district" and call.version == "1.2":
            return told | {"type": "ext:region"}
        return told

    def token_document(self, scopes: frozenset[str], asked: str) -> Response:
        answer = super().token_document(scopes, asked)
        told = json.loads(answer.body) | {"token_type": "bearer", "expires_in": 1}
        return Response(200, json.dumps(told).encode(), "application/json", answer.headers)

    def counts(self, seat: Body) -> bool:
        return super().counts(seat) and not seat.get("endDate")

    def written(self, call: Call) -> Response:
        raise self.no_such_path()


LITTLE = dict.fromkeys(("tokens", "paging"), True)
OLDER = {"version": "1.1", "root": "ims/oneroster/v1p1", "access": "signed"}


def judged(
    product: type[RosterProvider], changes: dict[str, Any], only: tuple[str, ...] = ()
) -> dict[str, list[str]]:
    """Checks that did not pass, by verdict."""
    with serve(product()) as handle:
        config = target.from_table(table_for(handle.url) | changes, environ={})
        checks = session.run(config, seed=SEED, only=only, examine=False).verdict.checks
    left: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict != "pass":
            left.setdefault(check.verdict, []).append(f"{check.id}: {check.reason}")
    return left


@pytest.mark.parametrize(
    ("product", "changes"),
    [
        (Minimal, {"capabilities": LITTLE}),
        (Chatty, {}),
        (Awkward, {}),
        (RosterProvider, {"oneroster": OLDER}),
    ],
    ids=["minimal", "chatty", "awkward", "1.1"],
)
def test_legal_variety_of_oneroster_fails_nothing(
    product: type[RosterProvider], changes: dict[str, Any]
) -> None:
    left = judged(product, changes)
    assert set(left) <= {"not applicable"}, left


def test_a_filter_that_is_not_declared_must_not_be_ignored() -> None:
    class Ignores(Minimal):
        """Drops the filter that it does not support."""

        def filtered(self, call: Call, found: Bodies) -> Bodies:
            return found

    areas = ("oneroster_provider/filters", "oneroster_provider/errors")
    failed = judged(Ignores, {"capabilities": LITTLE}, areas)["fail"]
    assert [line.partition(":")[0] for line in failed] == ["filter_is_never_ignored"]


ODD = {"numbers": 7, "lists": [7, None, {}], "nothing": None}


@pytest.mark.parametrize("odd", list(ODD.values()), ids=list(ODD))
def test_no_check_of_a_oneroster_provider_breaks_on_odd_values(odd: object) -> None:
    class IsOdd(RosterProvider):
        """Tells the same odd value everywhere but in the ids."""

        def shown(self, call: Call, name: str, body: Body) -> Body:
            told = super().shown(call, name, body)
            return {key: told[key] if key == "sourcedId" else odd for key in told}

        def error_payload(self, call: Call, refusal: Refusal) -> dict[str, Any]:
            return dict.fromkeys(super().error_payload(call, refusal), odd)

    left = judged(IsOdd, {})
    assert left.get("our fault", []) == []
    named = {line.partition(":")[0] for line in left["fail"]}
    assert "changes_are_told_in_utc" in named


def test_credentials_are_not_sent_to_another_server() -> None:
    class PointsElsewhere(RosterProvider):
        """Names pages of another server."""

        def page_address(self, call: Call, start: int, limit: int) -> str:
            return super().page_address(call, start, limit).replace("127.0.0.1", "localhost")

    failed = judged(PointsElsewhere, {}, ("ORS-PAG-003",))["fail"]
    assert "links_lead_to_their_pages: an address of users leads elsewhere" in failed
