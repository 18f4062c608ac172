"""What stands before the root of an XML file: refused there are DOCTYPE and other encodings.

HubError
└── NotXml               the file is something else; it is skipped, not refused
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reference_hub.codec.xml import MalformedDocument
from reference_hub.problems import HubError

CHUNK = 1 << 16
_MOST_PROLOG = 1 << 20
_BOM = b"\xef\xbb\xbf"
# UTF-16 and UTF-32, with or without a byte order mark.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00")
_UTF8 = (b"utf-8", b"utf8")
_DOCTYPE = b"<!DOCTYPE"
# These begin like XML, but are never an export of objects.
_OTHER_KINDS = (".xsd", ".xsl", ".xslt", ".html", ".htm", ".svg")
# Possessive, so that a hostile prolog costs no backtracking.
_PROLOG = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_NAME = re.compile(rb"<[^\s/>]+")
_NO_NAMESPACE = re.compile(rb"\sxmlns\s*=\s*(?:\"\"|'')")


@dataclass(eq=False)
class NotXml(HubError):
    """`path` holds no XML document."""

    path: Path

    def __str__(self) -> str:
        return f"{self.path} is no XML document; it was skipped."


def name_root(body: bytes, namespace: str) -> bytes:
    """Write `xmlns` into the start tag that `body` begins with; no line is added."""
    named = _NAME.match(body)
    if named is None or not namespace:
        return body
    # xmlns="" says "no namespace"; beside the supplied one it would be a repeated attribute.
    end = body.find(b">") + 1 or len(body)
    rest = _NO_NAMESPACE.sub(b"", body[named.end() : end]) + body[end:]
    written = namespace.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return named.group() + f' xmlns="{written}"'.encode() + rest


def root_start(path: Path, file: BinaryIO) -> int:
    """How many bytes stand before the root element.

    Raises NotXml for another kind of file, MalformedDocument for a head that is refused.
    """
    head = file.read(CHUNK)
    _refuse_other(path, head)
    while _unfinished(head[_prolog_end(head) :]):
        more = file.read(CHUNK)
        if not more or len(head) > _MOST_PROLOG:
            raise MalformedDocument(1, "no element begins within the first megabyte")
        head += more
    start = _prolog_end(head)
    if head.startswith(_DOCTYPE, start):
        line = head.count(b"\n", 0, start) + 1
        raise MalformedDocument(line, "a DOCTYPE is not accepted; leave it out")
    return start


def _prolog_end(head: bytes) -> int:
    found = _PROLOG.match(head, len(_BOM) if head.startswith(_BOM) else 0)
    return found.end() if found else 0


def _unfinished(rest: bytes) -> bool:
    return rest.startswith((b"<?", b"<!--")) or (
        len(rest) < len(_DOCTYPE) and _DOCTYPE.startswith(rest)
    )


def _refuse_other(path: Path, head: bytes) -> None:
    suffix = path.suffix.lower()
    text = head.removeprefix(_BOM).lstrip()
    if suffix in _OTHER_KINDS or not (suffix == ".xml" or text.startswith(b"<")):
        raise NotXml(path)
    if not text:
        raise MalformedDocument(0, "the file is empty")
    declared = _ENCODING.match(text)
    if head.startswith(_WIDE) or (declared and declared.group(1).lower() not in _UTF8):
        raise MalformedDocument(1, "the encoding is not UTF-8; export UTF-8")
    if not text.startswith(b"<"):
        raise MalformedDocument(1, "no XML: the first character is not <")
