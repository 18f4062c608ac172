"""The checks judge requirements, not our own simulator: a host that differs legally passes."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from conformance import session, target
from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from conformance.simulators.edfi_receiver.answers import FORBIDDEN, Refused
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.message import Request, Response
from tests.conformance.edfi_receiver.judging import table_for
from tests.conformance.judging import SEED

STUDENTS, STAYS = "students", "studentSchoolAssociations"


class Minimal(EdfiHost):
    """Data standard 4, an API of version 6: a message for a refusal, no tags, no totals."""

    standard = "4"

    def root_document(self, start: str) -> dict[str, Any]:
        urls = {"oauth": f"{start}/oauth/token", "dataManagementApi": f"{start}/data/v3"}
        models = [{"name": "Ed-Fi", "version": "4.0.0"}]
        return {"version": "6.2", "dataModels": models, "urls": urls}

    def descriptors_of_4(self) -> frozenset[str]:
        """The words of data standard 4 for races."""
        older = ("American Indian - Alaska Native", "Black - African American",
                 "Native Hawaiian - Pacific Islander")  # fmt: skip
        return EdfiHost.descriptors | {f"uri://ed-fi.org/RaceDescriptor#{one}" for one in older}

    def knows_code(self, value: Any) -> bool:
        return value in self.descriptors_of_4()

    def refusal(self, refused: Refused) -> Response:
        body = json.dumps({"message": "The request is invalid."}).encode()
        return Response(refused.status, body, "application/json")

    def shown(self, name: str, number: str) -> Body:
        return {key: one for key, one in super().shown(name, number).items() if key[0] != "_"}

    def finished(self, request: Request, response: Response) -> Response:
        kept = tuple(one for one in response.headers if one[0] != "ETag")
        return Response(response.status, response.body, response.content_type, kept)

    def dependencies(self) -> Response:
        raise Refused(404, "not-found", "There is nothing at this address.")


class Chatty(EdfiHost):
    """Says more than it must: links, nulls, empty lists, hints, cookies, bodies of success."""

    def shown(self, name: str, number: str) -> Body:
        found = {
            key: one | {"link": {"rel": "X", "href": "/x"}} if key.endswith("Reference") else one
            for key, one in super().shown(name, number).items()
        }
        return {"maidenName": None, "visas": [], "_ext": {"mine": {"a": 1}}, **found}

    def answer(self, status: int, body: Any = None, *headers: tuple[str, str]) -> Response:
        hints = (("Server", "Chatty/7"), ("Set-Cookie", "route=3"), ("Cache-Control", "no-store"))
        body = {} if status in (200, 201) and body is None else body
        return super().answer(status, body, *headers, *hints)

    def granted(self) -> dict[str, Any]:
        return super().granted() | {"token_type": "Bearer", "scope": ""}

    def problem(self, refused: Refused) -> dict[str, Any]:
        return super().problem(refused) | {"errors": ["See the guide."], "instance": "/x"}


class Strict(EdfiHost):
    """Shows a student only to a school of theirs, and answers with other legal statuses."""

    def enrolled(self, number: str) -> bool:
        """Whether a student has an enrolment."""
        who = self.held[STUDENTS][number].body["studentUniqueId"]
        return any(
            one.body["studentReference"]["studentUniqueId"] == who
            for one in self.held.get(STAYS, {}).values()
        )

    def act(self, request: Request, name: str, number: str) -> Response:
        open_to_all = name != STUDENTS or number not in self.held.get(STUDENTS, {})
        if request.method in ("GET", "PUT") and not open_to_all and not self.enrolled(number):
            raise Refused(403, FORBIDDEN, "Access could not be authorized.")
        return super().act(request, name, number)

    def listed(self, name: str) -> list[str]:
        found = super().listed(name)[::-1]
        return [one for one in found if name != STUDENTS or self.enrolled(one)]

    def resolve(self, body: Body) -> None:
        school = body.get("schoolReference", {}).get("schoolId", self.schools[0])
        if school not in self.schools:
            raise Refused(403, FORBIDDEN, "No relationship to the school.")
        super().resolve(body)

    def rekey(self, name: str, number: str, body: Body) -> None:
        raise Refused(409, "data-conflict", "Identifying values cannot be changed.")

    def values(self, name: str, body: Body) -> Body:
        turned = {key: one[::-1] if isinstance(one, list) else one for key, one in body.items()}
        return dict(sorted(turned.items()))

    def location(self, request: Request, name: str, number: str) -> str:
        return f"/api/data/v3/ed-fi/{name}/{number}"

    def put(self, request: Request, name: str, number: str) -> Response:
        answer = super().put(request, name, number)
        return self.answer(200, self.shown(name, number), *answer.headers)


def judged(product: type[EdfiHost], **changes: dict[str, Any]) -> dict[str, list[str]]:
    """Checks that did not pass, by verdict."""
    with serve(product()) as handle:
        table = table_for(handle.url, product)
        table |= {name: table.get(name, {}) | more for name, more in changes.items()}
        config = target.from_table(table, environ={})
        checks = session.run(config, seed=SEED, examine=False).verdict.checks
    left: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict != "pass":
            left.setdefault(check.verdict, []).append(f"{check.id}: {check.reason}")
    return left


LESS = {"capabilities": dict.fromkeys(("etag", "order", "paging"), False)}


@pytest.mark.parametrize(
    ("product", "changes"),
    [(Minimal, LESS), (Chatty, {}), (Strict, {})],
    ids=["minimal", "chatty", "strict"],
)
def test_legal_variety_fails_nothing(product: type[EdfiHost], changes: dict[str, Any]) -> None:
    left = judged(product, **changes)
    assert set(left) <= {"not applicable"}, left


def test_a_host_of_data_standard_4_takes_contacts_as_parents() -> None:
    left = judged(Minimal, **LESS)["not applicable"]
    assert [one for one in left if "contacts" in one or "relation" in one] == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts this process, which tests in parallel are told to ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_what_an_aborted_check_created_is_deleted() -> None:
    class Stops(EdfiHost):
        """The suite is interrupted at the third enrolment."""

        count = 0

        def post(self, request: Request, name: str) -> Response:
            self.count += name == STAYS
            if self.count == 3:
                signal.raise_signal(signal.SIGINT)
            return super().post(request, name)

    host = Stops()
    with serve(host) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        with pytest.raises(KeyboardInterrupt):
            session.run(config, seed=SEED, only=("EDF-LOD-001",), examine=False)
    assert [name for name, held in host.held.items() if held and name in (STUDENTS, STAYS)] == []
    assert host.count == 3


def test_nothing_of_a_run_stays_at_the_host() -> None:
    host = EdfiHost()
    with serve(host) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        session.run(config, seed=SEED, examine=False)
    left = {name: len(held) for name, held in host.held.items() if held}
    assert left == {"localEducationAgencies": 1, "schools": 2}


def test_keep_leaves_what_was_created() -> None:
    host = EdfiHost()
    with serve(host) as handle:
        table = table_for(handle.url)
        config = target.from_table(table, environ={})
        kept = replace(config, keep=True)
        session.run(kept, seed=SEED, only=("EDF-UPS-001",), examine=False)
    assert len(host.held[STUDENTS]) == 1


def test_two_runs_of_one_seed_come_to_the_same_verdict() -> None:
    verdicts = []
    for _ in range(2):
        with serve(EdfiHost()) as handle:
            config = target.from_table(table_for(handle.url), environ={})
            done = session.run(config, seed=3, only=("edfi_receiver/upserts",), examine=False)
            verdicts.append((done.verdict.requirements, done.verdict.checks))
    assert verdicts[0] == verdicts[1]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_no_seed_makes_a_false_failure(seed: int) -> None:
    with serve(EdfiHost()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        checks = session.run(config, seed=seed, examine=False).verdict.checks
    assert [one.id for one in checks if one.verdict != "pass"] == []
