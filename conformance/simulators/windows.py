"""Eleventh layer: the other forms in which this vendor shows its students.

OneRoster 1.2 REST, Ed-Fi resources, one bundle, a CSV file of its own layout. All stem from the
rows of the export, so that a mutant that damages those damages every form.
Source: 1EdTech OneRoster 1.2 Rostering REST binding; Ed-Fi data standard 5.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from conformance.simulators import edfi, oneroster
from conformance.simulators.bundles import Bundles
from conformance.simulators.message import Request, Response
from conformance.simulators.oneroster import COLUMNS, Row
from conformance.simulators.problems import Refusal

JSON = "application/json"
FLAT = {
    "Student number": "identifier", "Given name": "givenName", "Family name": "familyName",
    "Middle name": "middleName", "Mail": "email", "Grade": "grades",
}  # fmt: skip
_RENAMED = {"preferredGivenName": "preferredFirstName", "preferredFamilyName": "preferredLastName"}
_IN_ROLES = ("roleType", "role", "beginDate", "endDate")
_CONDITION = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
_HOLDS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda seen, told: seen == told,
    "!=": lambda seen, told: seen != told,
    ">": lambda seen, told: seen > told,
    ">=": lambda seen, told: seen >= told,
    "<": lambda seen, told: seen < told,
    "<=": lambda seen, told: seen <= told,
    "~": lambda seen, told: told.lower() in seen.lower(),
}
Body = dict[str, Any]


class Windows(Bundles):
    """One method per step, as everywhere."""

    largest_list = 1000
    default_list = 100

    def show(self, request: Request, path: tuple[str, ...]) -> Response:
        """GET below oneroster/v1p2, ed-fi or export."""
        self.authenticate_application(request)
        match path:
            case ("oneroster", "v1p2", name) if name in COLUMNS and name != "roles":
                return self.answer_list(request, name)
            case ("ed-fi", name):
                return self.list_resources(request, name)
            case ("export", "bundle.zip"):
                return Response(200, self.bundle(), "application/zip")
            case ("export", "students.csv"):
                return Response(200, self.flat_file(), "text/csv; charset=utf-8")
        raise Refusal(404, "Nothing is offered under this path.")

    def bundle(self) -> bytes:
        """The export as one zip archive."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            for name, columns in COLUMNS.items():
                table = oneroster.write_table(columns, self.export_rows(name))
                zipped.writestr(f"{name}.csv", table)
        return archive.getvalue()

    def flat_file(self) -> bytes:
        """A CSV file of columns with names of our own."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(FLAT)
        for row in self.export_rows("users"):
            writer.writerow(row.get(column, "") for column in FLAT.values())
        return text.getvalue().encode()

    # -- OneRoster REST ------------------------------------------------------------------------

    def answer_list(self, request: Request, name: str) -> Response:
        """A page, or the refusal as the binding words it."""
        try:
            return self.list_objects(request, name)
        except Refusal as refusal:
            field = {
                "imsx_codeMinorFieldName": "TargetEndSystem",
                "imsx_codeMinorFieldValue": refusal.message,
            }
            status = {
                "imsx_codeMajor": "failure",
                "imsx_severity": "error",
                "imsx_description": "A parameter cannot be understood.",
                "imsx_CodeMinor": {"imsx_codeMinorField": [field]},
            }
            return Response(refusal.status, json.dumps(status).encode(), JSON)

    def list_objects(self, request: Request, name: str) -> Response:
        """One page of a collection, filtered, sorted, with the fields that were asked for."""
        rows = self.sorted_rows(request, self.filtered(request, self.export_rows(name)))
        limit = self.list_number(request, "limit", self.default_list, 1)
        offset = self.list_number(request, "offset", 0, 0)
        start = self.list_start(limit, offset)
        page = rows[start : start + min(limit, self.largest_list)]
        body = {name: [self.selected(request, self.json_object(name, row)) for row in page]}
        answer = Response(200, json.dumps(body, ensure_ascii=False).encode(), JSON)
        return answer.adding(*self.list_headers(request, limit, offset, len(rows), len(page)))

    def list_start(self, limit: int, offset: int) -> int:  # noqa: ARG002
        """Index of the first object: an offset counts objects, not pages."""
        return offset

    def list_number(self, request: Request, name: str, default: int, least: int) -> int:
        """A number of the paging parameters."""
        text = request.parameter(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 8) or int(text) < least:
            raise self.bad_list("invalid_limit" if name == "limit" else "invalid_offset")
        return int(text)

    def list_headers(
        self, request: Request, limit: int, offset: int, count: int, shown: int
    ) -> tuple[tuple[str, str], ...]:
        """X-Total-Count, and the links to the other pages that there are."""
        last = max(0, (count - 1) // limit * limit)
        links = {"first": 0, "last": last}
        if offset + limit < count:
            links["next"] = offset + limit
        if offset > 0:
            links["prev"] = max(0, offset - limit)
        told = ", ".join(
            f'<{self.list_address(request)}?limit={limit}&offset={start}>; rel="{name}"'
            for name, start in links.items()
        )
        return ("X-Total-Count", str(self.list_count(count, shown))), ("Link", told)

    def list_count(self, count: int, shown: int) -> int:  # noqa: ARG002
        """The number of objects in the whole result."""
        return count

    def list_address(self, request: Request) -> str:
        """The address of the collection, as the caller reached it."""
        return f"http://{request.header('Host')}/{'/'.join(request.segments)}"

    def filtered(self, request: Request, rows: list[Row]) -> list[Row]:
        """The rows that the filter asks for; two conditions may be joined by AND or OR."""
        told = request.parameter("filter")
        if not told:
            return rows
        parts = re.split(r"\s+(AND|OR)\s+", told)
        conditions = [self.condition(part) for part in parts[::2]]
        join = any if "OR" in parts else all
        return [row for row in rows if join(holds(row) for holds in conditions)]

    def condition(self, text: str) -> Callable[[Row], bool]:
        """One condition such as familyName='Lee'."""
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise self.bad_list("invalid_filter_field")
        name, operator, value = match.groups()
        column = self.column(name)
        if column is None:
            raise self.bad_list("invalid_filter_field")
        return lambda row: _HOLDS[operator](row.get(column, ""), value)

    def column(self, name: str) -> str | None:
        """The column behind a field of JSON, None if there is none."""
        plain = {theirs: ours for ours, theirs in _RENAMED.items()}.get(name, name)
        return plain if any(plain in columns for columns in COLUMNS.values()) else None

    def sorted_rows(self, request: Request, rows: list[Row]) -> list[Row]:
        """The rows in the order that was asked for; an unknown field leaves the order."""
        column = self.column(request.parameter("sort") or "")
        if not column:
            return rows
        descending = (request.parameter("orderBy") or "asc") == "desc"
        return sorted(rows, key=lambda row: row.get(column, ""), reverse=descending)

    def selected(self, request: Request, body: Body) -> Body:
        """The fields that were asked for."""
        names = [one.strip() for one in (request.parameter("fields") or "").split(",") if one]
        if not names:
            return body
        if any(self.column(name) is None and name not in body for name in names):
            raise self.bad_list("invalid_selection_field")
        return {name: body[name] for name in names if name in body}

    def bad_list(self, minor: str) -> Refusal:
        """The refusal of a parameter, with its code."""
        return Refusal(400, minor)

    def json_object(self, name: str, row: Row) -> Body:
        """One object of the REST binding."""
        if name != "users":
            return _linked({column: value for column, value in row.items() if value})
        lists = ("userIds", "agentSourcedIds", "primaryOrgSourcedId", "grades")
        body: Body = {
            _RENAMED.get(column, column): value
            for column, value in row.items()
            if value and column not in lists
        }
        pairs = re.findall(r"\{([^:{}]*):([^{}]*)\}", row.get("userIds", ""))
        body["userIds"] = [{"type": kind, "identifier": value} for kind, value in pairs]
        agents = row.get("agentSourcedIds", "").split(",")
        body["agents"] = [{"sourcedId": one, "type": "user"} for one in agents if one]
        body["grades"] = [one for one in row.get("grades", "").split(",") if one]
        if row.get("primaryOrgSourcedId"):
            body["primaryOrg"] = {"sourcedId": row["primaryOrgSourcedId"], "type": "org"}
        body["roles"] = self.json_roles(row["sourcedId"])
        return body

    def json_roles(self, user: str) -> list[Body]:
        """The roles of a user, as they stand inside it."""
        return [
            {"org": {"sourcedId": row["orgSourcedId"], "type": "org"}}
            | _filled(**{name: row[name] for name in _IN_ROLES})
            for row in self.export_rows("roles")
            if row["userSourcedId"] == user
        ]

    # -- Ed-Fi ---------------------------------------------------------------------------------

    def list_resources(self, request: Request, name: str) -> Response:
        """One page of a resource."""
        makers: Mapping[str, Callable[[], list[Body]]] = {
            "students": self.edfi_students,
            "studentEducationOrganizationAssociations": self.edfi_known,
            "studentSchoolAssociations": self.edfi_stays,
        }
        if name not in makers:
            raise Refusal(404, "Nothing is offered under this path.")
        offset = self.list_number(request, "offset", 0, 0)
        limit = self.list_number(request, "limit", 25, 1)
        page = makers[name]()[offset : offset + limit]
        return Response(200, json.dumps(page, ensure_ascii=False).encode(), JSON)

    def edfi_people(self) -> Iterator[tuple[Row, Row, etree._Element]]:
        """Each student as the export shows it, with all that is stored."""
        facts = {row["sourcedId"]: row for row in self.export_rows("demographics")}
        stored = {self.sourced_id(one.get("refId", "")): one for one in self.all_students()}
        for row in self.export_rows("users"):
            name = row["sourcedId"]
            yield row, facts.get(name, {}), stored.get(name, etree.Element("xStudent"))

    def edfi_students(self) -> list[Body]:
        """Names and birth."""
        return [edfi.student(*one) for one in self.edfi_people()]

    def edfi_known(self) -> list[Body]:
        """What the district knows of each student."""
        return [edfi.known(*one) for one in self.edfi_people()]

    def edfi_stays(self) -> list[Body]:
        """The enrolments."""
        return [stay for row, _, tree in self.edfi_people() for stay in edfi.stays(row, tree)]


def _linked(row: Row) -> Body:
    body: Body = {name: value for name, value in row.items() if not name.endswith("SourcedIds")}
    for name in [name for name in body if name.endswith("SourcedId")]:
        body[name.removesuffix("SourcedId")] = {"sourcedId": body.pop(name)}
    if "termSourcedIds" in row:
        body["terms"] = [{"sourcedId": one} for one in row["termSourcedIds"].split(",")]
    return body


def _filled(**members: str) -> Body:
    return {name: value for name, value in members.items() if value}
