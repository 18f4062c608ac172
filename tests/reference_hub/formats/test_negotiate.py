"""The negotiation table: what is read, what is answered, by headers, suffix and configuration."""

from __future__ import annotations

import pytest

from reference_hub.codec.negotiate import (
    Asked,
    answer_media,
    answer_notation,
    answer_profile,
    body_media,
    body_notation,
    model_namespace,
    profiles,
    takes_gzip,
)

XML, JSON = "application/xml", "application/json"
NA = "http://www.sifassociation.org/datamodel/na/4.x"
AU = "http://www.sifassociation.org/datamodel/au/3.4"
JAVA = "urn:sif:data/au/3.4.6+pesc,urn:sif:inf/global/3.3+goessner;q=0.5"


@pytest.mark.parametrize(
    ("content_type", "suffix", "expected"),
    [
        ("", "", XML),
        ("", ".json", JSON),
        ("", ".xml", XML),
        (XML, ".json", XML),
        (JSON, ".xml", JSON),
        ("text/xml", "", "text/xml"),
        ("text/plain", "", None),
        ("application/pdf", ".json", None),
    ],
)
def test_a_body_is_read_by_header_then_suffix_then_xml(
    content_type: str, suffix: str, expected: str | None
) -> None:
    assert body_media(Asked(content_type=content_type, suffix=suffix)) == expected


@pytest.mark.parametrize(
    ("accept", "content_type", "suffix", "expected"),
    [
        ("", "", "", XML),
        ("*/*", "", "", XML),
        ("", "", ".json", JSON),
        ("*/*", "", ".json", JSON),
        (XML, "", ".json", XML),
        (JSON, "", ".xml", JSON),
        ("", JSON, "", JSON),
        ("*/*", JSON, "", JSON),
        ("", JSON, ".xml", XML),
        ("", "text/xml", "", XML),
        (XML, JSON, "", XML),
        (f"{JSON};q=0.5, {XML}", "", "", XML),
        (f"{JSON}, {XML}", "", "", JSON),
        (f"{XML};q=0.1, {JSON};q=0.2", "", "", JSON),
        ("APPLICATION/JSON", "", "", JSON),
        ("text/html, */*;q=0.8", JSON, "", JSON),
        (f"{JSON};q=0, */*", JSON, "", XML),
        ("text/*", "", "", "text/xml"),
        ("text/xml", JSON, "", "text/xml"),
        ("application/*", "", ".json", JSON),
        ("text/html", "", ".json", None),
        (f"{XML};q=0", "", "", None),
        (f"{XML};q=much", "", "", XML),
    ],
)
def test_an_answer_is_written_as_asked(
    accept: str, content_type: str, suffix: str, expected: str | None
) -> None:
    assert answer_media(Asked(content_type, accept, suffix)) == expected


@pytest.mark.parametrize(
    ("content", "accept", "configured", "evidence", "expected"),
    [
        ("", "", "", "", "goessner"),
        ("", "", "", "pesc", "pesc"),
        ("", "", "xml", "pesc", "pesc"),
        ("", "", "goessner", "pesc", "goessner"),
        ("urn:sif:data/na/4.3+pesc", "", "goessner", "goessner", "pesc"),
        ("urn:sif:data/na/4.3", "", "", "goessner", "goessner"),
        ("urn:sif:data/na/4.3", "urn:sif:data/na/4.3+pesc", "", "", "pesc"),
        ("nonsense", "", "pesc", "", "pesc"),
    ],
)
def test_the_json_notations_are_told_apart(
    content: str, accept: str, configured: str, evidence: str, expected: str
) -> None:
    said = Asked(
        content_profiles=profiles(content),
        accept_profiles=profiles(accept),
        configured=configured,
    )
    assert body_notation(said, evidence) == expected


@pytest.mark.parametrize(
    ("accept", "read", "configured", "kind", "expected"),
    [
        (JAVA, "", "", "data", "pesc"),
        (JAVA, "", "", "inf", "goessner"),
        ("urn:sif:data/au/3.4.6+pesc", "", "", "inf", "pesc"),
        (JAVA, "goessner", "goessner", "data", "pesc"),
        ("", "pesc", "goessner", "data", "pesc"),
        ("", "", "pesc", "data", "pesc"),
        ("urn:sif:data/na/4.3+xml", "", "", "data", "goessner"),
        ("", "", "", "data", "goessner"),
    ],
)
def test_a_json_answer_has_the_notation_of_profile_request_or_application(
    accept: str, read: str, configured: str, kind: str, expected: str
) -> None:
    said = Asked(accept_profiles=profiles(accept), configured=configured)
    assert answer_notation(said, read, kind) == expected


def test_profiles_are_ranked_and_others_skipped() -> None:
    header = (
        "urn:sif:inf/global/3.2;q=0.1, urn:x, URN:SIF:data/AU/3.4.6+PESC, urn:sif:data/na/4;q=0"
    )
    assert [each.urn("pesc") for each in profiles(header)] == [
        "urn:sif:data/au/3.4.6+pesc",
        "urn:sif:inf/global/3.2+pesc",
    ]


@pytest.mark.parametrize(
    ("kind", "namespace", "expected"),
    [
        ("data", AU, "urn:sif:data/au/3.4.6+pesc"),
        ("data", NA, "urn:sif:data/na/4.x+pesc"),
        ("inf", "http://www.sifassociation.org/infrastructure/3.3", "urn:sif:inf/global/3.3+pesc"),
        ("data", "urn:nobody", None),
    ],
)
def test_the_profile_of_an_answer_is_the_callers_where_it_fits(
    kind: str, namespace: str, expected: str | None
) -> None:
    found = answer_profile(Asked(accept_profiles=profiles(JAVA)), kind, namespace)
    assert (found.urn("pesc") if found else None) == expected
    assert answer_profile(Asked(), kind, namespace) is None


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("urn:sif:data/au/3.4.6", AU),
        ("urn:sif:data/au/3.4", AU),
        ("urn:sif:data/na/4.3", NA),
        ("urn:sif:data/uk/2.0", "http://www.sifassociation.org/datamodel/uk/2.0"),
        ("urn:sif:data/au/3.5", "http://www.sifassociation.org/datamodel/au/3.5"),
    ],
)
def test_a_profile_means_the_nearest_known_namespace(profile: str, expected: str) -> None:
    (found,) = profiles(profile)
    assert model_namespace(found, (NA, AU)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("identity", False),
        ("deflate, br", False),
        ("*", False),
        ("gzip;q=0", False),
        ("gzip;q=0.5, identity", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip,identity", True),
        ("deflate, gzip;q=0.2, identity;q=0.1", True),
        ("x-gzip", True),
    ],
)
def test_only_a_caller_who_lists_gzip_gets_it(header: str, expected: bool) -> None:
    assert takes_gzip(header) is expected
