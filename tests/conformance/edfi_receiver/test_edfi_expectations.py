"""When two Ed-Fi documents are the same, and what is kept out of reports."""

from __future__ import annotations

import time
from typing import Any

import pytest

from conformance import session, target
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies, personal
from conformance.edfi_expect import differences, nothing_added
from conformance.edfi_shapes import key_query
from conformance.evidence import Evidence
from conformance.problems import Finding
from conformance.reply import Headers, Reply
from conformance.simulators import serve
from conformance.simulators.edfi_receiver import EdfiHost
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.registry import registry
from conformance.wire import Wire
from tests.conformance.edfi_receiver.judging import table_for
from tests.conformance.judging import SEED

REPLY = Reply(200, Headers(), b"", 1)


@pytest.mark.parametrize(
    ("sent", "shown", "places"),
    [
        ({"a": "x"}, {"a": "x", "id": "1"}, []),
        ({"a": "x"}, {"a": "X"}, ["$.a"]),
        ({"a": "x"}, {}, ["$.a"]),
        ({"n": 1}, {"n": 1.0}, []),
        ({"n": 1}, {"n": "1"}, ["$.n"]),
        ({"f": False}, {"f": 0}, ["$.f"]),
        ({"f": False}, {}, ["$.f"]),
        ({"l": [{"k": 1}, {"k": 2}]}, {"l": [{"k": 2, "x": 0}, {"k": 1}]}, []),
        ({"l": [{"k": 1}]}, {"l": [{"k": 1}, {"k": 1}]}, ["$.l"]),
        ({"l": [{"k": 1}, {"k": 1}]}, {"l": [{"k": 1}]}, ["$.l[1]"]),
        ({"l": []}, {}, []),
        ({"r": {"k": "1"}}, {"r": {"k": "1", "link": {}}}, []),
    ],
)
def test_what_was_sent_is_compared_place_by_place(
    sent: Body, shown: Body, places: list[str]
) -> None:
    assert [place for place, _, _ in differences(sent, shown)] == places


def test_what_says_nothing_is_no_addition() -> None:
    nothing_added({"a": 1}, {"a": 1, "b": None, "c": [], "id": "1", "_etag": "2"}, REPLY)
    with pytest.raises(Finding, match=r"^b came back"):
        nothing_added({"a": 1}, {"a": 1, "b": False}, REPLY)


def test_a_key_is_found_wherever_its_parts_stand() -> None:
    body = {"entryDate": "2025-09-01", "schoolReference": {"schoolId": 7},
            "studentReference": {"studentUniqueId": "9"}}  # fmt: skip
    wanted = {"entryDate": "2025-09-01", "schoolId": 7, "studentUniqueId": "9"}
    assert key_query("studentSchoolAssociations", body) == wanted


def bodies(check: str, **told: Any) -> Bodies:
    """Records of a check for a host that nobody asks."""
    table = table_for("http://127.0.0.1:1/api")
    config = target.from_table(table | {"edfi": table["edfi"] | told}, environ={})
    return Bodies(config, Evidence(), SEED, check)


def test_the_same_check_draws_the_same_student() -> None:
    one, other = bodies("a").student(), bodies("a").student()
    assert one == other
    assert bodies("b").student()["studentUniqueId"] != one["studentUniqueId"]


def test_every_key_is_marked_and_short_enough() -> None:
    made = bodies("a")
    student, (_, contact) = made.student(), made.contact()
    keys = (student["studentUniqueId"], contact["contactUniqueId"], made.course()["courseCode"])
    assert all(key.startswith("sck-") and len(key) <= 32 for key in keys)


def test_codes_of_the_host_take_the_place_of_ours() -> None:
    own = {"uri://ed-fi.org/SexDescriptor#Female": "uri://state.example/SexDescriptor#F"}
    made = bodies("a", descriptors=own)
    known = made.known(made.student())
    assert known["sexDescriptor"] == "uri://state.example/SexDescriptor#F"


def test_names_and_days_are_personal_and_codes_are_not() -> None:
    body = {"firstName": "Kim", "birthDate": "2012-01-02", "schoolId": 7,
            "sexDescriptor": "uri://x#F", "courseTitle": "Maths"}  # fmt: skip
    assert list(personal(body)) == ["Kim", "2012-01-02"]


def test_the_secret_goes_to_the_named_host_only() -> None:
    """A root document that sends the secret elsewhere is not followed."""
    product = registry("edfi-receiver").find("NamesAnotherHost")
    with serve(product()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        host = EdfiClient(Wire(), config, Evidence())
        host.open()
        assert host.address("oauth") == f"{handle.url}/oauth/token"


def test_a_token_is_taken_anew_before_its_lifetime_is_over() -> None:
    class Brief(EdfiHost):
        """Tells a lifetime of a tenth of a second."""

        def granted(self) -> dict[str, Any]:
            return super().granted() | {"expires_in": 0.1}

    host = Brief()
    with serve(host) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        client = EdfiClient(Wire(), config, Evidence())
        first = client.get("students").status
        time.sleep(0.12)
        assert (first, client.get("students").status) == (200, 200)
    assert len(host.tokens) >= 3


def test_no_value_of_a_student_stands_in_a_finding() -> None:
    product = registry("edfi-receiver").find("BirthdayIsADayEarly")
    with serve(product()) as handle:
        config = target.from_table(table_for(handle.url), environ={})
        only = ("every_value_of_a_student_comes_back",)
        done = session.run(config, seed=SEED, only=only, examine=False)
    (check,) = done.verdict.checks
    (finding,) = check.findings
    assert finding.path == "birthDate"
    assert (finding.expected, finding.actual) == ("9999-99-99", "9999-99-99")


def test_the_simulated_host_keeps_what_others_need() -> None:
    host = EdfiHost()
    school = next(iter(host.held["schools"]))
    body = {"schoolReference": {"schoolId": 255901001}, "classPeriodName": "1"}
    host.keep("classPeriods", "p", body)
    assert list(host.needed_by("schools", school)) == [("classPeriods", "p")]
