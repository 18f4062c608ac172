"""The command line. Exit codes: 0 conforms, 1 does not, 2 could not decide, 3 target unreachable
or misconfigured, 4 our fault, 64 usage.

Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from conformance import (
    __version__,
    cli_attest,
    cli_author,
    cli_bundle,
    cli_catalogue,
    cli_compare,
    cli_doctor,
    cli_export,
    cli_generate,
    cli_history,
    cli_load,
    cli_profile,
    cli_replay,
    cli_run,
    cli_scan,
    cli_tools,
    streams,
)
from conformance.problems import ConformanceError, SetupFault

USAGE = 64
OUR_FAULT = 4
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="conformance")
def cli() -> None:
    """Judge whether a SIF endpoint conforms, by talking to it.

    \b
    First steps, against the simulator that comes with the suite:
      conformance init                  write conformance.toml
      conformance simulate              start a vendor to judge (in another terminal)
      export CONFORMANCE_SECRET=demo-secret-1
      conformance doctor                is everything reachable?
      conformance run                   judge it; the report lands in reports/runs/

    \b
    Exit codes: 0 conforms, 1 does not, 2 could not decide, 3 target unreachable or
    misconfigured, 4 our fault, 64 usage.
    """


for _command in (
    *cli_run.COMMANDS,
    *cli_doctor.COMMANDS,
    *cli_export.COMMANDS,
    *cli_attest.COMMANDS,
    *cli_author.COMMANDS,
    *cli_bundle.COMMANDS,
    *cli_catalogue.COMMANDS,
    *cli_compare.COMMANDS,
    *cli_generate.COMMANDS,
    *cli_history.COMMANDS,
    *cli_load.COMMANDS,
    *cli_profile.COMMANDS,
    *cli_replay.COMMANDS,
    *cli_scan.COMMANDS,
    *cli_tools.COMMANDS,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; a known error becomes one sentence on stderr."""
    sys.stdout, sys.stderr = streams.able(sys.stdout), streams.able(sys.stderr)
    try:
        code = cli.main(arguments, prog_name="conformance", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        click.echo(f"conformance: {error.format_message()}", err=True)
        return USAGE
    except ConformanceError as error:
        kind = "set-up fault: " if isinstance(error, SetupFault) else ""
        click.echo(f"conformance: {kind}{error}", err=True)
        return error.exit_code
    except (OSError, SystemExit) as error:
        if not streams.reader_gone(error):
            return _unforeseen(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _unforeseen(error)
    return code if isinstance(code, int) else 0


def _unforeseen(error: BaseException) -> int:
    if os.environ.get("CONFORMANCE_DEBUG"):
        traceback.print_exc()
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    click.echo(
        f"conformance: this is our fault, not your target's: {type(error).__name__} at {place}."
        " Set CONFORMANCE_DEBUG=1 for the details and report them.",
        err=True,
    )
    return OUR_FAULT
