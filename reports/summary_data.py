"""The data elements of a run held against the schedule of the agreement (Exhibit B).

The header names the lines of the schedule that the agreement of the run opens and their paths. An
element was exchanged if it stood in a message that got a positive answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from lxml import etree

from conformance.runfile import FAIL, PASS, Exchange
from reports.source import Source
from reports.themes import theme_of

_POSITIVE = re.compile(r"(?:^|\s)2\d\d\b")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Lines of the schedule by id: `seen` in messages, granted but `unseen`.

    Lines that the same elements stand for are one group: a message does not tell them apart.

    `state` is empty (no agreement in the run), unknown (the messages name no such elements) or
    told. `beyond` is what the run says of data outside: clean | found | open | none.
    """

    state: str
    seen: tuple[tuple[str, ...], ...]
    unseen: tuple[tuple[str, ...], ...]
    beyond: str


def schedule(source: Source) -> Schedule:
    """What the agreement of a run covers and what of it was exchanged."""
    grant = source.run.header.grant
    if not grant:
        return Schedule("empty", (), (), _beyond(source))
    found = exchanged({path for line in grant for path in line.paths}, source.run.exchanges)
    groups: dict[frozenset[str], list[str]] = {}
    for line in grant:
        groups.setdefault(frozenset(line.paths), []).append(line.line)
    seen = tuple(tuple(lines) for paths, lines in groups.items() if found & paths)
    unseen = tuple(tuple(lines) for paths, lines in groups.items() if not found & paths)
    return Schedule("told" if seen else "unknown", seen, unseen, _beyond(source))


def _beyond(source: Source) -> str:
    verdicts = {row.verdict for row in source.verdict.requirements if theme_of(row) == "least"}
    if FAIL in verdicts:
        return "found"
    if verdicts - {PASS, "not applicable"}:
        return "open"
    return "clean" if PASS in verdicts else "none"


def exchanged(paths: Iterable[str], exchanges: Iterable[Exchange]) -> set[str]:
    """Those of the paths (`xStudent/name`, `xContact/@refId`) that stood in accepted messages."""
    wanted, found = set(paths), set[str]()
    for exchange in exchanges:
        if not wanted:
            break
        if exchange.response is None or not _POSITIVE.search(exchange.response.start):
            continue
        for body in (exchange.request.body, exchange.response.body):
            here = _standing(wanted, body)
            found |= here
            wanted -= here
    return found


def _standing(wanted: set[str], body: str) -> set[str]:
    likely = {path for path in wanted if _leaf(path) in body and path.partition("/")[0] in body}
    if not likely:
        return set()
    if body.lstrip().startswith("<"):
        root = etree.fromstring(body.encode(), _PARSER)
        return set() if root is None else {path for path in likely if _in_xml(root, path)}
    try:
        tree = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return set()
    return {path for path in likely if _in_json(tree, path.split("/"))}


def _leaf(path: str) -> str:
    return path.rpartition("/")[2].lstrip("@")


def _in_xml(root: etree._Element, path: str) -> bool:
    name, _, rest = path.partition("/")
    steps, _, attribute = rest.partition("@")
    below = "/".join(f"{{*}}{step}" for step in steps.split("/") if step)
    for node in root.iter(f"{{*}}{name}"):
        ends = node.iterfind(below) if below else [node]
        if any(not attribute or end.get(attribute) for end in ends):
            return True
    return False


def _in_json(tree: object, steps: list[str]) -> bool:
    if isinstance(tree, list):
        return any(_in_json(one, steps) for one in tree)
    if not isinstance(tree, dict):
        return False
    if steps[0] in tree and _leads(tree[steps[0]], steps[1:]):
        return True
    return any(_in_json(one, steps) for one in tree.values() if isinstance(one, dict | list))


def _leads(tree: object, steps: list[str]) -> bool:
    if not steps:
        return True
    if isinstance(tree, list):
        return any(_leads(one, steps) for one in tree)
    if not isinstance(tree, dict):
        return False
    names = (steps[0], steps[0].lstrip("@"))
    return any(_leads(tree[name], steps[1:]) for name in names if name in tree)
