"""Commands for results that travel: bundle, verify, key new, key show."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import ConformanceError, PlaceFault, UsageFault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from conformance.bundle_verify import Verified

WHOLE, BROKEN, NOBODYS = 0, 1, 2
FILE = click.Path(path_type=Path, dir_okay=False)
RUN = click.argument(
    "run_dir", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="RUN"
)
PASSPHRASE = click.option(
    "--passphrase-env", metavar="NAME", help="The environment variable that holds the passphrase."
)
# Variables whose values never belong into a bundle; shorter values are ordinary words.
_SECRET_NAMES, _SHORTEST = ("SECRET", "TOKEN", "PASSWORD", "PASSPHRASE"), 8


@click.command(short_help="Pack a run into one file that others can check.")
@RUN
@click.option("--key", type=FILE, help="Sign with this key; `conformance key new` makes one.")
@PASSPHRASE
@click.option("--out", type=FILE, help="Where it is written.  [default: <run id>.bundle.zip]")
@click.option("--exchanges", is_flag=True, help="Pack run.jsonl too, with every message.")
def bundle(
    run_dir: Path, key: Path | None, passphrase_env: str | None, out: Path | None, exchanges: bool
) -> None:
    """Pack the result of RUN into one file that anybody can check offline.

    The pages are rendered again from the run, so that they say what it says. Before it is written,
    the bundle is looked through for canaries of persons and for secrets, those in environment
    variables whose names end in SECRET, TOKEN, PASSWORD or PASSPHRASE too; one is enough to refuse.

    \b
    Examples:
      conformance bundle reports/runs/20261125T221912Z-54c2c5
      conformance bundle reports/runs/20261125T221912Z-54c2c5 --key signing.key
    """
    from conformance import bundle as packer
    from conformance.bundle_key import fingerprint, private_key
    from conformance.bundle_scan import leaks
    from conformance.runfile import RunFileError, read_verdict

    signing = private_key(key, _passphrase(passphrase_env)) if key else None
    try:
        files = packer.bundle(run_dir, views(run_dir), signing, exchanges=exchanges)
        seed = read_verdict(run_dir / packer.VERDICT).seed
    except (RunFileError, OSError) as error:
        raise UsageFault(str(error)) from None
    if found := leaks(files, seed, secrets_of(dict(os.environ))):
        shown = "\n".join(f"  {one}" for one in found)
        raise UsageFault(f"not packed, for it would show what must not leave:\n{shown}")
    out = out or Path(f"{run_dir.resolve().name}.bundle.zip")
    _write(out, packer.archive(files))
    by = f"signed with {fingerprint(signing.public_key())}" if signing else "not signed"
    click.echo(f"{out} is written: {len(files)} files, {by}.")
    click.echo("Whoever gets it checks it with: conformance verify " + str(out))


def views(run_dir: Path) -> dict[str, bytes]:
    """The pages and exports of a run by name, rendered anew."""
    from reports.forms import write_forms
    from reports.junit import write_junit
    from reports.render import write_report
    from reports.sarif import write_sarif
    from reports.summary import write_summaries

    pages = (write_report(run_dir), *write_summaries(run_dir), *write_forms(run_dir))
    written = (*pages, write_junit(run_dir), write_sarif(run_dir))
    return {file.name: file.read_bytes() for file in written}


def secrets_of(environ: dict[str, str]) -> list[str]:
    """The values of the variables that hold secrets, by their names."""
    return [
        value
        for name, value in environ.items()
        if name.upper().endswith(_SECRET_NAMES) and len(value) >= _SHORTEST
    ]


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        raise PlaceFault(f"{path} cannot be written ({error.strerror})") from None


@click.command(short_help="Check a bundle offline: what does it prove?")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--trust", "keys", type=FILE, multiple=True, help="A public key you know the owner of; repeat."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def verify(file: Path, keys: tuple[Path, ...], as_json: bool) -> int:
    """Check a bundle and say what is proven and what is not. Needs no network.

    \b
    Exit codes: 0 whole and signed with a key you trust, 1 not whole, 2 whole but
    unsigned or signed with a key that no --trust names.

    \b
    Examples:
      conformance verify 20261125T221912Z-54c2c5.bundle.zip
      conformance verify --trust signing.key.pub 20261125T221912Z-54c2c5.bundle.zip
    """
    from conformance.bundle_archive import BundleFault
    from conformance.bundle_key import public_key
    from conformance.bundle_verify import TRUSTED
    from conformance.bundle_verify import verify as check

    trusted = [public_key(key) for key in keys]
    try:
        found = check(file.read_bytes(), trusted)
    except OSError as error:
        raise UsageFault(f"{file} cannot be read ({error.strerror})") from None
    except BundleFault as error:
        if not as_json:
            raise ConformanceBroken(f"{file} is not to be trusted: {error}.") from None
        click.echo(json.dumps({"whole": False, "reason": str(error)}, indent=2))
        return BROKEN
    _tell(found, as_json=as_json)
    return WHOLE if found.signature == TRUSTED else NOBODYS


class ConformanceBroken(ConformanceError):
    """A bundle that was changed, or is none."""

    exit_code = BROKEN


def _tell(found: Verified, *, as_json: bool) -> None:
    from conformance.bundle_words import HEADS, not_proven, proven

    today = datetime.now(UTC).date().isoformat()
    sure, unsure = list(proven(found)), list(not_proven(found, today))
    if as_json:
        told = {"whole": True, "signature": found.signature, "signer": found.signer,
                "outcome": found.verdict.outcome, "proven": sure, "not_proven": unsure}  # fmt: skip
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(HEADS[found.signature])
    for title, lines in (("Proven:", sure), ("Not proven:", unsure)):
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  - {line}")


@click.group()
def key() -> None:
    """Make the key that signs bundles, or show its fingerprint.

    \b
    Examples:
      conformance key new signing.key
      conformance key show signing.key.pub
    """


@key.command("new")
@click.argument("file", type=FILE)
@PASSPHRASE
def key_new(file: Path, passphrase_env: str | None) -> None:
    """Write a new private key to FILE, for you alone, and its public key to FILE.pub.

    \b
    Examples:
      conformance key new signing.key
      conformance key new signing.key --passphrase-env SIGNING_PASSPHRASE
    """
    from conformance.bundle_key import beside, new_key

    mark = new_key(file, _passphrase(passphrase_env))
    click.echo(f"{file} is written: keep it to yourself.")
    click.echo(f"{beside(file)} is written: give it to whoever checks your bundles.")
    click.echo(f"Fingerprint: {mark}")


@key.command("show")
@click.argument("file", type=FILE)
@PASSPHRASE
def key_show(file: Path, passphrase_env: str | None) -> None:
    """Print the fingerprint of a key, public or private.

    \b
    Example:
      conformance key show signing.key.pub
    """
    from conformance import bundle_key

    try:
        public = bundle_key.public_key(file)
    except UsageFault:
        public = _private(file, passphrase_env).public_key()
    click.echo(bundle_key.fingerprint(public))


def _private(file: Path, passphrase_env: str | None) -> Ed25519PrivateKey:
    from conformance.bundle_key import private_key

    return private_key(file, _passphrase(passphrase_env))


def _passphrase(name: str | None) -> bytes | None:
    if name is None:
        return None
    value = os.environ.get(name)
    if not value:
        raise UsageFault(f"--passphrase-env {name}: the variable is empty or not set")
    return value.encode()


COMMANDS: tuple[click.Command, ...] = (bundle, verify, key)
