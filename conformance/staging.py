"""One replay: a session whose answers, or whose calls, are those of a recording."""

from __future__ import annotations

from collections.abc import Sequence

from conformance import runfile, session
from conformance.claims import CALLERS
from conformance.evidence import Evidence
from conformance.planning import Plan, plan
from conformance.player import NOT_RECORDED, Player
from conformance.problems import SetupFault, UsageFault
from conformance.session import Outcome
from conformance.stage.ledger import signing_of
from conformance.target import TargetConfig
from conformance.understudy import Understudy
from conformance.wire import Capture

KEEPING = ("provider", "oneroster-provider")
DOCTOR = "doctor"


def why_not_called(run: runfile.Run, config: TargetConfig) -> str:
    """Why the calls of a product cannot be played; empty if they can."""
    if config.consumer.relay:
        return "its calls went through a relay to another hub, and only the suite's own is played"
    came = [one.arrival for one in run.exchanges if one.direction == "received"]
    if came and not any(came):
        return "the product calls of its own accord, and the run does not say at which order"
    return ""


class Staging:
    """A run that is played once; `played` is what it played."""

    def __init__(self, run: runfile.Run, config: TargetConfig) -> None:
        self._run, self._config = run, config
        self._players: list[Player] = []
        self._understudy: Understudy | None = None

    @property
    def player(self) -> Player:
        """Who answered."""
        return self._players[0]

    @property
    def played(self) -> list[tuple[str, int, Capture]]:
        """Check, number and capture of every exchange that was played."""
        called = self._understudy.played if self._understudy is not None else []
        return self.player.played + called

    def hidden(self, check: str, numbers: Sequence[int]) -> int:
        """How many masked values nobody could tell, in these exchanges of a check.

        Where the product calls, a check may look at every call of the run so far.
        """
        told = sum(self.player.unknown.get(number, 0) for number in numbers)
        if self._understudy is None:
            return told
        order = [one.id for one in self._run.checks]
        before = self._run.checks[: order.index(check) + 1] if check in order else self._run.checks
        last = max((number for one in before for number in one.exchanges), default=0)
        called = self._understudy.unknown.items()
        return told + sum(count for number, count in called if number <= last)

    def masked(self, check: runfile.Check) -> int:
        """How many masked values stand in the calls that its findings are about."""
        if self._understudy is None:
            return 0
        unknown = self._understudy.unknown
        return sum(unknown.get(one.exchange or 0, 0) for one in check.findings)

    def doubt(self, check: str) -> str:
        """Why a check cannot be judged by what was played; empty if it can."""
        if self._understudy is None:
            return ""
        known = {one.number: one for one in self._run.exchanges}
        mine = next((one.exchanges for one in self._run.checks if one.id == check), [])
        for number in mine:
            if number not in known:
                return f"{NOT_RECORDED}: exchange {number} is not in the run"
            if known[number].direction == "received" and known[number].arrival is None:
                return f"{NOT_RECORDED}: when the call {number} came is not in the run"
        return self._understudy.doubts.get(check, "")

    def asked(self, planned: Plan) -> Outcome:
        """The checks of a role in which the suite is the client."""
        return self._session(planned, examine=False)

    def called(self, planned: Plan) -> Outcome:
        """The checks of a role in which the product calls, and all that came before them."""
        header = self._run.header
        whole = plan(header.role, header.tier, header.only)
        order = [one.id for one in self._run.checks]
        last = max((order.index(one) for one in planned.checks if one in order), default=-1)
        before = {*order[: last + 1], *planned.checks}
        checks = {name: spec for name, spec in whole.checks.items() if name in before}
        try:
            return self._session(
                Plan(whole.rows | planned.rows, checks | planned.checks),
                examine=any(one.check == DOCTOR for one in self._run.exchanges),
            )
        except SetupFault as error:
            raise UsageFault(
                f"the run cannot be replayed: the calls before its first check are "
                f"{NOT_RECORDED}, at least in part ({error}). Replay an undamaged run."
            ) from None

    def _session(self, planned: Plan, *, examine: bool) -> Outcome:
        header = self._run.header
        moved = any(one.arrival is not None and one.arrival.moved for one in self._run.exchanges)
        return session.run(
            self._config,
            seed=header.seed,
            only=sorted(planned.checks),
            role=header.role,
            tier=header.tier,
            examine=examine,
            planned=planned,
            # That orders were carried out by a program, not what does so.
            move=(lambda *_: True) if moved else None,
            replay=self._answering,
            understudy=self._calling,
        )

    def _answering(self, evidence: Evidence) -> Player:
        keeps = self._run.header.role in KEEPING
        now = self._run.header.role not in CALLERS
        self._players.append(Player(self._run.exchanges, evidence, keeps=keeps, now=now))
        return self.player

    def _calling(self, evidence: Evidence) -> Understudy | None:
        run = self._run
        if run.header.role in CALLERS:
            signing, memory = signing_of(self._config), self.player.memory
            self._understudy = Understudy(run.header, run.exchanges, evidence, memory, signing)
        return self._understudy
