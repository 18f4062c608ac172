"""Hostile XML documents, each with the canary in it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping

from tests.reference_hub.hostile.attack import CANARY, Aim, Attack, whole

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
C = CANARY

# target, methodOverride, root of the document, its namespace
DOORS = (
    ("POST", "/requests/xStudents/xStudent", "", "xStudent", NA4),
    ("POST", "/requests/xStudents", "", "xStudents", NA4),
    ("PUT", "/requests/xStudents/{refid}", "", "xStudent", NA4),
    ("PUT", "/requests/xStudents", "", "xStudents", NA4),
    ("PUT", "/requests/xStudents", "DELETE", "deleteRequest", INF),
    ("POST", "/requests/xStudents", "GET", "xStudent", NA4),
    ("POST", "/environments/environment", "", "environment", INF),
    ("POST", "/queues/queue", "", "queue", INF),
    ("POST", "/subscriptions/subscription", "", "subscription", INF),
    ("POST", "/provisionRequests/provisionRequest", "", "provisionRequest", INF),
    ("POST", "/requests/alerts/alert", "", "alert", INF),
    ("POST", "/requests/providers/provider", "", "provider", INF),
    ("POST", "/requests/xquerys/xquery", "", "xquery", INF),
    ("POST", "/services/rosterValidations/rosterValidation", "", "job", INF),
    ("POST", "/eventsConnector", "", "xStudents", NA4),
)
EVENT = {
    "messageType": "EVENT", "eventAction": "CREATE", "serviceName": "xStudents",
    "zoneId": "demo-district", "serviceType": "OBJECT",
}  # fmt: skip


def bombs(root: str, namespace: str) -> Mapping[str, bytes]:
    """Documents that grow, or reach for what is not theirs, when they are parsed."""
    start = f'<{root} xmlns="{namespace}">'
    laughs = "".join(f"<!ENTITY a{n} '{10 * ('&a' + str(n - 1) + ';')}'>" for n in range(1, 9))
    quadratic = f'<!DOCTYPE {root} [<!ENTITY a "{C * 5000}">]>{start}{"&a;" * 5000}</{root}>'
    inner = f"<localId>{C}</localId>"
    texts = {
        "laughs": f'<!DOCTYPE {root} [<!ENTITY a0 "{C}">{laughs}]>{start}&a8;</{root}>',
        "quadratic": quadratic,
        "external": f'<!DOCTYPE {root} [<!ENTITY e SYSTEM "file:///etc/passwd">]>{start}&e;</{root}>',
        "parameter": f'<!DOCTYPE {root} [<!ENTITY % e SYSTEM "http://127.0.0.1:9/{C}"> %e;]>'
        f"{start}</{root}>",
        "external subset": f'<!DOCTYPE {root} SYSTEM "http://127.0.0.1:9/{C}.dtd">{start}</{root}>',
        "only a doctype": f"<!DOCTYPE {root}>",
        "undefined entity": f"{start}&{C};</{root}>",
        "include": f'{start}<x:include xmlns:x="http://www.w3.org/2001/XInclude" '
        f'href="file:///etc/passwd" parse="text"/>{inner}',
        "deep": start + "<a>" * 20_000 + C,
        "deep and closed": start + "<a>" * 5000 + C + "</a>" * 5000 + f"</{root}>",
        "wide": start + f"<{C}/>" * 50_000,
        "wide and closed": start + f"<{C}/>" * 50_000 + f"</{root}>",
        "attributes": start + "<a" + "".join(f" {C}{n}='1'" for n in range(20_000)) + "/>",
        "long name": f"{start}<{C * 20_000}/></{root}",
        "long value": f'{start}<a b="{C * 40_000}"></{root}>',
        "namespaces": start + "".join(f'<a xmlns:n{n}="{C}">' for n in range(400)),
        "comments": f"<!--{C * 10_000}-->" * 5 + "<",
        "instructions": f"<?{C} {'x' * 50_000}?>" + start,
    }  # fmt: skip
    return {name: text.encode() for name, text in texts.items()}


def lies(root: str, namespace: str) -> Mapping[str, bytes]:
    """Documents in another encoding than they say, or with characters XML does not have."""
    text = f'<{root} xmlns="{namespace}"><localId>{C}\u00e9</localId></{root}>'
    declared = '<?xml version="1.0" encoding="{}"?>'
    return {
        "latin-1": declared.format("iso-8859-1").encode() + text.encode("latin-1"),
        "latin-1 as utf-8": text.encode("latin-1"),
        "utf-16": text.encode("utf-16"),
        "utf-16 without mark": text.encode("utf-16-le"),
        "utf-16 declared": declared.format("utf-16").encode() + text.encode(),
        "utf-32": text.encode("utf-32"),
        "utf-7": declared.format("utf-7").encode() + text.encode("utf-7"),
        "ebcdic": text.encode("cp500"),
        "unknown encoding": declared.format(C).encode() + text.encode(),
        "two marks": b"\xef\xbb\xbf" * 2 + text.encode(),
        "mark of utf-16 before utf-8": b"\xff\xfe" + text.encode(),
        "overlong": text.encode().replace(b"\xc3\xa9", b"\xc0\xbc"),
        "surrogate": text.encode().replace(b"\xc3\xa9", b"\xed\xa0\x80"),
        "surrogate reference": text.replace("\u00e9", "&#xD800;").encode(),
        "nul": text.replace("\u00e9", "\x00").encode(),
        "nul reference": text.replace("\u00e9", "&#0;").encode(),
        "control": text.replace("\u00e9", "\x08").encode(),
        "not a character": text.replace("\u00e9", "\uffff").encode(),
        "beyond": text.replace("\u00e9", "&#x110000;").encode(),
        "xml 1.1": b'<?xml version="1.1"?>' + text.replace("\u00e9", "&#1;").encode(),
        "xml 9.9": b'<?xml version="9.9"?>' + text.encode() + b"<",
    }


def shapes(root: str, namespace: str) -> Mapping[str, bytes]:
    """Documents that are XML or nearly so, but not what the door asks for."""
    inner = f"<localId>{C}</localId>"
    texts = {
        "empty": " ",
        "text": C,
        "truncated": f'<{root} xmlns="{namespace}">{inner}',
        "two roots": f"<{root}/><{root}>{inner}</{root}>",
        "text after": f'<{root} xmlns="{namespace}"/>{C}',
        "another namespace": f'<{root} xmlns="urn:{C}">{inner}</{root}>',
        "no namespace": f"<{root}>{inner}</{root}>",
        "unbound prefix": f"<p:{root}>{inner}</p:{root}>",
        "empty prefix": f'<p:{root} xmlns:p="">{inner}</p:{root}>',
        "another root": f'<{C} xmlns="{namespace}">{inner}</{C}>',
        "html": f"<html><body>{C}</body></html>",
        "stylesheet": f'<?xml-stylesheet href="{C}"?><{root} xmlns="{namespace}"><{C}></{root}>',
        "cdata": f'<{root} xmlns="{namespace}"><![CDATA[{C}',
        "colons": f'<{root}: xmlns="{namespace}">{inner}</{root}:>',
        "reserved prefix": f'<{root} xmlns:xml="urn:{C}"/>',
        "twice the same attribute": f'<{root} xmlns="{namespace}" a="{C}" a="{C}"/>',
        "soap": f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{C}'
        "</s:Body></s:Envelope>",
        "json in place of xml": f'{{"{root}": {{"localId": "{C}"}}}}',
    }
    return {name: text.encode() for name, text in texts.items()}


def packed(plain: bytes) -> Mapping[str, bytes]:
    """Bodies that are not the gzip they claim to be, or more than one would think."""
    good = gzip.compress(plain)
    return {
        "truncated gzip": good[: len(good) // 2],
        "gzip without its end": good[:-8],
        "wrong checksum": good[:-8] + b"\x00" * 8,
        "two gzips": good + gzip.compress(b"<" + C.encode()),
        "gzip and more": good + C.encode(),
        "gzip in gzip": gzip.compress(good),
        "no gzip": plain,
        "gzip bomb": gzip.compress(b"<a>" + b" " * 60_000_000),
        "bomb in gzips": gzip.compress(b" " * 3_000_000) * 20,
        "empty gzip": gzip.compress(b""),
    }


def aimed(aim: Aim, door: tuple[str, ...], name: str, body: bytes, **more: str) -> Attack:
    """A document sent to one of the doors, with the credentials that the door asks for."""
    verb, path, override, _, _ = door
    others = {"/environments": aim.key, "/eventsC": aim.provider, "/requests/prov": aim.provider}
    who = next((who for start, who in others.items() if path.startswith(start)), aim.session)
    fields = dict(more) | ({"methodOverride": override} if override else {})
    if path == "/eventsConnector":
        fields |= EVENT
    target = path.format(refid=aim.refid)
    also = {200, 204} if override == "GET" else {200} if target.endswith("s") else set()
    # An event may carry whatever its publisher writes.
    also |= {202} if path == "/eventsConnector" else set()
    sent = whole(verb, target, who, body, **fields)
    return Attack(f"{name} to {verb} {path} {override}", sent, frozenset(also))


def all_bodies(door: tuple[str, ...]) -> Mapping[str, bytes]:
    """Every document for one door."""
    *_, root, namespace = door
    return {**bombs(root, namespace), **lies(root, namespace), **shapes(root, namespace)}


def attacks(aim: Aim) -> Iterator[Attack]:
    """Every document once, the doors in turn; the first two doors get them all packed as well."""
    for turn, name in enumerate(all_bodies(DOORS[0])):
        for door in (DOORS[turn % len(DOORS)], DOORS[(turn * 7 + 3) % len(DOORS)]):
            yield aimed(aim, door, name, all_bodies(door)[name])
    for door in (DOORS[0], DOORS[4], DOORS[6]):
        plain = all_bodies(door)["another root"]
        for name, body in packed(plain).items():
            yield aimed(aim, door, name, body, Content_Encoding="gzip")
