"""Every call of the product goes from here into the evidence, with the moment at which it came."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.exchange import Arrival
from conformance.recall import fresh_words
from conformance.roles import Setting
from conformance.stage.calls import CHANGE, DATA, EVENT, Call
from conformance.stage.clock import Clock
from conformance.stage.papers import Papers
from conformance.stage.signing import Signed, Signing, tokens_of
from conformance.target import TargetConfig


class Ledger:
    """Hands over calls one by one; `told` are the tokens by the number of who told them first."""

    def __init__(self, setting: Setting, clock: Clock, url: str, papers: Papers) -> None:
        self._setting = setting
        self._papers = papers
        self._clock = clock
        self._origin = "/".join(url.split("/")[:3])
        self._signing = signing_of(setting.config)
        self._told: dict[str, int] = {}

    def take(self, call: Call) -> None:
        """Write a call down; it has its number from now on."""
        evidence = self._setting.evidence
        if call.exchange:
            # It is played again, and keeps the number that it has in the run.
            evidence.number = call.exchange - 1
        arrival = self._arrival(call) if not call.exchange else None
        call.exchange = evidence.record(call.capture, arrival)
        evidence.settle()
        for token in tokens_of(call.given):
            self._told.setdefault(token, call.exchange)

    def _arrival(self, call: Call) -> Arrival:
        setting, mark = self._setting, self._setting.evidence.mask
        asked, at = call.asked, call.at
        about = Signed(asked.method, self._origin + asked.path, asked.headers.get("timestamp"))
        header = asked.headers.get("Authorization")
        return Arrival(
            check=at.check,
            order=at.order,
            step=at.step,
            seconds=round(call.moment - self._clock.opened, 4),
            connection=call.connection,
            early=call.early,
            signed=self._signing.described(header, about, self._told, mark.hash),
            address=self._address(asked.path, asked.given, about),
            door=call.door,
            moved=setting.move is not None,
            facts={name: mark(value) for name, value in at.facts.items()},
            drawn=self._clock.drawn(),
            said=self._said(call),
            told=_told(call),
        )

    def _said(self, call: Call) -> dict[str, str]:
        """Words of ours in what is about the hub itself, where nothing is personal."""
        if call.given.kind in (DATA, EVENT, CHANGE):
            return {}
        return self._papers.said(call.capture.body, self._setting.evidence.mask.hash)

    def _address(self, path: str, given: Mapping[str, str], about: Signed) -> str:
        """Who stands in the address; empty if nobody does."""
        token = given.get("access_token", "")
        if token and token not in self._told:
            whole = f"{given.get('authenticationMethod', '')} {token}"
            mark = self._setting.evidence.mask.hash
            return self._signing.described(whole, about, self._told, mark)
        known = (number for one, number in self._told.items() if one in path)
        return next((f"token {number}" for number in known), "")


def _told(call: Call) -> list[str]:
    """The ids and times of an answer in JSON about the hub itself."""
    if not call.given.spoken or call.given.kind in (DATA, EVENT, CHANGE):
        return []
    return fresh_words(call.capture.decoded.decode("utf-8", "replace"))


def signing_of(config: TargetConfig) -> Signing:
    """How a product that calls signs."""
    encoded = config.vendor.role == "oneroster-consumer"
    return Signing(config.credentials.key, config.secret, encoded)
