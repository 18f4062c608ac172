"""What the suite costs beside its bare requests, and how long it takes to start."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import requests

from conformance import session
from conformance.target import TargetConfig, from_table, load
from tests.bench.figures import Figure
from tests.bench.vendor import Recorded, RepeatableProvider
from tests.conformance.provider.judging import table_for
from tests.system.processes import BIN, ROOT, end, free_port, wait_for_port

EXCHANGES = 500
ROUNDS = 3


def recorded(base: str) -> tuple[float, list[Recorded]]:
    """The requests the vendor got, and the moment of the first."""
    answer = requests.get(f"{base}/bench/recorded", timeout=30)
    return msgspec.json.decode(answer.content, type=tuple[float, list[Recorded]])


def judge(base: str, config: TargetConfig, seed: int, out: Path) -> tuple[float, list[Recorded]]:
    """One suite run; seconds from its first request to its last verdict, and what it sent."""
    requests.post(f"{base}/bench/fresh", timeout=30)
    last = [0.0]

    def note(*_: object) -> None:
        last[0] = time.monotonic()

    outcome = session.run(config, seed=seed, out=out, progress=note)
    if outcome.exit_code != 0:
        raise RuntimeError(f"The conforming vendor got exit code {outcome.exit_code}")
    first, sent = recorded(base)
    return last[0] - first, sent


def replay(base: str, sent: Sequence[Recorded]) -> float:
    """Send the same requests again with nothing around them; returns the seconds."""
    requests.post(f"{base}/bench/fresh", timeout=30)
    with requests.Session() as http:
        http.trust_env = False
        began = time.monotonic()
        for each in sent:
            http.request(
                each.method,
                base + each.target,
                data=each.body,
                headers=dict(each.headers),
                allow_redirects=False,
                timeout=30,
            )
        return time.monotonic() - began


@contextlib.contextmanager
def vendor(role: str, folder: Path) -> Iterator[str]:
    """The product of a role in a process of its own; gives its address without a path."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.vendor", str(port), role]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for_port(process, port, folder)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def measure(folder: Path) -> list[Figure]:
    """Ratio of both roles over enough seeds for 500 exchanges, and the start-up of the command."""
    with vendor("receiver", folder) as base:
        target = folder / "conformance.toml"
        subprocess.run([BIN / "conformance", "init", target], check=True, capture_output=True)
        text = target.read_text("utf-8").replace("http://127.0.0.1:8090", base)
        text = text.replace('secret_env = "CONFORMANCE_SECRET"', 'secret = "demo-secret-1"')
        target.write_text(text, "utf-8")
        figures = [cost("suite_run_vs_replay", base, load(target), folder), startup(base, target)]
    with vendor("provider", folder) as base:
        table = table_for(f"{base}/sif3", RepeatableProvider)
        config = from_table(table, environ={})
        return [*figures, cost("suite_run_vs_replay_provider", base, config, folder)]


def cost(name: str, base: str, config: TargetConfig, folder: Path) -> Figure:
    """Suite time over bare time, median over the rounds, all seeds of a round added up."""
    judge(base, config, 0, folder)  # warms imports and caches
    ratios, exchanges, seconds = [], 0, 0.0
    for _ in range(ROUNDS):
        suite = bare = 0.0
        exchanges = seed = 0
        while exchanges < EXCHANGES:
            seed += 1
            took, sent = judge(base, config, seed, folder)
            suite += took
            bare += replay(base, sent)
            exchanges += len(sent)
        ratios.append(suite / bare)
        seconds = suite
    detail = f"{exchanges} exchanges over {seed} seeds, {seconds:.2f} s a round"
    return Figure(name, statistics.median(ratios), 1.5, "lower", detail)


def startup(base: str, target: Path) -> Figure:
    """Seconds from starting the command to its first request, median of five."""
    took = []
    for _ in range(5):
        requests.post(f"{base}/bench/fresh", timeout=30)
        began = time.monotonic()
        subprocess.run(
            [BIN / "conformance", "run", "--target", target, "--only", "INF-ENV-002", "--quiet"],
            cwd=target.parent,
            capture_output=True,
            check=False,
        )
        took.append(recorded(base)[0] - began)
    return Figure("suite_startup_seconds", statistics.median(took), 3.0, "lower", "seconds")
