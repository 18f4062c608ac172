"""Mistakes with what stands in objects: too strict, or too sure of what it means."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Any

from conformance.simulators.oneroster_consumer.client import Body, RosterClient
from conformance.simulators.oneroster_consumer.link import Answer
from conformance.simulators.oneroster_consumer.mutants import breaks
from conformance.simulators.oneroster_consumer.paging import Unfinished
from conformance.simulators.oneroster_consumer.store import Export, Store


@breaks("DAT-ORC-050", "DAT-ORC-051")
class StopsAtMetadata(RosterClient):
    """Knows no metadata."""

    def understood(self, collection: str, body: Body) -> bool:
        if "metadata" in body:
            raise Unfinished(200)
        return super().understood(collection, body)


@breaks("DAT-ORC-050", "DAT-ORC-051")
class ComparesTheTypeAsText(RosterClient):
    """Wants Content-Type to be application/json and nothing else."""

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        plain = answer.status != 200 or answer.get("content-type") == "application/json"
        return answer if plain else Answer(406)


@breaks("DAT-ORC-051", also=("DAT-ORC-053",))
class NeedsAnAddress(RosterClient):
    """Leaves out users without an e-mail address."""

    def understood(self, collection: str, body: Body) -> bool:
        return collection != "users" or bool(body.get("email"))


@breaks("DAT-ORC-052", "DAT-ORC-053")
class StopsAtUnknownMembers(RosterClient):
    """Takes objects only as its own schema has them."""

    def understood(self, collection: str, body: Body) -> bool:
        if "vendorField" in body:
            raise Unfinished(200)
        return super().understood(collection, body)


@breaks("DAT-ORC-054", "DAT-ORC-055")
class StopsAtAnUnknownRole(RosterClient):
    """Cannot go on with a role that it does not know."""

    def understood(self, collection: str, body: Body) -> bool:
        if any(str(one["role"]).startswith("ext:") for one in body.get("roles", ())):
            raise Unfinished(200)
        return super().understood(collection, body)


@breaks("DAT-ORC-054")
class StopsAtAnUnknownType(RosterClient):
    """Cannot go on with a type that it does not know."""

    def understood(self, collection: str, body: Body) -> bool:
        if any(str(body.get(name, "")).startswith("ext:") for name in ("type", "classType")):
            raise Unfinished(200)
        return super().understood(collection, body)


@breaks("DAT-ORC-055")
class TakesTheUnknownForPupils(RosterClient):
    """Makes a student of whoever has no role that it knows."""

    def kept(self, collection: str, body: Body) -> Body:
        roles = [
            one | {"role": "student"} if one["role"].startswith("ext:") else one
            for one in body.get("roles", ())
        ]
        return body | {"roles": roles} if collection == "users" else body


class _Twice(Store):
    """Has a row of its own for everything that was told twice."""

    def __init__(self) -> None:
        super().__init__()
        self.twice: set[str] = set()

    def rows(self, name: str) -> list[dict[str, str]]:
        found = super().rows(name)
        return found + [one for one in found if one["sourcedId"] in self.twice]


@breaks("DAT-ORC-060")
class StoresTwice(RosterClient):
    """Stores a user for each time that it was told."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.store: _Twice = _Twice()
        self.export = Export(self.store, self.key, self.secret)

    def came(self, found: dict[str, dict[str, Any]], body: dict[str, Any]) -> None:
        if body["sourcedId"] in found:
            self.store.twice.add(str(body["sourcedId"]))
        super().came(found, body)

    def synchronise(self) -> None:
        self.store.twice.clear()
        super().synchronise()


@breaks("DAT-ORC-060")
class DropsWhatCameTwice(RosterClient):
    """Takes both of two equal ids for faults."""

    def came(self, found: dict[str, dict[str, Any]], body: dict[str, Any]) -> None:
        if body["sourcedId"] in found:
            del found[body["sourcedId"]]
        else:
            super().came(found, body)


def plain(text: str) -> str:
    """The letters without their accents, as far as ASCII has them."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@breaks("DAT-ORC-061")
class TakesAccentsAway(RosterClient):
    """Keeps names in ASCII."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        names = ("givenName", "familyName")
        return body | {name: plain(body[name]) for name in names if name in body}


@breaks("DAT-ORC-061")
class WritesNamesInCapitals(RosterClient):
    """Keeps family names in capital letters."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        name = body.get("familyName")
        return body | {"familyName": name.upper()} if name else body


@breaks("DAT-ORC-062")
class CountsIdentifiers(RosterClient):
    """Takes identifiers for numbers."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        told = str(body.get("identifier") or "")
        return body | {"identifier": str(int(told))} if told.isdecimal() else body


