"""Synthetic objects of the Australian model, written by hand."""

from __future__ import annotations

import uuid

NAMESPACE = "http://www.sifassociation.org/datamodel/au/3.4"


def new_refid() -> str:
    """An id as Australian systems write it."""
    return str(uuid.uuid4()).upper()


def student(refid: str, local_id: str, family: str = "Qvexley", given: str = "Jørn") -> str:
    """One StudentPersonal; without a `refid` it names none."""
    named = f' RefId="{refid}"' if refid else ""
    return (
        f'<StudentPersonal xmlns="{NAMESPACE}"{named}><LocalId>{local_id}</LocalId><PersonInfo>'
        f'<Name Type="LGL"><FamilyName>{family}</FamilyName><GivenName>{given}</GivenName></Name>'
        "<Demographics><Sex>1</Sex><BirthDate>2011-09-26</BirthDate></Demographics></PersonInfo>"
        "<AcceptableUsePolicy>Y</AcceptableUsePolicy></StudentPersonal>"
    )


def students(*members: str) -> str:
    """The collection around them."""
    return f'<StudentPersonals xmlns="{NAMESPACE}">{"".join(members)}</StudentPersonals>'
