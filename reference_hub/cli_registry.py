"""Commands for the registry of agreements: what was agreed, what it opens, and the step to PODs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import click
from lxml import etree

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.journeys.sync_registry import Report, Step, sync_registry
from reference_hub.problems import SetupError
from reference_hub.registry.expansion import conditions, expansion, fields, idle
from reference_hub.registry.plan import AS_AGREED, DRAFT_AS_AGREED, yielding
from reference_hub.registry.pod import app_ids, pod_from
from reference_hub.registry.records import Agreement, Snapshot
from reference_hub.registry_sync import KIT, client_of
from reference_hub.settings import Registry, Settings
from reference_hub.store import agreement_pods
from reference_hub.store.db import open_engine
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from reference_hub.store.agreement_pods import Standing

EXIT_FAULTY = 1
_PLACEHOLDERS = {
    "pod_id": "00000000-0000-4000-8000-000000000000",
    "token": "made-when-published",
    "version": "1.0.0",
}

folder_option = click.option(
    "--folder", help="Folder of a registry, or kit for the one shipped; else as the settings say."
)


@click.group()
def registry() -> None:
    """Agreements, and the PODs they become.

    \b
    Where they come from is said in the settings:
      [registry]
      folder = "agreements"    (or url = "https://...", key_env = "REGISTRY_KEY")
      seconds = 300            (how often `work` looks)
    """


@registry.command("list")
@folder_option
@json_option
@click.pass_obj
def list_agreements(settings: Settings, folder: str | None, as_json: bool) -> None:
    """Show the agreements and how their PODs stand.

    \b
    Example:
      reference-hub registry list --folder kit
    """
    found = read(settings, folder)
    with transaction(settings) as connection:
        standing = agreement_pods.standings(connection)
    rows = [_row(each, standing) for each in found.agreements.values()]
    show(rows, as_json, "The registry holds no agreement.")
    tell_faults(found)


@registry.command("show")
@click.argument("agreement")
@folder_option
@click.option("--pod", "as_pod", is_flag=True, help="Print the POD it becomes.")
@json_option
@click.pass_obj
def show_agreement(
    settings: Settings, agreement: str, folder: str | None, as_pod: bool, as_json: bool
) -> None:
    """Show what AGREEMENT opens.

    Line by line of Exhibit B, and on what conditions.

    The form is coarser than SIF: which paths a line opens is the kit's decision.

    \b
    Example:
      reference-hub registry show reading-app --folder kit
    """
    found = read(settings, folder)
    terms = found.agreements.get(agreement)
    if terms is None:
        known = ", ".join(found.agreements) or "none"
        raise SetupError(f"There is no usable agreement '{agreement}' (known: {known}).")
    if as_pod:
        click.echo(_document(found, terms), nl=False)
    elif as_json:
        click.echo(json.dumps(_details(terms), indent=2, default=date.isoformat))
    else:
        _print(terms)


@registry.command("sync")
@folder_option
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@json_option
@click.pass_obj
def sync(settings: Settings, folder: str | None, dry_run: bool, as_json: bool) -> None:
    """Publish, end or draft PODs until they say what the registry says.

    `work` does the same at its start and every few minutes. Vendors are found by the party that
    they are registered with and their zone.

    \b
    Exit codes: 0 done, 1 done but for agreements that cannot be used, 3 the
    registry cannot be read and nothing was changed.

    \b
    Example:
      reference-hub registry sync --folder kit --dry-run
    """
    found = read(settings, folder, needed=True)
    engine = open_engine(settings)
    try:
        report = sync_registry(engine, found, clock_of(settings), dry_run=dry_run)
    finally:
        engine.dispose()
    rows = [_step(each) for each in _steps(report)]
    show(rows, as_json, "Nothing to do: every POD says what was agreed.")
    for name in report.unplaced:
        click.echo(_unplaced(found, name), err=True)
    if tell_faults(found):
        sys.exit(EXIT_FAULTY)


@registry.command("check")
@folder_option
@click.pass_obj
def check(settings: Settings, folder: str | None) -> None:
    """Look for slips in the registry.

    Unusable agreements, selections without effect.

    \b
    Exit codes: 0 usable, 1 an agreement cannot be used, 3 the registry
    cannot be read.

    \b
    Example:
      reference-hub registry check --folder kit
    """
    found = read(settings, folder)
    notes = [f"{each.id}: {note}" for each in found.agreements.values() for note in idle(each)]
    notes += [*yielding(found, clock_of(settings).now()), *_place_notes(settings, found)]
    for note in notes:
        click.echo(note)
    faulty = tell_faults(found)
    sizes = f"{len(found.agreements)} agreements of {len(found.districts)} districts"
    click.echo(f"{sizes} can be used; {len(found.faults)} cannot. Notes: {len(notes)}.")
    if faulty:
        sys.exit(EXIT_FAULTY)


def read(settings: Settings, folder: str | None, *, needed: bool = False) -> Snapshot:
    """The registry of the option, else of the settings, else, unless one is needed, the kit's."""
    client = client_of(Registry(folder=folder) if folder else settings.registry)
    if client is None and needed:
        raise SetupError(
            "The settings name no registry; write [registry] with folder or url, or give --folder."
        )
    if client is None:
        click.echo("The settings name no registry; this is the kit's own.", err=True)
        client = client_of(Registry(folder=KIT))
    assert client is not None
    return client.read()