@breaks("DAT-ORC-062")
class CountsGrades(RosterClient):
    """Takes grades for numbers where they look like some."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        if not body.get("grades"):
            return body
        return body | {"grades": [one.lstrip("0") for one in body["grades"]]}


@breaks("DAT-ORC-063")
class TakesTextForTrue(RosterClient):
    """Any text is true."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        return body | {"enabledUser": "true"} if body.get("enabledUser") else body


@breaks("DAT-ORC-063")
class KnowsNoDisabledUsers(RosterClient):
    """Does not keep whether a user is enabled."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        return {name: value for name, value in body.items() if name != "enabledUser"}


@breaks("DAT-ORC-064")
class KeepsOneRole(RosterClient):
    """Keeps the primary role only."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        return body | {"roles": body["roles"][:1]} if "roles" in body else body


@breaks("DAT-ORC-064")
class PutsAllRolesAtOneOrg(RosterClient):
    """Takes every role for one at the first org."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        if "roles" not in body:
            return body
        first = body["roles"][0]["org"]
        return body | {"roles": [one | {"org": first} for one in body["roles"]]}


@breaks("DAT-ORC-065")
class EndsADayEarly(RosterClient):
    """Turns the first day after into the last day."""

    def kept(self, collection: str, body: Body) -> Body:
        if collection != "enrollments" or not body.get("endDate"):
            return body
        day = date.fromisoformat(body["endDate"]) - timedelta(1)
        return body | {"endDate": day.isoformat()}


@breaks("DAT-ORC-065")
class KnowsNoEnds(RosterClient):
    """Keeps no end of an enrolment."""

    def kept(self, collection: str, body: Body) -> Body:
        return body | {"endDate": ""} if collection == "enrollments" else body


@breaks("DAT-ORC-066")
class KeepsWhatWasThere(RosterClient):
    """Takes an object for a patch."""

    def kept(self, collection: str, body: Body) -> Body:
        return self.store.objects.get(collection, {}).get(body["sourcedId"], {}) | body


@breaks("DAT-ORC-066")
class WritesNone(RosterClient):
    """Writes the word None where there is no middle name."""

    def kept(self, collection: str, body: Body) -> Body:
        return body | {"middleName": str(body.get("middleName"))} if collection == "users" else body


@breaks("DAT-ORC-067", also=("DAT-ORC-058",))
class ShiftsBirthDays(RosterClient):
    """Takes a date for midnight in London and shows it in Boston."""

    def kept(self, collection: str, body: Body) -> Body:  # noqa: ARG002
        try:
            day = date.fromisoformat(body.get("birthDate") or "") - timedelta(1)
        except ValueError:
            return body
        return body | {"birthDate": day.isoformat()}


@breaks("DAT-ORC-067")
class KnowsOneSex(RosterClient):
    """Takes whatever is not male for female."""

    def kept(self, collection: str, body: Body) -> Body:
        if collection != "demographics":
            return body
        return body | {"sex": "female" if body.get("sex") == "male" else "male"}


@breaks("DAT-ORC-056")
class StopsAtAnUnknownUser(RosterClient):
    """Cannot go on with an enrolment of a user that it does not have."""

    member, known = "user", "users"

    def understood(self, collection: str, body: Body) -> bool:
        if collection == "enrollments":
            told = (body.get(self.member) or {}).get("sourcedId")
            if told not in self.store.objects.get(self.known, {}):
                raise Unfinished(200)
        return super().understood(collection, body)


@breaks("DAT-ORC-056")
class StopsAtAnUnknownClass(StopsAtAnUnknownUser):
    """Cannot go on with an enrolment in a class that it does not have."""

    member, known = "class", "classes"


@breaks("DAT-ORC-057")
class StopsWithoutAnId(RosterClient):
    """Cannot go on with an object that has no id."""

    def objects(self, answer: Answer, collection: str) -> list[dict[str, Any]]:
        body = answer.json()
        listed = body.get(collection) if isinstance(body, dict) else None
        if isinstance(listed, list) and not all("sourcedId" in one for one in listed):
            raise Unfinished(200)
        return super().objects(answer, collection)


@breaks("DAT-ORC-058")
class StopsAtABadDate(RosterClient):
    """Cannot go on with a birth date that is none."""

    def understood(self, collection: str, body: Body) -> bool:
        try:
            date.fromisoformat(body.get("birthDate") or "2000-01-01")
        except ValueError:
            raise Unfinished(200) from None
        return super().understood(collection, body)
