"""Commands for Privacy Obligations Documents: what a vendor may see, and since when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fixtures import pods as agreements
from fixtures.problems import FixtureError
from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.codec.pod_document import Obligations
from reference_hub.codec.pod_intake import LARGEST, taken
from reference_hub.codec.xml import MalformedDocument
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.form import link_for
from reference_hub.journeys.import_pod import import_pod
from reference_hub.journeys.issue_pod import free_version, issue_pod, publish_draft
from reference_hub.model.party import Vendor
from reference_hub.model.pod import Pod
from reference_hub.model.uuids import canonical
from reference_hub.privacy.lint import lint, may_become_live
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import deletions, pods, receipts, vendors
from reference_hub.store.deletions import Deletion
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from lxml.etree import _Element
    from sqlalchemy import Connection

app_option = click.option(
    "--app", "app_id", default="", help="For this product of the vendor only."
)


@click.group()
def pod() -> None:
    """Privacy Obligations Documents: what a vendor may see."""


@pod.command("issue")
@click.argument("vendor_name", metavar="VENDOR")
@click.option("--agreement", default="reading-app", show_default=True, help="Name, or TOML file.")
@click.option("--version", default="1.0.0", show_default=True, help="podVersion, raised if taken.")
@click.pass_obj
def issue(settings: Settings, vendor_name: str, agreement: str, version: str) -> None:
    """Issue the POD of an agreement to VENDOR.

    Earlier ones expire at once. The document goes to the vendor first; data follows when the
    vendor has acknowledged it.

    \b
    Example (the agreement ships with the kit; name a TOML file for your own):
      reference-hub pod issue reading --agreement reading-app
    """
    terms = find_agreement(agreement)
    granted = [
        *agreements.granted_paths(terms, "xpress"),
        *agreements.granted_paths(terms, "unity"),
    ]
    clock = clock_of(settings)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name)
        version = free_version(connection, found, version)
        made = issue_pod(connection, found, version, granted, obligations(terms), clock)
    click.echo(f"POD {made.id} version {version} grants {len(granted)} paths; it is {made.status}.")


@pod.command("import")
@click.argument("vendor_name", metavar="VENDOR")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--draft", is_flag=True, help="Keep it as a draft, which no vendor sees.")
@app_option
@json_option
@click.pass_obj
def import_(
    settings: Settings, vendor_name: str, file: Path, draft: bool, app_id: str, as_json: bool
) -> None:
    """Publish the POD in FILE to VENDOR.

    XML or JSON, infrastructure 3.0 to 3.7. The hub gives it an id and a token of its own. What
    stands against it is told; a POD that could not become Live is refused.

    \b
    Example:
      reference-hub pod import reading agreement.xml
    """
    document = _document(file)
    findings = lint(document)
    for finding in findings:
        click.echo(str(finding), err=True)
    if not may_become_live(findings):
        raise SetupError(f"{file} grants or obliges too little to become Live; see above.")
    clock = clock_of(settings)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name)
        made = import_pod(connection, found, document, clock, app_id=app_id, draft=draft)
        show([_row(connection, found, made)], as_json, "")


@pod.command("list")
@click.argument("vendor_name", metavar="[VENDOR]", required=False)
@json_option
@click.pass_obj
def list_pods(settings: Settings, vendor_name: str | None, as_json: bool) -> None:
    """Show the PODs of all vendors, or of VENDOR.

    \b
    Example:
      reference-hub pod list reading
    """
    with transaction(settings) as connection:
        everyone = vendors.all_vendors(connection)
        chosen = [vendors.required_vendor(connection, vendor_name)] if vendor_name else everyone
        rows = [
            _row(connection, vendor, each)
            for vendor in chosen
            for each in pods.in_scope(connection, vendor.scope)
            if each.vendor_id == vendor.id
        ]
    show(rows, as_json, "No POD yet: reference-hub pod issue VENDOR")


@pod.command("publish")
@click.argument("pod_id", metavar="ID")
@click.pass_obj
def publish(settings: Settings, pod_id: str) -> None:
    """Publish a draft; the one before it expires.

    \b
    Example:
      reference-hub pod publish 5b72f2d4-7a83-4297-a71f-8b5fb26cbf14
    """
    with transaction(settings) as connection:
        found = _required(connection, pod_id)
        if not publish_draft(connection, found, clock_of(settings)):
            raise SetupError(f"POD {found.id} is {found.status}; only a draft can be published.")
    click.echo(f"POD {found.id} version {found.version} waits for its acknowledgement.")


@pod.command("acknowledge")
@click.argument("vendor_name", metavar="VENDOR")
@click.option("--by", required=True, help="Who gave you the word, and how, for example by letter.")
@app_option
@click.pass_obj
def acknowledge_(settings: Settings, vendor_name: str, by: str, app_id: str) -> None:
    """Record an acknowledgement given by word.

    \b
    Example:
      reference-hub pod acknowledge reading --by "letter of 3 August, J. Example"
    """
    clock = clock_of(settings)
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name)
        current = pods.current(connection, found.id, found.scope, app_id)
        if current is None:
            raise SetupError(f"{vendor_name} has no POD to acknowledge: reference-hub pod issue")
        given_by = {"contact": by}
        token = current.token
        if not acknowledge(connection, found.id, token, "operator", clock, given_by=given_by):
            raise SetupError(f"The POD of {vendor_name} is over; issue a new one.")
    click.echo(f"{vendor_name} has acknowledged version {current.version}.")


@pod.command("link")
@click.argument("vendor_name", metavar="VENDOR")
@app_option
@click.pass_obj
def link(settings: Settings, vendor_name: str, app_id: str) -> None:
    """Print a link to the acknowledgement form.

    For a vendor that speaks no SIF: whoever opens it sees what the agreement grants, and
    acknowledges or rejects it. The settings name the variable with the key that signs it.

    \b
    Example (with link_key_env = "LINK_KEY" under [privacy] in hub.toml):
      reference-hub pod link reading
    """
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name)
        current = pods.current(connection, found.id, found.scope, app_id)
    if current is None:
        raise SetupError(f"{vendor_name} has no POD: reference-hub pod issue {vendor_name}")
    click.echo(link_for(current, settings, clock_of(settings)))


@pod.command("end")
@click.argument("vendor_name", metavar="VENDOR")
@click.option(
    "--reason",
    default="the district ended the agreement",
    show_default=True,
    help="What the audit trail says.",
)
@app_option
@click.pass_obj
def end(settings: Settings, vendor_name: str, reason: str, app_id: str) -> None:
    """End the PODs of VENDOR; nothing more is sent.

    What waits for it is purged, its subscriptions end, and it is asked to delete.

    \b
    Example:
      reference-hub pod end reading --reason "contract not renewed"
    """
    with transaction(settings) as connection:
        found = vendors.required_vendor(connection, vendor_name)
        ended = end_pods(connection, found, reason, clock_of(settings), app_id=app_id or None)
    click.echo(f"PODs of {vendor_name} that have ended: {len(ended)}")


def find_agreement(name: str) -> agreements.Agreement:
    """One that ships with the kit, or the district's own file; SetupError says what is wrong."""
    try:
        if name.endswith(".toml") and not Path(name).is_file():
            raise SetupError(f"There is no agreement file {name}; correct the name.")
        if name.endswith(".toml"):
            return agreements.read_agreement(Path(name))
        return agreements.agreement(name)
    except FixtureError as error:
        raise SetupError(str(error)) from error


