"""`conformance profile`: ask a vendor what it keeps, and print a `[profile]` to start from."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.cli_run import TARGET
from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.target_profile import Profile


@click.command()
@TARGET
@click.option("--seed", type=int, help="Draw the same synthetic data as an earlier probe.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/runs"),
    show_default=True,
    help="Where the folder with what went over the wire is made.",
)
def profile(target: Path, seed: int | None, out: Path) -> None:
    """Ask the vendor by synthetic students what it keeps; prints a [profile] to start from.

    It is observed, not declared: read it, correct it, say basis = "declared" and put it into the
    target file. `conformance run` then tells whether the vendor does as it says.

    \b
    Example:
      conformance profile > profile.toml
    """
    from conformance import probe, session
    from conformance import target as target_file
    from conformance.evidence import Evidence
    from conformance.planning import Plan
    from conformance.roles import Setting, tools_of

    config = target_file.load(target)
    if config.vendor.role != "receiver":
        raise UsageFault(f"a {config.vendor.role} takes no students; a profile is of a receiver")
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    started = datetime.now(UTC)
    name = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}-profile"
    evidence = Evidence(out / name / "run.jsonl")
    evidence.secret(config.secret)
    evidence.check = "profile"
    with session.wire_to(config, evidence) as wire:
        setting = Setting(config, wire, evidence, seed, _tell)
        with closing(tools_of(config.vendor.role, setting)) as tools:
            tools.examine()
            nothing = Plan({}, {})
            evidence.open(session.header_of(setting, tools, nothing, config.vendor.role,
                                            config.vendor.tier, [], started, name))  # fmt: skip
            made, notes = probe.profile_of(probe.probe(setting))
    evidence.close()
    click.echo(as_toml(made, notes, seed))
    _tell(f"What went over the wire: {out / name / 'run.jsonl'}")


def as_toml(made: Profile, notes: list[str], seed: int) -> str:
    """The table as it stands in a target file, the notes as comments."""
    lines = [
        f"# Observed with synthetic students (seed {seed}), not declared by the vendor: read it,",
        '# correct it, and say basis = "declared" where the vendor answers for it.',
        "[profile]",
        f"basis = {_text(made.basis)}",
        '# format = "OneRoster"',
        '# version = "1.2"',
        f"shown = {_text(made.shown)}",
        f"deletes = {_text(made.deletes)}",
    ]
    if made.not_taken:
        lines += ["not_taken = [", *(f"    {_text(path)}," for path in made.not_taken), "]"]
    lines += [*_table("longest", made.longest), *_table("most", made.most)]
    for path, words in made.codes.items():
        lines += _table(f"codes.{_text(path)}", words)
    lines += [f"# Not said above: {note}" for note in notes]
    return "\n".join(lines)


def _table(name: str, values: Mapping[str, object]) -> Iterator[str]:
    if values:
        yield f"[profile.{name}]"
        yield from (f"{_text(key)} = {_value(value)}" for key, value in values.items())


def _value(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    # A basic string of TOML is one of JSON, as long as no letter is escaped as a surrogate pair.
    return json.dumps(text, ensure_ascii=False)


def _tell(text: str) -> None:
    click.echo(text, err=True)


COMMANDS: tuple[click.Command, ...] = (profile,)
