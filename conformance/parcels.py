"""What is delivered: rows of OneRoster written in a form, as one file with its name.

A parcel is made of whole files, so that a check can do harm to one of them before it is packed.
Sources: 1EdTech OneRoster 1.1 and 1.2 CSV bindings; Clever SFTP files (help pages, 2025);
School Data Sync v2.1 CSV (published samples); RFC 4180.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from conformance.target_files import CLEVER, FLAT, ONEROSTER_11, ONEROSTER_12, SDS
from fixtures.writers.oneroster.columns import COLUMNS, MANIFEST

Row = dict[str, str]
Tables = dict[str, list[Row]]
Contents = dict[str, bytes]
BULK, DELTA = "bulk", "delta"
ONEROSTER = (ONEROSTER_11, ONEROSTER_12)
_EVERY = ("sourcedId", "status", "dateLastModified")
_USERS_11 = (
    *_EVERY, "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName",
    "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
    "password",
)  # fmt: skip
_NOT_IN_11 = {
    "lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds",
    "resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources",
}  # fmt: skip
# Where the main file of people stands in each form, and what its columns of a name are.
PEOPLE = {CLEVER: "students.csv", SDS: "users.csv", FLAT: "students.csv"}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: files by name, in the order in which they are packed."""

    form: str
    mode: str
    files: Contents

    @property
    def people(self) -> str:
        """The name of the file that holds the students."""
        return PEOPLE.get(self.form, "users.csv")

    @property
    def suffix(self) -> str:
        """How the name of the whole ends."""
        return ".csv" if self.form == FLAT else ".zip"

    def data(self) -> bytes:
        """The whole as it travels: a zip archive, or the one file of the form flat."""
        return self.files[self.people] if self.form == FLAT else packed(self.files)

    def changed(self, name: str, change: Callable[[bytes], bytes]) -> Parcel:
        """The same parcel with one file changed."""
        return replace(self, files=self.files | {name: change(self.files[name])})

    def without(self, *names: str) -> Parcel:
        """The same parcel without some files."""
        kept = {name: data for name, data in self.files.items() if name not in names}
        return replace(self, files=kept)

    def among(self, more: Contents) -> Parcel:
        """The same parcel with other files beside its own."""
        return replace(self, files=self.files | more)

    def upside_down(self) -> Parcel:
        """The same files in the opposite order, each with its rows in the opposite order."""
        turned = {name: _turned(data) for name, data in reversed(self.files.items())}
        return replace(self, files=turned)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of these files, the same bytes each time."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            zipped.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def written(form: str, tables: Tables, mode: str, when: str, columns: Mapping[str, str]) -> Parcel:
    """The parcel of these rows; `when` dates a delta, `columns` are those of the form flat."""
    if form == CLEVER:
        return Parcel(form, BULK, _clever(tables))
    if form == SDS:
        return Parcel(form, BULK, _sds(tables))
    if form == FLAT:
        return Parcel(form, BULK, {PEOPLE[FLAT]: _flat(tables, columns)})
    return Parcel(form, mode, _oneroster(form, tables, mode, when))


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file in UTF-8 with CR LF (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode()


def read_rows(data: bytes) -> list[list[str]]:
    """All rows of a CSV file, the header first."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def write_rows(rows: Iterable[Sequence[str]], **dialect: str) -> bytes:
    """A CSV file of rows."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n", delimiter=dialect.get("delimiter", ",")).writerows(rows)
    return text.getvalue().encode()


def _turned(data: bytes) -> bytes:
    head, *rows = read_rows(data)
    return write_rows([head, *reversed(rows)])


def manifest(version: str, states: Mapping[str, str]) -> bytes:
    """The manifest of OneRoster: one line for every file that the version knows."""
    names = [one for one in MANIFEST if version == "1.2" or one not in _NOT_IN_11]
    lines = [("manifest.version", "1.0"), ("oneroster.version", version)]
    lines += [(f"file.{name}", states.get(name, "absent")) for name in names]
    return write_rows([("propertyName", "value"), *lines])


def _oneroster(form: str, tables: Tables, mode: str, when: str) -> Contents:
    version = form.rpartition("-")[2]
    kept = dict(tables)
    columns: dict[str, Sequence[str]] = dict(COLUMNS)
    if version == "1.1":
        columns["users"] = _USERS_11
        kept["users"] = [_with_role(one, kept.get("roles", [])) for one in kept.get("users", [])]
        kept.pop("roles", None)
    full = {name: rows for name, rows in kept.items() if rows}
    files = {"manifest.csv": manifest(version, dict.fromkeys(full, mode))}
    for name, rows in full.items():
        dated = ({"status": "active", **row, "dateLastModified": when} for row in rows)
        files[f"{name}.csv"] = as_csv(columns[name], dated if mode == DELTA else rows)
    return files


