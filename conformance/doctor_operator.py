"""The district's side of a hub under test: can the suite move it at all?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conformance.doctor_words import fault, is_html
from conformance.hub_operator import NEEDED
from conformance.problems import NotVerified, SetupFault
from conformance.target import TargetConfig
from conformance.wire import Wire


def look(config: TargetConfig, wire: Wire) -> list[str]:
    """Lines on what was seen; raises SetupFault. Nothing is moved: only the audit is asked for."""
    _refuse_one_vendor(config)
    told = config.operator
    for verb in ("load", "publish", "draft", "end", "policy", "audit"):
        words: tuple[str, ...] = getattr(told, verb)
        if words and not _is_command(config, words[0]):
            cure = "Install it, or correct its name; it is started beside the target file."
            seen = f"there is no command {words[0]!r}"
            raise fault(config, "operator", verb, words[0], seen, cure)
        if not words and not told.url and verb in NEEDED:
            cure = "Name the command that does it, or an address in url."
            raise fault(config, "operator", verb, None, "it is missing, and so is url", cure)
    return [_answers(config, wire)] if told.url else []


def _refuse_one_vendor(config: TargetConfig) -> None:
    if config.second.key and config.second.key == config.credentials.key:
        seen = "both vendors have the same application key"
        cure = "Register another vendor at the hub, or leave [second] out."
        raise fault(config, "second", "key", config.second.key, seen, cure)


def _is_command(config: TargetConfig, word: str) -> bool:
    beside = Path(config.path).parent / word
    return shutil.which(word) is not None or ("/" in word and beside.is_file())


def _answers(config: TargetConfig, wire: Wire) -> str:
    url = config.operator.url
    body = json.dumps({"verb": "audit"}).encode()
    try:
        reply = wire.send("POST", url, {"Content-Type": "application/json"}, body, "operator audit")
    except NotVerified as error:
        raise _wrong(config, error.reason) from None
    if reply.status in (301, 302, 307, 308, 401, 403, 404, 405, 410) or is_html(reply):
        raise _wrong(config, f"{reply.request} answered {reply.status}")
    return f"the operator at {url} answers {reply.status}"


def _wrong(config: TargetConfig, seen: str) -> SetupFault:
    cure = "Correct the address, or name commands for load, publish and end."
    return fault(config, "operator", "url", config.operator.url, seen, cure)
