"""Generated districts of other models are loaded, judged by the kit's schemas of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from fixtures.generate import Plan
from fixtures.writers.models import MODELS, stream_of
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.load import Order, load
from reference_hub.store import objects
from tests.reference_hub.test_load_files import SCOPE


@pytest.mark.parametrize("model", ["na-3.3", "au-3.4"])
def test_each_file_of_a_district_is_loaded(store: Engine, tmp_path: Path, model: str) -> None:
    chosen, judge = MODELS[model], Judge()
    write, files, counts = stream_of(chosen, "xml"), [], []
    for name, nodes in chosen.collections(Plan(2, 6)).items():
        members = list(nodes)
        counts.append({f"kit schema {chosen.schema}": len(members)})
        files.append(tmp_path / f"{name}.xml")
        files[-1].write_bytes(b"".join(write(name, members)))
    outcomes = list(load(store, judge, Order(SCOPE), files, Clock()))
    assert [outcome.judged for outcome in outcomes] == counts
    assert {outcome.state for outcome in outcomes} == {"loaded"}
    with store.connect() as connection:
        kinds = [objects.tally(connection, SCOPE, file.stem[:-1]).present for file in files]
    assert kinds == [next(iter(count.values())) for count in counts]
