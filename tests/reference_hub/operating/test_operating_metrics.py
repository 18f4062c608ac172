"""Figures of a served hub: right over several processes, gone with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.reference_hub.operating.served import Served, Start


def figure(served: Served, name: str, **labels: str) -> float | None:
    """One sample of a scrape; None when there is none."""
    answer = served.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_requests_are_counted_once_however_many_processes_answer(start: Start) -> None:
    served = start("workers = 3", "threads = 2")
    labels = {"service": "requests", "method": "GET", "status": "401"}
    with ThreadPoolExecutor(8) as pool:
        url = "/requests/xStudents?where=canary"
        answers = list(pool.map(lambda _: served.get(url, Connection="close"), range(60)))
    assert {each.status_code for each in answers} == {401}
    # Each process knows the sum, so it does not matter which one is asked.
    counted = {figure(served, "hub_requests_total", **labels) for _ in range(5)}
    assert counted == {60.0}
    assert figure(served, "hub_request_seconds_count", service="requests") == 60
    assert "canary" not in served.get("/metrics").text


def test_the_folder_of_the_counters_is_gone_when_the_server_is(
    start: Start, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    served = start("workers = 2", TMPDIR=str(temporary))
    served.get("/healthz")
    assert len(list(temporary.glob("reference-hub-*"))) == 1
    assert served.stop() == 0
    assert list(temporary.glob("reference-hub-*")) == []
