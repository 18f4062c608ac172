"""A tick of Exhibit B opens the paths of the table, no more and no fewer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures import pods
from reference_hub.registry.expansion import Field, conditions, expansion, fields, idle
from tests.reference_hub.registry.agreed import KIT, agreement

# Where the kit's table leaves the sheet's: line -> why. Told in fixtures/pods/README.md too.
DEVIATIONS = {
    "B08.1": "other enrolments are opened no further than the enrolment itself",
    "B08.2": "other enrolments are opened as far as the enrolment itself",
    "B08.3": "other enrolments are opened as far as the enrolment itself",
    "B08.4": "other enrolments are opened as far as the enrolment itself",
    "B08.6": "other enrolments are opened as far as the enrolment itself",
    "B12.1": "a schedule names its course and section, not only its title",
    "B15.4": "the object that holds user names holds passwords too",
    "B15.5": "passwords are never sent",
    "B21.2": "a transcript's courses do not open the students of a roster",
    "B23": "extensions are opened by no tick",
}
# Cells that name what is no path.
_NOTES = re.compile(r"\([^)]*\)")


def table(standards: Path) -> Iterator[tuple[str, set[str], set[str]]]:
    """The lines of the sheet's table: id, paths in xPress, paths in the classics."""
    text = (standards / "spec" / "pod-privacy.md").read_text("utf-8")
    section = text[text.index("## 6. NDPA Exhibit B") : text.index("## 7. GEPS")]
    for line in section.splitlines():
        if re.match(r"\| B\d\d", line):
            name, _, xpress, unity, _ = (cell.strip() for cell in line.strip("|").split("|"))
            parent = "StudentContactPersonal" if name in ("B09.2", "B09.3") else "StudentPersonal"
            yield name.split()[0], set(paths(xpress, parent)), set(paths(unity, parent))


def paths(cell: str, parent: str) -> Iterator[str]:
    """The paths of a cell such as `xStudent/{name, otherNames}, xStaff/name`."""
    first = ""
    for part in re.split(r",\s*(?![^{]*\})", _NOTES.sub("", cell).strip()):
        if not part or part.startswith("–"):
            continue
        whole = re.sub("^…", parent, part.strip())
        if "/" not in whole and not whole[0].isupper() and not re.match("x[A-Z]", whole):
            whole = f"{first}/{whole}"
        first = first or whole.split("/")[0]
        head, _, inner = whole.partition("{")
        yield from (head + each.strip() for each in inner.rstrip("}").split(","))


@pytest.mark.requirement("REG-003")
def test_the_kits_table_is_the_sheets_but_for_the_named_lines(standards: Path) -> None:
    rows = {row.id: row for row in pods.exhibit_b()}
    sheet = {name: (xpress, unity) for name, xpress, unity in table(standards)}
    assert sheet.keys() - {"B23"} == rows.keys() - {"B23"}
    differing = {
        name
        for name, expected in sheet.items()
        if expected != (set(rows[name].xpress_paths), set(rows[name].unity_paths))
    }
    assert differing == set(DEVIATIONS)


def test_a_named_deviation_opens_no_object_that_the_sheet_does_not(standards: Path) -> None:
    rows = {row.id: row for row in pods.exhibit_b()}
    for name, xpress, unity in table(standards):
        if name in DEVIATIONS:
            mine = {*rows[name].xpress_paths, *rows[name].unity_paths}
            roots = {path.split("/")[0] for path in xpress | unity}
            assert {path.split("/")[0] for path in mine} <= roots


def test_the_kits_readme_names_every_deviation() -> None:
    text = (Path(pods.__file__).parent / "README.md").read_text("utf-8")
    assert [name for name in DEVIATIONS if name not in text] == []


@pytest.mark.requirement("REG-003")
@pytest.mark.parametrize("name", sorted(KIT.agreements))
def test_an_agreement_opens_what_its_ticks_open_and_its_bundles_list(name: str) -> None:
    terms = KIT.agreements[name]
    rows = {row.id: {*row.xpress_paths, *row.unity_paths} for row in pods.exhibit_b()}
    for row in expansion(terms):
        if row.category != "structural":
            assert row.id in terms.exhibit_b
            assert set(row.paths) == rows[row.id] - set(terms.withheld)
    assert [row.id for row in expansion(terms) if row.id.startswith("B")] == list(terms.exhibit_b)


