"""Which notation a request is written in, and in which it wants its answer: pure decisions.

Headers stand before the suffix of the path, the suffix before XML (Base Architecture 4.3.4). The
media type does not tell the two JSON notations apart; a profile does, then what the application is
configured for, then the content, and Goessner where nothing tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reference_hub.model.infrastructure import version_of

XML = "xml"
GOESSNER = "goessner"
PESC = "pesc"
DATA = "data"
INFRASTRUCTURE = "inf"
XML_MEDIA = "application/xml"
JSON_MEDIA = "application/json"
OFFERED = (XML_MEDIA, "text/xml", JSON_MEDIA)
_BY_SUFFIX = {".xml": XML_MEDIA, ".json": JSON_MEDIA}
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_PROFILE = re.compile(
    r"urn:sif:(data|inf)/([\w.-]{1,40})/([\w.-]{1,40})(?:\+(xml|goessner|pesc))?", re.IGNORECASE
)
_MODEL = re.compile(
    r"https?://(?:www\.)?sifassociation\.org/(?:datamodel/([^/]+)|([^/]+)/datamodel)/([^/]+)",
    re.IGNORECASE,
)
_MOST_VALUES = 20


@dataclass(frozen=True, slots=True)
class Profile:
    """One entry of Content-Profile or Accept-Profile; `notation` is '' where it is silent."""

    kind: str
    locale: str
    version: str
    notation: str

    def urn(self, notation: str) -> str:
        """As a header says it; the notation only where it was named or is JSON."""
        plus = f"+{notation}" if self.notation or notation != XML else ""
        return f"urn:sif:{self.kind}/{self.locale}/{self.version}{plus}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of notations; '' stands for silence.

    `content_type` is '' when there is no body: some clients send it with every GET. `configured`
    is the notation of the application.
    """

    content_type: str = ""
    accept: str = ""
    suffix: str = ""
    content_profiles: Sequence[Profile] = ()
    accept_profiles: Sequence[Profile] = ()
    configured: str = ""


@lru_cache(maxsize=256)
def ranked(header: str) -> tuple[tuple[str, float], ...]:
    """The values of a list header with their weights, best first; names in lower case."""
    found = []
    for entry in header.split(",")[:_MOST_VALUES]:
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = next((each for each in parameters if each.lower().startswith("q=")), "q=1")[2:]
        if name:
            # A weight that is none counts as none given.
            quality = float(weight) if _QUALITY.fullmatch(weight) else 1.0
            found.append((name.lower(), quality))
    return tuple(sorted(found, key=lambda each: -each[1]))


@lru_cache(maxsize=256)
def profiles(header: str) -> tuple[Profile, ...]:
    """The SIF profiles of a header, best first; others are skipped."""
    matched = (_PROFILE.fullmatch(name) for name, quality in ranked(header) if quality > 0)
    return tuple(
        Profile(found[1], found[2], found[3], found[4] or "") for found in matched if found
    )


def body_media(asked: Asked) -> str | None:
    """The media type of the body; None for one the hub cannot read."""
    media = asked.content_type or _BY_SUFFIX.get(asked.suffix, XML_MEDIA)
    return media if media in OFFERED else None


def body_notation(asked: Asked, evidence: str) -> str:
    """The notation of a JSON body; `evidence` is what its members show, '' when nothing."""
    named = (
        _of(asked.content_profiles),
        asked.configured,
        evidence,
        _of(asked.accept_profiles),
    )
    return next((each for each in named if each in (GOESSNER, PESC)), GOESSNER)


def answer_media(asked: Asked) -> str | None:
    """The media type of the answer; None when the caller takes nothing the hub writes."""
    weights = _weights(asked.accept) if asked.accept else {}
    if asked.accept and not weights:
        return None
    named = [media for media, (_, wildcard) in weights.items() if not wildcard]
    best = max(weights.values(), default=(0.0, True))[0]
    for media in named:
        if weights[media][0] == best:
            return media
    return _unnamed(asked, [media for media in OFFERED if not weights or media in weights])


