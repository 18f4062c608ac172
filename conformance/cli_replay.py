"""Commands that look at a run again: replay its checks, reproduce a failure, compare two runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.claims import CALLERS
from conformance.cli_run import TARGET
from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.replay import Replay
    from conformance.runfile import Run
    from conformance.target import TargetConfig

RUN = click.argument(
    "run_dir", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="RUN"
)


@click.command()
@RUN
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@TARGET
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
@click.pass_context
def replay(
    context: click.Context, run_dir: Path, checks: tuple[str, ...], target: Path, as_json: bool
) -> None:
    """Judge checks of the run in the folder RUN again, offline, by its recorded answers.

    CHECK is a check, a requirement or an area; without one all that ran are judged. Where the
    product calls, its recorded calls come again to the suite's own hub, from the beginning of the
    run up to the check. What the recording does not hold is `could not verify: not recorded`. The
    target file is needed for what it declares, not for its secrets. Exit codes are those of `run`.

    \b
    Example:
      conformance replay reports/runs/20261125T221912Z-54c2c5 single_create_returns_the_new_object
    """
    from conformance.replay import replay as judge_again

    run, config = _load(run_dir, target)
    result = judge_again(run, config, checks)
    click.echo(_as_json(result) if as_json else _in_words(result))
    context.exit(result.exit_code)


@click.command()
@RUN
@click.argument("check", metavar="CHECK")
@TARGET
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("repro"),
    show_default=True,
    help="The folder for CHECK.py and CHECK.sh.",
)
def reproduce(run_dir: Path, check: str, target: Path, out: Path) -> None:
    """Write a script and a curl line that send again what the failed CHECK of a run sent.

    The scripts in the folder of a run hold stand-ins for what identifies a person. These hold
    exactly what was sent: synthetic data, drawn again from the seed of the run.

    \b
    Example:
      conformance reproduce reports/runs/20261125T221912Z-54c2c5 names_arrive_letter_for_letter
    """
    from conformance.repeats import write
    from conformance.replay import replay as judge_again
    from conformance.repro import repeat

    run, config = _load(run_dir, target)
    if run.header.role in CALLERS:
        raise UsageFault(
            f"in the role {run.header.role} the product calls, so the suite sent nothing that "
            f"could be sent again. To judge what came: conformance replay {run_dir} {check}"
        )
    if check not in {one.id for one in run.checks}:
        raise UsageFault(f"{run_dir} holds no check {check}; its report tells the ids")
    result = judge_again(run, config, [check])
    found = repeat(run, result.checks[0], config, result.memory, exact=True)
    if found is None:
        raise UsageFault(f"check {check} made no exchange in this run that could be sent again")
    out.mkdir(parents=True, exist_ok=True)
    click.echo(str(write(out, found)))


def _load(run_dir: Path, target: Path) -> tuple[Run, TargetConfig]:
    from conformance.replay import load_target
    from conformance.runfile import RunFileError, read_run

    try:
        run = read_run(run_dir / "run.jsonl")
    except (RunFileError, OSError) as error:
        raise UsageFault(f"this is not the folder of a finished run: {error}") from None
    return run, load_target(target, run.header)


def _in_words(result: Replay) -> str:
    lines = []
    for one in result.checks:
        before, now = one.recorded.verdict, one.again.verdict
        told = f"{now}, as in the run" if one.same else f"{now}; the run said {before}"
        lines.append(f"{one.again.id}: {told}{_why(one.again.reason)}")
    same = sum(one.same for one in result.checks)
    lines.append(f"{same} of {len(result.checks)} verdicts are those of the run.")
    if result.other_suite:
        lines.append("The suite has changed since the run; a verdict may differ for that reason.")
    return "\n".join(lines)


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _as_json(result: Replay) -> str:
    value = {
        "exit_code": result.exit_code,
        "same_suite": not result.other_suite,
        "checks": [
            {
                "id": one.again.id,
                "recorded": one.recorded.verdict,
                "verdict": one.again.verdict,
                "reason": one.again.reason,
                "exchanges": one.again.exchanges,
            }
            for one in result.checks
        ],
    }
    return json.dumps(value, indent=2)


COMMANDS: tuple[click.Command, ...] = (replay, reproduce)
