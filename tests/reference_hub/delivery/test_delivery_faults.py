"""Whatever happens on the way, the vendor ends with what it should have, in order, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from reference_hub.codec.xml import fold, read
from reference_hub.model.change import DELETE
from reference_hub.model.uuids import derived
from reference_hub.settings import Delivery, Settings, Worker
from tests.reference_hub.delivery.district import District, Vendor, change, renamed
from tests.reference_hub.delivery.fault_proxy import MODES, Proxy, proxied

SETTINGS = Settings(
    worker=Worker(lease_seconds=5, timeout_seconds=0.5), delivery=Delivery(pause_after=3)
)


@pytest.fixture
def proxy(vendor: tuple[Vendor, str]) -> Iterator[Proxy]:
    """A proxy in front of the vendor."""
    port = urlsplit(vendor[1]).port
    assert port
    with proxied(port) as running:
        yield running


@pytest.fixture
def behind(district: District, vendor: tuple[Vendor, str], proxy: Proxy) -> District:
    """A district that reaches its vendor through the proxy, with an open environment."""
    app, url = vendor
    app.needs_pod = False
    path = urlsplit(url).path
    district.connect(district.vendor(policy="off"), f"http://127.0.0.1:{proxy.port}{path}")
    district.accept(change(0))
    assert district.deliver(SETTINGS) == 1
    # The vendor tells its own address in the environment; the way there leads by the proxy too.
    with district.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE subscriber SET session = replace(session::text, '127.0.0.1:{proxy.target}',"
            f" '127.0.0.1:{proxy.port}')::jsonb"
        )
    app.seen.clear()
    return district


def given(index: int) -> str:
    """The given name of a student as it was drawn."""
    return read(change(index).body or b"").findtext(".//{*}givenName") or ""


def held_by(vendor: Vendor) -> dict[str, str]:
    """The given names the vendor holds, by folded RefId."""
    found = vendor.state.students.values()
    return {fold(each.get("refId", "")): each.findtext(".//{*}givenName") or "" for each in found}


def checked(vendor: Vendor, district: District) -> None:
    """Requests came in queue order, under the ids of the queue, each with the same bytes."""
    place: dict[str, int] = {}
    for number, message_id in district.query("SELECT id, message_id::text FROM message"):
        place |= dict.fromkeys((str(message_id), derived(str(message_id))), int(str(number)))
    came = [place[each.header("messageId") or ""] for each in vendor.data()]
    assert came == sorted(came)
    whole: dict[str, bytes] = {}
    for each in sorted(vendor.data(), key=lambda each: len(each.body), reverse=True):
        # What a cut line left of a request is its beginning.
        assert whole.setdefault(each.header("messageId") or "", each.body).startswith(each.body)


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_on_the_way_loses_and_doubles_nothing(
    behind: District, vendor: tuple[Vendor, str], proxy: Proxy, mode: str
) -> None:
    app, _ = vendor
    proxy.mode = mode
    behind.accept(change(1), change(2), renamed(1, "Ada"), change(3), change(3, DELETE))
    for _ in range(3):
        behind.deliver(SETTINGS)
        behind.hour.moved += timedelta(seconds=3)
    proxy.mode = "pass"
    behind.hour.moved += timedelta(minutes=20)
    behind.deliver(SETTINGS)
    assert {state for _, state, _ in behind.states()} == {"done"}
    wanted = {change(index).refid: given(index) for index in (0, 1, 2)}
    # Student 3 came and went.
    assert held_by(app) == wanted | {change(1).refid: "Ada"}
    checked(app, behind)


def test_a_vendor_that_is_down_for_an_hour_gets_everything(
    behind: District, vendor: tuple[Vendor, str], proxy: Proxy
) -> None:
    app, _ = vendor
    proxy.mode = "down"
    for minute in range(60):
        if minute % 6 == 0:
            behind.accept(change(1 + minute))
        behind.hour.moved += timedelta(minutes=1)
        behind.deliver(SETTINGS)
    assert proxy.accepted < 20
    proxy.mode = "pass"
    behind.hour.moved += timedelta(minutes=16)
    behind.deliver(SETTINGS)
    assert {state for _, state, _ in behind.states()} == {"done"}
    assert len(held_by(app)) == 11
    checked(app, behind)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("down", "the vendor cannot be reached"),
        ("hang", "the vendor did not answer in time"),
        ("garbage", "the vendor cannot be reached"),
        ("busy", "the vendor answered 503"),
    ],
)
def test_each_fault_is_said_in_a_few_words(
    behind: District, proxy: Proxy, mode: str, said: str
) -> None:
    proxy.mode = mode
    behind.accept(change(1))
    behind.deliver(SETTINGS)
    assert behind.states()[-1] == ("CREATE", "waiting", said)
