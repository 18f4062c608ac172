"""What a run leaves to reproduce a failure: it shows the fault at the vendor and nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from conformance import replay, runfile, session, target
from conformance.repeats import write_repeats
from conformance.repro import Repeat, repeat
from conformance.simulators import serve
from conformance.simulators.registry import registry
from conformance.stand_ins import stand_in
from reports.render import write_report
from tests.conformance.again.conftest import SECRET, SEED, Recorded, config_for
from tests.conformance.provider.judging import table_for as provider_table

STATUS = "single_create_returns_the_new_object"
BLANKS = "blanks_inside_a_name_stay"
ENVIRONMENT = os.environ | {"CONFORMANCE_SECRET": SECRET}


def ran(script: Path, target: str = "", *words: str) -> subprocess.CompletedProcess[str]:
    """The script as somebody without the kit runs it."""
    environment = ENVIRONMENT | ({"TARGET": target} if target else {})
    return subprocess.run(
        [sys.executable, "-I", str(script), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def exactly(recorded: Recorded, check: str) -> Repeat:
    result = replay.replay(recorded.run, recorded.config, [check])
    found = repeat(recorded.run, result.checks[0], recorded.config, result.memory, exact=True)
    assert found is not None
    return found


def test_each_failure_has_a_script_and_a_curl_line(recorded: Recorded) -> None:
    names = {file.name for file in (recorded.folder / "repro").iterdir()}
    assert names == {f"{name}.{kind}" for name in recorded.failed() for kind in ("py", "sh")}


@pytest.mark.parametrize(
    "check", [STATUS, "error_has_an_id_of_its_own", "hmac_of_another_day_is_refused"]
)
def test_a_script_shows_the_fault_at_the_vendor_and_not_elsewhere(
    recorded: Recorded, check: str
) -> None:
    script = recorded.folder / "repro" / f"{check}.py"
    there, elsewhere = ran(script), ran(script, recorded.conforming)
    assert (there.returncode, elsewhere.returncode) == (0, 1), there.stderr
    assert there.stdout.endswith("The same answer as the run saw.\n")
    assert "Not the same: " in elsewhere.stdout


def test_a_curl_line_gets_the_answer_that_the_run_saw(recorded: Recorded) -> None:
    script = recorded.folder / "repro" / f"{STATUS}.sh"
    answers = [
        subprocess.run(
            ["sh", str(script)], env=ENVIRONMENT | place, capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
        for place in ({}, {"TARGET": recorded.conforming})
    ]
    assert answers == ["HTTP/1.1 200 OK", "HTTP/1.1 201 Created"]


def test_without_the_secret_the_script_asks_for_it(recorded: Recorded) -> None:
    script = recorded.folder / "repro" / f"{STATUS}.py"
    bare = {name: one for name, one in os.environ.items() if name != "CONFORMANCE_SECRET"}
    done = subprocess.run([sys.executable, str(script)], env=bare, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"Set CONFORMANCE_SECRET" in done.stderr


def test_nothing_in_the_folder_of_a_run_names_a_secret_or_a_person(recorded: Recorded) -> None:
    memory = replay.replay(recorded.run, recorded.config, [STATUS]).memory
    drawn = {value for hashed, (_, value) in memory.masks.items() if hashed in memory.telling}
    names = {one for one in drawn if len(one) > 3}
    text = (recorded.folder / "repro" / f"{STATUS}.py").read_text("utf-8")
    assert len(names) > 10
    assert [one for one in (SECRET, replay.OFFLINE, *names) if one in text] == []


def test_exactly_what_was_sent_is_drawn_again_from_the_seed(
    recorded: Recorded, tmp_path: Path
) -> None:
    found = exactly(recorded, BLANKS)
    script = tmp_path / "repeat.py"
    script.write_text(found.script, encoding="utf-8")
    there, elsewhere = ran(script), ran(script, recorded.conforming)
    assert (there.returncode, elsewhere.returncode) == (0, 1), there.stdout


def test_the_report_shows_the_curl_line_beside_the_exchange(recorded: Recorded) -> None:
    page = write_report(recorded.folder).read_text("utf-8")
    assert f"python3 repro/{STATUS}.py" in page
    assert f"conformance reproduce RUN {STATUS}" in page
    assert f"seed {SEED}" in page
    card = page.partition(f'id="c-{STATUS}"')[2].partition("</article>")[0]
    assert "curl -sS -i -X POST" in card
    assert "Authorization: ${AUTHORIZATION}" in card


def test_a_body_that_was_written_down_in_part_is_sent_exactly_or_not_at_all(
    recorded: Recorded,
) -> None:
    cut = [
        msgspec.structs.replace(one, request=msgspec.structs.replace(one.request, body="[zip]\na"))
        if one.check == STATUS and one.request.body
        else one
        for one in recorded.run.exchanges
    ]
    run = msgspec.structs.replace(recorded.run, exchanges=cut)
    result = replay.replay(recorded.run, recorded.config, [STATUS])
    assert repeat(run, result.checks[0], recorded.config, result.memory) is None


@pytest.mark.parametrize(
    ("mask", "shape"),
    [
        ("Xxxx#0a1b2c", r"[A-Z][a-z]{3}"),
        ("X'Xxxxx-Xxx#0a1b2c", r"[A-Z]'[A-Z][a-z]{4}-[A-Z][a-z]{2}"),
        ("9999-99-99#0a1b2c", r"20\d\d-(0[1-9]|1[0-2])-([01]\d|2[0-8])"),
        ("xxx.xxx@xxx.xxx#0a1b2c", r"[a-z]{3}\.[a-z]{3}@example\.org"),
        ("(999) 999-9999#0a1b2c", r"\([1-9]{3}\) [1-9]{3}-[1-9]{4}"),
    ],
)
def test_a_stand_in_has_the_shape_of_the_value(mask: str, shape: str) -> None:
    assert re.fullmatch(shape, stand_in(mask))
    assert stand_in(mask) == stand_in(mask) != stand_in(mask[:-1] + "d")


def test_a_run_without_failures_leaves_no_folder(recorded: Recorded, tmp_path: Path) -> None:
    config = config_for(recorded.conforming)
    outcome = session.run(config, only=[STATUS], out=tmp_path, examine=False)
    assert outcome.directory is not None
    assert outcome.verdict.checks[0].verdict == runfile.PASS
    assert write_repeats(outcome.directory, config) == []
    assert not (outcome.directory / "repro").exists()


def test_the_failure_of_a_provider_is_seen_again(tmp_path: Path) -> None:
    known, check = registry("provider"), "delayed_reading_without_queues_is_refused"
    with serve(known.compose(("PromisesDelays",))()) as there, serve(known.compose(())()) as good:
        config = target.from_table(provider_table(there.url), environ={})
        outcome = session.run(config, seed=SEED, only=[check], out=tmp_path, examine=False)
        assert outcome.directory is not None
        (script,) = write_repeats(outcome.directory, config)
        secrets = {
            "CONFORMANCE_SECRET": "demo-secret-1",
            "CONFORMANCE_SECOND_SECRET": "demo-secret-2",
        }
        codes = [
            subprocess.run(
                [sys.executable, script],
                env=os.environ | secrets | {"TARGET": place},
                capture_output=True,
                check=False,
            ).returncode
            for place in (there.url, good.url)
        ]
    assert codes == [0, 1]
