"""Vendors that misbehave as a whole: silent, yes-saying, echoing, dripping, stale."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree

from conformance.simulators.gate import MARKER
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE = 2.0  # seconds; a caller that waits longer has no deadline at all


def _is_data(request: Request) -> bool:
    return "xStudents" in request.segments


@breaks(special=True)
class Silent(Receiver):
    """Accepts the connection and says nothing for two seconds."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(PATIENCE)
        return super().__call__(environ, start_response)


@breaks(special=True)
class SlowDrip(Receiver):
    """Sends its answers in small drops over two seconds."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return _drip(b"".join(super().__call__(environ, start_response)))


def _drip(body: bytes, drops: int = 40) -> Iterator[bytes]:
    size = max(1, -(-len(body) // drops))
    for start in range(0, max(1, len(body)), size):
        time.sleep(PATIENCE / drops)
        yield body[start : start + size]


@breaks(special=True)
class TruncatedBody(Receiver):
    """Promises more bytes than it sends and hangs up."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = b"".join(super().__call__(environ, start_response))
        return [body[: len(body) // 2]]


@breaks(special=True)
class YesMan(Receiver):
    """Makes environments properly and answers everything else with an empty 200 and a marker."""

    def route(self, request: Request) -> Response:
        if "environments" in request.segments:
            return super().route(request)
        token = request.body.partition(b"<podToken>")[2].partition(b"<")[0].decode("latin-1")
        marker = token or request.header(MARKER)
        return Response(200).adding(*([(MARKER, marker)] if marker else []))


@breaks(special=True)
class Echo(Receiver):
    """Answers data with 200 and the body of the request."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        return Response(200, request.body)


@breaks(special=True)
class HtmlErrorPages(Receiver):
    """Answers every refusal with the error page of its web server."""

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        status = self.error_status(refusal)
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        return Response(status, page.encode(), "text/html; charset=utf-8")


@breaks(special=True)
class DeliversStale(Receiver):
    """Answers queries out of a cache that updates never reach."""

    @cached_property
    def cache(self) -> dict[str, etree._Element]:
        return {}

    def found(self, student: etree._Element) -> Response:
        key = self.student_key(student.get("refId", ""))
        return super().found(self.cache.setdefault(key, deepcopy(student)))

    def store_student(self, student: etree._Element) -> None:
        super().store_student(student)
        self.cache.setdefault(self.student_key(student.get("refId", "")), deepcopy(student))


@breaks(special=True)
class StoresTwice(Receiver):
    """Files every new student under a second id as well."""

    def created(self, student: etree._Element) -> Response:
        twin = deepcopy(student)
        twin.set("refId", self.new_id())
        self.store_student(twin)
        return super().created(student)


@breaks(special=True)
class WrongClock(Receiver):
    """Stamps its answers with a time that is years off."""

    def timestamp_header(self) -> str:
        return "2001-01-01T00:00:00.000Z"


@breaks(special=True)
class EverythingIs500(Receiver):
    """Falls over on every message about students."""

    def answer(self, request: Request) -> Response:
        answer = super().answer(request)
        return replace(answer, status=500) if _is_data(request) else answer
