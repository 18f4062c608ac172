"""The fate of each value between what was sent and what is read back."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import facts, trees
from conformance.facts import Fate


def student(inner: str, refid: str = "5B72F2D4-7A83-4297-A71F-8B5FB26CBF14") -> etree._Element:
    """An xStudent with this content."""
    return trees.parse(f'<xStudent xmlns="{trees.NA4}" refId="{refid}">{inner}</xStudent>'.encode())


def fates(sent: str, kept: str) -> list[Fate]:
    """What became of the values, those that were kept left out."""
    found = facts.fates(student(sent), student(kept))
    return [one for one in found if one.outcome != "kept"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<localId>Zoë</localId>", "<localId>Zoe\u0308</localId>"),
        ("<localId/>", ""),
        ("", f'<localId xmlns:x="{trees.XSI}" x:nil="true"/>'),
        (
            "<demographics><birthDate>2014-03-09-05:00</birthDate></demographics>",
            "<demographics><birthDate>2014-03-09</birthDate></demographics>",
        ),
        (
            "<demographics><hispanicLatinoEthnicity>1</hispanicLatinoEthnicity></demographics>",
            "<demographics><hispanicLatinoEthnicity>true</hispanicLatinoEthnicity></demographics>",
        ),
        (
            "<academicSummary><termWeightedGpa>3.90</termWeightedGpa></academicSummary>",
            "<academicSummary><termWeightedGpa>3.9</termWeightedGpa></academicSummary>",
        ),
        (
            "<demographics><races><race><race>Asian</race></race><race><race>White</race></race>"
            "</races></demographics>",
            "<demographics><races><race><race>White</race></race><race><race>Asian</race></race>"
            "</races></demographics>",
        ),
    ],
    ids=["letters", "empty", "nil", "zone", "boolean", "decimal", "order"],
)
def test_another_spelling_of_a_value_is_kept(sent: str, kept: str) -> None:
    assert fates(sent, kept) == []


@pytest.mark.parametrize(
    ("sent", "kept", "expected"),
    [
        ("0042", "42", Fate("xStudent/localId", "changed", "0042", "42")),
        ("0042", "", Fate("xStudent/localId", "lost", "0042", "")),
        ("", "1", Fate("xStudent/localId", "invented", "", "1")),
        ("A  B", "A B", Fate("xStudent/localId", "changed", "A  B", "A B")),
    ],
)
def test_a_value_is_changed_lost_or_invented(sent: str, kept: str, expected: Fate) -> None:
    forms = (f"<localId>{text}</localId>" if text else "" for text in (sent, kept))
    assert fates(*forms) == [expected]


def test_items_of_a_list_are_held_against_their_likes() -> None:
    mail = "<email><emailType>{}</emailType><emailAddress>{}</emailAddress></email>"
    sent = f"<otherEmails>{mail.format('Home', 'h')}{mail.format('Work', 'w')}</otherEmails>"
    kept = f"<otherEmails>{mail.format('Work', 'w')}{mail.format('Home', 'x')}</otherEmails>"
    place = "xStudent/otherEmails/email/emailAddress"
    assert fates(sent, kept) == [Fate(place, "changed", "h", "x")]


def test_a_doubled_item_is_invented() -> None:
    race = "<race><race>Asian</race></race>"
    sent, kept = (f"<demographics><races>{race * count}</races></demographics>" for count in (1, 2))
    place = "xStudent/demographics/races/race/race"
    assert fates(sent, kept) == [Fate(place, "invented", "", "Asian")]


def test_of_a_student_who_is_gone_every_value_is_lost() -> None:
    found = list(facts.fates(student("<localId>1</localId>"), None))
    assert [(one.path, one.outcome) for one in found] == [
        ("xStudent/@refId", "lost"),
        ("xStudent/localId", "lost"),
    ]


def test_below_keeps_to_whole_names_of_a_path() -> None:
    found = list(facts.fates(student("<localId>1</localId><loginId>a</loginId>"), None))
    assert [one.path for one in facts.below(found, "xStudent/local")] == []
    assert [one.path for one in facts.below(found, "xStudent/loginId")] == ["xStudent/loginId"]
