"""Commands for the audit trail: is it whole, what does it say, what did each vendor get."""

from __future__ import annotations

import hashlib
import json

import click

from reference_hub.cli_parties import json_option, show, transaction
from reference_hub.journeys.seal_audit import seal_all
from reference_hub.model.pod import Pod
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import audit_chain, audit_overview, pods, receipts, vendors
from reference_hub.store.db import open_engine
from reference_hub.store.receipts import Receipt
from reference_hub.time_zones import clock_of


@click.group()
def audit() -> None:
    """The audit trail: who got what, when."""


@audit.command("verify")
@click.option("--head", default="", help="A head noted earlier; it must be part of the chain.")
@click.pass_obj
def verify(settings: Settings, head: str) -> None:
    """Check that nothing was altered or removed.

    Keep the head that this prints somewhere else: only a head noted elsewhere shows that the end
    of the chain was cut off. Exit code 1 when something is wrong.

    \b
    Example:
      reference-hub audit verify
    """
    engine = open_engine(settings)
    try:
        seal_all(engine, clock_of(settings))
        with engine.connect() as connection:
            snapshot = connection.execution_options(isolation_level="REPEATABLE READ")
            found = audit_chain.verify(snapshot)
    finally:
        engine.dispose()
    faults = list(found.faults)
    if head and required_head(head) not in found.heads:
        faults.append("the head noted earlier is not part of the chain: something was cut off")
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{found.entries} entries under {found.seals} seals, {found.unsealed} not sealed.")
    click.echo(f"head {found.head}")
    if faults:
        raise click.exceptions.Exit(1)


@audit.command("export")
@click.pass_obj
def export(settings: Settings) -> None:
    """Write every entry as a line of JSON.

    The oldest comes first. Each holds the SHA-256 of the line before it, so that a change to the
    file is found out.

    \b
    Example:
      reference-hub audit export > audit.jsonl
    """
    with transaction(settings) as connection:
        previous = audit_chain.GENESIS
        for entry in audit_chain.entries(connection):
            told = {**entry, "previous": previous}
            line = json.dumps(told, sort_keys=True, ensure_ascii=False)
            previous = hashlib.sha256(line.encode()).hexdigest()
            click.echo(line)


@audit.command("vendor")
@click.argument("name")
@json_option
@click.pass_obj
def of_vendor(settings: Settings, name: str, as_json: bool) -> None:
    """Show which fields vendor NAME got.

    Each with agreement, POD version, receipt, and of how many objects.

    \b
    Example:
      reference-hub audit vendor reading
    """
    with transaction(settings) as connection:
        vendor = vendors.required_vendor(connection, name)
        known = pods.visible(connection, vendor.id, vendor.scope)
        said = {each.id: receipts.of(connection, each.id) for each in known}
        sent = audit_overview.sent_to(connection, vendor)
    rows = [
        _row(pod, said[pod.id], path, number)
        for pod in known
        for (pod_id, path), number in sorted(sent.fields.items())
        if pod_id == pod.id
    ]
    show(rows, as_json, f"Nothing was sent to {name} under a POD.")
    if sent.refused and not as_json:
        click.echo(f"{sent.refused} requests were refused at the gate.", err=True)


def _row(pod: Pod, receipt: Receipt | None, path: str, number: int) -> dict[str, str]:
    told = f"{receipt.decision.lower()} by {receipt.channel}" if receipt else "no"
    return {
        "agreement": pod.agreement_id or "by hand",
        "version": pod.version,
        "receipt": f"{told} {receipt.at:%Y-%m-%d %H:%M}" if receipt else told,
        "field": path,
        "objects": str(number),
    }


def required_head(text: str) -> str:
    """A head as `verify` prints it. Raises SetupError for something else."""
    if len(text) != len(audit_chain.GENESIS):
        raise SetupError("A head has 64 digits; copy the one that audit verify printed.")
    return text


COMMANDS = (audit,)
