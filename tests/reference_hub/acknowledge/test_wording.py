"""What a POD says, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reference_hub.journeys.wording import Line, conditions, data_lines, duties, texts, words
from reference_hub.model.pod import Condition, Terms


def test_names_become_words() -> None:
    told = {"xStudent": "student", "givenName": "given name", "StudentPersonal": "student personal"}
    told |= {"@refId": "ref id", "SIF_Metadata": "sif metadata", "@RefId": "ref id"}
    assert {name: words(name) for name in told} == told


def test_paths_stand_under_their_line_of_the_form() -> None:
    terms = Terms(
        granted=("xStudent/localId", "xStudent/name/givenName", "xStudent/enrollment"),
        writable=("xStudent/localId",),
    )
    lines = data_lines(terms)
    assert Line("Student identifiers: local (B15.1)", ("xStudent/localId",), True) in lines
    assert Line("Student name (B16)", ("xStudent/name/givenName",)) in lines
    assert [line.label for line in lines if line.paths == ("xStudent/enrollment",)][:2] == [
        "Enrollment: school enrollment (B08.1)",
        "Enrollment: grade level (B08.2)",
    ]


def test_what_no_line_has_is_named_by_its_object() -> None:
    terms = Terms(granted=("xSchool/@refId", "xSchool/schoolName", "xLea"))
    assert data_lines(terms) == [
        Line("School: ref id, school name", ("xSchool/@refId", "xSchool/schoolName")),
        Line("Lea: everything", ("xLea",)),
    ]


def test_conditions_are_sentences() -> None:
    path = "xStudent/demographics/birthDate"
    terms = Terms(
        conditions=(
            Condition("ROW_FILTER", "xStudent/enrollment/gradeLevel", "in", "09,10"),
            Condition("ROW_FILTER", path, "present"),
            Condition("MASK", path),
            Condition("HASH", "xStudent/localId"),
            Condition("DELETE", path),
            Condition("NULL", path),
            Condition("GENERALISE", path, "year"),
            Condition("GENERALISE", "xStudent/localId", "prefix", "3"),
            Condition("PURPOSE", name="Reading"),
            Condition("PURPOSE"),
        )
    )
    assert conditions(terms) == [
        "Only where student enrollment grade level is one of 09,10.",
        "Only where student demographics birth date is there.",
        "Student demographics birth date is sent as a placeholder, not as its value.",
        "Student local id is sent as a pseudonym made for you alone.",
        "Student demographics birth date is never sent.",
        "Student demographics birth date is sent empty.",
        "Of student demographics birth date only the year.",
        "Of student local id only the first 3 characters.",
        "For this purpose only: Reading.",
    ]


def test_duties_are_sentences() -> None:
    deletion = {"deleteData": "Y", "dataRetention": 60, "respondInDays": 10}
    deletion["deleteBy"] = "2029-08-29"
    clause = {"clauseReference": "4.2", "clauseLabel": "Authorised use"}
    clause |= {"obligationList": {"obligation": [{"obligationDescription": "Train staff."}]}}
    processor = {"purposeList": {"purpose": ["Reading", "Help"]}, "dataUsageMarketingAllowed": "N"}
    processor |= {"dataBreachNotification": "Y"}
    document = {
        "technicalRequirements": {
            "dataDeletion": deletion,
            "dataSubject": {"respondInDays": 5, "requirePortability": "Y"},
            "securityTechnologyList": {
                "securityTechnology": [{"technologyName": "TLS", "versionMin": "1.2"}]
            },
        },
        "dataProcessor": processor,
        "dataSubProcessorList": {"dataSubProcessor": [{"subProcessorName": "Cloud Inc"}, {}]},
        "legalRequirements": {"clauseList": {"clause": [clause]}},
    }
    assert duties({"privacyObligationsDocument": document}) == [
        "Delete the data when the agreement ends.",
        "Keep none of it for more than 60 days after that.",
        "Delete the data by 2029-08-29.",
        "Confirm the deletion within 10 days of being asked.",
        "Answer requests of the people concerned within 5 days.",
        "Pass these rules on with the data wherever it goes.",
        "Use the data for this only: Reading; Help.",
        "No use for marketing.",
        "Report every breach of the data.",
        "No other company handles the data but: Cloud Inc.",
        "Security: TLS 1.2.",
        "Clause 4.2 Authorised use.",
        "Train staff.",
    ]


def test_an_entry_that_says_nothing_demands_nothing() -> None:
    assert duties({"default": "Y"}) == []
    assert data_lines(Terms()) == []


def test_spanish_has_the_same_sentences_with_the_same_places() -> None:
    english, spanish = (dict(flat(texts(language))) for language in ("en", "es"))
    assert english.keys() == spanish.keys()
    places = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert sorted(places.findall(text)) == sorted(places.findall(spanish[key])), key


def flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every text with its place."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def test_duties_are_told_in_spanish() -> None:
    entry: dict[str, Any] = {
        "privacyObligationsDocument": {
            "technicalRequirements": {"dataDeletion": {"deleteData": "Y", "dataRetention": "60"}}
        }
    }
    assert duties(entry, "es") == [
        "Borrar los datos cuando termine el acuerdo.",
        "No guardar nada más de 60 días después.",
    ]


def test_every_kind_of_condition_has_a_sentence() -> None:
    kinds = ("DELETE", "NULL", "MASK", "HASH")
    for kind in kinds:
        terms = Terms(granted=(), conditions=(Condition(kind, "xStudent/email"),))
        assert conditions(terms, "es") != ["Student email está restringido."], kind
