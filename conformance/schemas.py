"""Register further data models: a schema file per model, compiled before it is taken.

The registry is `schemas.json` in `$CONFORMANCE_HOME`, else in `~/.config/sif-conformance`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from lxml import etree

from conformance.problems import UsageFault


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One registered model. `mode` strict judges whole objects, lax partial ones."""

    model: str
    namespace: str
    mode: str
    path: str


def home(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of the registry; it need not exist."""
    given = (os.environ if environ is None else environ).get("CONFORMANCE_HOME")
    return Path(given) if given else Path.home() / ".config" / "sif-conformance"


def entries(folder: Path | None = None) -> dict[str, Entry]:
    """All registered models by id; raises UsageFault for a file that cannot be read."""
    file = (folder or home()) / "schemas.json"
    try:
        listed = msgspec.json.decode(file.read_bytes(), type=list[Entry])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise UsageFault(f"{file} cannot be read: {error}. Correct or delete it.") from None
    return {entry.model: entry for entry in listed}


def add(
    model: str, path: Path, namespace: str = "", mode: str = "strict", folder: Path | None = None
) -> Entry:
    """Compile the schema and register it; raises UsageFault with the reason it is refused."""
    known = entries(folder)
    if model in known:
        raise UsageFault(f"model {model} is registered already; remove it first")
    target = compiled_namespace(path)
    if namespace and namespace != target:
        raise UsageFault(f"{path} is a schema for {target or 'no namespace'}, not {namespace}")
    entry = Entry(model=model, namespace=target, mode=mode, path=str(path.resolve()))
    _save({**known, model: entry}, folder)
    return entry


def remove(model: str, folder: Path | None = None) -> None:
    """Forget a model; raises UsageFault if it is not registered."""
    known = entries(folder)
    if model not in known:
        names = ", ".join(known) or "none"
        raise UsageFault(f"no model {model} is registered; registered are: {names}")
    _save({name: entry for name, entry in known.items() if name != model}, folder)


def compiled_namespace(path: Path) -> str:
    """The target namespace of a schema file that compiles; raises UsageFault if it does not."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    try:
        tree = etree.parse(str(path), parser)
        etree.XMLSchema(tree)
    except OSError:
        raise UsageFault(f"{path} cannot be read") from None
    except etree.XMLSyntaxError as error:
        raise UsageFault(f"{path} is not well-formed XML: {error}") from None
    except etree.XMLSchemaParseError as error:
        raise UsageFault(f"{path} does not compile as an XML schema: {error}") from None
    return tree.getroot().get("targetNamespace") or ""


def _save(known: Mapping[str, Entry], folder: Path | None) -> None:
    place = folder or home()
    place.mkdir(parents=True, exist_ok=True)
    draft = place / ".schemas.json.part"
    listed = [known[name] for name in sorted(known)]
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(listed), indent=2) + b"\n")
    draft.replace(place / "schemas.json")
