"""The page for parents: which product gets which kinds of data; nothing about anybody."""

from __future__ import annotations

import pytest
import requests

from tests.reference_hub.console.conftest import Desk
from tests.reference_hub.console.district import District
from tests.reference_hub.console.student import School


def ask(desk: Desk, path: str = "/public/demo-district", **headers: str) -> requests.Response:
    return requests.get(f"{desk.base}{path}", headers=headers, timeout=20)


def test_a_product_is_told_with_kinds_purpose_and_days(desk: Desk) -> None:
    District(desk).pod(desk.vendor("Bright Reading"))
    page = ask(desk).text
    assert "<h2>Bright Reading</h2>" in page
    assert "Student: name" in page
    assert "Practice" in page
    assert "June 30, 2035" in page
    assert "Accepted by the company" in page


def test_it_speaks_spanish(desk: Desk) -> None:
    District(desk).pod(desk.vendor("Bright Reading"))
    page = ask(desk, **{"Accept-Language": "es-MX"}).text
    assert '<html lang="es">' in page
    assert "Estudiante: nombre" in page
    assert "30 de junio de 2035" in page


def test_an_agreement_that_is_not_in_force_is_not_told(desk: Desk) -> None:
    District(desk).pod(desk.vendor("Waiting"), acknowledged=False)
    page = ask(desk).text
    assert "Waiting" not in page
    assert "No product gets data now" in page


def test_an_ended_agreement_is_not_told(desk: Desk) -> None:
    District(desk).pod(desk.vendor("Gone"))
    desk.run("UPDATE pod SET ends = current_date - 3")
    assert "Gone" not in ask(desk).text


def test_a_vendor_that_is_asked_for_no_agreement_is_told_as_well(desk: Desk) -> None:
    vendor_id = desk.vendor("Open")
    District(desk).connection(vendor_id, "open")
    desk.run("UPDATE vendor SET pod_policy = 'off'")
    page = ask(desk).text
    assert "<h2>Open</h2>" in page
    assert "Everything that the district keeps" in page


def test_nothing_of_a_student_and_no_secret_is_on_the_page(desk: Desk) -> None:
    school = School(desk)
    refid, number = school.student()
    _, pod = school.sent("reading", refid)
    page = ask(desk).text
    for word in (refid, number, pod.token, pod.id, "vendor.example/sif", "secret", "Ana Ruiz"):
        assert word not in page


@pytest.mark.parametrize("zone", ["nowhere", "demo-distric", "%00"])
def test_an_unknown_district_is_told_nothing(desk: Desk, zone: str) -> None:
    answer = ask(desk, f"/public/{zone}")
    assert answer.status_code == 404
    assert "demo" not in answer.text
    assert answer.text == ask(desk, "/public/elsewhere").text


def test_a_cache_may_keep_the_page(desk: Desk) -> None:
    first = ask(desk)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in first.headers["Vary"]
    assert "Set-Cookie" not in first.headers
    again = ask(desk, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_another_agreement_makes_another_version_of_the_page(desk: Desk) -> None:
    before = ask(desk).headers["ETag"]
    District(desk).pod(desk.vendor("Bright Reading"))
    assert ask(desk, **{"If-None-Match": before}).status_code == 200


def test_many_products_come_in_pages_of_a_size(desk: Desk) -> None:
    for number in range(45):
        District(desk).pod(desk.vendor(f"product {number:02}"))
    page = ask(desk)
    assert page.text.count("<h2>product") == 40
    assert len(page.content) < 200_000
    following = page.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    rest = ask(desk, following.replace("&amp;", "&")).text
    assert rest.count("<h2>product") == 5


def test_it_is_asked_for_only(desk: Desk) -> None:
    answer = requests.post(f"{desk.base}/public/demo-district", timeout=20)
    assert answer.status_code == 405
