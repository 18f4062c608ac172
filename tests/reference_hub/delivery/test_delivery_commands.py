"""The commands about deliveries: list, show, retry, resync; and what `vendor list` tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from conformance.simulators.message import Response
from reference_hub.cli import cli
from reference_hub.journeys.delivery_words import age, words
from reference_hub.model.change import DELETE
from reference_hub.settings import Delivery, Settings
from reference_hub.store.db import url_of
from tests.reference_hub.delivery.district import District, Vendor, change, renamed

Connected = tuple[District, Vendor, int]
Command = Callable[..., str]
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def rows(text: str) -> list[dict[str, str]]:
    """What --json printed."""
    found: list[dict[str, str]] = json.loads(text)
    return found


def sent(vendor: Vendor) -> list[str]:
    """Methods of the data requests."""
    return [method for method, _ in vendor.actions()]


def test_the_list_tells_how_much_how_old_and_why(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(400))
    district.accept(change(1), change(2))
    district.deliver()
    (row,) = rows(hub("deliveries", "list", "--json"))
    assert (row["vendor"], row["connection"]) == ("reading", "connection-1")
    assert (row["state"], row["messages"], row["next_try"]) == ("dead", "1", "-")
    assert row["why"].startswith("not delivered: the vendor answered 400; when that is mended")


def test_held_messages_are_explained(
    district: District, vendor: tuple[Vendor, str], hub: Command
) -> None:
    district.connect(district.vendor(), vendor[1])
    district.accept(change(1))
    (row,) = rows(hub("deliveries", "list", "--state", "held", "--json"))
    assert "waits until the vendor acknowledges the POD" in row["why"]
    assert rows(hub("deliveries", "list", "--state", "dead", "--json")) == []


def test_one_message_is_shown_without_content_or_person(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503))
    district.accept(change(1))
    district.deliver()
    (line,) = rows(hub("deliveries", "list", "--each", "--json"))
    (shown,) = rows(hub("deliveries", "show", line["message"], "--json"))
    assert shown["what"] == "CREATE xStudent"
    assert (shown["state"], shown["tries"]) == ("waiting", "1")
    assert shown["why"] == "is tried again: the vendor answered 503"
    assert change(1).refid[:8].lower() not in json.dumps(shown).lower().replace("-", "")
    assert rows(hub("deliveries", "show", shown["messageId"], "--json")) == [shown]


@pytest.mark.parametrize("name", ["99", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_message_that_is_not_there_is_refused(
    connected: Connected, hub: Command, name: str
) -> None:
    with pytest.raises(Exception, match="deliveries list --each"):
        hub("deliveries", "show", name)


def test_a_dead_letter_goes_again_in_its_old_place(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(400), 2)
    district.accept(change(1), renamed(1, "Ada"), change(2))
    district.deliver()
    assert [state for _, state, _ in district.states()] == ["dead", "dead", "done"]
    assert hub("deliveries", "retry", "--vendor", "reading", "--dead").startswith("2 messages")
    vendor.seen.clear()
    district.deliver()
    assert sent(vendor) == ["POST", "PUT"]
    assert [state for _, state, _ in district.states()] == ["done"] * 3


@pytest.mark.requirement("TRN-LC-07")
def test_what_a_younger_version_has_overtaken_is_not_sent(
    connected: Connected, hub: Command
) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(400))
    district.accept(renamed(1, "Old"), renamed(1, "New"))
    district.deliver()
    number = str(district.query("SELECT min(id) FROM message WHERE state = 'dead'")[0][0])
    assert "a younger one has overtaken it" in hub("deliveries", "retry", number)
    vendor.seen.clear()
    district.deliver()
    assert sent(vendor) == []
    assert district.states()[0] == ("UPDATE", "purged", "a younger version was delivered")


def test_what_was_delivered_is_not_tried_again(connected: Connected, hub: Command) -> None:
    district, _, _ = connected
    district.accept(change(1))
    district.deliver()
    number = str(district.query("SELECT max(id) FROM message")[0][0])
    with pytest.raises(Exception, match="only what is dead, held or waiting"):
        hub("deliveries", "retry", number)


def test_a_waiting_message_may_be_tried_at_once(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503, headers=(("Retry-After", "600"),)))
    district.accept(change(1))
    district.deliver()
    number = str(district.query("SELECT max(id) FROM message")[0][0])
    assert hub("deliveries", "retry", number) == f"Message {number} goes next.\n"
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]


def test_a_paused_connection_shows_and_may_be_probed_at_once(
    connected: Connected, hub: Command
) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503))
    district.accept(change(1))
    district.deliver(Settings(delivery=Delivery(pause_after=1)))
    (listed,) = rows(hub("vendor", "list", "--json"))
    assert "paused until" in listed["connections"]
    assert "the vendor answered 503" in listed["connections"]
    (row,) = rows(hub("deliveries", "list", "--json"))
    assert row["why"].startswith("the connection is paused until")
    assert hub("deliveries", "retry", "--vendor", "reading") == (
        "1 failing connections of reading are tried now.\n"
    )
    district.hour.moved = timedelta(seconds=2)
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]
    assert rows(hub("vendor", "list", "--json"))[0]["connections"] == "sif-xml"


def test_a_resync_sends_all_and_deletes_what_is_gone(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    district.accept(change(1), change(2), change(3))
    district.deliver()
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET objects = '[]'")
    district.accept(change(3, DELETE))
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET objects = '[\"xStudent\"]'")
    del vendor.state.students[next(iter(vendor.state.students))]
    vendor.seen.clear()
    assert hub("deliveries", "resync", "reading").startswith("3 messages are queued")
    district.deliver()
    assert sorted(set(sent(vendor))) == ["DELETE", "POST", "PUT"]
    assert len(vendor.state.students) == 2


def test_a_resync_drops_what_waits_for_the_same_connection(
    connected: Connected, hub: Command
) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503))
    district.accept(change(1), renamed(1, "Ada"))
    district.deliver()
    hub("deliveries", "resync", "reading")
    district.deliver()
    states = [(state, reason) for _, state, reason in district.states()]
    assert states == [("purged", "sent afresh")] * 2 + [("done", "")]
    assert len(vendor.state.students) == 1


def test_a_resync_needs_to_know_the_connection(connected: Connected, hub: Command) -> None:
    district, _, vendor_id = connected
    district.connect(vendor_id, "http://127.0.0.1:9/", name="second")
    with pytest.raises(Exception, match="known: connection-1, second"):
        hub("deliveries", "resync", "reading")
    assert "queued for second" in hub("deliveries", "resync", "reading", "--connection", "second")


def test_what_an_operator_does_is_audited(connected: Connected, hub: Command) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(400))
    district.accept(change(1))
    district.deliver()
    hub("deliveries", "retry", "--vendor", "reading", "--dead")
    hub("deliveries", "resync", "reading")
    by = "FROM audit WHERE actor = 'operator' AND action LIKE 're%%' ORDER BY id"
    assert district.query(f"SELECT action, count {by}") == [("retried", 1), ("resynchronised", 1)]


@pytest.mark.parametrize(
    "words", [("retry",), ("retry", "1", "--vendor", "x"), ("retry", "--dead")]
)
def test_retry_wants_one_message_or_one_vendor(
    hub_settings: Settings, words: tuple[str, ...]
) -> None:
    env = {"DATABASE_URL": url_of(hub_settings).replace("+psycopg", "")}
    assert CliRunner().invoke(cli, ["deliveries", *words], env=env).exit_code == 2


def test_ages_are_told_in_two_units() -> None:
    seconds = (0, 59, 61, 3600, 90061)
    ages = [age(NOW - timedelta(seconds=each), NOW) for each in seconds]
    assert ages == ["0 s", "59 s", "1 min 1 s", "1 h", "1 d 1 h"]


def test_what_waits_for_nothing_goes_next() -> None:
    assert words("waiting", "", None, NOW, NOW).startswith("goes next")
