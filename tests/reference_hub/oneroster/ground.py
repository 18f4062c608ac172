"""A small district in the store of the hub, and a vendor whose POD a test chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from lxml import etree
from sqlalchemy import text

from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys import project
from reference_hub.journeys.deliver import deliver_next
from reference_hub.journeys.projection import Projected
from reference_hub.journeys.release_held import releasing
from reference_hub.journeys.take_back import Taken, take_back, taker_of
from reference_hub.model.caller import reached
from reference_hub.model.pod import LIVE, Pod, Terms
from reference_hub.model.rights import APPROVED, Grant
from reference_hub.store import audits, pods, target_rows, vendors
from reference_hub.workers.loop import transports
from tests.reference_hub.districts import generate
from tests.reference_hub.oneroster.conftest import ALL, Puller
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client

SEED = 11
OBJECTS = ("xLea", "xSchool", "xCalendar", "xCourse", "xRoster", "xStaff", "xStudent")
GRADES = ("GradingCategory", "GradingAssignment", "GradingAssignmentScore",
          "StudentDailyAttendance", "AttendanceCodeInfo")  # fmt: skip
EVERY = (*OBJECTS, *GRADES)
RIGHTS = dict.fromkeys(("QUERY", "CREATE", "UPDATE", "DELETE"), APPROVED)


@dataclass
class Ground:
    """A district in the store, and a vendor whose POD a test chooses."""

    puller: Puller
    vendor: int
    student: str
    sis: Client

    def pod(self, *granted: str, **given: object) -> Pod:
        """A POD in force instead of all before, and the rows made under it unless told not to."""
        engine = self.puller.hub.engine
        with engine.begin() as connection:
            pods.expire_all(connection, self.vendor, SCOPE)
        values: dict[str, object] = {"status": LIVE, "acknowledged": Clock().now()}
        return self.puller.hub.pod(self.vendor, granted=granted or OBJECTS, **(values | given))

    def bring_up(self) -> int:
        """Make the rows as the worker does; how many users there are then."""
        clock, to = self.puller.shelf.clock, self.puller.shelf.to
        with self.puller.hub.engine.begin() as connection:
            owner = vendors.vendor_by_id(connection, self.vendor)
            assert owner is not None
            made = project.bring_up(connection, to, reached(owner, to), clock)
            assert isinstance(made, Projected), made
            counts = target_rows.counts(connection, to)
        return sum(each.number for each in counts if each.collection == "users")

    def work(self) -> None:
        """Let the worker do what waits."""
        hub, clock = self.puller.hub, self.puller.shelf.clock
        with transports(hub.settings, clock) as ways:
            while deliver_next(hub.engine, hub.settings, ways, clock):
                pass

    def rename(self, refid: str, given_name: str) -> None:
        """Give a student another name."""
        name = f"<name><givenName>{given_name}</givenName></name>"
        body = f'<xStudent xmlns="{xpress.NA4}">{name}</xStudent>'.encode()
        reply = self.sis.send("PUT", f"/requests/xStudents/{refid}", body,
                              Content_Type="application/xml")  # fmt: skip
        assert reply.status_code == 204

    def enrol(self, refid: str) -> None:
        """A new student comes, in the school of the first one."""
        one = xpress.student(generate(SEED, students=1).students[0])
        one.set("refId", refid)
        reply = self.sis.send("POST", "/requests/xStudents/xStudent", etree.tostring(one))
        assert reply.status_code == 201

    def release(self) -> None:
        """Let the worker look what is known by now."""
        hub = self.puller.hub
        releasing(hub.settings, Judge(), Clock())(hub.engine)

    def take(self, entity: str, record: Mapping[str, str]) -> list[Taken]:
        """What becomes of a record that came some other way than over REST."""
        hub, to = self.puller.hub, self.puller.shelf.to
        with hub.engine.begin() as connection:
            owner = vendors.vendor_by_id(connection, self.vendor)
            assert owner is not None
            at = (connection, to, reached(owner, to), self.puller.key)
            return take_back(
                connection, taker_of(*at, hub.settings, Judge(), Clock()), [(entity, {**record})]
            )

    def ledger(self) -> set[str]:
        """The paths of what was lost."""
        with self.puller.hub.engine.connect() as connection:
            return set(connection.execute(text("SELECT source_path FROM loss")).scalars())

    def noted(self, action: str) -> list[object]:
        """The details of the entries of one kind in the audit trail."""
        with self.puller.hub.engine.connect() as connection:
            return list(audits.noted(connection, SCOPE, action))


@cache
def documents() -> dict[str, bytes]:
    """Three students, their school, and one class of the first of them."""
    found = dict(xpress.documents(generate(SEED, students=3)))
    first = str(found["xStudents"][0].get("refId"))
    rosters = [each for each in found["xRosters"] if first in etree.tostring(each).decode()]
    told = etree.tostring(rosters[0]).decode()
    for name in ("xRosters", "xCourses", "xStaffs"):
        for each in list(found[name]):
            if each is not rosters[0] and str(each.get("refId")) not in told:
                found[name].remove(each)
    del found["xContacts"]
    return {name: etree.tostring(each) for name, each in found.items()}


def settled(puller: Callable[..., Puller], objects: tuple[str, ...] = OBJECTS) -> Ground:
    """The small district, and a vendor with a connection for 1.2."""
    one = puller(policy="required", objects=objects).allowed(*ALL)
    sis = one.hub.client("sis")
    assert sis.open().status_code == 201
    for name, body in documents().items():
        assert sis.send("POST", f"/requests/{name}", body).status_code == 200, name
    student = str(generate(SEED, students=1).students[0].refid).lower()
    return Ground(one, one.shelf.to.vendor_id, student, sis)


def graded(puller: Callable[..., Puller]) -> Ground:
    """The settled district, and a vendor that may write the gradebook and attendance."""
    made = settled(puller, EVERY)
    grants = [Grant("demo-district", "DEFAULT", "OBJECT", f"{name}s", RIGHTS) for name in GRADES]
    with made.puller.hub.engine.begin() as connection:
        vendors.add_application(connection, "reading", SECRET, SCOPE, vendor_id=made.vendor,
                                grants=grants)  # fmt: skip
    made.pod(entries=(Terms(granted=EVERY, writable=GRADES),))
    made.bring_up()
    return made


def class_of(ground: Ground) -> dict[str, str]:
    """A class, a student of it and its school, as the vendor reads them."""
    seats = ground.puller.get("enrollments", limit="400", filter="role='student'")
    seat = seats.json()["enrollments"][0]
    return {name: seat[name]["sourcedId"] for name in ("class", "user", "school")}
