"""The command `reference-hub`: serve, work, load, and what a district registers."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import click
import msgspec

from reference_hub import __version__
from reference_hub.cli_group import LazyGroup
from reference_hub.problems import HubError
from reference_hub.settings import Settings
from reference_hub.settings import load as load_settings

PLACES = {
    "app": "reference_hub.cli_apps:app",
    "audit": "reference_hub.cli_audit:audit",
    "backup": "reference_hub.cli_backup:backup",
    "codeset": "reference_hub.cli_codes:codeset",
    "collection": "reference_hub.cli_collection:collection",
    "conformance": "reference_hub.cli_conformance:conformance",
    "console": "reference_hub.cli_console:console",
    "deletions": "reference_hub.cli_pods:list_deletions",
    "deliveries": "reference_hub.cli_deliveries:deliveries",
    "doctor": "reference_hub.cli_doctor:doctor",
    "import": "reference_hub.cli_import:import_",
    "load": "reference_hub.cli_load:load",
    "losses": "reference_hub.cli_queue:losses",
    "mapping": "reference_hub.cli_mapping:mapping",
    "person": "reference_hub.cli_persons:person",
    "pod": "reference_hub.cli_pods:pod",
    "profile": "reference_hub.cli_mapping:profile",
    "provider": "reference_hub.cli_provider:provider",
    "quarantine": "reference_hub.cli_quarantine:quarantine",
    "queue": "reference_hub.cli_sessions:queue",
    "records": "reference_hub.cli_records:records",
    "registry": "reference_hub.cli_registry:registry",
    "restore": "reference_hub.cli_backup:restore",
    "schemas": "reference_hub.cli_schemas:schemas",
    "sessions": "reference_hub.cli_sessions:sessions",
    "take-back": "reference_hub.cli_take_back:take_back_command",
    "vendor": "reference_hub.cli_connect:vendor",
}
EXIT_SETUP = 3
EXIT_OWN_FAULT = 4
EXIT_USAGE = 64


@click.group(cls=LazyGroup, places=PLACES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reference-hub")
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=None,
    help="Settings file; hub.toml in this folder if it is there.",
)
@click.pass_context
def cli(context: click.Context, path: Path | None) -> None:
    """A SIF hub that lets no data flow before the vendor has acknowledged the district's POD.

    \b
    First steps, in one folder (an embedded PostgreSQL is kept in .hub/):
      reference-hub app add district-sis --secret-env SIS_SECRET
      reference-hub vendor add reading --party "Example Reading App"
      reference-hub load export/
      reference-hub serve            (and in a second shell: reference-hub work)

    \b
    Exit codes: 0 done, 1 a file was refused (load), 3 set-up at fault or
    nothing to load, 4 our fault, 64 usage.
    """
    from reference_hub.logs import configure as configure_logs

    default = Path("hub.toml")
    settings = load_settings(path or (default if default.exists() else None))
    configure_logs(settings.log)
    context.obj = settings


@cli.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless the settings say otherwise.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1), help="Server processes.")
@click.option(
    "--contrary",
    type=int,
    metavar="SEED",
    help="Answer in unusual ways that are legal all the same.",
)
@click.pass_obj
def serve(settings: Settings, /, **given: str | int | None) -> None:
    """Answer SIF requests until stopped (Ctrl-C, SIGTERM).

    \b
    Example:
      reference-hub serve --port 8080 --workers 2
      reference-hub serve --contrary 7      (can a client live with other hubs?)
    """
    from reference_hub.cli_apps import apply_settings
    from reference_hub.server import serve as run

    changes = {key: value for key, value in given.items() if value is not None}
    server = msgspec.structs.replace(settings.server, **changes)
    scheme = "https" if server.certificate else "http"
    text = (
        f"reference-hub answers at {scheme}://{server.host}:{server.port}/ "
        "(environments at /environments/environment). Ctrl-C stops it."
    )
    apply_settings(settings)
    run(msgspec.structs.replace(settings, server=server), lambda: click.echo(text, err=True))


@cli.command()
@click.option("--until-empty", is_flag=True, help="End when nothing is ready to be delivered.")
@click.pass_obj
def work(settings: Settings, until_empty: bool) -> None:
    """Deliver what waits, answer delayed requests, do jobs.

    It goes on until stopped. Any number may run, on any machine, against one PostgreSQL: each
    claims its own messages. A worker that dies loses nothing; its claim runs out and another
    goes on.

    \b
    Example:
      reference-hub work --until-empty
    """
    from reference_hub.journeys.alert import forgetting
    from reference_hub.journeys.deletion import chasing
    from reference_hub.journeys.idle_queues import watching
    from reference_hub.journeys.job_work import carrying_out
    from reference_hub.journeys.release_held import releasing
    from reference_hub.journeys.seal_audit import sealing
    from reference_hub.journeys.tidy import tidying
    from reference_hub.registry_sync import following
    from reference_hub.replay import answering
    from reference_hub.result_collecting import collecting
    from reference_hub.time_zones import clock_of
    from reference_hub.wish_fulfilling import fulfilling
    from reference_hub.workers.loop import work as run

    own_work = (answering(settings), carrying_out(settings), releasing(settings))
    chased = chasing(settings, clock_of(settings))
    housekeeping = (forgetting(), watching(), tidying(settings), sealing(), chased)
    looking = (following(settings), collecting(settings), fulfilling(settings))
    errands = (*own_work, *looking, *housekeeping)
    run(settings, until_empty=until_empty, errands=errands)


@cli.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the store up to date after an upgrade of the kit.

    Serve, work and load do this too. The applications of the settings are registered anew.

    \b
    Example (stop serve, work and load before):
      reference-hub backup before.dump && reference-hub migrate
    """
    from reference_hub.cli_apps import apply_settings
    from reference_hub.store.db import connect
    from reference_hub.store.db import migrate as run

    engine = connect(settings)
    before, after = run(engine)
    engine.dispose()
    if before == after:
        click.echo(f"The store is up to date (schema {after}).")
    else:
        click.echo(f"The store went from schema {before or 'none'} to {after} and is up to date.")
    apply_settings(settings)


def main() -> None:
    """Run the command; a known fault is one sentence on standard error, never a trace."""
    try:
        code = cli.main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_SETUP)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except HubError as error:
        click.echo(f"reference-hub: {error}", err=True)
        sys.exit(EXIT_SETUP)
    except Exception as error:
        sys.exit(_told(error))
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: Exception) -> int:
    """Say what stopped the command, a lost store or a fault of ours; the exit code."""
    from reference_hub.store.db import STORE_LOST

    if isinstance(error, STORE_LOST):
        click.echo(
            "reference-hub: the connection to PostgreSQL was lost and unfinished work undone. "
            "Look whether the server runs, then repeat the command.",
            err=True,
        )
        return EXIT_SETUP
    # The text may hold what a student's record says; where it happened never does.
    last = traceback.extract_tb(error.__traceback__)[-1]
    click.echo(
        f"reference-hub: it failed by a fault of its own ({type(error).__name__} in "
        f"{Path(last.filename).name}, line {last.lineno}); please report that line.",
        err=True,
    )
    return EXIT_OWN_FAULT
