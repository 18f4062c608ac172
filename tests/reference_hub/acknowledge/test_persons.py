"""People never to be shared: a source's documents, an operator's words, what vendors get of it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from lxml import etree

from conformance.simulators import serve
from reference_hub.cli_persons import person
from reference_hub.codec import xml
from reference_hub.journeys import persons, prepare
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.settings import Settings
from reference_hub.store import exclusions, vendors
from tests.reference_hub.delivery.district import SCOPE, District, Vendor, change, roster
from tests.reference_hub.outgoing import Taker
from tests.reference_hub.web.conftest import stored

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
PARTY = "Example Reading App"
WISH = str(uuid.UUID(int=7))


def document(refid: str, *parties: str, key: str = WISH) -> bytes:
    """Who must not hear of the person; nobody named: no entry."""
    entries = "".join(
        f"<NeverShareWith><NeverShareWithParty>{party}</NeverShareWithParty></NeverShareWith>"
        for party in parties
    )
    return (
        f'<PersonPrivacyObligationDocument xmlns="{NA4}" RefId="{key}">'
        f"<ParentRefId>{refid}</ParentRefId><ConsentToSharingOfData>"
        f"<NeverShareWithList>{entries}</NeverShareWithList></ConsentToSharingOfData>"
        "</PersonPrivacyObligationDocument>"
    ).encode()


def wish(action: str, refid: str, *parties: str) -> Change:
    """The same as a change of a source."""
    body = None if action == DELETE else document(refid, *parties)
    return Change(action, persons.DOCUMENT, xml.fold(WISH), body)


ADA = change(1).refid


@pytest.fixture
def receiving(store: object) -> Iterator[tuple[District, Vendor]]:
    """A vendor that has a student of the district."""
    district, app = District(store), Vendor()  # type: ignore[arg-type]
    with serve(app) as handle:
        district.connect(district.vendor(), handle.url)
        district.issue(1)
        district.accept(change(1), change(2))
        district.deliver()
        assert len(app.state.students) == 2
        app.seen.clear()
        yield district, app


BEN = change(2).refid
ROSTER, ENROLLED = str(uuid.UUID(int=8)), str(uuid.UUID(int=9))
NAMING = {
    "xRoster": f'<xRoster xmlns="{NA4}" refId="{ROSTER}"><students>'
    + "".join(
        f"<studentReference><refId>{prepare.spelled(each)}</refId></studentReference>"
        for each in (ADA, BEN)
    )
    + "</students></xRoster>",
    "StudentSchoolEnrollment": f'<StudentSchoolEnrollment xmlns="{NA4}" RefId="{ENROLLED}" '
    f'StudentPersonalRefId="{prepare.spelled(ADA)}"/>',
}


@pytest.mark.requirement("POD-MIN-011")
def test_what_names_the_person_is_taken_back_or_told_anew(store: object) -> None:
    district, app = District(store), Taker()  # type: ignore[arg-type]
    with serve(app) as handle:
        district.connect(district.vendor(), handle.url, objects=list(NAMING))
        district.issue(1, tuple(NAMING), acknowledged=True)
        key = xml.fold
        district.accept(
            Change(CREATE, "xRoster", key(ROSTER), NAMING["xRoster"].encode()),
            Change(
                CREATE,
                "StudentSchoolEnrollment",
                key(ENROLLED),
                NAMING["StudentSchoolEnrollment"].encode(),
            ),
        )
        district.deliver()
        app.seen.clear()
        district.accept(wish(CREATE, ADA, PARTY))
        district.deliver()
        changed, gone = app.data()
        assert (changed.method, changed.segments[-2]) == ("PUT", "xRosters")
        assert re.findall("<refId>(.*?)</refId>", changed.body.decode()) == [prepare.spelled(BEN)]
        assert (gone.method, gone.segments[-2]) == ("DELETE", "StudentSchoolEnrollments")
        district.accept(wish(DELETE, ADA))
        district.deliver()
        assert [method for method, _ in app.actions()[2:]] == ["PUT", "POST"]


def excluded(district: District) -> list[tuple[str, int | None]]:
    with district.engine.connect() as connection:
        return [(each.refid, each.vendor_id) for each in exclusions.everyone(connection, SCOPE)]


@pytest.mark.requirement("POD-MIN-011")
def test_a_vendor_is_sent_a_delete_of_whom_it_must_not_have(
    receiving: tuple[District, Vendor],
) -> None:
    district, app = receiving
    district.accept(wish(CREATE, ADA, f"  {PARTY.upper()} "))
    assert excluded(district) == [(ADA, 1)]
    district.deliver()
    assert [method for method, _ in app.actions()] == ["DELETE"]
    assert app.data()[0].body == b""
    assert len(app.state.students) == 1


@pytest.mark.requirement("POD-MIN-011")
def test_changes_of_the_person_are_not_sent_any_more(receiving: tuple[District, Vendor]) -> None:
    district, app = receiving
    district.accept(change(1, UPDATE))
    district.accept(wish(CREATE, ADA, PARTY))
    district.accept(change(1, UPDATE), change(2, UPDATE))
    district.deliver()
    assert [method for method, _ in app.actions()] == ["DELETE", "PUT"]
    assert [each for _, each, _ in district.states()][-4:] == ["purged", "done", "purged", "done"]


def test_other_parties_keep_the_person(receiving: tuple[District, Vendor]) -> None:
    district, app = receiving
    district.accept(wish(CREATE, ADA, "Somebody Else Inc"))
    district.deliver()
    assert (excluded(district), app.data()) == ([], [])


@pytest.mark.parametrize("back", [wish(UPDATE, ADA, "Another"), wish(DELETE, ADA)])
def test_a_wish_that_is_taken_back_brings_the_person_back(
    receiving: tuple[District, Vendor], back: Change
) -> None:
    district, app = receiving
    district.accept(wish(CREATE, ADA, PARTY))
    district.deliver()
    district.accept(back)
    assert excluded(district) == []
    district.deliver()
    assert [method for method, _ in app.actions()] == ["DELETE", "POST"]
    assert len(app.state.students) == 2


def test_a_vendor_that_never_had_the_person_is_told_nothing(
    receiving: tuple[District, Vendor],
) -> None:
    district, app = receiving
    refid = change(3).refid
    district.accept(wish(CREATE, refid, PARTY))
    district.accept(change(3), change(3, DELETE))
    district.deliver()
    assert app.data() == []


def test_an_entry_that_names_nobody_bars_every_vendor(receiving: tuple[District, Vendor]) -> None:
    district, app = receiving
    district.accept(wish(CREATE, ADA, ""))
    district.deliver()
    assert excluded(district) == [(ADA, None)]
    assert [method for method, _ in app.actions()] == ["DELETE"]


def test_a_vendor_that_comes_later_is_barred_as_well(receiving: tuple[District, Vendor]) -> None:
    district, _ = receiving
    district.accept(wish(CREATE, ADA, "Later Inc"))
    assert excluded(district) == []
    with district.engine.begin() as connection:
        later = vendors.add_vendor(connection, "later", "Later Inc", SCOPE)
        persons.review(connection, SCOPE, district.clock)
    assert excluded(district) == [(ADA, later)]


def test_a_file_of_a_roster_is_made_anew(store: object) -> None:
    district = District(store)  # type: ignore[arg-type]
    vendor_id = district.vendor()
    district.issue(vendor_id, acknowledged=True)
    district.accept(*roster())
    with serve(Vendor()) as handle:
        files = {"format": "oneroster-1.2-csv", "transport": "http_put"}
        district.connect(vendor_id, handle.url, name="files", **files)
        with district.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE message SET state = 'done', settled = now()")
        with district.engine.begin() as connection:
            assert persons.exclude(connection, SCOPE, str(uuid.uuid4()), None, district.clock)
    waiting = "SELECT kind FROM message WHERE state = 'waiting'"
    assert district.query(waiting) == [("file",)]


def test_the_audit_tells_numbers_and_no_person(receiving: tuple[District, Vendor]) -> None:
    district, _ = receiving
    district.accept(wish(CREATE, ADA, PARTY))
    ((count, told),) = district.query(
        "SELECT count, detail FROM audit WHERE action = 'followed person privacy'"
    )
    assert (count, told) == (1, {"barred": 1, "freed": 0, "DELETE": 1})


def test_a_source_sends_the_document_where_it_is_served(
    hub: Any, sis: Any, reader: Any, students: Any
) -> None:
    found = stored(sis, students(2))
    pod = hub.pod(1)
    refid = found[0].get("refId")
    # Any object is served where the zone holds one or a registered schema declares it.
    District(hub.engine).accept(wish(CREATE, str(uuid.uuid4())))
    path = f"/requests/{persons.DOCUMENT}s"
    made = sis.send("POST", f"{path}/{persons.DOCUMENT}", document(refid, "reading Inc", key=""))
    assert made.status_code == 201

    def shown() -> list[str]:
        reply = reader.send("GET", "/requests/xStudents", dataPrivacyMarker=pod.token)
        return [each.get("refId") for each in etree.fromstring(reply.content)]

    assert shown() == [found[1].get("refId")]
    key = etree.fromstring(made.content).get("RefId")
    assert sis.send("DELETE", f"{path}/{key}").status_code == 204
    assert shown() == [each.get("refId") for each in found]


def test_an_operator_excludes_lists_and_includes(
    receiving: tuple[District, Vendor], hub_settings: Settings
) -> None:
    district, app = receiving
    url = district.engine.url.render_as_string(hide_password=False)
    settings = msgspec.structs.replace(
        hub_settings, database=msgspec.structs.replace(hub_settings.database, url=url)
    )

    def run(*words: str) -> Any:
        return CliRunner().invoke(person, words, obj=settings)

    assert run("exclude", ADA.upper(), "--vendor", "reading").output == "Not shared with reading.\n"
    assert "already" in run("exclude", ADA, "--vendor", "reading").output
    listed = json.loads(run("list", "--json").output)
    assert listed == [{"person": ADA, "vendor": "reading", "by": "operator"}]
    assert run("include", ADA, "--vendor", "reading").exit_code == 0
    for words in (("include", ADA), ("exclude", "Ada"), ("exclude", ADA, "--vendor", "nobody")):
        assert run(*words).exception is not None
    district.deliver()
    # Taken back before it was sent: the vendor gets the student as it is.
    assert [method for method, _ in app.actions()] == ["PUT"]
