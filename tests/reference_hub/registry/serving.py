"""A registry behind HTTP, in the shape of `docs/registry.md`, with what can go wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from werkzeug.wrappers import Request, Response

from fixtures import registry

KEY = "key-of-the-hub"


def kit_lists() -> dict[str, list[dict[str, Any]]]:
    """The kit's registry as plain JSON: days as texts."""
    kit = registry.kit()
    tables = {kind: list(getattr(kit, kind).values()) for kind in registry.KINDS}
    return json.loads(json.dumps(tables, default=date.isoformat))


@dataclass
class RegistryServer:
    """A WSGI application. `lists` may be changed between requests; `asked` holds what was asked
    and answered; `spoil` may answer in its place."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=kit_lists)
    page: int = 100
    tags: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)
    spoil: Callable[[str, int], Response | None] = lambda kind, page: None

    def __call__(self, environ: Any, start: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        kind, page = request.path.strip("/"), int(request.args.get("page", "1"))
        response = self.spoil(kind, page) or self.answer(request, kind, page)
        self.asked.append((f"{kind} {page}", response.status_code))
        return response(environ, start)

    def answer(self, request: Request, kind: str, page: int) -> Response:
        """What the page says."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return Response("{}", 401)
        if kind not in self.lists:
            return Response("{}", 404)
        tag = f'"{sha256(json.dumps(self.lists[kind]).encode()).hexdigest()}"'
        if self.tags and tag in request.if_none_match.to_header():
            return Response(status=304)
        items = self.lists[kind][(page - 1) * self.page : page * self.page]
        body = json.dumps({"total": len(self.lists[kind]), "items": items})
        return Response(body, 200, {"ETag": tag} if self.tags else {})
