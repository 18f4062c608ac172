"""One authenticated request to the requests connector, understood but not yet served."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request

from reference_hub.journeys.writer import Writer
from reference_hub.model.environment import Environment
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, callers, parameters
from reference_hub.web.services import services
from reference_hub.web.target import Target, parse_target

SCOPE = "Requests connector"
UTILITY_ALIASES = ("environment-global", "infrastructure-utilities")
COLLECTION = "collection"
SINGULAR = "singular"
INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Call:
    """`form` tells which of `/xStudents`, `/xStudents/xStudent` and `/xStudents/{refid}` it is."""

    request: Request
    environment: Environment
    collection: str
    form: str
    refid: str
    suffix: str

    @property
    def object_type(self) -> str:
        """The object of the collection."""
        return self.collection.removesuffix("s")

    @property
    def scope(self) -> Scope:
        """Zone and context; a caller works in its own ones only."""
        return self.environment.scope

    def writer(self) -> Writer:
        """Who writes. Raises Refusal 403 for a vendor: its rights to write are REJECTED."""
        if self.environment.is_vendor:
            text = (
                f"You have no right to change {self.collection}; see the rights in the environment."
            )
            raise Refusal(403, SCOPE, text)
        settings = services().settings
        zone = settings.zones.get(self.scope.zone_id)
        return Writer(
            self.scope,
            self.environment.application.key,
            services().judge,
            services().clock,
            zone.model if zone else "",
            settings.worker.file_delay_seconds,
        )


def understand(request: Request) -> Call:
    """Authenticate, split the path, check the parameters. Raises Refusal 400 to 415."""
    environment = callers.session(request)
    answers.speak(environment.namespace)
    target = parse_target(_raw(request), "requests")
    parameters.refuse_unknown(request)
    bodies.refuse_unanswerable(request, target.suffix)
    _refuse_foreign_place(request, target, environment)
    if not 1 <= len(target.segments) <= 2:
        raise Refusal(404, SCOPE, "There is no such service; service paths are not offered.")
    collection, *last = target.segments
    if not last:
        return Call(request, environment, collection, COLLECTION, "", target.suffix)
    form = SINGULAR if f"{last[0]}s" == collection else INSTANCE
    return Call(request, environment, collection, form, last[0], target.suffix)


def _raw(request: Request) -> str:
    # gunicorn and werkzeug both keep the undecoded request target under these names.
    environ = request.environ
    return str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path)


def _refuse_foreign_place(request: Request, target: Target, environment: Environment) -> None:
    zone = _one_of(target.matrix.get("zoneId"), request.headers.get("zoneId"), "zoneId")
    context = _one_of(target.matrix.get("contextId"), request.headers.get("contextId"), "contextId")
    own = environment.scope
    if zone not in (None, own.zone_id, services().settings.utility_zone, *UTILITY_ALIASES):
        if zone in services().settings.zones:
            raise Refusal(403, SCOPE, "You have no rights in this zone.")
        raise Refusal(404, SCOPE, "There is no such zone; see provisionedZones.")
    if context not in (None, own.context_id):
        raise Refusal(404, SCOPE, "There is no such context in this zone.")


def _one_of(matrix: str | None, header: str | None, name: str) -> str | None:
    if matrix is not None and header is not None and matrix != header:
        raise Refusal(400, SCOPE, f"{name} is given twice with different values.")
    return header if matrix is None else matrix
