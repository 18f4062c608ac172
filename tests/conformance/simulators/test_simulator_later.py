"""What the conforming receiver keeps between answers, and the notations it answers in."""

from __future__ import annotations

from typing import Any

from lxml import etree

JSON, GOESSNER = "application/json", "application/json;notation=goessner"
WHOLE = {"queryIntention": "ALL", "navigationPageSize": "1"}


def ids(answer: Any) -> list[str]:
    """The ids of the students in an answer."""
    root = etree.fromstring(answer.content)
    return [str(one.get("refId")) for one in root.iter("{*}xStudent")]


def filled(vendor: Any, build: Any, count: int = 2) -> list[str]:
    """So many students, by their ids."""
    refids = [build.refid() for _ in range(count)]
    for refid in refids:
        assert vendor.create(build.student(refid)).status_code == 201
    return refids


def test_a_kept_result_is_what_it_was_when_it_was_asked_for(vendor: Any, build: Any) -> None:
    refids = filled(vendor, build)
    first = vendor.send("GET", "xStudents", **WHOLE)
    filled(vendor, build, 1)
    key = {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
    assert ids(first) + ids(vendor.send("GET", "xStudents", **WHOLE, **key)) == refids
    key["navigationPage"] = "3"
    assert vendor.send("GET", "xStudents", **WHOLE, **key).status_code == 204


def test_a_result_is_kept_only_for_who_wants_it_all(vendor: Any, build: Any) -> None:
    filled(vendor, build, 1)
    once = vendor.send("GET", "xStudents", queryIntention="ONE-OFF", navigationPageSize="1")
    assert "navigationId" not in once.headers
    assert vendor.send("GET", "xStudents", navigationId="x", **WHOLE).status_code == 404


def test_the_tag_is_that_of_the_state(vendor: Any, build: Any) -> None:
    refid = filled(vendor, build, 1)[0]
    tag = vendor.send("GET", "xStudents").headers["ETag"]
    assert vendor.send("GET", "xStudents", **{"If-None-Match": tag}).status_code == 304
    vendor.send("PUT", f"xStudents/{refid}", build.student(refid, name="Quorin"))
    changed = vendor.send("GET", "xStudents", **{"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] != tag) == (200, True)


def test_changes_are_new_students_and_the_ids_of_those_gone(vendor: Any, build: Any) -> None:
    _, gone = filled(vendor, build)
    marker = vendor.send("HEAD", "xStudents").headers["changesSinceMarker"]
    vendor.send("DELETE", f"xStudents/{gone}")
    (new,) = filled(vendor, build, 1)
    since = vendor.send("GET", f"xStudents?changesSinceMarker={marker}")
    assert [one.replace("-", "").upper() for one in ids(since)] == [
        one.replace("-", "") for one in (new, gone)
    ]
    later = since.headers["changesSinceMarker"]
    assert vendor.send("GET", f"xStudents?changesSinceMarker={later}").status_code == 204


def test_a_marker_of_nobody_is_refused(vendor: Any) -> None:
    for marker in ("made-up", ""):
        assert vendor.send("GET", f"xStudents?changesSinceMarker={marker}").status_code == 400


def test_one_student_has_the_form_that_was_asked_for(vendor: Any, build: Any) -> None:
    (refid,) = filled(vendor, build, 1)
    told = {one: vendor.send("GET", "xStudents", Accept=one).json() for one in (JSON, GOESSNER)}
    assert told[JSON]["xStudents"]["xStudent"][0]["refId"] == refid
    assert told[GOESSNER]["xStudents"]["xStudent"]["@refId"] == refid


def test_a_suffix_speaks_where_no_header_does(vendor: Any, build: Any) -> None:
    (refid,) = filled(vendor, build, 1)
    types = {
        accept: vendor.send("GET", f"xStudents/{refid}.json", Accept=accept).headers["Content-Type"]
        for accept in ("*/*", "application/xml")
    }
    assert types == {"*/*": JSON, "application/xml": "application/xml"}
