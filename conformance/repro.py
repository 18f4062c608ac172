"""Turn a failing check of a run into a script and a curl line that anybody can send again.

The text comes from the run file, so it holds no secret and nothing that identifies a person: such
a mask is replaced by a stand-in of the same shape, equal masks by equal ones; other values (codes,
grades, days) are drawn again from the seed. `exact` draws all of them (`conformance reproduce`).
Who signed a request, and how, is seen when the check is replayed with a secret of no worth.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from conformance import trees
from conformance.player import is_partial
from conformance.recall import Memory
from conformance.replay import Replayed
from conformance.repro_proof import proof, signers, unrepeatable
from conformance.runfile import Exchange, Run
from conformance.stand_ins import stand_in
from conformance.target import TargetConfig
from conformance.target_files import ROLE as FILES
from conformance.wire import Capture

MOST_STEPS = 40
LONGEST_INLINE = 2_000
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TOKEN = re.compile(r"(\S{8})…#[0-9a-f]{6} \((\d+) characters\)")
_INSTANCE = re.compile(r"\brun-[0-9a-f]{16}\b")
_MASK = re.compile(r"[^#<>\"&{},]{0,40}#[0-9a-f]{6}(?![0-9a-f])")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_NOT_SENT = {"content-length", "connection", "transfer-encoding", "accept-encoding", "host"}
_ZERO = set("0-")
Spell = Callable[[str], str]
Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A script, a shell text with its curl line, and the number of the exchange it is about."""

    check: str
    exchange: int
    script: str
    shell: str


@dataclass(slots=True)
class _Places:
    """What stands at a place that is another one each time, and where it comes from."""

    spell: Spell
    new: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ids: dict[int, dict[str, int]] = field(default_factory=dict)
    used: dict[str, set[int]] = field(default_factory=dict)
    services: list[tuple[str, str]] = field(default_factory=list)
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """A recorded text with places for what is new each time and stand-ins for masks."""
        text = _TOKEN.sub(self._token, text)
        text = _MASK.sub(self._spelled, text)
        text = _INSTANCE.sub(lambda match: self._new(match.group()), text)
        return _UUID.sub(self._id, text)

    def url(self, url: str, base: str) -> str:
        """An address below a service of the environment, or below the base."""
        known = [(base, "BASE"), *self.services]
        start, name = next((one for one in known[::-1] if url.startswith(one[0])), ("", ""))
        steps = url[len(start) :].split("/")
        return ("{{" + name + "}}" if name else "") + "/".join(self.text(one) for one in steps)

    def answered(self, exchange: Exchange) -> None:
        """Remember which ids an answer brought, and its services."""
        body = exchange.response.body if exchange.response else ""
        for place, found in enumerate(_UUID.findall(body)):
            self.seen.setdefault(found, (exchange.number, place))
        for name, address in _services(body):
            self.services.append((address, f"SERVICE_{exchange.number}_{name}"))

    def saw(self, text: str) -> str:
        """An answer of the run; the masks of values that are sent are spelled as they are sent."""
        text = _TOKEN.sub(self._known_id, text)
        text = _MASK.sub(lambda match: self.sent.get(match.group(), match.group()), text)
        return _UUID.sub(self._known_id, text)

    def _known_id(self, match: re.Match[str]) -> str:
        value = match.group()
        spelled = (value, value.upper(), value.lower())
        name = next((self.names[one] for one in spelled if one in self.names), "")
        return "{{" + name + "}}" if name else value

    def _spelled(self, match: re.Match[str]) -> str:
        mask = match.group()
        return self.sent.setdefault(mask, self.spell(mask))

    def _token(self, match: re.Match[str]) -> str:
        whole = match.group()
        return self._new(whole, match[1] + "x" * (int(match[2]) - 8))

    def _id(self, match: re.Match[str]) -> str:
        value = match.group()
        for form in ("LOWER", "UPPER"):
            other = value.upper() if form == "LOWER" else value.lower()
            if value not in self.names and other in self.names:
                return "{{" + f"{self.names[other]}_{form}" + "}}"
        if set(value) <= _ZERO:
            return value
        if value in self.names or value not in self.seen:
            return self._new(value)
        number, place = self.seen[value]
        name = self.names[value] = f"ID{len(self.names) + 1}"
        self.ids.setdefault(number, {})[name] = place
        return "{{" + name + "}}"

    def _new(self, value: str, like: str = "") -> str:
        if value not in self.names:
            self.names[value] = f"ID{len(self.names) + 1}"
            self.new[self.names[value]] = like or value
        return "{{" + self.names[value] + "}}"


