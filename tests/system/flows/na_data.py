"""Synthetic xPress students, written by hand; the phone number is what no agreement here grants."""

from __future__ import annotations

import uuid

NAMESPACE = "http://www.sifassociation.org/datamodel/na/4.x"


def new_refids(count: int) -> list[str]:
    """So many ids."""
    return [str(uuid.uuid4()).upper() for _ in range(count)]


def student(refid: str, given: str = "Abra") -> str:
    """One xStudent."""
    return (
        f'<xStudent xmlns="{NAMESPACE}" refId="{refid}"><name><familyName>Qvexley</familyName>'
        f"<givenName>{given}</givenName></name><localId>L-{refid[:8]}</localId>"
        "<phoneNumber><phoneNumberType>Home</phoneNumberType><number>413-555-0183</number>"
        "<primaryIndicator>true</primaryIndicator></phoneNumber></xStudent>"
    )


def students(refids: list[str]) -> str:
    """The collection of them."""
    inside = "".join(student(refid) for refid in refids)
    return f'<xStudents xmlns="{NAMESPACE}">{inside}</xStudents>'
