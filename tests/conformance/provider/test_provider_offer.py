"""What the checks of providers stand on: the doctor's step, the offer, its marker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from conformance import session, target, trees
from conformance.evidence import Evidence
from conformance.offer import Offer, members
from conformance.problems import NotVerified, SetupFault
from conformance.simulators import serve
from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider import Provider
from conformance.simulators.provider.district import Items
from conformance.wire import Wire
from tests.conformance.judging import SEED
from tests.conformance.provider.judging import table_for


@contextmanager
def opened(product: type[Provider], **changes: Any) -> Iterator[Offer]:
    """The offer of this provider."""
    with serve(product()) as handle, Wire() as wire:
        config = target.from_table(table_for(handle.url, product) | changes, environ={})
        offer = Offer(wire, config, Random(SEED), Evidence())
        offer.open()
        yield offer
        offer.close()


def examined(product: type[Provider], **changes: Any) -> str:
    """The set-up fault that a run names."""
    with serve(product()) as handle:
        config = target.from_table(table_for(handle.url, product) | changes, environ={})
        with pytest.raises(SetupFault) as told:
            session.run(config, seed=SEED, only=("INF-QRY-001",))
    return str(told.value)


class GrantsNothing(Provider):
    """An application without a single right."""

    denied = ("xLeas", "xSchools", "xCalendars", "xCourses", "xStaffs", "xStudents", "xContacts",
              "xRosters")  # fmt: skip


class HoldsNothing(Provider):
    """A system in which no data was loaded."""

    def objects(self, collection: str) -> Items:
        return []


class UnderTerms(Provider):
    """Hands out a privacy obligation document and serves nobody without its marker."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if path == ("pods",):
            self.authenticate_session(request)
            document = node("pods", node("pod", node("podToken", "marker-0123456789"), id="7"))
            return self.document(200, document)
        if request.header("dataPrivacyMarker") != "marker-0123456789":
            raise Refusal(403, "Name the marker.")
        return super().route_connector(request, path)


def test_the_offer_is_what_the_rights_approve() -> None:
    with opened(Provider) as offer:
        assert offer.name == "xStudents"
        assert "xContacts" not in offer.services
        assert offer.rights("SERVICEPATH")["xSchools/{}/xStudents"] == "APPROVED"
        assert offer.rights("OBJECT", "CREATE")["xStudents"] == "UNSUPPORTED"


def test_the_target_file_names_what_is_read_most() -> None:
    table = table_for("http://127.0.0.1:1")["offer"] | {"services": ["xStaffs", "xSchools"]}
    with opened(Provider, offer=table) as offer:
        assert (offer.name, len(offer.objects())) == ("xStaffs", 30)
        assert trees.local(offer.objects("xSchools")[1]) == "xSchool"


def test_objects_are_read_once() -> None:
    with opened(Provider) as offer:
        assert len(offer.objects()) == Provider.size
        number = offer.page(1, 1).exchange
        offer.objects()
        assert offer.page(1, 1).exchange == number + 1


def test_an_error_holds_no_objects_and_a_wrapper_hides_none() -> None:
    with opened(Provider) as offer:
        assert members(offer.get("no-such-id")) == []
        one = offer.get(offer.one())
        assert [trees.refid(found) for found in members(one)] == [offer.one()]


def test_too_few_objects_are_not_the_fault_of_a_provider() -> None:
    with opened(Provider) as offer, pytest.raises(NotVerified, match="fewer than 900"):
        offer.some(900)


def test_a_marker_is_taken_from_the_pods_and_sent() -> None:
    table = table_for("http://127.0.0.1:1")["capabilities"] | {"pod": True}
    with opened(UnderTerms, capabilities=table) as offer:
        assert offer.page(1, 1).status == 200
        assert offer.page(1, 1, headers={"dataPrivacyMarker": None}).status == 403


def test_doctor_names_an_application_that_may_read_nothing() -> None:
    told = examined(GrantsNothing)
    assert "[offer]" in told
    assert "approves no OBJECT service" in told
    assert "Give the application the right to read" in told


def test_doctor_names_an_empty_system() -> None:
    told = examined(HoldsNothing)
    assert "[offer] services" in told
    assert "xStudents holds no object" in told


def test_doctor_names_a_service_that_is_not_granted() -> None:
    table = table_for("http://127.0.0.1:1")["offer"] | {"services": ["xContacts"]}
    assert "GET xContacts answered 403" in examined(Provider, offer=table)


def test_two_runs_of_one_seed_come_to_the_same_verdict() -> None:
    verdicts = []
    for _ in range(2):
        with serve(Provider()) as handle:
            config = target.from_table(table_for(handle.url), environ={})
            done = session.run(config, seed=3, only=("provider/pages",), examine=False)
            verdicts.append((done.verdict.requirements, done.verdict.checks))
    assert verdicts[0] == verdicts[1]


def test_no_value_of_a_student_stands_in_a_finding() -> None:
    class Alters(Provider):
        """Shows another name when one object is read."""

        def found(self, request: Request, item: Any) -> Response:
            answer = super().found(request, item)
            name = item.element.findtext("{*}name/{*}familyName") or ""
            body = answer.body.replace(name.encode(), b"Qvexwren")
            return Response(answer.status, body, answer.content_type)

    with serve(Alters()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        done = session.run(config, seed=SEED, only=("DAT-OFR-003",), examine=False)
    (check,) = done.verdict.checks
    assert check.verdict == "fail"
    names = [
        one.element.findtext("{*}name/{*}familyName")
        for one in Provider().held.objects["xStudents"]
    ]
    said = repr(check)
    assert [name for name in names if name and name in said] == []
