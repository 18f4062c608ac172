"""The last step of an answer: the caller's notation and compression.

Handlers write XML. A caller who takes XML gets it as it is; for others it is converted here.
"""

from __future__ import annotations

import re
import zlib

from flask import Response, g, request
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec import json_goessner, json_pesc, negotiate
from reference_hub.codec.json_text import dumps
from reference_hub.codec.negotiate import Asked
from reference_hub.codec.pod_json import is_pod, write_json
from reference_hub.codec.xml import namespace_of
from reference_hub.model.infrastructure import version_of
from reference_hub.web import notation

_GZIP = 16 + zlib.MAX_WBITS
# Level 1 gets most of what there is to get of XML, in a fifth of the time.
_LEVEL = 1
_WITHOUT_BODY = (204, 304)
_FIRST_TAG = re.compile(rb"<[^?!][^>]*>")
_DECLARED = re.compile(rb"""\sxmlns(?::[\w.-]+)?\s*=\s*["']([^"']*)["']""")


def render(response: Response) -> Response:
    """Convert, name the profile, compress. What somebody else wrote goes out as it came."""
    if response.is_streamed or response is g.get("verbatim"):
        return response
    if response.status_code in _WITHOUT_BODY:
        return response
    body = response.get_data()
    if response.mimetype == negotiate.XML_MEDIA:
        body = _rendered(response, notation.asked(request), body)
    response.vary.add("Accept-Encoding")
    if body and negotiate.takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(_compressed(body))
    return response


def _rendered(response: Response, said: Asked, body: bytes) -> bytes:
    media = negotiate.answer_media(said) or negotiate.XML_MEDIA
    if media != negotiate.JSON_MEDIA:
        response.headers["Content-Type"] = media
        if said.accept_profiles or said.content_profiles:
            _name_profile(response, said, _declared(body), negotiate.XML)
        return body
    response.headers["Content-Type"] = media
    if body:
        body = _as_json(response, said, body)
        response.set_data(body)
    return body


def _as_json(response: Response, said: Asked, body: bytes) -> bytes:
    root = _parsed(body)
    namespace = namespace_of(root)
    chosen = negotiate.answer_notation(said, g.get("read", ""), _kind(namespace))
    _name_profile(response, said, namespace, chosen)
    if chosen == negotiate.PESC and is_pod(root):
        return write_json(root)
    if chosen == negotiate.PESC:
        return dumps(json_pesc.write(root, notation.shapes_of(namespace)))
    return dumps(json_goessner.write(root))


def _name_profile(response: Response, said: Asked, namespace: str, chosen: str) -> None:
    profile = negotiate.answer_profile(said, _kind(namespace), namespace)
    if profile is not None:
        response.headers["Content-Profile"] = profile.urn(chosen)


def _kind(namespace: str) -> str:
    return negotiate.INFRASTRUCTURE if version_of(namespace) else negotiate.DATA


def _parsed(body: bytes) -> _Element:
    # A page of objects may be larger and one level deeper than any body the hub takes.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    return etree.fromstring(body, parser)


def _declared(body: bytes) -> str:
    # The first namespace of the root: enough for a profile, and far cheaper than a parser.
    tag = _FIRST_TAG.search(body)
    found = _DECLARED.search(tag.group()) if tag else None
    return found.group(1).decode() if found else ""


def _compressed(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()
