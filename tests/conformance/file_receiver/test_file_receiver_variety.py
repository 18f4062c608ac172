"""The checks judge requirements, not our own simulator: products that differ legally pass."""

from __future__ import annotations

import csv
import io
import os
import time
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from conformance import catalogue, session, target
from conformance.runfile import Check
from conformance.simulators.file_receiver import FileReceiver
from conformance.simulators.file_receiver.forms import Forms
from conformance.simulators.file_receiver.keeping import APPLIED, PARTLY, Result
from conformance.simulators.file_receiver.lines import Batch, Complaint, Row, Unfit
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from tests.conformance.file_receiver.judging import running
from tests.conformance.judging import SEED

# What takes long and does not depend on the form: large files, an archive of zeros, a cut upload.
LONG = {"DAT-FIL-004", "DAT-FIL-030", "DAT-FIL-037", "DAT-FIL-054"}
SHORT = tuple(sorted(set(catalogue.select(catalogue.load(), "file-receiver")) - LONG))
QUIET = ("pass", "not applicable")


class Minimal(FileReceiver):
    """Takes whole files only, answers 202 to anything, and tells nothing of what became of it."""

    def take_upload(self, request: Request, name: str, who: str) -> Response:
        self.check_type(request, name)
        self.receive(self.named(name, who), request.body)
        return Response(202)

    def show_result(self, name: str, who: str) -> Response:
        raise Refusal(404, "There are no results.")


class Chatty(FileReceiver):
    """Keeps sound rows, composes letters, and tells all of it as CSV in its own words."""

    def take_upload(self, request: Request, name: str, who: str) -> Response:
        super().take_upload(request, name, who)
        return Response(202, b"thank you", "text/plain")

    def faulty(self, batch: Batch, complaints: list[Complaint]) -> Result:
        bad = {(one.file, one.row) for one in complaints}
        for lines in batch.tables.values():
            lines[:] = [line for line in lines if (line.file, line.number) not in bad]
        more = list(self.complaints_of(batch))
        if more:
            return self.faulty(batch, [*complaints, *more])
        if not batch.delta and any(one.file == "users.csv" and not one.row for one in complaints):
            return super().faulty(batch, complaints)
        self.apply(batch)
        return Result(PARTLY, complaints)

    def dangling(self, batch: Batch) -> Iterable[Complaint]:
        if batch.tables and not batch.delta and "users" not in batch.tables:
            raise Unfit("users.csv", 0, "It is missing.")
        return super().dangling(batch)

    def judged(self, name: str, data: bytes) -> Result:
        try:
            return super().judged(name, data)
        except Unfit as unfit:
            return Result("refused", [unfit.complaint])

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        composed = {name: unicodedata.normalize("NFC", value) for name, value in cells.items()}
        super().keep(table, composed, delta)

    def result_file(self, name: str, result: Result) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("file", "row", "outcome", "reason"))
        words = {APPLIED: "Imported", PARTLY: "With warnings"}
        writer.writerow((name, "", words.get(result.outcome, "Rejected"), ""))
        for one in result.complaints:
            writer.writerow((one.file, one.row, "skipped", one.reason))
        return text.getvalue().encode()


class Awkward(FileReceiver):
    """Is busy at first, insists on the published order of columns, and has strict ideas of size."""

    form = "oneroster-1.1"
    busy = 2
    longest_row = 20_000

    def take_upload(self, request: Request, name: str, who: str) -> Response:
        self.busy -= 1
        if self.busy >= 0:
            return Response(503, headers=(("Retry-After", "0"),))
        return super().take_upload(request, name, who)

    def check_header(self, file: str, header: Any, required: Any) -> None:
        super().check_header(file, header, required)
        if file == "users.csv" and list(header).index("givenName") > list(header).index(
            "familyName"
        ):
            raise Unfit(file, 1, "The columns do not stand in their order.")


def judged(
    product: FileReceiver, files: dict[str, Any], only: tuple[str, ...] = SHORT, **changes: Any
) -> list[Check]:
    """What the suite says of a product; `changes` are capabilities, or whole tables."""
    with running(product, files) as table:
        for name, value in changes.items():
            table["capabilities" if isinstance(value, bool) else name] |= (
                {name: value} if isinstance(value, bool) else value
            )
        config = target.from_table(table, environ={})
        return session.run(config, seed=SEED, only=only, examine=False).verdict.checks


