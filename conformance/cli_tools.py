"""Commands beside a run: simulate a vendor, register schemas."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.claims import ORDERS, PUBLISHING, ROLES
from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from lxml import etree

# Above backoff_seconds of the target file; the class itself hurries for the tests.
PAUSE_SECONDS = 0.6
# Those of the template of a target file.
HTTP_PORT, SFTP_PORT = 8090, 8022
VALID, REFUSED, UNJUDGED = "valid", "not valid", "not judged"


@click.command(short_help="Play a product to judge, with mistakes if you like.")
@click.option("--role", type=click.Choice(list(ROLES)), default="receiver", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=HTTP_PORT, show_default=True)
@click.option("--tls", type=click.IntRange(0, 65535), help="Serve by https:// too, at this port.")
@click.option("--hub", help="Where a simulated consumer connects to.")
@click.option(
    "--act",
    type=click.Choice(list(ORDERS | PUBLISHING)),
    help="What a simulated consumer does once, to end, or the publisher at --port is told to do.",
)
@click.option("--party", help="Name under which agreements are made; PODs for others are refused.")
@click.option("--mutant", "mutants", multiple=True, metavar="NAME", help="Add a mistake; repeat.")
@click.option("--list", "listing", is_flag=True, help="List the mutants and what they break.")
def simulate(
    role: str,
    port: int,
    tls: int | None,
    hub: str | None,
    act: str | None,
    party: str | None,
    mutants: tuple[str, ...],
    listing: bool,
) -> None:
    """Play a product that conforms, or one with chosen mistakes, until Ctrl-C.

    \b
    Examples:
      conformance simulate
      conformance simulate --list --role consumer
      conformance simulate --port 8091 --mutant CreateAnswers200
      conformance simulate --role provider --tls 8443
      conformance simulate --role consumer --hub http://127.0.0.1:8092/hub
      conformance simulate --role publisher --port 8093
      conformance simulate --role publisher --port 8093 --act publish
    """
    from conformance.simulators.problems import SimulatorError
    from conformance.simulators.registry import registry

    known = registry(role)
    if listing:
        for name, mutant in sorted(known.mutants.items()):
            title = (mutant.__doc__ or "").strip().split("\n", 1)[0]
            click.echo(f"{name}  {' '.join(mutant.breaks) or 'special'}\n    {title}")
        return
    try:
        product = known.compose(mutants)
        if role in ("consumer", "oneroster-consumer"):
            _consume(role, product, hub, party, act)
        elif role == "publisher":
            _publish(product, port, act)
        else:
            _serve(role, product, port, party, tls)
    except SimulatorError as error:
        raise UsageFault(str(error)) from None


def _serve(
    role: str, product: Callable[..., Any], port: int, party: str | None, tls: int | None
) -> None:
    from conformance import simulators

    app = product(secret=os.environ.get("CONFORMANCE_SECRET"))
    app.party = party or app.party
    with simulators.serve(app, port) as handle:
        click.echo(f"Simulated {role} at {handle.url}, application key {app.key}. Ctrl-C ends it.")
        with _other_face(app, SFTP_PORT if port == HTTP_PORT else 0), _by_tls(role, app, tls):
            _until_stopped()


@contextmanager
def _other_face(app: Any, port: int) -> Iterator[None]:
    """Open the SFTP server of a product that has one."""
    if not hasattr(app, "doors"):
        yield
        return
    face = app.doors(port)
    click.echo(f"SFTP at 127.0.0.1:{face.port}, host key {face.fingerprint}.")
    try:
        yield
    finally:
        face.close()


@contextmanager
def _by_tls(role: str, app: Any, port: int | None) -> Iterator[None]:
    """Open the addresses of `[tls]` of a product that has them, and say what to write there."""
    from conformance.simulators.secured import Secured, opened

    if port is None:
        yield
        return
    if not isinstance(app, Secured):
        raise UsageFault(f"a simulated {role} has no address by https://; leave --tls out")
    with opened(app, port) as doors:
        click.echo(f'[endpoint] ca_file = "{doors.ca_file}"')
        click.echo(f'[tls] url = "{doors.secure}", clear_url = "{doors.clear}"')
        yield


def _consume(
    role: str, product: Callable[..., Any], hub: str | None, party: str | None, act: str | None
) -> None:
    address = hub or os.environ.get("CONFORMANCE_HUB")
    if not address:
        raise UsageFault(f"a simulated {role} needs --hub, the address the suite tells")
    client = product(address, secret=os.environ.get("CONFORMANCE_SECRET"))
    client.party = party or client.party
    client.pause_seconds = PAUSE_SECONDS
    if role == "consumer":
        client.speak(os.environ.get("CONFORMANCE_NOTATION", "xml"))
        client.trust(os.environ.get("CONFORMANCE_AUTHORITY", ""))
    if act is not None:
        getattr(client, act)()
        if role == "consumer" and (second := os.environ.get("CONFORMANCE_SECOND_HUB")):
            getattr(client.beside(second), act)()
        return
    click.echo(f"Simulated {role} of {address}, application key {client.key}. Ctrl-C ends it.")
    client.start()
    _until_stopped()
    client.stop()


def _publish(product: Callable[..., Any], port: int, act: str | None) -> None:
    """A system that waits for orders, or an order to one; it learns the hub from the first."""
    from conformance import simulators
    from conformance.simulators.publisher import control

    if act is not None:
        if not control.order(port, act, control.facts_of(os.environ)):
            raise UsageFault(f"no simulated publisher did what it was told at port {port}")
        return
    secret = os.environ.get("CONFORMANCE_SECRET")
    entry = control.Control(lambda hub, key: product(hub, key, secret))
    handle = simulators.serve(entry, port)
    click.echo(f"Simulated publisher waits for orders at {handle.url}. Ctrl-C ends it.")
    _until_stopped()
    handle.close()
    entry.close()


def _until_stopped() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # On Windows a signal does not end a wait, so this one ends now and then.
    while not stop.wait(0.5):
        pass


@click.group()
def schemas() -> None:
    """Register schemas of data models, and judge files by them.

    \b
    Examples:
      conformance schemas add unity-4.3 SIF_Message.xsd
      conformance schemas check district
    """


@schemas.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_schemas(as_json: bool) -> None:
    """List the models that come with the kit, with their objects, and those that were added."""
    from conformance.schemas import entries
    from fixtures.standards import MODELS

    added = entries().values()
    if as_json:
        rows = [
            {"model": one.id, "namespace": one.namespace, "mode": "strict", "objects": one.objects}
            for one in MODELS.values()
        ]
        more = [{name: getattr(one, name) for name in one.__struct_fields__} for one in added]
        click.echo(json.dumps([*rows, *more], indent=2))
        return
    for model in MODELS.values():
        click.echo(f"{model.id}  {model.namespace}  strict  built in")
        click.echo(f"    {len(model.objects)} objects: {', '.join(model.objects)}")
    for entry in added:
        gone = "" if Path(entry.path).is_file() else "  (is not there any more)"
        click.echo(f"{entry.model}  {entry.namespace}  {entry.mode}  {entry.path}{gone}")


@schemas.command()
@click.argument("model")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--namespace", default="", help="Refuse a schema for another namespace.")
@click.option("--lax", is_flag=True, help="The schema describes partial objects.")
def add(model: str, path: Path, namespace: str, lax: bool) -> None:
    """Register the schema file PATH, if it compiles, under the name MODEL.

    The file stays where it is, and so must what it includes.

    \b
    Example:
      conformance schemas add unity-4.3 SIF_Message.xsd
    """
    from conformance.schemas import add as register
    from fixtures.standards import MODELS

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", model):
        raise UsageFault(f"{model!r} is no name for a model: letters, digits and . _ - are")
    if model in MODELS:
        raise UsageFault(f"{model} is built in; choose another name, such as {model}-2")
    with _registry():
        entry = register(model, path, namespace, "lax" if lax else "strict")
    click.echo(f"{entry.model} is registered for {entry.namespace or 'no namespace'}")


@schemas.command()
@click.argument("model")
def remove(model: str) -> None:
    """Forget MODEL.

    \b
    Example:
      conformance schemas remove unity-4.3
    """
    from conformance.schemas import remove as forget

    with _registry():
        forget(model)
    click.echo(f"{model} is forgotten")


@schemas.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per verdict.")
def check(paths: tuple[Path, ...], as_json: bool) -> int:
    """Judge XML files, or those of folders, by every schema of their namespace.

    The kit's own schema judges, and each that was registered besides. Updates of single elements
    are valid by a lax schema only. Values are not repeated.

    \b
    Exit codes: 0 all are valid, 1 one is not, 2 there was no file, or no schema for one.

    \b
    Example:
      conformance schemas check district/xStudents.xml
    """
    counts, judges = Counter[str](), cache(_schemas_for)
    for file in _documents(paths):
        for model, verdict, reason in _verdicts(file, judges):
            counts[verdict] += 1
            row = {"file": str(file), "model": model, "verdict": verdict, "reason": reason}
            line = "  ".join(filter(None, (verdict, model or "-", str(file), reason)))
            click.echo(json.dumps(row) if as_json else line)
    if counts[REFUSED]:
        return 1
    return 0 if counts and not counts[UNJUDGED] else 2


def _documents(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("[!.]*.xml")) if path.is_dir() else (path,)


def _verdicts(
    file: Path, schemas_for: Callable[[str], dict[str, etree.XMLSchema]]
) -> Iterator[tuple[str, str, str]]:
    """Say model, verdict and reason for each schema of the namespace of a file."""
    from lxml import etree

    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    try:
        tree = etree.parse(str(file), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        yield "", REFUSED, f"line {getattr(error, 'lineno', None) or 0}: not readable as XML"
        return
    namespace = etree.QName(tree.getroot()).namespace or ""
    if not (judges := schemas_for(namespace)):
        yield "", UNJUDGED, f"no schema for namespace {namespace or 'none'}; schemas list tells all"
    for model, schema in judges.items():
        if schema.validate(tree):
            yield model, VALID, ""
        else:
            errors: Any = schema.error_log  # the stubs do not know that it is a list
            first = errors[0]
            yield (
                model,
                REFUSED,
                f"line {first.line}: {_steps(tree, first.path)}: {first.type_name}",
            )


def _steps(tree: etree._ElementTree, path: str) -> str:
    """Name the elements on the way to one, of which libxml2 tells the numbers only."""
    from lxml import etree

    found: Any = tree.xpath(path)
    steps = [found[0], *found[0].iterancestors()]
    return "/".join(etree.QName(one).localname for one in reversed(steps))


def _schemas_for(namespace: str) -> dict[str, etree.XMLSchema]:
    from lxml import etree

    from conformance.schemas import entries
    from fixtures.standards import MODELS, schema_path

    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    found = {
        model.id: etree.XMLSchema(etree.fromstring(schema_path(model.id).read_bytes()))
        for model in MODELS.values()
        if model.namespace == namespace
    }
    for entry in entries().values():
        if entry.namespace == namespace:
            try:
                found[entry.model] = etree.XMLSchema(etree.parse(entry.path, parser))
            except (OSError, etree.LxmlError) as error:
                raise UsageFault(
                    f"{entry.path}, registered as {entry.model}, cannot be used any more: {error}. "
                    f"Put it right, or say `conformance schemas remove {entry.model}`."
                ) from None
    return found


@contextmanager
def _registry() -> Iterator[None]:
    """Turn trouble with the folder of the registry into a sentence."""
    from conformance.schemas import home

    try:
        yield
    except OSError as error:
        raise PlaceFault(
            f"the list of schemas in {home()} cannot be written ({error.strerror}). "
            "Name another folder in CONFORMANCE_HOME."
        ) from None


COMMANDS: tuple[click.Command, ...] = (simulate, schemas)