def answer_notation(asked: Asked, read: str, kind: str) -> str:
    """The notation of a JSON answer; `read` is that of the request, `kind` data or inf."""
    own_kind = [each for each in asked.accept_profiles if each.kind == kind]
    named = (
        _of(own_kind),
        _of(asked.accept_profiles),
        read,
        _of(asked.content_profiles),
        asked.configured,
    )
    return next((each for each in named if each in (GOESSNER, PESC)), GOESSNER)


def answer_profile(asked: Asked, kind: str, namespace: str) -> Profile | None:
    """The profile to name on an answer in this namespace; None when the caller sent none."""
    sent = (*asked.accept_profiles, *asked.content_profiles)
    for profile in sent:
        if profile.kind == kind and (kind == INFRASTRUCTURE or _nearness(profile, namespace)):
            return profile
    found = _MODEL.fullmatch(namespace)
    if not sent or kind == INFRASTRUCTURE or found is None:
        return None
    return Profile(DATA, (found[1] or found[2]).lower(), found[3], "")


def model_namespace(profile: Profile, known: Iterable[str]) -> str:
    """The data model's namespace that a profile means, the nearest of those known if any is near.

    Profile and namespace need not name a version alike: 4.3 of NA lives in `na/4.x`.
    """
    best = max(known, key=lambda each: _nearness(profile, each), default="")
    if _nearness(profile, best):
        return best
    return f"http://www.sifassociation.org/datamodel/{profile.locale}/{profile.version}"


def profile_of(namespace: str, notation: str) -> str:
    """The profile header for a namespace: `urn:sif:data/na/4.x+pesc`; '' for one of no model."""
    if version := version_of(namespace):
        return Profile(INFRASTRUCTURE, "global", ".".join(map(str, version)), "").urn(notation)
    found = _MODEL.fullmatch(namespace)
    if found is None:
        return ""
    return Profile(DATA, (found[1] or found[2]).lower(), found[3], "").urn(notation)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip is listed, and not as the lesser choice beside identity (INF-TRN-008)."""
    weights = dict(reversed(ranked(accept_encoding)))
    quality = weights.get("gzip", weights.get("x-gzip", 0.0))
    return quality > 0 and quality >= weights.get("identity", 0.0)


def _weights(accept: str) -> dict[str, tuple[float, bool]]:
    """The weight of each media type the caller takes, and whether only a wildcard named it."""
    found: dict[str, tuple[float, bool]] = {}
    said = ranked(accept)
    for name, quality in said:
        if name in OFFERED:
            found.setdefault(name, (quality, False))
    for wildcard in ("application/*", "text/*", "*/*"):
        for name, quality in said:
            if name == wildcard:
                for media in OFFERED:
                    if wildcard == "*/*" or media.startswith(wildcard[:-1]):
                        found.setdefault(media, (quality, True))
    return {media: weight for media, weight in found.items() if weight[0] > 0}


def _unnamed(asked: Asked, taken: Sequence[str]) -> str:
    """Where no type was named: by suffix, as the request was written, or XML."""
    written = JSON_MEDIA if asked.content_type == JSON_MEDIA else ""
    named = (_BY_SUFFIX.get(asked.suffix, ""), written)
    return next((each for each in named if each in taken), taken[0])


def _of(named: Iterable[Profile]) -> str:
    return next((each.notation.lower() for each in named if each.notation), "")


def _nearness(profile: Profile, namespace: str) -> int:
    found = _MODEL.fullmatch(namespace)
    if found is None or (found[1] or found[2]).lower() != profile.locale.lower():
        return 0
    version = found[3].lower()
    if version == profile.version.lower():
        return 3
    if profile.version.startswith(f"{version}."):
        return 2
    return 1 if version == f"{profile.version.partition('.')[0]}.x" else 0
