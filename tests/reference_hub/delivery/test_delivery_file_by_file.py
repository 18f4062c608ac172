"""A set of files goes to an HTTP drop one by one, whole again after a cut, without what is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conformance.simulators.message import Response
from tests.reference_hub.delivery.district import District, Vendor, change, roster

KEPT = "1 files of an earlier set are still there: the vendor does not let us delete them"
ORDER = ["schools.csv", "students.csv", "staff.csv"]
Joined = tuple[District, Vendor]


@pytest.fixture
def joined(district: District, vendor: tuple[Vendor, str]) -> Joined:
    """A district of four students, and a vendor that takes Clever's files over HTTP."""
    app, url = vendor
    drop = {"format": "clever", "transport": "http_put", "objects": ["xLea", "xSchool", "xStudent"]}
    district.connect(district.vendor(policy="off"), f"{url}/files", **drop)
    district.accept(*roster(4))
    return district, app


def puts(app: Vendor) -> list[tuple[str, str]]:
    """Method and file name of each request."""
    return [(each.method, each.segments[-1]) for each in app.data()]


def test_each_file_goes_under_its_name_and_an_id_of_its_own(joined: Joined) -> None:
    district, app = joined
    app.serves(Response(201), times=20)
    district.deliver()
    names = [name for _, name in puts(app)]
    assert [name for name in names if name in ORDER][:2] == ORDER[:2]
    assert len({each.header("messageId") for each in app.data()}) == len(names) > 2
    assert district.states() == [("CREATE", "done", "")]


def test_after_a_cut_the_whole_set_goes_again_with_the_same_ids(joined: Joined) -> None:
    district, app = joined
    app.serves(Response(201))
    app.serves(Response(503))
    app.serves(Response(201), times=20)
    district.deliver()
    before = [each.header("messageId") for each in app.data()]
    assert [state for _, state, _ in district.states()] == ["waiting"]
    district.hour.moved = timedelta(minutes=1)
    district.deliver()
    again = app.data()[2:]
    assert [each.header("messageId") for each in again][:2] == before
    assert [each.body for each in again][:2] == [each.body for each in app.data()[:2]]
    assert district.states() == [("CREATE", "done", "")]


@pytest.mark.parametrize(
    ("status", "reason"),
    [(204, ""), (404, ""), (405, KEPT)],
)
def test_a_file_of_before_that_the_set_no_longer_has_is_deleted(
    joined: Joined, status: int, reason: str
) -> None:
    district, app = joined
    app.serves(Response(201), times=20)
    district.deliver()
    number = len(app.data())
    closed = """UPDATE subscriber SET session = jsonb_insert(session, '{files,0}', '"gone.csv"')"""
    with district.engine.begin() as connection:
        connection.exec_driver_sql(closed)
    app.answers = [*[Response(201)] * number, Response(status)]
    district.accept(change(50))
    district.deliver()
    assert puts(app)[number:] == [*puts(app)[:number], ("DELETE", "gone.csv")]
    assert district.states()[-1] == ("CREATE", "done", reason)
    assert ("gone.csv" in str(district.query("SELECT session FROM subscriber"))) is bool(reason)
