"""Vendors whose JSON is neither of the two notations, or comes when XML was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from lxml import etree

from conformance.simulators.message import Request
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver


class Rewritten(Receiver):
    """A vendor that alters its JSON on the way out."""

    wrong: tuple[str, ...] = ()

    def written(self, element: etree._Element, notation: str) -> bytes:
        told = super().written(element, notation)
        return (
            json.dumps(self._altered(json.loads(told))).encode() if notation in self.wrong else told
        )

    def _altered(self, told: Any) -> Any:
        """The document as it leaves."""
        if isinstance(told, dict):
            return {name: self._altered(one) for name, one in told.items()}
        return [self._altered(one) for one in told] if isinstance(told, list) else told


@breaks("INF-FMT-022", "NEG-034")
class ReadsDigitsAsNumbers(Rewritten):
    """Writes a text of digits as a number, so that its zeros are lost."""

    wrong = ("pesc",)

    def _altered(self, told: Any) -> Any:
        return int(told) if isinstance(told, str) and told.isdecimal() else super()._altered(told)


@breaks("INF-FMT-022", "NEG-034")
class MarksItsNames(Rewritten):
    """Puts the at sign of the other notation before the id."""

    wrong = ("pesc",)

    def _altered(self, told: Any) -> Any:
        again = super()._altered(told)
        if isinstance(again, dict) and "refId" in again:
            again["@refId"] = again.pop("refId")
        return again


@breaks("INF-FMT-022", "NEG-032", "NEG-033")
class UnwrapsListsOfOne(Rewritten):
    """Writes a list of one as its one member."""

    wrong = ("pesc",)

    def _altered(self, told: Any) -> Any:
        again = super()._altered(told)
        return again[0] if isinstance(again, list) and len(again) == 1 else again


@breaks("INF-FMT-022", "NEG-032", "NEG-033")
class FlattensTheCollection(Rewritten):
    """Leaves the name of the objects out, so that the list stands under that of the collection."""

    wrong = ("pesc",)

    def _altered(self, told: Any) -> Any:
        inner = told.get("xStudents") if isinstance(told, dict) else None
        return {"xStudents": inner["xStudent"]} if inner else told


@breaks("INF-FMT-021", "NEG-032")
class LosesTheAtSign(Rewritten):
    """Writes attributes without their sign."""

    wrong = ("goessner",)

    def _altered(self, told: Any) -> Any:
        again = super()._altered(told)
        if isinstance(again, dict):
            return {name.removeprefix("@"): one for name, one in again.items()}
        return again


@breaks("INF-FMT-021", "NEG-032")
class WrapsEveryStudent(Rewritten):
    """Writes one student of a collection as an array."""

    wrong = ("goessner",)

    def _altered(self, told: Any) -> Any:
        inner = told.get("xStudents") if isinstance(told, dict) else None
        if inner and isinstance(inner.get("xStudent"), dict):
            return {"xStudents": {"xStudent": [inner["xStudent"]]}}
        return told


@breaks("INF-FMT-009", "INF-URL-005")
class TakesTheSuffixForTheId(Receiver):
    """Looks for a student whose id ends with the format."""

    def without_suffix(self, request: Request) -> Request:
        return request


@breaks("INF-FMT-009", "INF-URL-005")
class SuffixBeatsTheHeader(Receiver):
    """Prefers the suffix of the path to the header."""

    def without_suffix(self, request: Request) -> Request:
        last = request.segments[-1] if request.segments else ""
        if last.endswith(".json"):
            headers = {name: told for name, told in request.headers.items() if name != "accept"}
            request = replace(request, headers=headers)
        return super().without_suffix(request)
