"""Redact a body by what it is: XML, JSON, CSV, a zip, or anything else."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from conformance import codes, trees
from conformance.element_classes import class_of
from conformance.redaction import SECRET, Mask, Scrubber

MOST_CHILDREN = 50
MOST_ROWS = 200
MOST_TEXT = 65_536
OTHER_TEXT = 300
_SECRET_NAMES = {"sessiontoken", "usertoken", "access_token", "secret", "password"}
_TOKEN_NAMES = {"podtoken", "dataprivacymarker"}
_ADDRESSES = ("http://", "https://", "urn:")
# Also when they stand in a wrong namespace: their words are not those of students.
_INFRASTRUCTURE_ROOTS = {
    *("environment", "environments", "error", "errors", "pod", "pods", "queue", "queues"),
    *("createResponse", "updateResponse", "deleteResponse", "deleteRequest", "zone", "zones"),
    *("subscription", "subscriptions", "provisionRequest", "provider", "providers"),
    *("alert", "alerts", "job", "jobs"),
}
_XSI_KEPT = {f"{{{trees.XSI}}}nil", f"{{{trees.XSI}}}type"}
_PAIR = re.compile(r"\{(\w{1,40}):([^{}]*)\}")
_PAIRS = re.compile(rf"{_PAIR.pattern}(?:,{_PAIR.pattern})*")
# By chance the end of a random id is somebody's number.
_NUMBER = re.compile(r"[0-9]{10}")
_BETWEEN = re.compile(r">([^<>]+)<|=\s*\"([^\"<>]*)\"|=\s*'([^'<>]*)'|>([^<>]+)$")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Turns bodies into text without personal data or secrets, and learns what it sees."""

    mask: Mask
    scrub: Scrubber
    counts: Counter[str]
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def body(self, data: bytes, content_type: str) -> str:
        """The body as it may be written, at most 64 KiB of text."""
        if not data:
            return ""
        if data[:4] == b"PK\x03\x04":
            return self.scrub(_listing(data))
        start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        if start == b"<" or "xml" in content_type:
            return self._xml(data, content_type)[:MOST_TEXT]
        if start in (b"{", b"[") or "json" in content_type:
            return self._json(data)[:MOST_TEXT]
        if "csv" in content_type or b"sourcedId" in data[:200]:
            return self._csv(data)[:MOST_TEXT]
        return self.other(data)

    def other(self, data: bytes) -> str:
        """The first 300 characters with every known value replaced."""
        return self.scrub(data[: OTHER_TEXT * 4].decode("utf-8", "replace"))[:OTHER_TEXT]

    def learn(self, element: etree._Element) -> None:
        """Remember the personal values of this tree."""
        known = self.known
        for one in element.iter():
            name, infrastructure = _kind(one.tag)
            pairs = [(_kind(key)[0], str(value)) for key, value in one.items()]
            pairs.append((name, one.text or ""))
            for key, value in pairs if not infrastructure else ():
                value = value.strip()
                if value and (key, value) not in known:
                    self._learned(key, value)

    def _xml(self, data: bytes, content_type: str) -> str:
        try:
            root = trees.parse(data)
        except trees.Unreadable:
            return self._broken(data, content_type)
        left_out = len(root) - MOST_CHILDREN
        if left_out > 0:
            del root[MOST_CHILDREN:]
        self._mask_tree(root, learning=trees.local(root) not in _INFRASTRUCTURE_ROOTS)
        written = etree.tostring(root, encoding="unicode")
        return written + (f"\n[{left_out} more elements]" if left_out > 0 else "")

    def _mask_tree(self, root: etree._Element, learning: bool) -> None:
        value_of = self.value if learning else self._masked_value
        for one in root.iter():
            name, infrastructure = _kind(one.tag)
            if infrastructure:
                self._keep_element(one, name)
                continue
            text = one.text
            if text and not text.isspace():
                one.text = value_of(name, text.strip())
            text = one.tail
            if text and not text.isspace():
                one.tail = value_of("", text.strip())
            for key, value in one.items():
                if key not in _XSI_KEPT:
                    one.set(key, value_of(_kind(key)[0], str(value)))

    def _keep_element(self, one: etree._Element, name: str) -> None:
        for key, value in one.items():
            one.set(key, self.scrub(str(value)))
        tail, text = one.tail, one.text
        if tail and not tail.isspace():
            one.tail = self.scrub(tail)
        if not text or text in self.scrub.clean or text.isspace():
            return
        key = name.lower()
        if key in _SECRET_NAMES:
            # Whether two secrets are the same one may be what a check is about.
            one.text = f"{SECRET}#{self.mask.hash(text)}"
            self.counts["secret"] += 1
        elif key in _TOKEN_NAMES:
            one.text = self.mask.token(text)
            self.counts["token"] += 1
        else:
            one.text = self.scrub(text)

    def value(self, name: str, value: str) -> str:
        """One value: shown if it is a code or an id, else learned and masked."""
        written = self.known.get((name, value))
        if written is None:
            written = self._learned(name, value)
        if written != value:
            self.counts[class_of(name)] += 1
        return written

    def _masked_value(self, name: str, value: str) -> str:
        """Like `value`, but not remembered: common words must not be taken for personal data."""
        written = self._shown(value) if codes.shown(name, value) else self.mask(value)
        if written != value:
            self.counts[class_of(name)] += 1
        return written

    def _shown(self, value: str) -> str:
        leftovers = self.scrub.leftovers
        return leftovers(value) if leftovers and _NUMBER.search(value) else value

    def _listed_value(self, name: str, value: str) -> str:
        """A value of JSON or CSV, where only some names promise personal data."""
        if codes.telling(name):
            return self.value(name, value)
        return self._masked_value(name, value)

    def _learned(self, name: str, value: str) -> str:
        written = self.known[name, value] = self._decide(name, value)
        return written

    def _decide(self, name: str, value: str) -> str:
        if codes.shown(name, value):
            return self._shown(value)
        if codes.personal(name) and not value.startswith(_ADDRESSES):
            self.scrub.learn(value, is_name=codes.is_name(name))
        return self.mask(value)

    def _broken(self, data: bytes, content_type: str) -> str:
        if "html" in content_type or b"<html" in data[:500].lower():
            return self.other(data)
        text = data[: OTHER_TEXT * 4].decode("utf-8", "replace")
        masked = _BETWEEN.sub(self._mask_between, text)
        return self.scrub(masked)[:OTHER_TEXT]

    def _mask_between(self, match: re.Match[str]) -> str:
        whole = match.group()
        value = next(group for group in match.groups() if group is not None)
        if not value.strip() or value.startswith("http://") or codes.shown("refId", value):
            return whole
        self.counts[class_of("")] += 1
        return whole.replace(value, self.mask(value.strip()))

    def _json(self, data: bytes) -> str:
        try:
            text = json.dumps(self._masked("", json.loads(data)), ensure_ascii=False)
        except (ValueError, RecursionError):
            return self.other(data)
        # JSON can spell half a surrogate pair, UTF-8 cannot.
        return text.encode("utf-8", "replace").decode()

    def _masked(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.scrub(str(key)): self._masked(str(key), one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._masked(name, one) for one in value[:MOST_CHILDREN]]
        if isinstance(value, bool) or value is None:
            return value
        if name.lower() in _SECRET_NAMES:
            self.counts["secret"] += 1
            return SECRET
        written = self._listed_value(name.lstrip("@"), str(value))
        return value if written == str(value) else written

    def _cell(self, name: str, value: str) -> str:
        """One cell of CSV; in a list of {type:identifier} each identifier has its own mask."""
        if not _PAIRS.fullmatch(value):
            return self._listed_value(name, value)
        return _PAIR.sub(
            lambda pair: f"{{{self.scrub(pair[1])}:{self._listed_value(name, pair[2])}}}", value
        )

    def _csv(self, data: bytes) -> str:
        text = data.decode("utf-8", "replace").lstrip("\ufeff")
        try:
            rows = list(csv.reader(io.StringIO(text[: MOST_TEXT * 4], newline="")))[:MOST_ROWS]
        except csv.Error:
            return self.other(data)
        if not rows:
            return ""
        header = rows[0]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([self.scrub(name) for name in header])
        for row in rows[1:]:
            names = header + [""] * (len(row) - len(header))
            cells = zip(names, row, strict=False)
            writer.writerow([self._cell(name, one) for name, one in cells])
        return out.getvalue()


@lru_cache(maxsize=4096)
def _kind(tag: object) -> tuple[str, bool]:
    """Local name, and whether it stands in an infrastructure namespace."""
    uri, _, name = str(tag).lstrip("{").rpartition("}")
    return name, trees.is_infrastructure(uri)


def _listing(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [f"{one.filename} {one.file_size} bytes" for one in archive.infolist()[:100]]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return f"[a zip that cannot be read, {len(data)} bytes]"
    return "\n".join(["[zip]", *entries])
