"""Third layer: what each form calls things; from its files to the tables of OneRoster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conformance.simulators.file_receiver.lines import (
    CLEVER,
    FLAT,
    MANIFEST,
    REQUIRED,
    SDS,
    Batch,
    Complaint,
    Line,
    Row,
    Unfit,
)
from conformance.simulators.file_receiver.tables import Tables

_CLEVER = {
    "schools.csv": ("School_id", "School_name", "School_number"),
    "students.csv": ("School_id", "Student_id", "Last_name", "First_name"),
    "teachers.csv": ("School_id", "Teacher_id", "Last_name", "First_name"),
    "sections.csv": ("School_id", "Section_id", "Teacher_id"),
    "enrollments.csv": ("School_id", "Section_id", "Student_id"),
}
_SDS = {
    "orgs.csv": ("sourcedId", "name", "type"),
    "users.csv": ("sourcedId", "username", "givenName", "familyName"),
    "roles.csv": ("userSourcedId", "orgSourcedId", "role"),
    "classes.csv": ("sourcedId", "orgSourcedId", "title"),
    "enrollments.csv": ("classSourcedId", "userSourcedId", "role"),
}
_FLAT: Mapping[str, str] = {
    "sourcedId": "ID", "identifier": "Local", "givenName": "First", "familyName": "Last",
    "birthDate": "Born",
}  # fmt: skip
Found = dict[str, list[Line]]


class Forms(Tables):
    """OneRoster 1.1 and 1.2, Clever, School Data Sync 2.1, and a layout of its own."""

    columns = _FLAT

    def understood(self, name: str, data: bytes) -> Batch:
        """Everything a delivery says; raises Unfit for one that cannot be read at all."""
        files = self.unpack(name, data)
        complaints: list[Complaint] = []
        if self.form == CLEVER:
            return Batch(_from_clever(self.needed(files, _CLEVER, complaints)), False, complaints)
        if self.form == SDS:
            return Batch(_from_sds(self.needed(files, _SDS, complaints)), False, complaints)
        if self.form == FLAT:
            wanted = tuple(self.columns[one] for one in ("sourcedId", "givenName", "familyName"))
            lines = self.lines_of("students.csv", files["students.csv"], wanted, complaints)
            return Batch(_from_flat(lines, self.columns), False, complaints)
        return self.oneroster(files, complaints)

    def needed(
        self,
        files: Mapping[str, bytes],
        required: Mapping[str, tuple[str, ...]],
        complaints: list[Complaint],
    ) -> Found:
        """The lines of every file that the form needs."""
        for file in required:
            if file not in files:
                raise Unfit(file, 0, "It is missing.")
        return {
            file: self.lines_of(file, files[file], columns, complaints)
            for file, columns in required.items()
        }

    def oneroster(self, files: Mapping[str, bytes], complaints: list[Complaint]) -> Batch:
        """What the manifest names, and nothing else."""
        states = self.manifest(files)
        found: Found = {}
        for table, required in REQUIRED.items():
            file = f"{table}.csv"
            present = states.get(table, "absent") != "absent"
            if not self.agrees(file, present, file in files):
                raise Unfit(file, 0, "The manifest says otherwise about this file.")
            if present and file in files:
                found[table] = self.lines_of(file, files[file], required, complaints)
        return Batch(found, "delta" in states.values(), complaints)

    def agrees(self, file: str, told: bool, present: bool) -> bool:  # noqa: ARG002
        """Whether the manifest and the archive say the same about a file."""
        return told == present

    def manifest(self, files: Mapping[str, bytes]) -> Row:
        """The state of each file by its table; raises Unfit without a manifest."""
        if MANIFEST not in files:
            return self.without_manifest(files)
        lines = self.lines_of(MANIFEST, files[MANIFEST], ("propertyName", "value"), [])
        told = {one.cells["propertyName"]: one.cells["value"].strip() for one in lines}
        version = self.form.rpartition("-")[2]
        if told.get("oneroster.version") != version:
            raise Unfit(MANIFEST, 0, f"It does not name OneRoster {version}.")
        return {
            name.removeprefix("file."): state
            for name, state in told.items()
            if name.startswith("file.")
        }

    def without_manifest(self, files: Mapping[str, bytes]) -> Row:  # noqa: ARG002
        """What a bundle without a manifest says: nothing, it is refused."""
        raise Unfit(MANIFEST, 0, "It is missing.")


def _moved(line: Line, cells: Row) -> Line:
    return Line(line.file, line.number, cells)


def _user(line: Line, refid: str, given: str, family: str, **more: str) -> Line:
    cells = {"sourcedId": refid, "enabledUser": "true", "username": refid, "givenName": given}
    return _moved(line, {**cells, "familyName": family, **more})


def _from_clever(files: Found) -> Found:
    users, births = [], []
    for one in files["students.csv"]:
        cells = one.cells
        more = {"identifier": cells.get("Student_number", ""), "grades": cells.get("Grade", "")}
        more |= {"middleName": cells.get("Middle_name", "")}
        names = cells["First_name"], cells["Last_name"]
        users.append(_user(one, cells["Student_id"], *names, **more))
        day = {"sourcedId": cells["Student_id"], "birthDate": _iso(cells.get("DOB", ""))}
        births.append(_moved(one, day))
    for one in files["teachers.csv"]:
        cells = one.cells
        users.append(_user(one, cells["Teacher_id"], cells["First_name"], cells["Last_name"]))
    places = []
    for one in files["enrollments.csv"]:
        cells = {"classSourcedId": one.cells["Section_id"], "role": "student"}
        cells |= {
            "userSourcedId": one.cells["Student_id"],
            "schoolSourcedId": one.cells["School_id"],
        }
        key = f"{one.cells['Section_id']}/{one.cells['Student_id']}"
        places.append(_moved(one, {"sourcedId": key, **cells}))
    sections = [
        _moved(one, {"sourcedId": one.cells["Section_id"], "title": one.cells.get("Name", ""),
                     "schoolSourcedId": one.cells["School_id"]})
        for one in files["sections.csv"]
    ]  # fmt: skip
    schools = [
        _moved(one, {"sourcedId": one.cells["School_id"], "name": one.cells["School_name"],
                     "type": "school"})
        for one in files["schools.csv"]
    ]  # fmt: skip
    return {"orgs": schools, "users": users, "demographics": births, "classes": sections,
            "enrollments": places}  # fmt: skip


def _iso(day: str) -> str:
    if not day:
        return ""
    try:
        return datetime.strptime(day, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return day


def _from_sds(files: Found) -> Found:
    schools = {one.cells["sourcedId"]: one.cells["orgSourcedId"] for one in files["classes.csv"]}
    users = [
        _user(one, one.cells["sourcedId"], one.cells["givenName"], one.cells["familyName"])
        for one in files["users.csv"]
    ]
    places = [
        _moved(one, one.cells | {
            "sourcedId": f"{one.cells['classSourcedId']}/{one.cells['userSourcedId']}",
            "schoolSourcedId": schools.get(one.cells["classSourcedId"], ""),
        })
        for one in files["enrollments.csv"]
    ]  # fmt: skip
    lessons = [
        _moved(one, one.cells | {"schoolSourcedId": one.cells["orgSourcedId"]})
        for one in files["classes.csv"]
    ]
    return {"orgs": files["orgs.csv"], "users": users, "classes": lessons, "enrollments": places}


def _from_flat(lines: list[Line], columns: Mapping[str, str]) -> Found:
    users, births = [], []
    for one in lines:
        cells = {ours: one.cells.get(theirs, "") for ours, theirs in columns.items()}
        born = cells.pop("birthDate", "")
        users.append(_moved(one, {"enabledUser": "true", "username": cells["sourcedId"], **cells}))
        births.append(_moved(one, {"sourcedId": cells["sourcedId"], "birthDate": born}))
    return {"users": users, "demographics": births}
