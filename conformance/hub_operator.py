"""Move the district's side of a hub under test: by commands, or by JSON to an address.

Verbs: load, publish, draft, end, policy, audit. An address gets `POST {"verb": ..., ...}` with
`vendor`, `object`, `policy` and `document` (XML as text); a command is a list of words in which
{vendor} {file} {object} {policy} are replaced, `file` being the document in a temporary file.
What a hub offers here is its own affair: nothing of it is judged.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from conformance.problems import NotApplicable, NotVerified
from conformance.reply import read_json
from conformance.target import TargetConfig
from conformance.wire import Wire

# Without these nothing can be judged; the others only narrow what can.
NEEDED = ("load", "publish", "end")


class Declined(NotVerified):
    """The operator's side did not do it; the text says what it answered."""


class HubOperator:
    """The operator of one hub. Each method raises Declined, or NotApplicable without its verb.

    `moves` counts what may have changed a POD in use.
    """

    def __init__(self, wire: Wire, config: TargetConfig) -> None:
        self.wire = wire
        self._config = config
        self._wanted = config.operator
        self.moves = 0

    def load(self, document: bytes, collection: str) -> None:
        """Store the objects of a collection as the district's own system would."""
        self._do("load", document, object=collection)

    def publish(self, vendor: str, document: bytes) -> None:
        """Make this POD the one of the vendor; the hub gives id, token and version."""
        self._do("publish", document, vendor=vendor)

    def draft(self, vendor: str, document: bytes) -> None:
        """Write a POD without publishing it."""
        self._do("draft", document, vendor=vendor)

    def end(self, vendor: str) -> None:
        """End the agreement of the vendor."""
        self._do("end", vendor=vendor)

    def policy(self, vendor: str, policy: str) -> None:
        """Let the `marker` acknowledge, or the `receipt` only."""
        self._do("policy", vendor=vendor, policy=policy)

    def audit(self) -> list[str]:
        """The lines of the audit as they stand there, oldest first, each one JSON object."""
        lines = [line for line in self._do("audit").splitlines() if line.strip()]
        try:
            told = [read_json(line) for line in lines]
        except ValueError:
            told = [None]
        if not all(isinstance(one, dict) for one in told):
            raise Declined("the operator's audit is not one JSON object a line")
        return lines

    def _do(self, verb: str, document: bytes = b"", **facts: str) -> str:
        if verb not in ("load", "audit"):
            self.moves += 1
        words: tuple[str, ...] = getattr(self._wanted, verb)
        if words:
            return self._run(verb, words, document, facts)
        if self._wanted.url:
            return self._post(verb, document, facts)
        kind = NotVerified if verb in NEEDED else NotApplicable
        raise kind(f"the target file has neither [operator] {verb} nor [operator] url")

    def _run(
        self, verb: str, words: tuple[str, ...], document: bytes, facts: Mapping[str, str]
    ) -> str:
        with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
            file = Path(folder) / "document.xml"
            file.write_bytes(document)
            told = {**facts, "file": str(file)}
            command = [_filled(word, told) for word in words]
            try:
                done = subprocess.run(  # noqa: S603  # the target file names it
                    command,
                    cwd=Path(self._config.path).parent,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=self._wanted.seconds,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise Declined(f"[operator] {verb} did not run: {type(error).__name__}") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise Declined(f"[operator] {verb} ended with {done.returncode}: {said}")
        return done.stdout.decode("utf-8", "replace")

    def _post(self, verb: str, document: bytes, facts: Mapping[str, str]) -> str:
        told = {"verb": verb, **facts} | ({"document": document.decode()} if document else {})
        headers = {"Content-Type": "application/json"}
        body = json.dumps(told).encode()
        reply = self.wire.send("POST", self._wanted.url, headers, body, f"operator {verb}")
        if not reply.ok:
            raise Declined(f"the operator's {verb} was answered {reply.status}")
        return reply.body.decode("utf-8", "replace")


def _filled(word: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        word = word.replace(f"{{{name}}}", value)
    return word
