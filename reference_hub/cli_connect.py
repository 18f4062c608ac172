"""The command `vendor connect`: where a vendor is, how the hub signs, how files are to lie."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from reference_hub.cli_parties import (
    decision_options,
    object_names,
    settle_decision,
    transaction,
    vendor,
)
from reference_hub.journeys import project, renew_rows
from reference_hub.model.party import FILE_TRANSPORTS, NATIVE, PULL
from reference_hub.model.scope import Scope
from reference_hub.model.windows import AT, WINDOW
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import outbox, pods, projections, vendors
from reference_hub.time_zones import clock_of
from reference_hub.vendors.connection_terms import NOTATION, NOTATIONS, refuse_wrong
from reference_hub.vendors.file_set import EACH, FILES, ZIP
from reference_hub.vendors.secrets import ENV, FILE
from reference_hub.vendors.secrets import secret as read_secret
from reference_hub.vendors.sftp_terms import BESIDE, MOST_KEPT, host_key, refuse_outside

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WEB, _FILES = ("http", "https"), ("http", "https", "sftp")
_A_FILE = click.Path(path_type=Path)


def _sftp_options(command: click.decorators.FC) -> click.decorators.FC:
    """What only a folder at the vendor's SFTP server needs."""
    options: tuple[Callable[[click.decorators.FC], click.decorators.FC], ...] = (
        click.option(
            "--host-key",
            "host_keys",
            multiple=True,
            help="SFTP: SHA256:... of the server's key, or its line of known_hosts.",
        ),
        click.option(
            "--private-key", type=_A_FILE, help="SFTP: file; the secret opens it, if any."
        ),
        click.option(
            "--keep",
            type=click.IntRange(0, MOST_KEPT),
            default=0,
            show_default=True,
            help="SFTP: so many files of before stay.",
        ),
        click.option(
            "--beside",
            type=click.Choice(BESIDE),
            multiple=True,
            help="SFTP: a file with checksum or row numbers beside it.",
        ),
        click.option("--results", default="", help="SFTP: the vendor's answers: results/*.csv"),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _form_options(command: click.decorators.FC) -> click.decorators.FC:
    """In which form data goes, and when."""
    options: tuple[Callable[[click.decorators.FC], click.decorators.FC], ...] = (
        click.option(
            "--notation", type=click.Choice(NOTATIONS), help="SIF: push JSON of this notation."
        ),
        click.option(
            "--files", type=click.Choice((ZIP, EACH)), help="Files: one zip, or one by one."
        ),
        click.option("--window", type=click.FloatRange(0), help="Seconds a file gathers changes."),
        click.option(
            "--at",
            "times",
            multiple=True,
            help="Or times of day at which files go, in the district's time zone: 02:00",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@vendor.command("connect")
@click.argument("name")
@click.option(
    "--format",
    "format_",
    required=True,
    help="sif-xml, or a vendor profile; see: reference-hub profile list",
)
@click.option("--url", default="", help="Base URL of its SIF end point, host, file or SFTP drop.")
@click.option("--key", default="", help="Key, or user, that the vendor gave to the hub.")
@click.option("--set", "stated", type=_A_FILE, help="TOML file of what the profile needs to know.")
@click.option("--secret-env", metavar="NAME", help="Variable that holds the secret.")
@click.option("--secret-file", type=_A_FILE, help="Or file that holds it.")
@click.option(
    "--method",
    type=click.Choice(["Basic", "SIF_HMACSHA256"]),
    default="SIF_HMACSHA256",
    show_default=True,
    help="How the hub signs.",
)
@click.option("--objects", default="xStudent", show_default=True, help="Object names, with commas.")
@click.option("--app", "app_id", default="", help="The product it is, as its agreement names it.")
@decision_options
@_form_options
@_sftp_options
@click.pass_obj
def connect_vendor(
    settings: Settings,
    /,
    name: str,
    format_: str,
    url: str,
    key: str,
    objects: str,
    app_id: str,
    stated: Path | None,
    **given: Any,
) -> None:
    """Connect vendor NAME; say where and how it is reached.

    What the zone already stores is queued at once and held until the POD is live. Of the secret
    only the place is stored: workers read it there at each delivery, so they need the same variable
    or file. A zone of the settings with decision = "required" wants a recorded decision first:
    of the console, or told here.

    \b
    Example:
      reference-hub vendor connect reading --format sif-xml \\
        --url http://127.0.0.1:8090/sif3 \\
        --key demo-vendor --secret-env VENDOR_SECRET
    \b
    A vendor that comes for its data needs neither address nor key:
      reference-hub vendor connect reading --format oneroster-1.2-rest
    \b
    A folder (ssh-keyscan shows the key; two slashes begin an absolute path):
      reference-hub vendor connect reading \\
        --format oneroster-1.2-csv --url sftp://sftp.vendor.example//roster \\
        --key district --private-key id_ed25519 --host-key "$(cat sftp.pub)"
    """
    wanted = object_names(objects)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, name)
        settle_decision(connection, found, settings, given)
        transport = transport_of(connection, found.scope, format_, url)
        credentials = _reached(settings, transport, url, key, given)
        terms = _terms(transport, given) | _formed(given) | _stated(stated)
        refuse_wrong(terms, transport)
        vendors.add_subscriber(
            connection,
            found.id,
            f"{name}-{format_}",
            found.scope,
            format=format_,
            transport=transport,
            url=url,
            credentials=credentials,
            objects=wanted,
            app_id=app_id,
            delivery=terms,
        )
        if current := pods.current(connection, found.id, found.scope, app_id):
            outbox.queue_pod(connection, current)
    following = "work" if found.pod_policy == "off" else f"pod issue {name}"
    click.echo(f"{name} is connected by {format_}; next: reference-hub {following}")


def _reached(
    settings: Settings, transport: str, url: str, key: str, given: dict[str, Any]
) -> dict[str, str]:
    """The credentials for an address that may be used; none for a vendor that comes itself."""
    from reference_hub.vendors.addresses import reach_of, refuse_url

    if transport == PULL:
        return {}
    if not key or not url:
        raise SetupError("--url and --key must not be empty; the vendor gave them to you.")
    schemes = _FILES if transport in FILE_TRANSPORTS else _WEB
    refuse_url(url, reach_of(settings), schemes=schemes)
    return _credentials(key, given)


def transport_of(connection: Connection, scope: Scope, format_: str, url: str) -> str:
    """How a format travels to an address: as its profile says, files by SFTP where the address
    does. Raises SetupError for a format that is no profile."""
    if format_ == NATIVE:
        return "sif_push"
    usual = project.profile_named(connection, scope, format_).transports
    if _scheme(url) == "sftp" and "sftp" in usual:
        return "sftp"
    if not usual:
        raise SetupError(f"The profile {format_} names no transport; add: transports = [...]")
    return usual[0]


def _stated(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"{path.name} cannot be read as TOML: {error}") from None


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _credentials(key: str, given: dict[str, Any]) -> dict[str, str]:
    secret = _place(given["secret_env"], given["secret_file"])
    private = _place(None, given["private_key"])
    if not secret and not private:
        raise SetupError("No secret given; name one with --secret-env NAME or --secret-file FILE.")
    for place in filter(None, (secret, private)):
        read_secret(place)
    credentials = {"key": key, "secret": secret, "method": given["method"]}
    return credentials | ({"private_key": private} if private else {})


def _place(env: str | None, file: Path | None) -> str:
    """Where a secret is, in the words that are stored; a file by its whole path, as workers may run
    in another folder."""
    if file:
        return f"{FILE}{file.resolve()}"
    return f"{ENV}{env}" if env else ""


def _terms(transport: str, given: dict[str, Any]) -> dict[str, object]:
    if transport != "sftp":
        named = [f"--{name.replace('_', '-').rstrip('s')}" for name in ("host_keys", "private_key",
                 "keep", "beside", "results") if given[name]]  # fmt: skip
        if named:
            raise SetupError(f"{named[0]} goes with an address that begins with sftp://.")
        return {}
    if not given["host_keys"]:
        raise SetupError(
            "An SFTP server is told by its key: give --host-key, as the vendor tells it or as "
            "ssh-keyscan shows it."
        )
    refuse_outside(given["results"])
    return {
        "host_keys": [host_key(text) for text in given["host_keys"]],
        "keep": given["keep"],
        "beside": list(given["beside"]),
        "results": given["results"],
    }


def _formed(given: dict[str, Any]) -> dict[str, object]:
    told = {
        NOTATION: given["notation"],
        FILES: given["files"],
        WINDOW: given["window"],
        AT: list(given["times"]) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


@vendor.command("change")
@click.argument("name")
@click.option(
    "--connection", "wanted", default="", help="Which of its connections; else the first."
)
@click.option(
    "--set", "stated", type=_A_FILE, required=True, help="TOML file of what to know from now on."
)
@click.pass_obj
def change_connection(settings: Settings, name: str, wanted: str, stated: Path) -> None:
    """Tell a connection of NAME other settings.

    Its rows are made anew with them; files go when the next window closes. A
    full set that was kept back because too much of it would go (shrink_percent)
    leaves when the file allows it.

    \b
    Example:
      reference-hub vendor change reading --set numbers.toml
    """
    told = _stated(stated)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, name)
        known = vendors.subscribers_of(connection, found.id)
        to = next((each for each in known if wanted in ("", each.name)), None)
        if to is None:
            raise SetupError(f"{name} has no such connection; see: reference-hub vendor list")
        changed = replace(to, delivery={**to.delivery, **told})
        refuse_wrong(changed.delivery, to.transport)
        vendors.set_delivery(connection, to.id, changed.delivery)
        if to.format != NATIVE:
            due = renew_rows.due(changed, clock_of(settings))
            projections.ask_anew(connection, to, due, moves=True)
            outbox.notify(connection)
    click.echo(f"{to.name}: {', '.join(told) or 'nothing'} set.")


COMMANDS = (vendor,)
