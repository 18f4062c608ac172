"""The stylesheet and the script of the console: two small files, kept by browsers for a year.

Their address holds a part of their hash, so that a new version is another address.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

from reference_hub.web.console.site import blueprint

_CSS, _SCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
_TYPES = {"console.css": _CSS, "console.js": _SCRIPT, "steps.css": _CSS, "steps.js": _SCRIPT}
_FILES = {name: (files(__package__) / "static" / name).read_bytes() for name in _TYPES}
_HASHES = {name: hashlib.sha256(body).hexdigest()[:16] for name, body in _FILES.items()}


@blueprint.get("/static/<name>", provide_automatic_options=False)
def asset(name: str) -> Response:
    """One of the files."""
    if name not in _FILES:
        raise NotFound
    response = Response(_FILES[name], content_type=_TYPES[name])
    fresh = request.args.get("v") == _HASHES[name]
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if fresh else "no-cache"
    )
    return response


@blueprint.app_template_global("console_asset")
def address(name: str) -> str:
    """Where a file lies in its present version."""
    return url_for("console.asset", name=name, v=_HASHES[name])
