"""`conformance load`: more load than a run makes, driven by Locust, which is an extra."""

from __future__ import annotations

import importlib.util
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import click

from conformance.problems import UsageFault

INSTALL = "python -m pip install 'sif-conformance-kit[load]'"
# As in `conformance.load`, which is imported only where it is needed.
_MOST_USERS, _MOST_PER_SECOND, _MOST_SECONDS = 50, 200, 3600


@click.command(short_help="Put a receiver under steady load; needs the extra `load`.")
@click.option(
    "--target",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path("conformance.toml"),
    show_default=True,
    help="The target file.",
)
@click.option("--users", type=click.IntRange(1, _MOST_USERS), default=4, show_default=True,
              help="How many callers, each with a connection.")  # fmt: skip
@click.option("--rate", type=click.IntRange(1, _MOST_PER_SECOND), default=10, show_default=True,
              help="Requests a second of all callers together, at most.")  # fmt: skip
@click.option("--seconds", type=click.IntRange(1, _MOST_SECONDS), default=30, show_default=True,
              help="How long it lasts.")  # fmt: skip
@click.option("--seed", type=int, help="Draw the same synthetic students as an earlier load.")
@click.option("--keep", is_flag=True, help="Leave at the target what was created, to look at.")
@click.pass_context
def load(
    context: click.Context,
    target: Path,
    users: int,
    rate: int,
    seconds: int,
    seed: int | None,
    keep: bool,
) -> None:
    """Send synthetic students to a receiver at a steady, bounded rate, and tell how it bears it.

    Nothing is judged: exit code 0 means that every request was answered with 2xx, 1 that some were
    not, 3 that the load could not begin. Only the address of the target file is called.

    \b
    Examples:
      conformance load
      conformance load --users 20 --rate 100 --seconds 300
    """
    if importlib.util.find_spec("locust") is None:
        raise UsageFault(f"load needs Locust, which is not installed. Install it with: {INSTALL}")
    from conformance import load as loading

    seed = secrets.randbelow(1_000_000) if seed is None else seed
    wish = loading.Wish(target=str(target), seed=seed, rate=rate, keep=keep)
    mark = loading.Load(wish).mark
    click.echo(
        f"Seed {seed}. The students of this load have RefIds that begin with {mark}.", err=True
    )
    context.exit(_driven(wish, users, seconds))


def _driven(wish: object, users: int, seconds: int) -> int:
    import msgspec

    from conformance.load import VARIABLE

    place = Path(__file__).with_name("load_locust.py")
    words = [sys.executable, "-m", "locust", "--locustfile", str(place), "--headless",
             "--only-summary", "--users", str(users), "--spawn-rate", str(users),
             "--run-time", f"{seconds}s", "--stop-timeout", "10"]  # fmt: skip
    known = os.environ | {VARIABLE: msgspec.json.encode(wish).decode()}
    with subprocess.Popen(words, env=known) as child:  # noqa: S603
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                # It reached Locust too, which now deletes what it created: that takes its time.
                continue


COMMANDS = (load,)
