"""Commands for what people attest: attest init, attest check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.runfile import Attested


@click.group()
def attest() -> None:
    """Answer for what no exchange of messages can show.

    \b
    Examples:
      conformance attest init
      conformance attest check attestation.toml
      conformance run --attest attestation.toml
    """


@attest.command("init")
@click.option("--role", default="receiver", show_default=True, help="Who answers.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("attestation.toml"),
    show_default=True,
    help="Where the form is written.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def attest_init(role: str, out: Path, force: bool) -> None:
    """Write an empty form with every question for this role.

    \b
    Example:
      conformance attest init --role consumer --out attestation.toml
    """
    from conformance import attestation
    from conformance.claims import ROLES

    if role not in ROLES:
        raise UsageFault(f"--role {role}: use one of {', '.join(ROLES)}")
    if out.exists() and not force:
        raise UsageFault(f"{out} exists already; --force overwrites it")
    try:
        out.write_text(attestation.blank(role), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageFault(f"cannot write {out} ({error.strerror}); name another place") from None
    count = len(attestation.questions(role))
    click.echo(f"{out} is written: {count} questions. Next: fill it in, conformance attest check.")


@attest.command("check")
@click.argument("form", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def attest_check(context: click.Context, form: Path) -> None:
    """Say per entry what is missing or wrong. Exit code 0: nothing is; 1: something is.

    \b
    Example:
      conformance attest check attestation.toml
    """
    from conformance import attestation
    from conformance.claims import ROLES
    from conformance.problems import AttestationError

    filled = attestation.read(form)
    if filled.role not in ROLES:
        fix = f"Use one of {', '.join(ROLES)}."
        raise AttestationError(f"{form}, role", f"is {filled.role!r}.", fix)
    lines = attestation.judged(filled, attestation.local_today())
    wrong = [line for line in lines if line.faults]
    if not filled.product:
        click.echo("form: product is empty: name it as in conformance.toml")
    for line in wrong:
        click.echo(f"{line.id}: {'; '.join(line.faults)}")
    _tell_no([line for line in lines if line.answer == "no"])
    click.echo(f"{len(lines) - len(wrong)} of {len(lines)} entries are complete.")
    context.exit(1 if wrong or not filled.product else 0)


def _tell_no(lines: list[Attested]) -> None:
    for line in lines:
        click.echo(f"{line.id}: answered no. {line.obligation} {line.note}".rstrip())


COMMANDS: tuple[click.Command, ...] = (attest,)
