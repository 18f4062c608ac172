"""What a vendor gave back is told apart: kept, changed, lost, invented, not observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance import crosswalk, fidelity
from conformance.crosswalk import Fact
from conformance.crosswalk.compared import CHANGED, INVENTED, KEPT, LOST, UNSEEN, compare, form
from conformance.crosswalk.losses import not_judged, rows, statuses, table
from conformance.problems import Finding
from tests.conformance.crosswalk import generated

USER = Fact("users", "u1", "givenName", "Zoë", "XW-086")
AGENTS = [Fact("users", "u1", "agentSourcedIds", one, "XW-131") for one in ("a", "b")]


def outcomes(wanted: list[Fact], *values: tuple[str, str]) -> list[tuple[str, str]]:
    """Path and outcome when a vendor gives back these values of user u1."""
    found = [Fact("users", "u1", path, value) for path, value in values]
    return sorted((one.path, one.outcome) for one in compare(wanted, found))


@pytest.mark.parametrize(
    ("value", "outcome"),
    [("Zoë", KEPT), ("Zoe\u0308", KEPT), ("Zoe", CHANGED), ("ZOË", CHANGED), ("ZoÃ«", CHANGED)],
)
def test_outcome_of_a_single_value(value: str, outcome: str) -> None:
    assert outcomes([USER], ("givenName", value)) == [("givenName", outcome)]


def test_missing_value_is_lost_and_a_strange_one_invented() -> None:
    assert outcomes([USER], ("pronouns", "they")) == [("givenName", LOST), ("pronouns", INVENTED)]


def test_of_a_list_each_member_is_judged() -> None:
    seen = [("agentSourcedIds", "b"), ("agentSourcedIds", "c")]
    path = "agentSourcedIds"
    assert outcomes(AGENTS, *seen) == [(path, CHANGED), (path, KEPT)]
    assert outcomes(AGENTS, seen[0]) == [(path, KEPT), (path, LOST)]
    assert outcomes(AGENTS[:1], ("agentSourcedIds", "a"), seen[1]) == [
        (path, INVENTED),
        (path, KEPT),
    ]


def test_further_legal_values_are_kept() -> None:
    flag = Fact("users", "u1", "asian", "false", "XW-097", ("",))
    assert outcomes([flag]) == [("asian", KEPT)]
    assert outcomes([flag], ("asian", "true")) == [("asian", CHANGED)]
    anything = replace(flag, also=("*",))
    assert outcomes([anything], ("asian", "what")) == [("asian", KEPT)]
    assert outcomes([anything]) == [("asian", LOST)]


def test_what_the_readback_does_not_show_is_not_observed() -> None:
    def outcome(*observed: str) -> list[str]:
        return [one.outcome for one in compare([USER], [], observed)]

    assert outcome("orgs", "users.familyName") == [UNSEEN]
    assert outcome("users") == outcome("users.givenName") == [LOST]


def test_bookkeeping_of_a_target_is_not_invented() -> None:
    seen = [
        ("givenName", "Zoë"),
        ("status", "active"),
        ("dateLastModified", "2027-01-01T00:00:00Z"),
    ]
    assert outcomes([USER], *seen, ("metadata.x", "1")) == [("givenName", KEPT)]


def test_both_sides_may_number_their_sessions_themselves() -> None:
    def side(number: str) -> list[Fact]:
        cells = {"sourcedId": number, "title": "Fall", "type": "term"}
        session = list(crosswalk.of_row("oneroster-1.2", "academicSessions", cells))
        return [*session, Fact("classes", "c", "termSourcedIds", number)]

    found = compare([replace(one, also=("*",)) for one in side("1")], side("2"))
    assert {one.outcome for one in found} == {KEPT}
    stray = compare(side("1"), [*side("2")[:-1], Fact("classes", "c", "termSourcedIds", "3")])
    assert [one.outcome for one in stray if one.file == "classes"] == [CHANGED]


def test_session_of_the_year_may_be_made_where_sif_tells_of_none() -> None:
    def session(kind: str) -> list[Fact]:
        cells = {"sourcedId": kind, "title": kind, "type": kind}
        return list(crosswalk.of_row("oneroster-1.2", "academicSessions", cells))

    found = compare(session("term"), [*session("term"), *session("schoolYear")])
    assert {one.outcome for one in found} == {KEPT}
    told = compare(session("schoolYear"), [*session("schoolYear"), *session("term")])
    assert [one.outcome for one in told].count(INVENTED) == 3


@pytest.mark.parametrize(
    ("path", "first", "second", "alike"),
    [
        ("userIds", "SIS:07", "local:07", True),
        ("userIds", "SIS:07", "SIS:7", False),
        ("sourcedId", "AA" * 16, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", True),
        ("contactUniqueId", "AA" * 16, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", False),
        ("fullTimeEquivalency", "1.0", "1", True),
        ("identifier", "1.0", "1", False),
        ("postalCode", "02139", "2139", False),
        ("grades", "09", "9", False),
    ],
)
def test_values_are_alike_by_kind(path: str, first: str, second: str, alike: bool) -> None:
    assert (form(path, first) == form(path, second)) is alike


WANTED = list(generated.wanted("oneroster-1.2", "xpress-4.3", 1))
Spoil = Callable[[list[Fact]], list[Fact]]


def only(path: str, change: Callable[[str], str]) -> Spoil:
    """Change all values of a path; a blank one is dropped."""

    def spoil(facts: list[Fact]) -> list[Fact]:
        changed = [
            replace(one, value=change(one.value)) if one.path == path else one for one in facts
        ]
        return [one for one in changed if one.value]

    return spoil


SPOILS: dict[str, tuple[Spoil, str, str]] = {
    "cuts names": (only("familyName", lambda text: text[:8]), "familyName", CHANGED),
    "strips zeros": (only("identifier", lambda text: text.lstrip("0")), "identifier", CHANGED),
    "drops middle names": (only("middleName", lambda _: ""), "middleName", LOST),
    "shifts birth dates": (only("birthDate", lambda text: f"{text[:8]}99"), "birthDate", CHANGED),
    "all are teachers": (only("role", lambda _: "teacher"), "role", CHANGED),
    "ends a day early": (only("endDate", lambda _: "2027-06-18"), "endDate", CHANGED),
    "grades without zero": (only("grades", lambda text: text.lstrip("0")), "grades", CHANGED),
    "collapses contacts": (only("agentSourcedIds", lambda _: ""), "agentSourcedIds", LOST),
    "mojibake": (
        only("familyName", lambda text: text.encode().decode("latin-1")), "familyName", CHANGED,
    ),
    "unknown is no": (
        lambda facts: [
            *facts,
            *(Fact(one.file, one.id, "hispanicOrLatinoEthnicity", "false")
              for one in facts if one.file == "demographics" and one.path == "sourcedId"),
        ],
        "hispanicOrLatinoEthnicity",
        INVENTED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILS)
def test_what_a_bad_vendor_does_is_named(name: str) -> None:
    spoil, path, outcome = SPOILS[name]
    found = compare(WANTED, spoil(WANTED))
    assert (path, outcome) in {(one.path, one.outcome) for one in found}


def test_facts_that_come_back_unchanged_are_all_kept() -> None:
    assert {one.outcome for one in compare(WANTED, WANTED)} == {KEPT}


def test_first_fact_that_was_not_kept_is_a_finding() -> None:
    fidelity.require_facts(fidelity.compare_facts([USER], [USER]))
    with pytest.raises(Finding, match=r"users\.givenName was lost") as caught:
        fidelity.require_facts(fidelity.compare_facts([USER], []))
    assert caught.value.expected == "Zoë"
    assert caught.value.personal


def test_every_row_of_the_crosswalk_has_a_status_for_every_target() -> None:
    words = {"carried", "degraded", "extension", "none", "no source"}
    assert len(rows()) == 236
    for target in crosswalk.TARGETS:
        assert set(statuses(target).values()) <= words
    assert statuses("oneroster-1.1")["XW-096"] == "degraded"


def line(target: str, row: str, found: list[Fact]) -> tuple[int, ...]:
    """Sent, kept, changed, lost, invented, unavoidable of one element."""
    documents = generated.documents(1, "xpress-4.3")
    lines = table(target, compare(WANTED, found), documents)
    (one,) = [each for each in lines if each.row == row]
    return (one.sent, one.kept, one.changed, one.lost, one.invented, one.unavoidable)


def test_loss_that_nobody_can_avoid_stands_apart_from_that_of_a_vendor() -> None:
    students = generated.STUDENTS
    assert line("oneroster-1.2", "XW-108", WANTED) == (students, 0, 0, 0, 0, students)
    assert line("oneroster-1.2", "XW-086", WANTED) == (students, students, 0, 0, 0, 0)
    spoilt = only("givenName", lambda _: "")(WANTED)
    assert line("oneroster-1.2", "XW-086", spoilt) == (students, 0, 0, students, 0, 0)


def test_metadata_that_a_receiver_drops_are_right_but_not_kept() -> None:
    students = generated.STUDENTS
    assert line("oneroster-1.2", "XW-117", WANTED) == (students, students, 0, 0, 0, 0)
    bare = [one for one in WANTED if not one.path.startswith("metadata.")]
    assert {one.outcome for one in compare(WANTED, bare)} == {KEPT}
    assert line("oneroster-1.2", "XW-117", bare) == (students, 0, 0, 0, 0, students)


def test_table_is_printed_with_a_line_per_element() -> None:
    found = compare(WANTED, only("middleName", lambda _: "")(WANTED))
    text = fidelity.rendered(table("oneroster-1.2", found, generated.documents(1, "xpress-4.3")))
    head, *lines = text.splitlines()
    assert head.split()[:6] == ["element", "sent", "kept", "changed", "lost", "invented"]
    (middle,) = [one for one in lines if one.startswith("xStudent/name/middleName")]
    assert middle.split()[2:5] == ["0", "0", middle.split()[1]]


@pytest.mark.parametrize("target", ["oneroster-1.2", "edfi-5", "clever"])
def test_row_that_no_sheet_writes_has_a_reason_and_no_other(target: str) -> None:
    family = target.split("-")[0]
    names = {"oneroster": "*oneroster*", "edfi": "*edfi*", "clever": "*clever*"}[family]
    sheets = "".join(path.read_text() for path in generated.SHEETS.glob(f"{names}.xsl"))
    placed = {
        row for row, status in statuses(target).items() if status not in ("none", "no source")
    }
    assert {row for row in placed if row not in sheets} == set(not_judged(target))
