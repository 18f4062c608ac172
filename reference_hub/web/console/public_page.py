"""The page of a district for parents and students: which product gets which kinds of data, what
for, until when, acknowledged when. No sign-in, no personal data, nothing secret; caches may keep
it. A district that is not here is answered as any address that nobody knows."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.xml import read
from reference_hub.store import console_public
from reference_hub.store.console_public import Product
from reference_hub.web.console import kinds_of_data, lists, moments
from reference_hub.web.console.closing import POLICY
from reference_hub.web.console.texts import LANGUAGES, preferred, say
from reference_hub.web.services import services

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("public", __name__)
HTML = "text/html; charset=utf-8"
SIZE = 40
_FOR = 300
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@blueprint.get("/public/<zone>", provide_automatic_options=False)
def district(zone: str) -> Response:
    """A page of the products of a district; 404 for one that is not of this hub."""
    hub, language = services(), _language()
    known = hub.settings.zones.get(zone)
    if known is None:
        return _sent("public/nowhere.html", language, 404)
    today = hub.clock.today(zone)
    with hub.engine.connect() as connection:
        found = console_public.page(connection, zone, lists.asked(SIZE), today)
    products = [_told(language, console_public.product(row)) for row in found.rows]
    return _sent(
        "public/district.html",
        language,
        name=known.description or zone,
        products=products,
        links=lists.links(found),
        today=moments.day(today, language),
    )


def _told(language: str, each: Product) -> dict[str, object]:
    def speak(key: str, /, **values: object) -> str:
        return say(language, key, **values)

    lines, rest = kinds_of_data.of_paths(speak, each.granted or ())
    on = each.acknowledged.date() if each.acknowledged else None
    return {
        "name": f"{each.name} ({each.app_id})" if each.app_id else each.name,
        "company": each.company if each.company != each.name else "",
        "lines": lines,
        "has_rest": bool(rest),
        "is_everything": each.granted is None,
        "purposes": _purposes(each.document) if each.document else (),
        "ends": moments.day(each.ends, language) if each.ends else "",
        "acknowledged": moments.day(on, language) if on else "",
    }


@lru_cache(maxsize=512)
def _purposes(document: bytes) -> tuple[str, ...]:
    """What the data may be used for, in the words of the agreement."""
    found: dict[str, None] = {}
    for entry in tree_of(read(document))["privacyList"].get("privacy", []):
        processor: Mapping[str, Mapping[str, list[str]]] = entry.get(
            "privacyObligationsDocument", {}
        ).get("dataProcessor", {})
        found |= dict.fromkeys(processor.get("purposeList", {}).get("purpose", []))
    return tuple(found)


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else preferred(request.headers.get("Accept-Language", ""))


def _others(language: str) -> list[tuple[str, str, str]]:
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    return [
        (code, name, f"{request.path}?{urlencode([*kept, ('lang', code)])}")
        for code, name in LANGUAGES.items()
        if code != language
    ]


def _sent(template: str, language: str, status: int = 200, **told: object) -> Response:
    def speak(key: str, /, **values: object) -> str:
        return say(language, key, **values)

    others = _others(language) if status == 200 else []
    page = render_template(template, t=speak, language=language, others=others, **told)
    response = Response(page, status, content_type=HTML, headers=_HEADERS)
    response.vary.add("Accept-Language")
    if status != 200:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={_FOR}"
    response.set_etag(sha256(page.encode()).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response
