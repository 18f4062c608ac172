"""The checks judge requirements, not our own simulator: a vendor that differs legally passes."""

from __future__ import annotations

from collections.abc import Iterable
from ssl import TLSVersion
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from conformance import session, target
from conformance.simulators import Receiver, offer_claims, pod_claims
from conformance.simulators.agreements import Pod
from conformance.simulators.documents import node
from conformance.simulators.later import Lines, Students
from conformance.simulators.message import Request, Response
from conformance.simulators.objects import Done
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.secured import Key
from conformance.simulators.store import Session
from tests.conformance.judging import served

ALL = dict.fromkeys(target.CAPABILITIES, True)
EXPECTED = {
    "not applicable": [
        "last_page_follows_from_the_total: the target does not tell the last page",
        "zone_in_address_and_header_is_a_conflict: not in force in infrastructure 3.3",
    ]
}


def prefixed(element: etree._Element) -> etree._Element:
    """The same element with a prefix where ours has a default namespace."""
    nsmap: Any = {"i": etree.QName(element).namespace}
    copy = etree.Element(element.tag, dict(element.attrib), nsmap=nsmap)
    copy.text = element.text
    copy.extend(prefixed(child) for child in element)
    return copy


class Unlike(Receiver):
    """Own ids, other legal statuses, other words, other addresses, another order of results."""

    connector = "hub/requests/v3"
    least_tls = TLSVersion.TLSv1_3
    notations = ("goessner", "pesc")
    utility_zone = "infrastructure-utilities"
    denied = ("xTranscripts", "xDisciplines")

    def new_key(self) -> Key:
        return rsa.generate_private_key(65537, 2048)

    def in_clear(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        lines = [("Location", "https://app.example/sif3"), ("Content-Length", "0")]
        start_response("308 Permanent Redirect", lines)
        return [b""]

    def assign_id(self, advisory: str, must: bool) -> str:
        return advisory if must else self.new_id()

    def timestamp_header(self) -> str:
        return self.now().isoformat()

    def conflict(self, request: Request, existing: Session) -> Response:
        return self.document(409, existing.document)

    def item_status(self, verb: str) -> int:
        return {"create": 201, "update": 204, "delete": 200}[verb]

    def many_response(self, verb: str, done: Iterable[Done]) -> etree._Element:
        return super().many_response(verb, reversed(list(done)))

    def error_message(self, refusal: Refusal) -> str:
        return "Sorry, that did not work. Ask your administrator."

    def error_scope(self, request: Request) -> str:
        return "Receiver of student data"

    def document(self, status: int, element: etree._Element) -> Response:
        answer = super().document(status, prefixed(element))
        return Response(answer.status, answer.body, "text/xml; charset=UTF-8", answer.headers)

    def sourced_id(self, refid: str) -> str:
        return super().sourced_id(refid).replace("-", "").upper()

    def race_flags(self, student: etree._Element) -> dict[str, str]:
        return {name: told for name, told in super().race_flags(student).items() if told == "true"}

    def identifiers(self, student: etree._Element) -> dict[str, str]:
        return super().identifiers(student) | {"identifier": ""}

    def phone(self, student: etree._Element) -> dict[str, str]:
        return super().phone(student) | {"sms": ""}

    def page(self, students: list[etree._Element], page: Page) -> Response:
        if page.size:
            return super().page(students, page)
        return self.document(200, self.collection(())).adding(*self.page_headers(page, 0, 0))

    def finish(self, request: Request, response: Response) -> Response:
        strange = (
            ("Server", "Unlike/1.0"),
            ("Cache-Control", "no-store"),
            ("Vary", "Accept-Encoding"),
        )
        return super().finish(request, response).adding(*strange)

    def unsupported(self) -> Refusal:
        return Refusal(405, "No.")

    def marker_outdated(self, request: Request) -> Response:
        listing = request.method == "GET" and request.segments[-1] == "xStudents"
        if listing:
            return super().marker_outdated(request)
        return self.refused(request, Refusal(403, "An old agreement.", "403-05"))

    def marker_unknown(self, request: Request) -> Response:
        return self.refused(request, Refusal(401, "Not an agreement of ours."))

    def check_party(self, pod: Pod) -> None:
        if pod.party != self.party:
            raise Refusal(409, "This agreement is somebody else's.")

    def page_headers(self, page: Page, shown: int, count: int) -> tuple[tuple[str, str], ...]:
        return super().page_headers(page, shown, count)[:2]

    def tag(self) -> str:
        return f"W/{super().tag()}"

    def kept_set(self, request: Request, students: Students) -> tuple[Lines, Students]:
        try:
            return super().kept_set(request, students)
        except Refusal as refusal:
            raise Refusal(400, "That result is gone.") from refusal

    def head_headers(self) -> Lines:
        return tuple((name.lower(), told) for name, told in super().head_headers())

    def services(self, root: str, refid: str) -> dict[str, str]:
        found = super().services(root, refid)
        return dict(reversed(found.items()))

    def default_zone(self) -> list[etree._Element]:
        return [node("defaultZone", id=self.zone)]


class OwnIdsForMany(Unlike):
    """Takes mustUseAdvisory with an id that exists for a conflict of ids: 404."""

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        try:
            return super().add_student(student, must)
        except Refusal as refusal:
            if refusal.status == 409 and must:
                raise Refusal(404, "The id cannot be used.") from refusal
            raise


def judged(
    vendor: type[Receiver], capabilities: dict[str, bool], seed: int
) -> dict[str, list[str]]:
    """Checks that did not pass, by verdict."""
    with served(vendor()) as places:
        config = target.from_table(
            {
                "vendor": {"name": "Example Reading App"},
                "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
                "capabilities": capabilities,
                "pod": pod_claims(),
                **offer_claims(vendor),
                # It shows no mobile numbers, and says so.
                "fidelity": {"kept": 0.95},
                **places,
            },
            environ={},
        )
        checks = session.run(config, seed=seed, examine=False).verdict.checks
    found: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict != "pass":
            found.setdefault(check.verdict, []).append(f"{check.id}: {check.reason}")
    return found


def test_vendor_with_other_legal_habits_passes_everything() -> None:
    assert judged(Unlike, ALL, 11) == EXPECTED


@pytest.mark.soak
def test_vendor_that_refuses_taken_ids_with_404_passes_everything() -> None:
    assert judged(OwnIdsForMany, ALL, 12) == EXPECTED


# It cannot delete, so each look into its growing export takes longer than the one before.
@pytest.mark.soak
def test_vendor_that_only_takes_students_is_not_blamed_for_the_rest() -> None:
    few = {"create": True, "pod": True, "readback": True}
    found = judged(Receiver, few, 13)
    assert found.keys() <= {"not applicable", "could not verify"}
