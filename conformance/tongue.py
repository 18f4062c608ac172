"""In which notation a client speaks at one place: XML, or the JSON that the target file chooses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from lxml import etree

from conformance import notations, trees
from conformance.reply import Reply
from conformance.target import TargetConfig

Body = bytes | etree._Element | None


@dataclass(frozen=True, slots=True)
class Tongue:
    """The notation of one request; `media` is its JSON media type, empty for XML.

    `writes`: bodies are JSON too; else it is only asked for.
    """

    notation: str
    model: str
    media: str
    writes: bool

    def asked(self, given: Collection[str]) -> dict[str, str]:
        """The Accept header, unless one is given."""
        return {"Accept": self.media} if self.media and "accept" not in given else {}

    def told(self, body: Body, given: Collection[str]) -> tuple[Body, dict[str, str]]:
        """The body as it goes out, with its Content-Type; what is bytes already stays."""
        spoken = self.writes and self.media and "content-type" not in given
        if not spoken or not isinstance(body, etree._Element):
            return body, {}
        return notations.written(body, self.notation, self.model), {"Content-Type": self.media}

    def understood(self, reply: Reply, given: Collection[str]) -> Reply:
        """The answer with its JSON as XML; one that is not of the notation stays what it is."""
        kind = reply.headers.get("Content-Type").partition(";")[0].strip().lower()
        if not self.asked(given) or "json" not in kind or not reply.body:
            return reply
        try:
            root = notations.read(reply.body, self.notation, self.model)
        except ValueError:
            return reply
        return replace(reply, body=trees.tostring(root))


def spoken_at(config: TargetConfig, model: str, path: str) -> Tongue:
    """What is spoken at a path: JSON below the requests connector, but for documents of privacy.

    A provider is asked for JSON and not sent any.
    """
    told, is_provider = config.endpoint, config.vendor.role == "provider"
    media = told.media
    if is_provider:
        media = config.offer.pesc if told.notation == notations.PESC else config.offer.goessner
    below = "://" not in path and not path.startswith("pods")
    chosen = (media or told.media) if below and told.notation != notations.XML else ""
    return Tongue(told.notation, model, chosen, writes=not is_provider)


def kinds_of(config: TargetConfig) -> tuple[str, ...]:
    """The media types that an answer through the requests connector may have."""
    media = spoken_at(config, "", "").media.partition(";")[0].strip().lower()
    return (media,) if media else ("application/xml", "text/xml")
