"""Commands for services that an application elsewhere provides."""

from __future__ import annotations

import click

from reference_hub.cli_parties import (
    json_option,
    note_unknown_zone,
    show,
    transaction,
    zone_option,
)
from reference_hub.clock import Clock
from reference_hub.codec.provider_xml import XML
from reference_hub.journeys.provide import add as add_entry
from reference_hub.journeys.provide import is_own, refuse_address, remove
from reference_hub.journeys.register import refuse_object_name
from reference_hub.model.provider import Provider
from reference_hub.model.rights import SERVICE_TYPES
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import Refusal, SetupError
from reference_hub.settings import Settings
from reference_hub.store import providers, vendors

service_option = click.option("--service", required=True, help="Its name, such as xStudents.")
context_option = click.option(
    "--context", default=DEFAULT_CONTEXT, show_default=True, help="Context in the zone."
)
type_option = click.option(
    "--type",
    "kind",
    type=click.Choice(SERVICE_TYPES),
    default="OBJECT",
    show_default=True,
    help="Type of service.",
)


@click.group()
def provider() -> None:
    """Providers: whose services the hub forwards requests to."""


@provider.command("add")
@click.argument("key")
@service_option
@click.option("--url", required=True, help="Where it listens; service names are appended.")
@zone_option
@context_option
@type_option
@click.pass_obj
def add(
    settings: Settings, key: str, service: str, url: str, zone: str, context: str, kind: str
) -> None:
    """Route a service to the address of application KEY.

    For providers that do not register themselves. Requests are signed with the session of the
    application's own environment, so they begin to flow when it has one.

    \b
    Example:
      reference-hub app add far-sis --kind provider --secret-env FAR_SIS_SECRET
      reference-hub provider add far-sis --service xStudents \\
        --url https://sis.example/sif3
    """
    _refuse_name(service, kind)
    note_unknown_zone(settings, zone)
    entry = Provider(
        Clock().new_uuid(), key, None, Scope(zone, context), kind, service, key, url, {}, (XML,)
    )
    with transaction(settings) as connection:
        application = vendors.find_application(connection, key)
        if application is None or application.environment_type != "BROKERED":
            raise SetupError(
                f"{key} is no application with brokered environments; add it with: "
                f"reference-hub app add {key} --kind provider"
            )
        if application.vendor_id is not None:
            raise SetupError(
                f"{key} acts for a vendor, which would get what others write without its POD; name "
                "an application of kind provider."
            )
        try:
            refuse_address(url, local=True)
            add_entry(connection, entry, Clock(), settings.utility_zone)
        except Refusal as problem:
            own = is_own(connection, entry.scope, kind, service)
            raise SetupError(_told(problem, own=own)) from problem
    click.echo(f"{key} provides {service} in {zone}.")


def _refuse_name(service: str, kind: str) -> None:
    if kind == "OBJECT":
        refuse_object_name(service, "--service")
    if not service or service.split() != [service]:
        raise SetupError(f"--service is '{service}'; write one word such as xStudents.")


def _told(problem: Refusal, *, own: bool) -> str:
    if problem.status == 409 and own:
        return (
            "The hub provides this service itself in this zone and context: it stores such objects "
            "or has the service built in. Name another --service, --zone or --context."
        )
    if problem.status == 409:
        return f"{problem.message} To take it away: reference-hub provider remove --help"
    return f"{problem.message.replace('endPoint', '--url')} An example: https://sis.example/sif3"


@provider.command("list")
@json_option
@click.pass_obj
def list_providers(settings: Settings, as_json: bool) -> None:
    """Show who provides what, and where.

    \b
    Example:
      reference-hub provider list
    """
    with transaction(settings) as connection:
        rows = [_row(each) for each in providers.everywhere(connection)]
    show(rows, as_json, "No provider yet: reference-hub provider add KEY --service NAME --url URL")


@provider.command("remove")
@service_option
@zone_option
@context_option
@type_option
@click.pass_obj
def remove_provider(settings: Settings, service: str, zone: str, context: str, kind: str) -> None:
    """Take a service's provider away, whoever registered it.

    \b
    Example:
      reference-hub provider remove --service xStudents
    """
    with transaction(settings) as connection:
        found = providers.find(connection, Scope(zone, context), kind, service)
        if found is None:
            raise SetupError(
                f"Nobody is registered for {service} in {zone}; see: reference-hub provider list"
            )
        remove(connection, found, Clock(), settings.utility_zone)
    click.echo(f"{service} in {zone} has no provider elsewhere any more.")


def _row(entry: Provider) -> dict[str, str]:
    return {
        "application": entry.application_key,
        "service": entry.service_name,
        "type": entry.service_type,
        "zone": entry.scope.zone_id,
        "context": entry.scope.context_id,
        "url": entry.endpoint,
        "by": "itself" if entry.environment_id else "operator",
    }


COMMANDS = (provider,)
