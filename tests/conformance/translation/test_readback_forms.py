"""Each form of read back gives the rows of the same vendor, and says what it cannot show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance import session, target
from conformance.claims import CAPABILITIES
from conformance.runfile import Check, FidelityLine
from conformance.simulators import Receiver, pod_claims, serve
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import MUTANTS
from conformance.simulators.oneroster import COLUMNS, write_table
from conformance.simulators.problems import Refusal
from conformance.simulators.windows import FLAT
from tests.conformance.judging import SEED

FORMS: Mapping[str, dict[str, Any]] = {
    "zip": {"address": "export/bundle.zip"},
    "rest": {"address": "oneroster/v1p2"},
    "edfi": {"address": ""},
    "flat": {
        "address": "export/students.csv",
        "columns": {ours: theirs for theirs, ours in FLAT.items()},
    },
}
SOME = (
    "ordinary_students_arrive_whole",
    "ids_keep_to_the_alphabet",
    "last_day_becomes_the_day_after",
    "fidelity_of_the_own_form",
)
Verdicts = dict[str, str]


def judged(form: str, vendor: type[Receiver] = Receiver) -> list[Check]:
    """Some checks of a vendor that is read back in this form."""
    with serve(vendor()) as handle:
        readback = {"form": form, **FORMS[form]}
        readback["address"] = readback["address"] or handle.url
        config = target.from_table(described(handle.url, readback), environ={})
        return session.run(config, seed=SEED, only=SOME, examine=False).verdict.checks


def described(url: str, readback: dict[str, Any]) -> dict[str, Any]:
    """A target file for the simulator."""
    return {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url},
        "credentials": {"key": "demo-vendor", "secret": "demo-secret-1"},
        "capabilities": dict.fromkeys(CAPABILITIES, True),
        "pod": pod_claims(),
        "readback": readback,
    }


def verdicts(checks: list[Check]) -> Verdicts:
    """Verdict by check."""
    return {check.id: check.verdict for check in checks}


@pytest.mark.parametrize("form", ["zip", "rest"])
def test_a_form_with_every_column_is_judged_whole(form: str) -> None:
    assert set(verdicts(judged(form)).values()) == {"pass"}


@pytest.mark.parametrize(
    ("form", "ids", "fidelity"),
    [("edfi", "not applicable", "pass"), ("flat", *["could not verify"] * 2)],
)
def test_what_a_form_does_not_show_never_passes(form: str, ids: str, fidelity: str) -> None:
    found = verdicts(judged(form))
    assert found["ids_keep_to_the_alphabet"] == ids
    assert found["last_day_becomes_the_day_after"] == ids
    assert found["fidelity_of_the_own_form"] == fidelity


@pytest.mark.parametrize("form", list(FORMS))
def test_a_vendor_that_swaps_names_fails_in_every_form(form: str) -> None:
    found = verdicts(judged(form, MUTANTS["ShowsNamesSwapped"]))
    assert found["ordinary_students_arrive_whole"] == "fail"
    assert found["fidelity_of_the_own_form"] == "fail"


class Export:
    """A person who puts the files into the folder when asked to, or does not."""

    def __init__(self, vendor: Receiver, folder: Path, willing: bool) -> None:
        self.vendor, self.folder, self.willing = vendor, folder, willing
        self.asked: list[str] = []

    def __call__(self, text: str) -> None:
        self.asked.append(text)
        for name in ("users", "demographics", "roles") if self.willing else ():
            rows = self.vendor.export_rows(name)
            self.vendor.state.place = (self.vendor.zone, "DEFAULT")
            (self.folder / f"{name}.csv").write_bytes(write_table(COLUMNS[name], rows))


def by_hand(folder: Path, willing: bool) -> tuple[Verdicts, Export]:
    """Verdicts where the read back is a folder, and the person who was asked."""
    vendor = Receiver()
    person = Export(vendor, folder, willing)
    with serve(vendor) as handle:
        readback = {"form": "folder", "address": str(folder), "wait_seconds": 0.3}
        config = target.from_table(described(handle.url, readback), environ={})
        only = ("fidelity_of_the_own_form", "alike_people_stay_apart")
        run = session.run(config, seed=SEED, only=only, examine=False, tell=person)
        return verdicts(run.verdict.checks), person


def test_an_export_by_hand_is_asked_for_and_compared(tmp_path: Path) -> None:
    found, person = by_hand(tmp_path, willing=True)
    assert found["fidelity_of_the_own_form"] == "pass"
    assert [text.partition(" into ")[0] for text in person.asked] == [
        "Export users.csv, demographics.csv, roles.csv"
    ]


def test_an_old_file_proves_nothing(tmp_path: Path) -> None:
    for name in ("users", "demographics", "roles"):
        (tmp_path / f"{name}.csv").write_text("sourcedId\r\n", "utf-8")
    for file in tmp_path.iterdir():
        os.utime(file, (0, 0))
    found, _ = by_hand(tmp_path, willing=False)
    assert set(found.values()) == {"could not verify"}


def test_a_token_is_fetched_once_and_kept_out_of_the_evidence(tmp_path: Path) -> None:
    readback = {"form": "rest", "address": "oneroster/v1p2", "token_url": "token"}
    with serve(Tokens()) as handle:
        config = target.from_table(described(handle.url, readback), environ={})
        only = ("ordinary_students_arrive_whole",)
        run = session.run(config, seed=SEED, only=only, examine=False, out=tmp_path)
    assert set(verdicts(run.verdict.checks).values()) == {"pass"}
    assert run.directory is not None
    assert Tokens.token.encode() not in (run.directory / "run.jsonl").read_bytes()


class Tokens(Receiver):
    """A vendor whose REST wants a token from client credentials."""

    token = "f3b1c9d2e4a5968770"

    def route(self, request: Request) -> Response:
        if request.segments[-1] == "token":
            self.authenticate_application(request)
            return Response(
                200, b'{"access_token": "%s"}' % self.token.encode(), "application/json"
            )
        if "oneroster" in request.segments:
            if request.header("Authorization") != f"Bearer {self.token}":
                raise Refusal(401, "A token is wanted.")
            return self.answer_list(request, request.segments[-1])
        return super().route(request)


def table_of(form: str, vendor: type[Receiver]) -> dict[str, FidelityLine]:
    """The table of fidelity in this form by element."""
    with serve(vendor()) as handle:
        readback = {"form": form, **FORMS[form]}
        readback["address"] = readback["address"] or handle.url
        config = target.from_table(described(handle.url, readback), environ={})
        only = ("fidelity_of_the_own_form",)
        (told,) = session.run(config, seed=SEED, only=only, examine=False).verdict.fidelity
    return {line.element: line for line in told.lines}


class WithoutSuffix(Receiver):
    """Shows no suffix in Ed-Fi."""

    def edfi_students(self) -> list[dict[str, Any]]:
        return [{**one, "generationCodeSuffix": None} for one in super().edfi_students()]


def test_ed_fi_is_judged_by_every_row_of_the_crosswalk() -> None:
    found = table_of("edfi", WithoutSuffix)
    assert (found["xStudent/name/suffix"].lost, found["xStudent/name/suffix"].kept) == (1, 0)
    whole = (
        "xStudent/address/city",
        "xStudent/otherIds/otherId/id",
        "xStudent/name/prefix",
        "xStudent/enrollment/exitOrWithdrawalType",
        "xStudent/languages/language/code",
    )
    assert [name for name in whole if not found[name].kept or found[name].lost] == []


def test_what_ed_fi_has_no_place_for_stands_apart() -> None:
    found = table_of("edfi", Receiver)
    placeless = {name for name, line in found.items() if line.unavoidable}
    assert "xStudent/enrollment/homeRoomNumber" in placeless
    assert all(found[name].lost == 0 for name in placeless)


def test_a_column_that_a_flat_file_lacks_is_unseen_and_not_lost() -> None:
    found = table_of("flat", Receiver)
    name = found["xStudent/name/familyName"]
    assert (name.kept, name.unseen) == (8, 0)
    assert found["xStudent/demographics/birthDate"].unseen > 0
    assert sum(line.lost + line.changed + line.invented for line in found.values()) == 0