def loud(checks: list[Check]) -> list[str]:
    """The checks that neither pass nor do not apply."""
    return [f"{one.id}: {one.verdict}: {one.reason}" for one in checks if one.verdict not in QUIET]


def passed(checks: list[Check]) -> int:
    return sum(one.verdict == "pass" for one in checks)


def test_a_product_that_tells_nothing_passes() -> None:
    files = {"wait_seconds": 0.0, "digest": False}
    checks = judged(Minimal(), files, delta=False, outcome=False, sftp=False)
    assert [one for one in loud(checks) if "nobody sees its disk" not in one] == []
    assert passed(checks) > 25


def test_a_product_that_keeps_sound_rows_passes() -> None:
    words = {"applied": "imported", "partly": "with warnings", "refused": "rejected"}
    checks = judged(Chatty(), {"words": words})
    assert loud(checks) == []
    assert passed(checks) > 45


def test_a_product_that_is_busy_and_strict_passes() -> None:
    checks = judged(Awkward(), {"method": "POST", "form": "oneroster-1.1"})
    assert loud(checks) == []
    assert passed(checks) > 45


@pytest.mark.parametrize("form", ["clever", "sds-2.1"])
def test_a_product_of_another_form_passes(form: str) -> None:
    product = FileReceiver()
    product.form = form
    checks = judged(product, {"form": form}, delta=False)
    assert loud(checks) == []
    assert passed(checks) > 25


@pytest.mark.parametrize(("form", "way"), [("clever", "sftp"), ("sds-2.1", "http")])
def test_a_product_that_takes_a_set_file_by_file_passes(form: str, way: str) -> None:
    product = FileReceiver()
    product.form, product.loose = form, True
    files = {"form": form, "way": way, "loose": True, "digest": False, "wait_seconds": 0.0}
    checks = judged(product, files, delta=False, outcome=False)
    assert loud(checks) == []
    assert passed(checks) > 20


def test_a_product_with_a_layout_of_its_own_passes() -> None:
    product = FileReceiver()
    product.form = "flat"
    files = {"form": "flat", "columns": dict(Forms.columns)}
    checks = judged(product, files, delta=False)
    assert loud(checks) == []
    assert passed(checks) > 20


def test_a_product_that_takes_files_by_sftp_only_passes() -> None:
    checks = judged(FileReceiver(), {"way": "sftp", "digest": False}, upload=False)
    assert loud(checks) == []
    assert passed(checks) > 40


class Clerk:
    """Somebody who loads files from a folder, and lays exports into another, when told to."""

    def __init__(self, product: FileReceiver, place: Path) -> None:
        self.product, self.place, self.told = product, place, [""]
        for folder in ("drop/results", "shown"):
            (place / folder).mkdir(parents=True)

    def __call__(self, text: str) -> None:
        self.told.append(text)
        if text.startswith("Export"):
            for table in ("users", "demographics", "roles", "enrollments"):
                file = self.place / "shown" / f"{table}.csv"
                file.write_bytes(self.product.export(table).body)
                os.utime(file, (time.time() + 1, time.time() + 1))
            return
        for file in sorted((self.place / "drop/incoming").iterdir()):
            self.product.receive(file.name, file.read_bytes())
            result = self.place / "drop/results" / f"{file.name}.json"
            result.write_bytes(self.product.kept.results[file.name])
            file.unlink()


def test_files_laid_into_folders_are_judged(tmp_path: Path) -> None:
    product = FileReceiver()
    clerk = Clerk(product, tmp_path)
    with running(product, {"way": "folder"}) as table:
        table["capabilities"] |= {"upload": False, "sftp": False}
        table["readback"] = {"form": "folder", "address": "shown", "wait_seconds": 0.1}
        table["endpoint"] = {}
        config = target.from_table(table, str(tmp_path / "conformance.toml"), environ={})
        only = ("DAT-FIL-001", "DAT-FIL-012", "DAT-FIL-033", "DAT-FIL-041", "TRN-LC-07")
        outcome = session.run(config, seed=SEED, only=only, examine=False, tell=clerk)
    assert [check.verdict for check in outcome.verdict.checks] == ["pass"] * 6
    assert clerk.told[1].startswith("Load qvex-")
