"""Result sets: made for one environment and one grant, kept while they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from reference_hub.clock import Clock
from reference_hub.journeys.query import Query
from reference_hub.journeys.seals import grant_of
from reference_hub.journeys.view import View
from reference_hub.problems import Refusal
from reference_hub.store import result_sets
from reference_hub.store.result_sets import ResultSet

_GRANT, _SERVICE = "grant", "service"


@dataclass(frozen=True, slots=True)
class Keeper:
    """For whom, and how long. `asked` are the words of the query, by name: what a later page must
    not contradict."""

    environment_id: str
    service: str
    asked: Mapping[str, str]
    clock: Clock
    seconds: int

    def keep(self, view: View, query: Query, numbers: Sequence[int] | None) -> ResultSet:
        """Keep these versions, or without numbers every object of the type as it is now."""
        now = self.clock.now()
        result_sets.tidy(view.connection, self.environment_id, now)
        words = {**self.asked, _SERVICE: self.service, _GRANT: grant_of(view.pod)}
        made = ResultSet(self.clock.new_uuid(), words, len(numbers or ()))
        expires = now + timedelta(seconds=self.seconds)
        owner, kind = self.environment_id, query.object_type
        if numbers is not None:
            result_sets.insert(view.connection, made, owner, numbers, expires)
            return made
        count = result_sets.insert_all(view.connection, made, owner, view.scope, kind, expires)
        return ResultSet(made.id, words, count)

    def kept(self, view: View, id_: str, *, renew: bool) -> ResultSet:
        """The set of a navigationId. Raises Refusal 404 when it is unknown, has expired, belongs to
        somebody else or to another query, or was made under another grant."""
        now = self.clock.now()
        found = result_sets.find(view.connection, id_, self.environment_id, now)
        if found is None or not self._fits(found, grant_of(view.pod)):
            text = "This navigationId is not known here or has expired; query the first page again."
            raise Refusal(404, f"Query {self.service}", text)
        if renew:
            expires = now + timedelta(seconds=self.seconds)
            result_sets.renew(view.connection, found.id, expires)
        return found

    def _fits(self, found: ResultSet, grant: str) -> bool:
        words = {**self.asked, _SERVICE: self.service, _GRANT: grant}
        # What is left out on a later page is not contradicted.
        return all(found.query.get(name, "") == word for name, word in words.items())
