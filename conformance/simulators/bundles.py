"""Tenth layer: OneRoster bundles in, OneRoster rows out."""

from __future__ import annotations

import io
import zipfile

from lxml import etree

from conformance.simulators import oneroster
from conformance.simulators.message import Request, Response
from conformance.simulators.oneroster import COLUMNS, Row
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.queries import Queries

CSV = "text/csv; charset=utf-8"
LARGEST_FILE = 64_000_000

Tables = dict[str, list[Row]]


class Bundles(Queries):
    """Files by PUT, and the export that shows what the vendor made of everything."""

    def receive_file(self, request: Request, name: str) -> Response:
        """PUT files/{name}: 201, later 204; a message that is sent again changes nothing."""
        self.authenticate_application(request)
        refusal = self.check_marker(request)
        if refusal is not None and not self.refused_is_stored():
            return refusal
        self.check_content_type(request, "application/zip")
        answer = Response(204 if name in self.state.files else 201)
        if not self.seen_before(request):
            self.store_bundle(*self.read_bundle(request.body))
            self.state.files[name] = request.body
        return refusal or answer.adding(*self.response_marker(request))

    def refused_is_stored(self) -> bool:
        """Whether data of a refused message is kept all the same. Never."""
        return False

    def read_bundle(self, body: bytes) -> tuple[Tables, bool]:
        """Rows of the files kept here, and whether they are a delta; all or nothing."""
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                if sum(info.file_size for info in archive.infolist()) > LARGEST_FILE:
                    raise Refusal(413, f"The bundle unpacks to more than {LARGEST_FILE} bytes.")
                return _read_archive({name: archive.read(name) for name in archive.namelist()})
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise Refusal(400, "The body is not a zip archive that can be read.") from error
        except Malformed as error:
            raise Refusal(400, f"The bundle is not valid: {error}.") from error

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        """Keep the rows: a bulk file replaces all that came before, a delta row by row."""
        for name, rows in tables.items():
            kept = self.state.rows.setdefault(name, {})
            if not delta:
                kept.clear()
            for row in rows:
                if row["status"] == "tobedeleted":
                    kept.pop(row["sourcedId"], None)
                else:
                    kept[row["sourcedId"]] = row | {"status": "", "dateLastModified": ""}

    def export(self, request: Request, name: str) -> Response:
        """GET export/{name}.csv."""
        self.authenticate_application(request)
        return Response(200, oneroster.write_table(COLUMNS[name], self.export_rows(name)), CSV)

    def export_rows(self, name: str) -> list[Row]:
        """Rows of one file: from students first, then from bundles."""
        tables: dict[str, dict[str, Row]] = {table: {} for table in COLUMNS}
        for student in self.all_students():
            user, roles, demographics = self.translated(student)
            for table, rows in (
                ("users", [user]),
                ("roles", roles),
                ("demographics", [demographics]),
            ):
                tables[table].update((row["sourcedId"], row) for row in rows)
        return list((self.state.rows.get(name, {}) | tables[name]).values())

    def translated(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        """Translate once as long as the student stays the same; rows are fresh each time."""
        known, written = self.state.translated, etree.tostring(student)
        if written not in known:
            known[written] = self.translate_student(student)
        user, roles, demographics = known[written]
        return dict(user), [dict(role) for role in roles], dict(demographics)


def _read_archive(contents: dict[str, bytes]) -> tuple[Tables, bool]:
    manifest = _read_manifest(contents.get("manifest.csv"))
    states = {name: manifest.get(f"file.{name}", "absent") for name in COLUMNS}
    for name, state in states.items():
        if (state != "absent") != (f"{name}.csv" in contents):
            raise Malformed("manifest.csv", f"disagrees with the presence of {name}.csv")
    present = [name for name, state in states.items() if state != "absent"]
    tables = {name: oneroster.read_table(name, contents[f"{name}.csv"]) for name in present}
    return tables, "delta" in states.values()


def _read_manifest(data: bytes | None) -> dict[str, str]:
    if data is None:
        raise Malformed("manifest.csv", "is missing")
    lines = data.decode("utf-8-sig", "replace").splitlines()
    manifest = dict(line.replace('"', "").split(",", 1) for line in lines if "," in line)
    if manifest.get("oneroster.version") not in ("1.2", "1.2.1"):
        raise Malformed("manifest.csv", "does not name OneRoster 1.2")
    return {name: value.strip() for name, value in manifest.items()}
