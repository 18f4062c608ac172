"""Mistakes with the agreement: more than was agreed, too early, too long."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.simulators.agreements import Pod
from conformance.simulators.oneroster_consumer.client import RosterClient
from conformance.simulators.oneroster_consumer.mutants import breaks


@breaks("DAT-ORC-070")
class AsksForLineItems(RosterClient):
    """Asks for grades, in case it is given them."""

    def wanted(self) -> Sequence[str]:
        return (*super().wanted(), "lineItems")


@breaks("DAT-ORC-070")
class AsksForResults(RosterClient):
    """Asks for results once it has all the rest."""

    def synchronise(self) -> None:
        super().synchronise()
        if self.agreed is not None:
            self.call("GET", f"{self.root}/results?limit=1")


@breaks("DAT-ORC-071")
class LooksForAMailAddress(RosterClient):
    """Looks a user up by e-mail address."""

    def synchronise(self) -> None:
        super().synchronise()
        known = self.store.objects.get("users", {}).values() if self.agreed else ()
        for mail in [one["email"] for one in known if one.get("email")][:1]:
            query = self.query({"filter": f"email='{mail}'"})
            self.call("GET", f"{self.root}/users?{query}")


@breaks("DAT-ORC-071")
class LooksForABirthDate(RosterClient):
    """Looks people up by birth date."""

    def synchronise(self) -> None:
        super().synchronise()
        known = self.store.objects.get("demographics", {}).values() if self.agreed else ()
        for day in [one["birthDate"] for one in known if one.get("birthDate")][:1]:
            query = self.query({"filter": f"birthDate='{day}'"})
            self.call("GET", f"{self.root}/demographics?{query}")


@breaks("DAT-ORC-072")
class ReadsFirst(RosterClient):
    """Started anew, it asks for orgs before it has a document."""

    def restart(self) -> None:
        self.call("GET", f"{self.root}/orgs?limit=1&offset=0")
        super().restart()


@breaks("DAT-ORC-072")
class AcknowledgesAtTheEnd(RosterClient):
    """Acknowledges once a call was refused."""

    def restart(self) -> None:
        self.token = ""
        self.marks.clear()
        self.call("GET", f"{self.root}/users?limit=1&offset=0")
        super().restart()


@breaks("DAT-ORC-073", also=("DAT-ORC-033",))
class ReadsDocumentsAtItsStart(RosterClient):
    """Looks for another document only when it is started."""

    def is_agreed(self, collection: str) -> bool:  # noqa: ARG002
        return False


@breaks("DAT-ORC-072")
class KnowsOneDocument(RosterClient):
    """Never reads the documents again, not even when it is started anew."""

    def is_agreed(self, collection: str) -> bool:  # noqa: ARG002
        return False

    def restart(self) -> None:
        self.token = ""
        self.marks.clear()
        self.close()
        self.synchronise()


@breaks("DAT-ORC-073")
class ShutsForGood(RosterClient):
    """Takes a new document, and leaves out what was refused before, until it is restarted."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.shut: set[str] = set()

    def is_agreed(self, collection: str) -> bool:
        before, self.agreed = self.agreed, None
        if not self.obtain():
            return False
        if before is not None and self.agreed is not None and before.id != self.agreed.id:
            self.shut.add(collection)
        return True

    def wanted(self) -> Sequence[str]:
        return [one for one in super().wanted() if one not in self.shut]

    def restart(self) -> None:
        self.shut.clear()
        super().restart()


@breaks("DAT-ORC-074")
class TakesAnyParty(RosterClient):
    """Acknowledges documents for others."""

    party = ""

    def usable(self, pod: Pod) -> bool:
        self.party = pod.party
        return super().usable(pod)


@breaks("DAT-ORC-074")
class TakesAnyTime(RosterClient):
    """Acknowledges documents whatever the dates of their contract."""

    def usable(self, pod: Pod) -> bool:
        return pod.party == self.party and pod.status == "Live"


@breaks("DAT-ORC-075")
class AsksAfterTheEnd(RosterClient):
    """Takes 410 for a passing fault."""

    def go_on(self, collection: str, status: int) -> bool:
        if status == 410:
            return False
        return super().go_on(collection, status)


@breaks("DAT-ORC-075")
class GoesThroughAllAfterTheEnd(RosterClient):
    """Told 410, it tries the other collections, and all of them in the next round."""

    def go_on(self, collection: str, status: int) -> bool:
        return status == 410 or super().go_on(collection, status)
