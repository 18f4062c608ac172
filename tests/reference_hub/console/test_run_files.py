"""What the console does with the files of a run: fidelity told, exports, and deleting."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.reference_hub.console.browsing import PHONE, Browse, violations
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.reading import parsed
from tests.reference_hub.console.vendor_at_work import runs_desk, runs_settings
from tests.reports.conftest import a_check, a_run

__all__ = ["runs_desk", "runs_settings"]

LINE = {"status": "carried", "sent": 8}
HARMED = [
    LINE | {"element": "xStudent/demographics/birthDate", "kept": 5, "lost": 3},
    LINE | {"element": "xStudent/name/givenName", "kept": 7, "changed": 1},
    LINE | {"element": "xStudent/name/familyName", "kept": 7, "invented": 1, "unseen": 2},
    LINE | {"element": "xStudent/@refId", "kept": 1000},
    {"element": "xStudent/email/emailAddress", "status": "none", "sent": 8, "unavoidable": 8},
]
STORED = (
    "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, state, folder, options,"
    " started, started_by, beat, ended, exit_code, result) SELECT zone_id, context_id, id, 'run',"
    " :state, :folder, '{}', now(), 'maria', now(), now(), 0, CAST(:result AS jsonb) FROM vendor"
    " RETURNING id"
)


@dataclass
class Ran:
    """A vendor with runs whose files lie where the hub keeps them."""

    desk: Desk
    web: Web
    vendor: int

    def run(self, folder: str, state: str = "ended") -> int:
        """A run with the files that the suite writes; its number."""
        place = self.place(folder)
        place.mkdir(parents=True)
        a_run(place, [a_check("one")])
        (place / "junit.xml").write_text("<testsuites/>", "utf-8")
        result = {"outcome": "conforms", "counts": {"pass": 1}, "name": place.name}
        rows = self.desk.run(STORED, state=state, folder=folder, result=json.dumps(result))
        return int(str(rows[0][0]))

    def place(self, folder: str) -> Path:
        """Where the files of a run lie."""
        return Path(self.desk.settings.console.folder) / "runs" / folder / "out" / f"run-{folder}"

    def compared(self, folder: str, lines: list[dict[str, Any]]) -> None:
        """Have the run tell of one comparison."""
        path = self.place(folder) / "verdict.json"
        told = json.loads(path.read_text("utf-8"))
        told["fidelity"] = [{"form": "SIF", "students": 8, "lines": lines}]
        path.write_text(json.dumps(told), "utf-8")

    def section(self, web: Web | None = None, **asked: str) -> str:
        """What the page of the vendor says of fidelity, '' where it has no such section."""
        page = (web or self.web).get(f"/vendors/{self.vendor}", params=asked)
        found = parsed(page.text).xpath(
            "//section[h2[contains(., 'last run') or contains(., 'última')]]"
        )
        return " ".join(found[0].text_content().split()) if found else ""


@pytest.fixture
def ran(runs_desk: Desk) -> Ran:
    """A vendor and a manager."""
    return Ran(runs_desk, runs_desk.signed_in("manager"), runs_desk.vendor())


def unique() -> str:
    """A folder that no other test has."""
    return uuid.uuid4().hex


def test_the_page_of_a_vendor_tells_what_was_lost_and_changed(ran: Ran) -> None:
    folder = unique()
    ran.run(folder)
    ran.compared(folder, HARMED)
    said = ran.section()
    assert "8 students. 99.6 % kept 1,019 of 1,023 values" in said
    assert "Date of birth: 3 values did not arrive." in said
    assert "1 value came back different from what was sent; 1 value stood there that nobody" in said
    assert "2 values stand where nobody can look" in said
    assert "1 kind of data has values for which this form has no place" in said
    assert "xStudent/demographics/birthDate" in said
    assert "Fecha de nacimiento: 3 valores no llegaron." in ran.section(lang="es")


def test_a_run_that_lost_nothing_says_so(ran: Ran) -> None:
    folder = unique()
    ran.run(folder)
    ran.compared(folder, [HARMED[3]])
    assert "100.0 % kept" in ran.section()
    assert "Nothing was lost and nothing was changed." in ran.section()


def test_the_section_is_of_the_newest_run_with_a_result_and_absent_without_one(ran: Ran) -> None:
    assert ran.section() == ""
    first, second = unique(), unique()
    ran.run(first)
    ran.compared(first, [HARMED[0]])
    ran.desk.run(STORED, state="cancelled", folder=unique(), result="{}")
    assert "Date of birth" in ran.section()
    ran.run(second)
    assert "That run compared no students" in ran.section()


def test_a_vendor_reads_of_its_own_run_and_finds_no_link_it_may_not_follow(ran: Ran) -> None:
    folder = unique()
    ran.run(folder)
    ran.compared(folder, [HARMED[0]])
    own = ran.desk.signed_in("vendor", vendor_id=ran.vendor)
    assert "Date of birth: 3 values did not arrive." in ran.section(own)
    assert "Open the run" not in ran.section(own)


@pytest.mark.parametrize("text", ["", "{", '{"fidelity": [1]}', '{"fidelity": [{"form": "x"}]}'])
def test_a_file_that_is_none_harms_no_page(ran: Ran, text: str) -> None:
    folder = unique()
    ran.run(folder)
    (ran.place(folder) / "verdict.json").write_text(text, "utf-8")
    assert "That run compared no students" in ran.section()


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("csv", "text/csv", b"id,level,basis"),
        ("markdown", "text/markdown", b"#"),
        ("badge", "image/svg+xml", b"<svg"),
        ("junit", "application/xml", b"<testsuites/>"),
    ],
)
def test_a_run_is_handed_on_in_other_forms(ran: Ran, form: str, kind: str, begins: bytes) -> None:
    folder = unique()
    answer = ran.web.get(f"/runs/{ran.run(folder)}/export/{form}")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert answer.content.removeprefix(b"\xef\xbb\xbf").startswith(begins)
    told = answer.headers["Content-Disposition"]
    assert told.startswith(f'attachment; filename="run-{folder}.')


def test_the_page_of_a_run_lists_what_can_be_had(ran: Ran) -> None:
    page = ran.web.get(f"/runs/{ran.run(unique())}").text
    links = parsed(page).xpath("//ul/li/a[contains(@href, '/export/')]/text()")
    assert links == [
        "One-page summary as PDF",
        "Table (CSV)",
        "Text (Markdown)",
        "Badge (SVG)",
        "Test report (JUnit XML)",
    ]


def test_what_the_suite_cannot_make_is_told_on_the_page(ran: Ran) -> None:
    folder = unique()
    number = ran.run(folder)
    (ran.place(folder) / "run.jsonl").write_text("broken", "utf-8")
    assert ran.web.get(f"/runs/{number}/export/csv").status_code == 303
    assert "could not be packed" in ran.web.get(f"/runs/{number}").text
    codes = [ran.web.get(f"/runs/{number}/export/{form}").status_code for form in ("sarif", "x")]
    assert codes == [404, 404]


def test_a_run_is_deleted_with_its_files_after_asking_once_more(ran: Ran) -> None:
    folder, other = unique(), unique()
    number, kept = ran.run(folder), ran.run(other)
    asked = ran.web.get(f"/runs/{number}/delete").text
    assert "there is no way back" in asked
    assert ran.place(folder).is_dir()
    assert ran.web.post(f"/runs/{number}/delete").headers["Location"] == "/console/runs"
    assert ran.desk.run("SELECT id FROM console_run") == [(kept,)]
    assert (ran.place(folder).parents[1].exists(), ran.place(other).is_dir()) == (False, True)
    assert ran.desk.run("SELECT detail->>'name' FROM audit WHERE action = 'deleted a run'") == [
        (f"run-{folder}",)
    ]


@pytest.mark.parametrize("why", ["decided", "running"])
def test_a_run_is_kept_that_goes_on_or_that_a_decision_rests_on(ran: Ran, why: str) -> None:
    folder = unique()
    number = ran.run(folder, "running" if why == "running" else "ended")
    token = ran.web.csrf("/account")
    if why == "decided":
        ran.desk.run(
            "INSERT INTO console_decision (zone_id, context_id, vendor_id, verdict, conditions,"
            " run_id, decided, decided_by) SELECT zone_id, context_id, vendor_id, 'approved', '',"
            " id, now(), 'maria' FROM console_run"
        )
        assert "Delete this run" not in ran.web.get(f"/runs/{number}").text
        assert ran.web.get(f"/runs/{number}/delete").status_code == 303
    ran.web.post(f"/runs/{number}/delete", {"csrf": token})
    assert "This run is kept" in ran.web.get(f"/runs/{number}").text
    assert ran.desk.run("SELECT id FROM console_run") == [(number,)]
    assert ran.place(folder).is_dir()


@pytest.mark.browser
def test_the_summary_is_printed_as_pdf_in_the_language_of_the_page(ran: Ran) -> None:
    number = ran.run(unique())
    answer = ran.web.get(f"/runs/{number}/export/pdf", params={"lang": "es"})
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].endswith('.es.summary.pdf"')


@pytest.mark.browser
def test_axe_finds_nothing_on_the_pages_of_a_run(ran: Ran, browse: Browse) -> None:
    folder = unique()
    number = ran.run(folder)
    ran.compared(folder, HARMED)
    page = browse(f"{ran.desk.base}/console/account", PHONE, cookies=ran.web.http.cookies)
    found = {}
    for path in (f"vendors/{ran.vendor}", f"runs/{number}", f"runs/{number}/delete"):
        page.goto(f"{ran.desk.base}/console/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        found[path] = (width <= PHONE[0], violations(page))
    assert set(map(str, found.values())) == {"(True, [])"}, found


def test_a_run_of_another_district_is_neither_had_nor_deleted(ran: Ran) -> None:
    number = ran.run(unique())
    other = ran.desk.signed_in("manager", zone="other-district")
    assert other.get(f"/runs/{number}/export/csv").status_code == 404
    token = other.csrf("/account")
    assert other.post(f"/runs/{number}/delete", {"csrf": token}).status_code == 404
    assert ran.desk.run("SELECT count(*) FROM console_run") == [(1,)]
