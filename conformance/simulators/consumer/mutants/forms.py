"""Mistakes in reading what is spelled, packed or cut otherwise."""

from __future__ import annotations

import http.client
import re

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.papers import LOST
from conformance.simulators.documents import serialise

SPACE = "http://www.sifassociation.org/infrastructure/3.3"


class _CaseMatters(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        loud = {name.lower() for name, _ in answer.getheaders() if name == "NAVIGATIONID"}
        return Answer(got.status, {n: v for n, v in got.headers.items() if n not in loud}, got.body)


class _KnownLinesOnly(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        return LOST if "x-unknown-line" in got.headers else got


class _CannotUnpack(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        return LOST if "content-encoding" in got.headers else got


class _CannotUnpackData(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        packed = "content-encoding" in got.headers and b"xStudents" in got.body[:300]
        return LOST if packed else got


class _NeedsALength(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        return LOST if "transfer-encoding" in got.headers else got


class _FirstPieceOnly(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        cut = got.body[:700] if "transfer-encoding" in got.headers else got.body
        return Answer(got.status, got.headers, cut)


@breaks("DAT-CON-030")
class SearchesForTheTokenAsText(Consumer):
    """Finds the session token by its tag, as it is usually spelled."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        found = re.search(rb"<sessionToken>([^<]+)", serialise(made))
        self.link.user = found[1].decode() if found else ""


@breaks("DAT-CON-030")
class ChokesOnRemarks(Consumer):
    """Cannot read XML with comments."""

    def readable(self, answer: Answer) -> bool:
        return b"<!--" not in answer.body and super().readable(answer)


@breaks("INF-FMT-002")
class KnowsOneNamespaceOnly(Consumer):
    """Finds the session token in the namespace of its own version only."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        found = made.find(f"{{{SPACE}}}sessionToken")
        self.link.user = (found.text or "") if found is not None else ""


@breaks("DAT-CON-031")
class RefusesWhatItDoesNotKnow(Consumer):
    """Takes no environment with an element that it does not know."""

    def settle(self, made: etree._Element) -> None:
        if all("sifassociation.org" in str(one.tag) for one in made):
            super().settle(made)


@breaks("DAT-CON-031")
class LooksForZonesAtTheEnd(Consumer):
    """Takes the last element of an environment for its zones."""

    def settle(self, made: etree._Element) -> None:
        super().settle(made)
        self.zones = [one.get("id") or "" for one in made[-1]]


@breaks("INF-HDR-001")
class MindsTheCaseOfHeaderNames(Consumer):
    """Knows header names in one spelling only."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _CaseMatters(hub, key, secret)


@breaks("INF-HDR-001")
class StopsAtUnknownHeaders(Consumer):
    """Takes an answer with a header line that it does not know for none."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _KnownLinesOnly(hub, key, secret)


@breaks("DAT-CON-032")
class AsksForGzipInVain(Consumer):
    """Says that it takes gzip and cannot unpack it."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _CannotUnpack(hub, key, secret)


@breaks("DAT-CON-032")
class UnpacksEnvironmentsOnly(Consumer):
    """Cannot unpack lists of students."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _CannotUnpackData(hub, key, secret)


@breaks("DAT-CON-033")
class NeedsALength(Consumer):
    """Takes an answer without Content-Length for none."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _NeedsALength(hub, key, secret)


@breaks("DAT-CON-033")
class ReadsTheFirstPieceOnly(Consumer):
    """Reads one chunk of an answer."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _FirstPieceOnly(hub, key, secret)
