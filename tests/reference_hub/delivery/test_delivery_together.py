"""Many objects in one request: each keeps its own outcome, repetitions have the same id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml.etree import _Element

from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from reference_hub.codec import tree, xml
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.store import target_sending
from tests.reference_hub.delivery.conftest import Start
from tests.reference_hub.delivery.district import District, Vendor, change, roster
from tests.reference_hub.delivery.test_delivery_killed import is_done, killed
from tests.system.five_vendors import connection_named
from tests.waiting import until

TYPES = ["xLea", "xSchool", "xStudent"]
STATED = {"operational_since": "2001-09-01", "days_in_session": "180", "school_year": "2027"}
STUDENTS = 12
TAKEN = {CREATE: 201, UPDATE: 200, DELETE: 204}


class Keeper(Vendor):
    """Keeps objects of any type; refuses some, and takes at most `most` in one request."""

    def __init__(self, most: int = 100) -> None:
        super().__init__()
        self.objects: dict[str, str] = {}
        self.refuses: set[str] = set()
        self.most, self.sizes = most, list[int]()

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        """`StudentPersonals` of many, or the path of one."""
        self.authenticate_session(request)
        action = request.header("requestAction") or ""
        body = xml.read(request.body) if request.body else None
        if len(path) > 1:
            refid = path[1] if body is None else xml.refid_of(body)
            return Response(self.take(action, path[0][:-1], refid))
        assert body is not None
        inner = [each for group in body for each in group] if action == DELETE else list(body)
        self.sizes.append(len(inner))
        if not self.most:
            return Response(405)
        if len(inner) > self.most:
            return Response(413)
        return Response(200, self.results(action, path[0][:-1], inner))

    def results(self, action: str, kind: str, items: list[_Element]) -> bytes:
        """What became of each, the last one first."""
        name = action.lower()
        root = tree.root(f"{name}Response")
        found = tree.branch(root, f"{name}s")
        for each in reversed(items):
            refid = each.get("id") or xml.refid_of(each)
            ids = {"id": refid} | ({"advisoryId": refid} if action == CREATE else {})
            tree.branch(found, name, **ids, statusCode=str(self.take(action, kind, refid)))
        return xml.tostring(root)

    def take(self, action: str, kind: str, refid: str) -> int:
        """Keep or drop one object; the status that says so."""
        at = xml.fold(refid)
        if at in self.refuses:
            return 400
        if (action == CREATE) == (at in self.objects):
            return 409 if action == CREATE else 404
        if action == DELETE:
            del self.objects[at]
        else:
            self.objects[at] = kind
        return TAKEN[action]

    def ways(self) -> list[tuple[str, str]]:
        """Verb and type of each request."""
        found = ((x.method, next(y for y in x.segments if y.endswith("s"))) for x in self.data())
        return [(verb, name[:-1]) for verb, name in found]


@pytest.fixture
def keeper() -> Keeper:
    """A vendor that takes many."""
    return Keeper()


@pytest.fixture
def joined(district: District, keeper: Keeper) -> Iterator[tuple[District, Keeper]]:
    """A classic vendor connected to a district of xPress."""
    with serve(keeper) as handle:
        number = district.vendor(policy="off")
        given = {"format": "sif-unity", "objects": TYPES, "delivery": STATED}
        district.connect(number, handle.url, name="classic", **given)
        yield district, keeper


Joined = tuple[District, Keeper]


def answers(district: District) -> dict[object, object]:
    """How the vendor answered for students, and for how many."""
    rows = district.query(
        "SELECT answer_state || ' ' || answer, count(*) FROM target_row"
        " WHERE collection = 'StudentPersonal' GROUP BY 1"
    )
    return dict(rows)  # type: ignore[arg-type]


def test_rows_of_a_type_go_in_one_request_after_their_parents(joined: Joined) -> None:
    district, keeper = joined
    district.accept(*roster(STUDENTS))
    district.deliver()
    students, schools = (
        keeper.ways().index(("POST", x)) for x in ("StudentPersonal", "SchoolInfo")
    )
    assert schools < students
    assert keeper.ways().count(("POST", "StudentPersonal")) == 1
    assert keeper.sizes == [STUDENTS, STUDENTS]
    assert answers(district) == {"accepted ": STUDENTS}


def test_a_refused_row_keeps_its_reason_among_those_that_were_taken(joined: Joined) -> None:
    district, keeper = joined
    keeper.refuses = {change(0).refid}
    district.accept(*roster(STUDENTS))
    district.deliver()
    assert answers(district) == {"accepted ": STUDENTS - 1, "refused the vendor answered 400": 1}
    assert keeper.refuses.isdisjoint(keeper.objects)


def test_what_is_gone_is_taken_back_together_children_first(joined: Joined) -> None:
    district, keeper = joined
    found = roster(STUDENTS)
    district.accept(*found)
    district.deliver()
    keeper.seen.clear()
    district.accept(*(Change(DELETE, each.object_type, each.refid, None) for each in found))
    district.deliver()
    enrolments, students = ("PUT", "StudentSchoolEnrollment"), ("PUT", "StudentPersonal")
    assert keeper.ways()[:2] == [enrolments, students]
    assert keeper.data()[0].header("methodOverride") == DELETE
    assert keeper.objects == {}


def test_what_the_vendor_has_already_is_updated_together(joined: Joined) -> None:
    district, keeper = joined
    district.accept(*roster(STUDENTS))
    district.deliver()
    keeper.seen.clear()
    with district.engine.begin() as connection:
        target_sending.unsend(connection, connection_named(connection, "classic"))
    district.accept(change(0, UPDATE))
    district.deliver()
    students = [verb for verb, kind in keeper.ways() if kind == "StudentPersonal"]
    assert students == ["POST", "PUT"]
    assert answers(district) == {"accepted ": STUDENTS}


@pytest.mark.parametrize(("most", "sizes"), [(0, [12]), (7, [12, 6, 6, 6, 6]), (3, [12, 6])])
def test_a_vendor_that_takes_fewer_gets_fewer(joined: Joined, most: int, sizes: list[int]) -> None:
    district, keeper = joined
    keeper.most = most
    district.accept(*roster(STUDENTS))
    district.deliver()
    assert keeper.sizes == sizes
    assert answers(district) == {"accepted ": STUDENTS}


def test_a_fault_of_the_whole_request_is_looked_for_one_by_one(joined: Joined) -> None:
    district, keeper = joined
    district.accept(*roster(0))
    district.deliver()
    keeper.serves(Response(500))
    district.accept(*(each for each in roster(STUDENTS) if each.object_type == "xStudent"))
    district.deliver()
    assert len([x for x in keeper.ways() if x == ("POST", "StudentPersonal")]) > 1
    assert answers(district) == {"accepted ": STUDENTS}


@pytest.mark.soak
def test_killed_before_it_was_settled_the_request_is_repeated_under_its_id(
    joined: Joined, start: Start
) -> None:
    district, keeper = joined
    district.accept(*roster(STUDENTS))
    keeper.slow = 0.5
    first = start()
    until(lambda: keeper.sizes != [] or ("POST", "StudentPersonal") in keeper.ways())
    killed(first)
    keeper.slow = 0.0
    start()
    until(lambda: is_done(district))
    once, again, *_ = [x for x in keeper.data() if x.segments[-1] == "StudentPersonals"]
    assert once.header("messageId") == again.header("messageId")
    assert once.body == again.body
    assert answers(district) == {"accepted ": STUDENTS}


@pytest.fixture
def bulk(district: District, vendor: tuple[Vendor, str]) -> tuple[District, Vendor]:
    """A vendor of which the district says that it takes many; it has acknowledged its POD."""
    app, url = vendor
    number = district.vendor()
    district.connect(number, url, delivery={"objects_per_request": 100})
    district.issue(number)
    district.deliver()
    app.seen.clear()
    return district, app


def test_a_backlog_of_objects_goes_together_where_the_district_says_so(
    bulk: tuple[District, Vendor],
) -> None:
    district, app = bulk
    district.accept(*(change(index) for index in range(30)))
    district.deliver()
    assert app.actions() == [("POST", "xStudents")]
    assert app.data()[0].header("dataPrivacyMarker")
    assert set(district.states()) == {(CREATE, "done", "")}
    assert len(app.state.students) == 30


def test_one_that_cannot_be_read_and_one_that_is_refused_do_not_stop_the_others(
    bulk: tuple[District, Vendor],
) -> None:
    district, app = bulk
    twice = change(3)
    district.accept(twice)
    district.deliver()
    changes = [change(index) for index in range(10, 18)]
    changes[2] = change(12, CREATE, b"<broken")
    district.accept(*changes)
    district.deliver()
    ends = [(state, reason) for _, state, reason in district.states()]
    assert ends.count(("done", "")) == 8
    assert ends[3] == ("dead", "the hub failed on it (MalformedDocument)")
    assert len(app.state.students) == 8


def test_an_object_that_changed_twice_is_not_sent_twice_in_one_request(
    bulk: tuple[District, Vendor],
) -> None:
    district, app = bulk
    district.accept(*(change(index) for index in range(6)))
    district.accept(*(change(index, DELETE) for index in range(6)))
    district.deliver()
    assert [method for method, _ in app.actions()] == ["POST", "PUT"]
    assert app.state.students == {}
