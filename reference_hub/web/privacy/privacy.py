"""The connector of the privacy services, all of them our profile and none the standard's."""

from __future__ import annotations

from flask import Blueprint, Response, request

from reference_hub.problems import Refusal
from reference_hub.web import callers
from reference_hub.web.answers import METHODS
from reference_hub.web.dispatch import Table, dispatch
from reference_hub.web.privacy import acknowledgements, deletions, documents, filtering, markers

blueprint = Blueprint("privacy", __name__)
# '*' stands for an id.
_TABLES: dict[tuple[str, ...], Table] = {
    ("markers",): {"POST": markers.give},
    ("filter",): {"POST": filtering.apply},
    ("pods", "*", "acknowledgements"): {
        "GET": acknowledgements.read,
        "HEAD": acknowledgements.read,
        "POST": acknowledgements.create,
    },
    ("deletions",): {"GET": deletions.listing, "HEAD": deletions.listing},
    ("deletions", "*", "confirmation"): {"POST": deletions.confirm},
}


@blueprint.route("/privacy/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str) -> Response:
    """Authenticate and serve one request; a receipt also of a client without a session."""
    is_receipt = request.path.startswith("/privacy/pods/")
    return dispatch("privacy", _table, callers.party if is_receipt else callers.session)


@blueprint.route("/services/pods", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/services/pods/<path:_>", methods=METHODS, provide_automatic_options=False)
def read_documents(_: str = "") -> Response:
    """The documents of a client without a session."""
    return documents.serve()


def _table(segments: tuple[str, ...]) -> Table:
    form = (*segments[:1], "*", *segments[2:]) if len(segments) > 1 else segments
    if form not in _TABLES:
        raise Refusal(404, "Privacy services", "There is no such privacy service.")
    return _TABLES[form]
