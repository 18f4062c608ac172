"""Mistakes of clients that speak JSON."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.form import Form
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.problems import Refusal


class _Marked(Form):
    def key_of(self, attribute: str) -> str:
        return f"@{attribute}"


class _Bare(Form):
    def rooted(self, name: str, value: Any) -> Any:  # noqa: ARG002
        return value


class _Alone(Form):
    def several(self, values: list[Any], *, is_list: bool) -> Any:  # noqa: ARG002
        return values if len(values) > 1 else values[0]


class _Collapsing(Form):
    def each(self, value: Any) -> list[Any]:
        if isinstance(value, list) and len(value) == 1:
            return []
        return super().each(value)


class _Counting(Form):
    def text_of(self, value: Any) -> str:
        text = super().text_of(value)
        return str(int(text)) if text.isdecimal() else text


class _Rounding(Form):
    def text_of(self, value: Any) -> str:
        text = super().text_of(value)
        return text.rstrip("0") if re.fullmatch(r"\d+\.\d+", text) else text


class _WithoutDocuments(Form):
    def documents(self, told: list[Any]) -> etree._Element:  # noqa: ARG002
        raise Refusal(400, "A list is no object.")


@breaks("POD-SCH-008")
class KnowsNoDocumentsInJson(Consumer):
    """Reads students in JSON, and expects documents in XML."""

    form = _WithoutDocuments


@breaks("NEG-032")
class MixesTheNotations(Consumer):
    """Marks attributes with an at sign, whatever the notation."""

    form = _Marked


@breaks("NEG-032")
class WritesNoRoot(Consumer):
    """Writes the members of an object without its name, as many libraries do."""

    form = _Bare


@breaks("NEG-033")
class WritesOneAsAnObject(Consumer):
    """Writes a list with one member as if it were none."""

    form = _Alone


@breaks("NEG-033")
class SeesNothingInAListOfOne(Consumer):
    """Takes an array with one member for an empty one."""

    form = _Collapsing


@breaks("NEG-034")
class MakesNumbersOfDigits(Consumer):
    """Reads text of digits as a number, and the zeros at its start are gone."""

    form = _Counting


@breaks("NEG-034")
class CutsZerosBehindThePoint(Consumer):
    """Reads 54.10 as 54.1."""

    form = _Rounding
