"""A district's feed in Unity 4.3 under OAuth, and a vendor that reads what its agreement grants."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from fixtures.generate import generate
from fixtures.writers import xpress
from tests.system.flows import au_data
from tests.system.flows.conftest import Serve, Served, application
from tests.system.flows.oauth_feed import Feed

STUDENTS = 25
MODEL = '[zones.demo-district]\ndescription = "Feed"\nmodel = "unity-4.3"\ndecision = "console"\n'
COMMANDS = (
    ("vendor", "add", "reading", "--party", "Example Reading App"),
    ("app", "add", "reader", "--secret-env", "APP_SECRET", "--vendor", "reading"),
    ("pod", "issue", "reading"),
)


@pytest.fixture(scope="module")
def hub(serve: Serve, standards: Path) -> Served:
    """A hub that judges by Unity 4.3, and by another model that no agreement speaks of."""
    folder = standards / "schemas"
    running = serve(
        MODEL + application("ma-sis", environment="DIRECT"),
        ("schemas", "add", str(folder / "patched/unity-4.3-strict"), "--model", "unity-4.3"),
        ("schemas", "add", str(folder / "official/au-3.4.8"), "--model", "au-3.4"),
    )
    for command in COMMANDS:
        running.tells(*command)
    return running


def joined(hub: Served, key: str) -> Feed:
    """An application with its token and its environment."""
    feed = Feed(hub.url, key)
    assert feed.authorize().status_code == 200
    assert feed.connect().status_code in (201, 409)
    return feed


@pytest.fixture(scope="module")
def feed(hub: Served) -> Feed:
    """The SIS of the district."""
    return joined(hub, "ma-sis")


@pytest.fixture(scope="module")
def district(feed: Feed) -> dict[str, etree._Element]:
    """The collections of a district, published."""
    documents = dict(xpress.documents(generate(4, STUDENTS)))
    for name, collection in documents.items():
        body = etree.tostring(collection, encoding="unicode")
        answer = feed.send("POST", f"{feed.connector}/{name}", body, mustUseAdvisory="true")
        assert answer.status_code == 200, answer.text
        assert answer.text.count('statusCode="201"') == len(collection), answer.text[:2000]
    return documents


@pytest.fixture(scope="module")
def vendor(hub: Served) -> Feed:
    """A vendor that has its token, but has acknowledged nothing yet."""
    joining = Feed(hub.url, "reader")
    joining.authorize()
    assert joining.connect().status_code == 201
    return joining


def test_a_wrong_secret_gets_no_token(hub: Served) -> None:
    answer = Feed(hub.url, "ma-sis", secret="guessed").authorize()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "access_token" not in answer.json()


def test_the_environment_is_a_bearers(feed: Feed) -> None:
    answer = feed.connect()
    assert answer.status_code == 409
    root = etree.fromstring(answer.content)
    assert root.findtext("{*}authenticationMethod") == "Bearer"
    assert root.findtext("{*}defaultZone/{*}description") == "Feed"


def test_a_new_token_goes_on_with_the_same_environment(
    feed: Feed, district: dict[str, etree._Element]
) -> None:
    before = feed.http.headers["Authorization"]
    assert feed.authorize().status_code == 200
    assert feed.http.headers["Authorization"] != before
    answer = feed.send("GET", f"{feed.connector}/xStudents?navigationPage=1&navigationPageSize=1")
    assert (answer.status_code, answer.headers["navigationCount"]) == (200, str(STUDENTS))


def test_the_district_comes_back_as_it_was_published(
    feed: Feed, district: dict[str, etree._Element]
) -> None:
    for sent in district["xStudents"]:
        answer = feed.send("GET", f"{feed.connector}/xStudents/{sent.get('refId')}")
        assert etree.canonicalize(answer.content.decode()) == etree.canonicalize(
            etree.tostring(sent, encoding="unicode")
        )


def test_what_unity_does_not_allow_is_refused(feed: Feed) -> None:
    body = (
        '<xStudent xmlns="http://www.sifassociation.org/datamodel/na/4.x" '
        'refId="7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C06"><shoeSize>canary-44</shoeSize></xStudent>'
    )
    answer = feed.send("POST", f"{feed.connector}/xStudents/xStudent", body)
    assert answer.status_code == 400
    assert "canary-44" not in answer.text


def marker(vendor: Feed) -> str:
    """The podToken in the vendor's own POD."""
    answer = vendor.send("GET", f"{vendor.connector}/pods", serviceType="UTILITY")
    return str(etree.fromstring(answer.content).findtext(".//{*}podToken"))


def test_the_vendor_reads_with_the_marker_only(
    vendor: Feed, district: dict[str, etree._Element]
) -> None:
    refused = vendor.send("GET", f"{vendor.connector}/xStudents")
    assert (refused.status_code, "xStudent" in refused.text) == (403, False)
    token = marker(vendor)
    answer = vendor.send("GET", f"{vendor.connector}/xStudents", dataPrivacyMarker=token)
    assert (answer.status_code, answer.headers["dataPrivacyMarker"]) == (200, token)
    shown = {one.get("refId"): one for one in etree.fromstring(answer.content)}
    assert shown.keys() == {one.get("refId") for one in district["xStudents"]}
    for sent in district["xStudents"]:
        given = f"{{{xpress.NA4}}}name/{{{xpress.NA4}}}givenName"
        assert shown[sent.get("refId")].findtext(given) == sent.findtext(given)


def test_nothing_that_is_not_granted_is_in_any_answer(
    vendor: Feed, district: dict[str, etree._Element]
) -> None:
    token, got = marker(vendor), ""
    for name in district:
        answer = vendor.send("GET", f"{vendor.connector}/{name}", dataPrivacyMarker=token)
        assert answer.status_code in (200, 204, 403)
        got += answer.text
    kept = [
        str(each.text)
        for path in ("stateProvinceId", "phoneNumber/number", "address/line1")
        for each in district["xStudents"].iterfind(
            ".//" + "/".join(f"{{{xpress.NA4}}}{step}" for step in path.split("/"))
        )
    ]
    assert len(kept) > STUDENTS
    assert [value for value in kept if f">{value}<" in got] == []


def test_the_vendor_cannot_write(vendor: Feed, district: dict[str, etree._Element]) -> None:
    refid = district["xStudents"][0].get("refId")
    answer = vendor.send(
        "DELETE", f"{vendor.connector}/xStudents/{refid}", dataPrivacyMarker=marker(vendor)
    )
    assert answer.status_code == 403


def test_the_agreement_opens_no_names_in_another_model(feed: Feed, vendor: Feed) -> None:
    refid = au_data.new_refid()
    body = au_data.student(refid, "V-1", family="Canary")
    made = feed.send("POST", f"{feed.connector}/StudentPersonals/StudentPersonal", body)
    assert made.status_code == 201
    one = f"{vendor.connector}/StudentPersonals/{refid}"
    assert vendor.send("GET", one).status_code == 403
    answer = vendor.send("GET", one, dataPrivacyMarker=marker(vendor))
    shown = {each.tag.rpartition("}")[2] for each in etree.fromstring(answer.content).iter("*")}
    assert not {"FamilyName", "GivenName", "BirthDate", "AcceptableUsePolicy"} & shown
    assert "Canary" not in answer.text