def tell_faults(found: Snapshot) -> bool:
    """Print the agreements that cannot be used on standard error; whether there are any."""
    for each in found.faults:
        click.echo(f"Not usable: {each.text}", err=True)
    return bool(found.faults)


def _row(each: Agreement, standing: Sequence[Standing]) -> dict[str, str]:
    mine = [pod for pod in standing if pod.agreement_id == each.id]
    acknowledged = [f"{pod.acknowledged:%Y-%m-%d %H:%M}" for pod in mine if pod.acknowledged]
    return {
        "agreement": each.id,
        "district": each.district,
        "vendor": each.vendor,
        "product": each.product,
        "type": each.type,
        "status": each.status,
        "until": each.expires.isoformat() if each.expires else "open",
        "fields": str(len(fields(each))),
        "pod": ", ".join(f"{pod.version} {pod.status}" for pod in mine) or "none",
        "acknowledged": ", ".join(acknowledged) or "no",
    }


def _document(found: Snapshot, terms: Agreement) -> str:
    first = app_ids(found.products[terms.product])[0]
    pod = pod_from(found, terms.id, first, **_PLACEHOLDERS)
    return etree.tostring(pod, pretty_print=True, encoding="unicode")


def _details(terms: Agreement) -> dict[str, object]:
    return {
        "agreement": asdict(terms),
        "expansion": [asdict(row) for row in expansion(terms)],
        "fields": [asdict(field) for field in fields(terms)],
        "conditions": [asdict(term) for term in conditions(terms)],
        "notes": list(idle(terms)),
    }


def _print(terms: Agreement) -> None:
    click.echo(f"{terms.id}: {terms.name}, {terms.type} {terms.version}, {terms.status}")
    until = terms.expires.isoformat() if terms.expires else "an open end"
    click.echo(f"{terms.district} and {terms.vendor} on {terms.product}")
    click.echo(f"from {terms.effective.isoformat()} to {until}")
    for row in expansion(terms):
        click.echo(f"\n{row.id}  {row.category}")
        for path in row.paths or ("(no path: SIF has no such data, or it is withheld)",):
            click.echo(f"  {path}{'  RW' if path in terms.writable else ''}")
    listed = conditions(terms)
    click.echo("\nConditions" if listed else "\nNo conditions")
    for term in listed:
        said = " ".join(filter(None, (term.kind, term.path, term.op, term.value)))
        click.echo(f"  {said}{f'  ({term.name})' if term.name else ''}")
    for note in idle(terms):
        click.echo(f"\nNote: {note}")


def _steps(report: Report) -> Sequence[Step]:
    """What was done, and what was left alone for another reason than that all is well."""
    well = (AS_AGREED, DRAFT_AS_AGREED)
    return [each for each in report.steps if each.action.reason not in well]


def _step(step: Step) -> dict[str, str]:
    action = step.action
    return {
        "step": action.kind,
        "vendor": step.vendor.name,
        "agreement": action.agreement_id,
        "application": action.app_id,
        "version": action.version,
        "reason": action.reason,
    }


def _unplaced(found: Snapshot, name: str) -> str:
    each = found.agreements[name]
    party, zone = found.vendors[each.vendor].name, found.districts[each.district].zone
    return (
        f"{name}: the hub has no vendor of party {party!r} in zone {zone}, so no POD; add it with: "
        f'reference-hub vendor add NAME --party "{party}" --zone {zone}'
    )


def _place_notes(settings: Settings, found: Snapshot) -> list[str]:
    notes = []
    for each in found.districts.values():
        zone = settings.zones.get(each.zone)
        if zone is None:
            notes.append(f"{each.id}: the settings have no zone '{each.zone}'.")
        elif zone.time_zone != each.time_zone:
            notes.append(
                f"{each.id}: its time zone is {each.time_zone}, that of zone {each.zone} in the "
                f"settings {zone.time_zone}."
            )
    return notes


COMMANDS = (registry,)