def _with_role(user: Row, roles: Iterable[Row]) -> Row:
    own = [role for role in roles if role["userSourcedId"] == user["sourcedId"]]
    orgs = ",".join(role["orgSourcedId"] for role in own)
    return user | {"orgSourcedIds": orgs, "role": own[0]["role"] if own else "student"}


def _of_role(tables: Tables, role: str) -> list[Row]:
    named = {one["userSourcedId"] for one in tables["roles"] if one["role"] == role}
    return [user for user in tables["users"] if user["sourcedId"] in named]


def american(day: str) -> str:
    """A day as Clever writes it: month, day and year without zeros in front; blank stays blank."""
    if not day:
        return ""
    read = date.fromisoformat(day)
    return f"{read.month}/{read.day}/{read.year}"


def _clever(tables: Tables) -> Contents:
    school = tables["orgs"][0]
    place = school["sourcedId"]
    births = {one["sourcedId"]: one.get("birthDate", "") for one in tables["demographics"]}
    teachers = _of_role(tables, "teacher")
    schools = [{"School_id": place, "School_name": school["name"],
                "School_number": school["identifier"]}]  # fmt: skip
    people = [
        {"School_id": place, "Student_id": one["sourcedId"], "Last_name": one["familyName"],
         "Middle_name": one.get("middleName", ""), "First_name": one["givenName"],
         "Student_number": one.get("identifier", ""), "DOB": american(births[one["sourcedId"]]),
         "Grade": one.get("grades", ""), "Student_email": one.get("email", "")}
        for one in _of_role(tables, "student")
    ]  # fmt: skip
    staff = [
        {"School_id": place, "Teacher_id": one["sourcedId"], "Last_name": one["familyName"],
         "First_name": one["givenName"]}
        for one in teachers
    ]  # fmt: skip
    sections = [
        {"School_id": place, "Section_id": one["sourcedId"], "Name": one["title"],
         "Teacher_id": teachers[0]["sourcedId"]}
        for one in tables["classes"]
    ]  # fmt: skip
    places = [
        {"School_id": place, "Section_id": one["classSourcedId"],
         "Student_id": one["userSourcedId"]}
        for one in tables["enrollments"] if one["role"] == "student"
    ]  # fmt: skip
    named = {"schools": schools, "students": people, "teachers": staff, "sections": sections,
             "enrollments": places}  # fmt: skip
    return {f"{name}.csv": as_csv(tuple(rows[0]), rows) for name, rows in named.items()}


_SDS_COLUMNS = {
    "orgs": ("sourcedId", "name", "type", "parentSourcedId"),
    "users": ("sourcedId", "username", "givenName", "familyName", "email"),
    "roles": ("userSourcedId", "orgSourcedId", "role", "sessionSourcedId", "grade"),
    "academicSessions": ("sourcedId", "title", "type", "schoolYear", "startDate", "endDate"),
    "classes": ("sourcedId", "orgSourcedId", "title", "sessionSourcedIds"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
}


def _sds(tables: Tables) -> Contents:
    session = tables["academicSessions"][0]["sourcedId"]
    grades = {one["sourcedId"]: one.get("grades", "") for one in tables["users"]}
    rows: Tables = {name: [dict(one) for one in tables[name]] for name in _SDS_COLUMNS}
    for role in rows["roles"]:
        role |= {"sessionSourcedId": session, "grade": grades.get(role["userSourcedId"], "")}
    for one in rows["classes"]:
        one |= {"orgSourcedId": one["schoolSourcedId"], "sessionSourcedIds": one["termSourcedIds"]}
    return {f"{name}.csv": as_csv(_SDS_COLUMNS[name], rows[name]) for name in _SDS_COLUMNS}


def _flat(tables: Tables, columns: Mapping[str, str]) -> bytes:
    births = {one["sourcedId"]: one for one in tables["demographics"]}
    rows = [
        {theirs: (user | births.get(user["sourcedId"], {})).get(ours, "")
         for ours, theirs in columns.items()}
        for user in _of_role(tables, "student")
    ]  # fmt: skip
    return as_csv(tuple(columns.values()), rows)