@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_the_classic_agreements_grant_the_same_paths_in_the_same_order(name: str) -> None:
    classic = pods.agreement(name)
    granted = [*pods.granted_paths(classic, "xpress"), *pods.granted_paths(classic, "unity")]
    assert [field.path for field in fields(agreement(name))] == granted


def test_a_withheld_path_is_not_granted_with_all_below_it() -> None:
    terms = agreement("reading-app", withheld=("xStudent/demographics",))
    granted = [field.path for field in fields(terms) if "demographics" in field.path]
    assert granted == []


def test_a_withheld_path_inside_of_an_opened_one_is_deleted() -> None:
    found = [(each.kind, each.path) for each in conditions(agreement("larkspur-maths"))]
    assert ("DELETE", "xStudent/name/middleName") in found
    assert ("DELETE", "xStudent/otherNames") not in found


def test_only_writable_paths_have_the_right_to_write() -> None:
    writable = [
        field.path for field in fields(agreement("larkspur-family")) if field.rights == "RW"
    ]
    assert sorted(writable) == ["xContact/email", "xStudent/loginId"]


def test_a_writable_path_below_a_granted_one_is_listed_after_it() -> None:
    terms = agreement("reading-app", writable=("xStudent/email/emailAddress", "xStudent/languages"))
    found = fields(terms)
    assert Field("xStudent/email", "R") in found
    assert found[-1] == Field("xStudent/email/emailAddress", "RW")
    assert not any(field.path == "xStudent/languages" for field in found)


@pytest.mark.parametrize(
    ("ticks", "hashed"),
    [
        (("B08.1", "B16"), {"student", "contact"}),
        (("B08.1", "B15.1"), {"contact"}),
        (("B10", "B16"), {"student"}),
        (("B10", "B15.3"), set()),
    ],
)
def test_ids_are_hashed_unless_their_line_is_ticked(
    ticks: tuple[str, ...], hashed: set[str]
) -> None:
    terms = agreement("larkspur-family", exhibit_b=ticks, conditions=())
    found = {each.path for each in conditions(terms) if each.kind == "HASH"}
    kinds = {"student": "xStudent/@refId", "contact": "xContact/@refId"}
    assert {kind for kind, path in kinds.items() if path in found} == hashed
    assert ("xStudent/studentContacts/contactPersonRefId" in found) == ("contact" in hashed)


def test_a_schedule_tells_no_name_and_no_local_id_that_is_not_ticked() -> None:
    terms = agreement("rostering", exhibit_b=("B12.1",))
    gone = {each.path for each in conditions(terms) if each.kind == "DELETE"}
    names = ("localId", "givenName", "familyName")
    assert gone == {f"xRoster/students/studentReference/{name}" for name in names}


def test_conditions_follow_only_for_paths_that_are_granted() -> None:
    found = {each.path.split("/")[0] for each in conditions(agreement("minimal"))}
    assert found == {"xStudent", "StudentPersonal", "StudentSchoolEnrollment"}


def test_every_pointer_to_a_student_of_the_model_is_among_the_implied(standards: Path) -> None:
    rows = (standards / "schemas/fields/unity-4.3-core-fields.csv").read_text("utf-8").splitlines()
    pointer = re.compile(r"(StudentPersonal|xStudent)/@refId|.*/@?Student(Personal)?RefId", re.I)
    known = [path for row in rows if pointer.fullmatch(path := row.split(",")[1])]
    listed = {each.path for each in pods.implied()}
    # Contacts inside of a student are opened by no tick.
    inside = {path for path in known if path.startswith("xStudent/studentContacts/xContact/")}
    assert len(known) > 20
    assert set(known) - inside - listed == set()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exhibit_b": ("B16", "B19")}, "B19 (Survey responses) opens no path"),
        ({"withheld": ("xStaff/name",)}, "withheld xStaff/name is opened by nothing"),
        ({"writable": ("xStaff/name",)}, "writable xStaff/name is not granted"),
    ],
)
def test_what_has_no_effect_is_told(changes: dict[str, tuple[str, ...]], said: str) -> None:
    assert any(said in each for each in idle(agreement("minimal", **changes)))
