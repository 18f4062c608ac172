"""Providers that answer filters, orders and selections wrongly."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.simulators.oneroster_provider import queries
from conformance.simulators.oneroster_provider.district import Bodies, Body
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import Call
from conformance.simulators.problems import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RAW = ("RAW_URI", "REQUEST_URI", "QUERY_STRING")


@breaks(
    "ORS-FLT-001",
    "ORS-FLT-007",
    also=(
        "ORS-FLT-002",
        "ORS-FLT-003",
        "ORS-FLT-005",
        "ORS-FLT-006",
        "ORS-ERR-001",
    ),
)
class IgnoresFilters(RosterProvider):
    """Answers as if there were no filter."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        return found


@breaks("ORS-FLT-001", also=("ORS-FLT-007",))
class NothingMeansEverything(RosterProvider):
    """Shows everything when nothing meets the filter."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        return super().filtered(call, found) or found


@breaks("ORS-FLT-002")
class CountsBeforeItFilters(RosterProvider):
    """Cuts the page before it filters."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        query = call.request.query
        small = query.get("limit") == "2" and "filter" in query and "fields" not in query
        return super().filtered(call, found[:3] if small else found)


@breaks("ORS-FLT-003")
class SeesNoReferences(RosterProvider):
    """Knows no fields with dots."""

    def meets(self, test: queries.Predicate, body: Body) -> bool:
        return "." not in test.field and super().meets(test, body)


@breaks("ORS-FLT-004")
class ReadsPlusAsPlus(RosterProvider):
    """Does not read + as a blank."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raw = {key: environ[key].replace("+", "%2B") for key in RAW if key in environ}
        return super().__call__({**environ, **raw}, start_response)


@breaks("ORS-FLT-005", also=("ORS-ERR-001",))
class UnknownFieldsMeetNothing(RosterProvider):
    """Finds nothing by a field that does not exist."""

    def refuse_unknown_fields(self, tests: list[queries.Predicate], found: Bodies) -> None:
        """Not looked at."""


@breaks("ORS-FLT-005", also=("ORS-ERR-001",))
class UnknownFieldsAreInvalidData(RosterProvider):
    """Refuses an unknown field of a filter with another code."""

    def refuse_unknown_fields(self, tests: list[queries.Predicate], found: Bodies) -> None:
        try:
            super().refuse_unknown_fields(tests, found)
        except Refusal as refusal:
            raise Refusal(400, refusal.message, "invaliddata") from refusal


@breaks("ORS-FLT-006")
class BadFiltersMeetNothing(RosterProvider):
    """Finds nothing by a filter that it cannot read."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        try:
            return super().filtered(call, found)
        except Refusal as refusal:
            if "cannot be read" in refusal.message:
                return []
            raise


@breaks("ORS-FLT-006")
class OpenEndsAreForgiven(RosterProvider):
    """Forgives an AND with nothing behind it."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        query = dict(call.request.query)
        query["filter"] = query.get("filter", "").removesuffix(" AND")
        if "filter" not in call.request.query:
            return found
        return super().filtered(replace(call, request=replace(call.request, query=query)), found)


@breaks("ORS-FLT-007", also=("ORS-FLT-002",))
class LessIsLessOrEqual(RosterProvider):
    """Takes < for <=."""

    def meets(self, test: queries.Predicate, body: Body) -> bool:
        sign = {"<": "<="}.get(test.operator, test.operator)
        return super().meets(replace(test, operator=sign), body)


@breaks("ORS-FLT-007")
class PartsAreBeginnings(RosterProvider):
    """Looks for a part at the beginning only."""

    def meets(self, test: queries.Predicate, body: Body) -> bool:
        found = queries.values(body, test.field)
        if test.operator == "~":
            return any(one.startswith(test.value) for one in found)
        return super().meets(test, body)


@breaks("ORS-FLT-007")
class OrIsAnd(RosterProvider):
    """Takes OR for AND."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        query = dict(call.request.query)
        if "filter" in query:
            query["filter"] = query["filter"].replace("' OR ", "' AND ")
        return super().filtered(replace(call, request=replace(call.request, query=query)), found)


@breaks("ORS-SRT-003", also=("ORS-SRT-002",))
class SortsNothing(RosterProvider):
    """Leaves the order as it is."""

    def ordered(self, call: Call, found: Bodies) -> Bodies:
        self.check_order(call.request.query.get("orderBy"))
        return found


@breaks("ORS-SRT-003")
class SortsUpOnly(RosterProvider):
    """Sorts up, whatever is asked."""

    def ordered(self, call: Call, found: Bodies) -> Bodies:
        sorted_ = super().ordered(call, found)
        return sorted_[::-1] if call.request.query.get("orderBy") == "desc" else sorted_


@breaks("ORS-SRT-001")
class TakesAnyWordForUp(RosterProvider):
    """Takes every word but desc for asc."""

    def check_order(self, order: str | None) -> None:
        """Not looked at."""


@breaks("ORS-SRT-002")
class SortsByWhatIsNotThere(RosterProvider):
    """Sorts by fields that do not exist."""

    def refuse_unknown_order(self, path: str, found: Bodies) -> None:
        """Not looked at."""


@breaks("ORS-FLD-001")
class LeavesUnknownFieldsOut(RosterProvider):
    """Tells of a selection what it knows."""

    def unknown_selection(self) -> None:
        """Not refused."""


@breaks("ORS-FLD-001")
class UnknownSelectionsAreFilters(RosterProvider):
    """Refuses an unknown selection with the code of filters."""

    def unknown_selection(self) -> None:
        raise Refusal(400, "No such field.", "invalid_filter_field")


@breaks("ORS-FLD-002", also=("ORS-FLD-001", "ORS-PAG-006"))
class IgnoresSelections(RosterProvider):
    """Tells every member, whatever is selected."""

    def selected(self, call: Call, found: Bodies) -> Bodies:
        return found


@breaks("ORS-FLD-002")
class AddsTheStatus(RosterProvider):
    """Tells the status whatever is selected."""

    def selected(self, call: Call, found: Bodies) -> Bodies:
        told = super().selected(call, found)
        if call.request.query.get("fields", "").count(",") != 2:
            return told
        return [one | {"status": "active"} for one in told]