def obligations(terms: agreements.Agreement) -> Obligations:
    """Put an agreement into the words of the POD."""
    return Obligations(
        contract_uri=terms.contract_uri,
        contract_name=terms.contract_name,
        contract_version=terms.contract_version,
        starts=terms.valid_from,
        ends=terms.valid_to,
        controller=terms.controller,
        controller_policy=terms.controller_privacy_url,
        processor=terms.processor,
        processor_policy=terms.processor_privacy_url,
        purposes=terms.purposes,
        laws=tuple((law.name, law.description) for law in terms.laws),
        retention_days=terms.retention_days if terms.delete else None,
    )


def _document(file: Path) -> _Element:
    try:
        with file.open("rb") as opened:
            found = taken(opened.read(LARGEST + 1))
    except OSError as error:
        raise SetupError(f"{file} cannot be read; name a file with a POD.") from error
    except MalformedDocument as error:
        raise SetupError(f"{file} is no POD that the hub takes: {error}") from error
    if len(found) != 1:
        raise SetupError(f"{file} holds {len(found)} PODs; write one into a file.")
    return found[0]


def _required(connection: Connection, pod_id: str) -> Pod:
    known = canonical(pod_id)
    found = pods.by_id(connection, known) if known else None
    if found is None:
        raise SetupError("There is no POD with this id; see: reference-hub pod list")
    return found


def _row(connection: Connection, vendor: Vendor, each: Pod) -> dict[str, str]:
    receipt = receipts.of(connection, each.id)
    said = f"{receipt.decision.lower()} by {receipt.channel}" if receipt else "no"
    at = f"{receipt.at:%Y-%m-%d %H:%M}" if receipt else ""
    return {
        "vendor": vendor.name,
        "id": each.id,
        "version": each.version,
        "status": each.status,
        "application": each.app_id or "all",
        "agreement": each.agreement_id or "by hand",
        "from": each.starts.isoformat(),
        "to": each.ends.isoformat() if each.ends else "open",
        "receipt": f"{said} {at}".strip(),
    }


@click.command("deletions")
@json_option
@click.pass_obj
def list_deletions(settings: Settings, as_json: bool) -> None:
    """Show what vendors were asked to delete.

    With the last day to confirm it, and what they confirmed.

    \b
    Example:
      reference-hub deletions
    """
    with transaction(settings) as connection:
        rows = [
            _asked(vendor, each)
            for vendor in vendors.all_vendors(connection)
            for each in deletions.of_vendor(connection, vendor.id)
        ]
    show(rows, as_json, "No vendor was asked to delete anything yet.")


def _asked(vendor: Vendor, each: Deletion) -> dict[str, str]:
    answer = each.answer
    return {
        "vendor": vendor.name,
        "asked": f"{each.asked:%Y-%m-%d}",
        "because": each.reason,
        "due": each.due.isoformat(),
        "confirmed": f"{each.confirmed:%Y-%m-%d %H:%M}" if each.confirmed else "no",
        "deleted": answer.get("deletedAt", ""),
        "scope": answer.get("scope", ""),
    }


COMMANDS = (pod, list_deletions)