def repeat(
    run: Run, judged: Replayed, config: TargetConfig, memory: Memory, *, exact: bool = False
) -> Repeat | None:
    """Script and curl line for the exchange that the first finding of a check points at.

    None if the check made no exchange to repeat, or one that was written down in part only, or if
    it delivered files: what becomes of one hangs on all that were delivered before.
    `exact` sends what the seed draws; else stand-ins are sent for what identifies a person.
    """
    if run.header.role == FILES:
        return None
    numbers = {*judged.recorded.exchanges, *dict(judged.played)}
    own = [one for one in run.exchanges if one.number in numbers]
    last = _last(own, judged)
    before = [one for one in own if one.number <= last]
    if not before or before[-1].number != last:
        return None
    if not exact and any(is_partial(one.request) for one in before):
        return None
    reads = _reads_after(own, last)
    after = [one for one in own if one.number > last and _deletes(one)]
    places = _Places(_speller(memory, exact))
    writer = _Writer(places, dict(judged.played), signers(config, judged.played), memory, exact)
    steps = [writer.step(one, run.header.endpoint) for one in [*before, *reads, *after]]
    if any(step["auth"] == "SESSION" for step in steps[: len(before)]) and not writer.opened:
        return None
    if any(unrepeatable(step, config) for step in steps):
        return None
    for step in steps:
        step["ids"] = places.ids.get(step["number"], {})
        saw = step["saw"]
        saw["body"] = places.saw(saw["body"])
        saw["headers"] = [(name, places.saw(value)) for name, value in saw["headers"]]
    count, end = len(before), len(before) + len(reads)
    plan: Step = {
        "check": judged.recorded.id,
        "run": run.header.run_id,
        "base": run.header.endpoint,
        "secrets": _environment(config, {step.get("secret", "") for step in steps}),
        "seconds": config.endpoint.read_seconds,
        "new": places.new,
        "all": not any(one.exchange for one in judged.recorded.findings),
        "sent": sorted(set(places.sent.values())),
        "before": _needed(steps[:count])[:-1],
        "last": steps[count - 1],
        "reads": steps[count:end],
        "after": steps[end:],
    }
    return Repeat(judged.recorded.id, last, _script(plan), _shell(plan, judged.recorded.id))


def _last(own: Sequence[Exchange], judged: Replayed) -> int:
    """The exchange that the first finding points at, else the last one that is no tidying up."""
    pointed = [one.exchange for one in judged.recorded.findings if one.exchange is not None]
    numbers = [one.number for one in own if not _deletes(one)]
    return pointed[0] if pointed else max(numbers, default=0)


def _reads_after(own: Sequence[Exchange], last: int) -> list[Exchange]:
    """What the check read right after that exchange: the fault may show there only."""
    later = [one for one in own if one.number > last]
    return list(takewhile(lambda one: one.request.start.startswith("GET "), later))


