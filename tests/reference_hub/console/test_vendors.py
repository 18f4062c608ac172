"""The list of vendors and the page of each: agreement, deliveries, reasons, what may be done."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from reference_hub.cli import cli
from reference_hub.model.scope import Scope
from reference_hub.store import claims
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.district import GRANTED, District
from tests.reference_hub.console.reading import cells, facts, names, parsed


@pytest.fixture
def district(desk: Desk) -> District:
    """Something to put into the store."""
    return District(desk)


def test_the_list_is_paged_both_ways_by_name(desk: Desk) -> None:
    for number in range(120):
        desk.vendor(f"{'V' if number % 2 else 'v'}endor {number:03}")
    web = desk.signed_in()
    seen, address = [], "/vendors"
    for _ in range(3):
        page = web.get(address).text
        seen.append(names(page))
        found = re.search(r'href="(/console/vendors\?[^"]*)" rel="next"', page)
        address = found[1].removeprefix("/console").replace("&amp;", "&") if found else ""
    assert [len(each) for each in seen] == [50, 50, 20]
    assert [name.lower() for each in seen for name in each] == [
        f"vendor {number:03}" for number in range(120)
    ]
    back = re.search(r'href="(/console/vendors\?[^"]*)" rel="prev"', page)
    assert back
    assert names(web.get(back[1].removeprefix("/console")).text) == seen[1]


@pytest.mark.parametrize(
    "cursor", ["x", "e30=", "WyJhIl0=", "WyJhIiwiYiJd", "WyJhIiwiOTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0="]
)
def test_an_address_that_nobody_wrote_so_shows_the_first_page(desk: Desk, cursor: str) -> None:
    desk.vendor("reading")
    answer = desk.signed_in().get(f"/vendors?after={cursor}")
    assert answer.status_code == 200
    assert names(answer.text) == ["reading"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=READ", ["Bright Reading"]),
        ("q=lunch+counter+inc", ["Lunch Counter"]),
        ("q=%25", []),
        ("agreement=waits", ["Lunch Counter"]),
        ("agreement=none", ["New Portal"]),
        ("problem=dead", ["Maths Lab"]),
        ("problem=failing", ["Bus Routes"]),
        ("problem=held", ["Lunch Counter"]),
        ("problem=any", ["Bus Routes", "Lunch Counter", "Maths Lab"]),
        ("problem=any&agreement=live", ["Bus Routes", "Maths Lab"]),
    ],
)
def test_vendors_are_found_by_name_agreement_and_problem(
    district: District, query: str, expected: list[str]
) -> None:
    district.busy()
    assert names(district.desk.signed_in().get(f"/vendors?{query}").text) == expected


def test_each_state_of_an_agreement_is_found(district: District) -> None:
    desk, web = district.desk, district.desk.signed_in()
    district.pod(desk.vendor("over"), ends=date(2025, 12, 31))
    district.pod(desk.vendor("later"), starts=date(2034, 1, 1))
    refused = desk.vendor("refused")
    district.pod(refused, acknowledged=False)
    desk.run("UPDATE pod SET status = 'Expired', rejected = now() WHERE vendor_id = :id",
             id=refused)  # fmt: skip
    found = {
        state: names(web.get(f"/vendors?agreement={state}").text)
        for state in ("ended", "begins", "rejected", "live", "waits", "none")
    }
    assert found == {
        "ended": ["over"], "begins": ["later"], "rejected": ["refused"],
        "live": [], "waits": [], "none": [],
    }  # fmt: skip


def test_the_page_says_when_and_how_the_agreement_was_acknowledged(district: District) -> None:
    ids = district.busy()
    told = facts(district.desk.signed_in().get(f"/vendors/{ids['Bright Reading']}").text)
    assert told["Number"] == "NDPA-7"
    assert told["Privacy document (POD), version"] == "1.0.0 in force"
    assert told["In force"] == "July 1, 2025 to June 30, 2035"
    assert re.fullmatch(
        r"today, \d\d:\d\d, by a person, in the formAna Ruiz, privacy officer",
        told["Acknowledged"],
    )


def test_the_page_says_how_many_granted_fields_were_sent(district: District) -> None:
    ids = district.busy()
    page = district.desk.signed_in().get(f"/vendors/{ids['Bright Reading']}").text
    assert "3 of 4 granted fields were sent in the last 30 days" in facts(page)["Fields"]
    assert (
        "1 granted field that never went out: is it needed?xStudent/gender" in facts(page)["Fields"]
    )


def test_the_page_shows_no_address_that_may_hold_a_secret(district: District) -> None:
    ids = district.busy()
    page = district.desk.signed_in().get(f"/vendors/{ids['Bright Reading']}").text
    assert "SIF, pushed to vendor.example works" in facts(page)["Connection"]
    assert "token=" not in page
    assert "key:secret" not in page


@pytest.mark.parametrize(
    ("vendor", "reason", "remedy"),
    [
        ("Lunch Counter", "waits until the vendor acknowledges the agreement", "3"),
        ("Maths Lab", "the vendor answered with the error 400", "2"),
        ("Bus Routes", "the vendor cannot be reached", "7"),
    ],
)
def test_what_has_not_arrived_is_told_with_its_reason(
    district: District, vendor: str, reason: str, remedy: str
) -> None:
    ids = district.busy()
    page = parsed(district.desk.signed_in().get(f"/vendors/{ids[vendor]}").text)
    told = cells(page.xpath("//table[1]/tbody/tr")[0])
    assert told[1:3] == [f"{remedy} show them", reason]


def test_reasons_are_spanish_on_a_spanish_page(district: District) -> None:
    ids = district.busy()
    web = district.desk.signed_in()
    page = web.get(f"/vendors/{ids['Maths Lab']}?lang=es").text
    assert "el proveedor respondió con el error 400" in page
    assert "answered" not in page


def test_records_that_are_held_or_refused_are_counted_by_reason(district: District) -> None:
    desk = district.desk
    vendor_id = desk.vendor("reading")
    one = district.connection(vendor_id, "reading-csv", "oneroster-1.2-csv", "sftp")
    for number, (state, answer, said) in enumerate(
        [("held", "", ""), ("held", "", ""), ("ready", "refused", "birthDate is needed")]
    ):
        desk.run(
            "INSERT INTO target_row (subscriber_id, collection, key, zone_id, context_id, entity,"
            " refid, body, hash, state, reason, changed, answer_state, answer) VALUES (:id,"
            " 'users', :key, 'demo-district', 'DEFAULT', 'Student', 'x', '{}', 'h', :state,"
            " CASE WHEN :state = 'held' THEN 'waits for School' ELSE '' END, now(), :answer,"
            " :said)",
            id=one, key=str(number), state=state, answer=answer, said=said,
        )  # fmt: skip
    page = parsed(desk.signed_in().get(f"/vendors/{vendor_id}").text)
    table = page.xpath("//h2[.='Records held back or refused']/following::table[1]/tbody/tr")
    assert [cells(row) for row in table] == [
        ["held back", "users", "2", "waits for a record of the kind School that it belongs to"],
        ["refused by the vendor", "users", "1", "birthDate is needed"],
    ]


def test_a_vendor_sees_its_own_page_and_no_other(district: District) -> None:
    ids = district.busy()
    web = district.desk.signed_in("vendor", vendor_id=ids["Maths Lab"])
    own = web.get(f"/vendors/{ids['Maths Lab']}")
    assert own.status_code == 200
    assert "Try again now" not in own.text
    other = ids["Bright Reading"]
    paths = (f"/vendors/{other}", f"/vendors/{other}/deliveries", "/vendors/9999")
    assert [web.get(path).status_code for path in paths] == [404, 404, 404]
    assert web.get("/vendors").status_code == 403


def test_a_manager_of_one_district_finds_no_vendor_of_another(desk: Desk) -> None:
    foreign = desk.vendor("theirs", Scope("other-district"))
    web = desk.signed_in("manager", zone="demo-district")
    assert web.get(f"/vendors/{foreign}").status_code == 404
    assert web.post(f"/vendors/{foreign}/try-again", page="/account").status_code == 404


def test_a_pause_needs_a_reason_next_to_its_field(district: District) -> None:
    ids = district.busy()
    web = district.desk.signed_in("manager")
    answer = web.post(f"/vendors/{ids['Bus Routes']}/pause", {"why": " x "})
    assert answer.status_code == 422
    assert 'id="why-fault">Write why, in 3 to 200 characters.' in answer.text
    assert 'value="x"' in answer.text
    assert district.desk.run("SELECT count(*) FROM subscriber WHERE paused IS NOT NULL") == [(0,)]


def claimed(district: District) -> set[str]:
    """The connections that a worker finds work for."""
    found: set[str] = set()
    with district.desk.engine.begin() as connection:
        while claim := claims.claim(connection, datetime.now(UTC), 60, 50):
            found.add(claim.subscriber.name)
    return found


def ready(district: District, web: Web) -> int:
    """A vendor with something that a worker would take now."""
    desk = district.desk
    vendor_id = desk.vendor("reading")
    one = district.connection(vendor_id, "reading-sif")
    desk.run("UPDATE message SET state = 'waiting'")
    district.messages(one, 2, "waiting")
    assert web
    return vendor_id


def test_a_paused_vendor_is_sent_nothing_until_it_goes_on(district: District) -> None:
    web = district.desk.signed_in("manager")
    vendor_id = ready(district, web)
    web.post(f"/vendors/{vendor_id}/pause", {"why": "They move servers"})
    assert claimed(district) == set()
    page = web.get(f"/vendors/{vendor_id}").text
    assert "paused the deliveries" in page
    web.post(f"/vendors/{vendor_id}/go-on", page=f"/vendors/{vendor_id}")
    assert claimed(district) == {"reading-sif"}


def test_pausing_and_going_on_are_audited_with_who_and_why(district: District) -> None:
    web = district.desk.signed_in("manager")
    vendor_id = ready(district, web)
    web.post(f"/vendors/{vendor_id}/pause", {"why": "They move servers"})
    web.post(f"/vendors/{vendor_id}/go-on", page=f"/vendors/{vendor_id}")
    found = district.desk.run(
        "SELECT action, detail ->> 'vendor', detail ->> 'reason', actor LIKE 'console:manager%'"
        " FROM audit WHERE action LIKE 'console %deliveries' ORDER BY id"
    )
    assert found == [
        ("console paused deliveries", "reading", "They move servers", True),
        ("console resumed deliveries", "reading", None, True),
    ]


def test_dead_letters_are_tried_again_by_a_button(district: District) -> None:
    ids = district.busy()
    web = district.desk.signed_in("manager")
    page = f"/vendors/{ids['Maths Lab']}"
    assert web.post(f"{page}/try-again", page=page).status_code == 303
    assert "2 deliveries that were given up are tried once more" in web.get(page).text
    assert district.desk.run("SELECT count(*) FROM message WHERE state = 'dead'") == [(0,)]


def test_deliveries_are_paged_newest_first(district: District) -> None:
    vendor_id = district.desk.vendor("reading")
    one = district.connection(vendor_id, "reading-sif")
    district.messages(one, 130, "done")
    web = district.desk.signed_in()
    numbers: list[int] = []
    address = f"/vendors/{vendor_id}/deliveries?which=settled"
    for _ in range(3):
        page = web.get(address).text
        numbers += [int(each) for each in re.findall(r'<th scope="row">(\d+)</th>', page)]
        found = re.search(r'href="([^"]*)" rel="next"', page)
        address = found[1].removeprefix("/console").replace("&amp;", "&") if found else ""
    assert numbers == list(range(130, 0, -1))


@pytest.mark.parametrize("query", ["which=odd", "connection=x", "connection=99999"])
def test_deliveries_of_what_is_not_there_are_no_page(district: District, query: str) -> None:
    vendor_id = district.desk.vendor("reading")
    district.connection(vendor_id, "reading-sif")
    answer = district.desk.signed_in().get(f"/vendors/{vendor_id}/deliveries?{query}")
    assert answer.status_code == 404


def test_a_vendor_without_anything_is_told_what_comes_next(desk: Desk) -> None:
    page = desk.signed_in().get(f"/vendors/{desk.vendor('reading')}").text
    assert "reference-hub vendor connect reading --help" in page
    assert "reference-hub pod issue reading" in page
    assert len(GRANTED) == 4


def test_the_commands_say_who_paused_a_vendor(district: District) -> None:
    desk = district.desk
    desk.account("maria", "manager")
    web = desk.web()
    web.sign_in("maria")
    vendor_id = ready(district, web)
    web.post(f"/vendors/{vendor_id}/pause", {"why": "They move servers"})
    url = desk.engine.url.render_as_string(False).replace("postgresql+psycopg", "postgresql", 1)
    said = [
        CliRunner().invoke(cli, words, env={"DATABASE_URL": url}).output
        for words in (["deliveries", "list"], ["vendor", "list"])
    ]
    assert "maria paused the vendor in the console; let it go on there" in said[0]
    assert "sif-xml (paused by maria in the console)" in said[1]
