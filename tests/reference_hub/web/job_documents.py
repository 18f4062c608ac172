"""Documents that tests of functional services send, and what they read off the answers."""

from __future__ import annotations

from typing import Any

from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
JOBS = "/services/rosterValidations"
UNKNOWN = "8f9e0d1c-2b3a-4c5d-8e6f-7a8b9c0d1e15"
A, B = "0" * 31 + "a", "0" * 31 + "b"


def wanted(inner: str = "", name: str = "rosterValidation", **attributes: str) -> bytes:
    named = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<job xmlns="{INF}"{named}><name>{name}</name>{inner}</job>'.encode()


def several(*jobs: bytes) -> bytes:
    return f'<jobs xmlns="{INF}">'.encode() + b"".join(jobs) + b"</jobs>"


def students(*refids: str) -> bytes:
    inner = "".join(f'<xStudent refId="{refid}"/>' for refid in refids)
    return f'<xStudents xmlns="{NA4}">{inner}</xStudents>'.encode()


def state(word: str) -> bytes:
    return f'<state xmlns="{INF}"><type>{word}</type></state>'.encode()


def deletions(*ids: str) -> bytes:
    inner = "".join(f'<delete id="{each}"/>' for each in ids)
    return f'<deleteRequest xmlns="{INF}"><deletes>{inner}</deletes></deleteRequest>'.encode()


def statuses(reply: Any) -> list[str]:
    root = etree.fromstring(reply.content)
    return [each.get("statusCode", "") for group in root for each in group]


def phases(job: etree._Element) -> dict[str, str]:
    found = job.iterfind("{*}phases/{*}phase")
    return {
        each.findtext("{*}name", ""): each.findtext("{*}states/{*}state[last()]/{*}type", "")
        for each in found
    }