def _speller(memory: Memory, exact: bool) -> Spell:
    def spell(mask: str) -> str:
        hashed = f"#{mask.rpartition('#')[2]}"
        known = memory.masks.get(hashed)
        shown = known is not None and (exact or hashed not in memory.telling)
        return known[1] if known is not None and shown else stand_in(mask)

    return spell


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes exchanges as steps of the script."""

    places: _Places
    captures: Mapping[int, Capture]
    signers: Mapping[str, str]
    memory: Memory
    exact: bool

    @property
    def opened(self) -> bool:
        """Whether one of the steps opened an environment."""
        return bool(self.places.services)

    def step(self, exchange: Exchange, base: str) -> Step:
        """One request, and the answer that the run saw; then its ids and services are known."""
        capture, places = self.captures.get(exchange.number), self.places
        method, _, rest = exchange.request.start.partition(" ")
        parts = urlsplit(capture.url if capture else base)
        url = places.url(f"{parts.scheme}://{parts.netloc}{rest.rpartition(' ')[0]}", base)
        url = re.sub(r"\baccess_token=\[secret\]", "access_token={{TOKEN}}", url)
        step: Step = {
            "number": exchange.number,
            "method": method,
            "url": re.sub(r"\btimestamp=[^&]*", "timestamp={{TIMESTAMP}}", url),
            "headers": [self._header(*pair) for pair in exchange.request.headers if _is_sent(pair)],
            "body": places.text(exchange.request.body),
            "saw": _saw(exchange),
            **proof(exchange, capture, self.signers),
        }
        if self.exact and capture is not None and capture.body:
            step |= self._raw(capture.body)
        places.answered(exchange)
        return step

    def _header(self, name: str, value: str) -> tuple[str, str]:
        own = {"authorization": "{{AUTHORIZATION}}", "timestamp": "{{TIMESTAMP}}"}
        return name, own.get(name.lower()) or self.places.text(value)

    def _raw(self, body: bytes) -> Step:
        """The bytes of the request as the check sends them, with places for what is new."""
        try:
            return {"body": self.places.text(self.memory.recorded(body.decode()))}
        except UnicodeDecodeError:
            return {"bytes": base64.b64encode(body).decode()}


def _is_sent(pair: tuple[str, str]) -> bool:
    return pair[0].lower() not in _NOT_SENT


def _saw(exchange: Exchange) -> Step:
    answer = exchange.response
    words = answer.start.split(" ") if answer else []
    return {
        "status": int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0,
        "fault": exchange.fault,
        "headers": [list(pair) for pair in answer.headers] if answer else [],
        "body": answer.body if answer else "",
    }


def _environment(config: TargetConfig, used: set[str]) -> dict[str, str]:
    """The environment variable for each of the secrets; of the unusual ones for those in use."""
    found = {"credentials": config.credentials.secret_env or "CONFORMANCE_SECRET"}
    if config.second.key:
        found["second"] = config.second.secret_env or "CONFORMANCE_SECOND_SECRET"
    odd = config.doors.registered
    return found | {name: one.variable for name, one in odd.items() if name in used}


def _services(body: str) -> list[tuple[str, str]]:
    if "infrastructureService" not in body:
        return []
    try:
        root = trees.parse(body.encode())
    except trees.Unreadable:
        return []
    found = [one for one in trees.every(root, "infrastructureService") if (one.text or "").strip()]
    return [(one.get("name") or "", _address(one)) for one in found]


def _address(one: etree._Element) -> str:
    return (one.text or "").strip().rstrip("/")


def _deletes(exchange: Exchange) -> bool:
    request = exchange.request
    override = [value for name, value in request.headers if name.lower() == "methodoverride"]
    return request.start.startswith("DELETE ") or "DELETE" in override


def _needed(steps: list[Step]) -> list[Step]:
    """All steps, or of very many those that the last ones rest upon."""
    if len(steps) <= MOST_STEPS:
        return steps
    kept: list[Step] = []
    wanted: set[str] = set()
    for step in reversed(steps):
        gives = {*step["ids"], f"SESSION_{step['number']}"}
        gives |= {one for one in wanted if one.startswith(f"SERVICE_{step['number']}_")}
        near = len(kept) < MOST_STEPS // 4
        if near or wanted & gives or step["url"].endswith("pods/pod"):
            kept.append(step)
            text = f"{step['url']} {step['body']} {step['headers']}"
            wanted |= {*_PLACE.findall(text), step["auth"]}
    return kept[::-1]


def _script(plan: Mapping[str, Any]) -> str:
    text = (resources.files("conformance") / "repeat.py").read_text(encoding="utf-8")
    told = json.dumps(json.dumps(plan, ensure_ascii=True))
    return text.replace('json.loads("{}")', f"json.loads({told})", 1)


def _shell(plan: Mapping[str, Any], check: str) -> str:
    step = plan["last"]
    parts = [f"curl -sS -i -X {step['method']}" if step["method"] != "HEAD" else "curl -sS -I"]
    parts += [f"-H {_quoted(f'{name}: {value}')}" for name, value in step["headers"]]
    if step["body"]:
        short = len(step["body"]) <= LONGEST_INLINE
        parts.append(f"--data-raw {_quoted(step['body'])}" if short else '--data-raw "$BODY"')
    line = " \\\n  ".join([*parts, _quoted(step["url"])])
    return (
        "#!/bin/sh\n"
        f"# Exchange {step['number']} of check {check}, run {plan['run']}.\n"
        f"# Set {' and '.join(plan['secrets'].values())} first.\n"
        f'eval "$(python3 "$(dirname "$0")/{check}.py" --prepare)"\n'
        f"{line}\n"
    )


def _quoted(text: str) -> str:
    """In double quotes of a shell, with its places as variables."""
    plain = re.sub(r'([\\"$`])', r"\\\1", text)
    return '"' + _PLACE.sub(r"${\1}", plain) + '"'
