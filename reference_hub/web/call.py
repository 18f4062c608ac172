"""One authenticated request to the requests or services connector, understood, not yet served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Request, Response

from reference_hub.journeys.writer import Writer
from reference_hub.model.environment import Environment
from reference_hub.model.infrastructure import version_of
from reference_hub.model.pod import Pod
from reference_hub.model.rights import APPROVED, SUPPORTED, UNSUPPORTED
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, callers, parameters
from reference_hub.web.services import services
from reference_hub.web.target import Target, parse_target

SCOPE = "Requests connector"
_ONE_PLACE_ONLY = (3, 6)
_TWICE = {"zoneId": "409-02", "contextId": "409-03"}
UTILITY_ALIASES = ("environment-global", "infrastructure-utilities")
COLLECTION = "collection"
SINGULAR = "singular"
INSTANCE = "instance"
PATH = "service path"
# Service type, path and form, as the path of a request names them.
Address = Callable[[Request, Target], tuple[str, tuple[str, ...], str]]


@dataclass(frozen=True, slots=True)
class Call:
    """`form` tells which of `/xStudents`, `/xStudents/xStudent`, `/xStudents/{refid}` and
    `/xSchools/{refid}/xStudents` it is; `path` are all segments, `zone` the one that was named."""

    request: Request
    environment: Environment
    scope: Scope
    service_type: str
    path: tuple[str, ...]
    form: str
    suffix: str = ""
    zone: str | None = None

    @property
    def collection(self) -> str:
        """What is asked for: the last collection of a service path, else the first segment."""
        return self.path[-1] if self.form == PATH else self.path[0]

    @property
    def refid(self) -> str:
        """The id in the path, '' where there is none."""
        return self.path[1] if self.form in (INSTANCE, SINGULAR) else ""

    @property
    def service_name(self) -> str:
        """The name that rights and registry use: `xSchools/{}/xStudents` for a service path."""
        if self.form != PATH:
            return self.collection
        return "/".join("{}" if index % 2 else part for index, part in enumerate(self.path))

    @property
    def object_type(self) -> str:
        """The object of the collection."""
        return object_of(self.collection)

    @property
    def right(self) -> str:
        """The right that the request needs (INF-ACL-004)."""
        action = parameters.action(self.request)
        return "QUERY" if action == "HEAD" else action

    def writer(self, pod: Pod | None = None) -> Writer:
        """Who writes, and where; a vendor within its POD."""
        settings = services().settings
        zone = settings.zones.get(self.scope.zone_id)
        return Writer(
            self.scope,
            self.environment.application.key,
            services().judge,
            services().clock,
            zone.model if zone else "",
            settings.worker.file_delay_seconds,
            settings.queues.event_objects,
            pod,
        )


Handler = Callable[[Call], Response]
Table = Mapping[tuple[str, str], Handler]


def reading(form: str, handler: Handler) -> dict[tuple[str, str], Handler]:
    """The rows of a table from method and form to a handler that GET and HEAD have in common."""
    return {("GET", form): handler, ("HEAD", form): handler}


def object_of(collection: str) -> str:
    """The object in a collection: as a registered schema has it, else the name without its s."""
    return services().judge.lists().get(collection) or collection.removesuffix("s")


def arrived(
    request: Request, connector: str, who: Callable[[Request], Environment] = callers.session
) -> tuple[Environment, Target]:
    """Whose request it is, and what its path says below the connector. Raises Refusal 400 to 415.

    The answer, a refusal included, will be in the infrastructure version of the session.
    """
    environment = who(request)
    answers.speak(environment.namespace)
    target = parse_target(raw_target(request), connector)
    bodies.refuse_unanswerable(request, target.suffix)
    return environment, target


def understand(request: Request, connector: str, address: Address) -> Call:
    """Authenticate, split the path, check the parameters. Raises Refusal 400 to 415."""
    environment, target = arrived(request, connector)
    parameters.refuse_unknown(request)
    kind, path, form = address(request, target)
    zone, context = _place_asked(request, target)
    scope = scope_of(environment, zone, context, utility=kind == "UTILITY")
    return Call(request, environment, scope, kind, path, form, target.suffix, zone)


def permit(call: Call) -> None:
    """Raise Refusal 403 for a right that is not granted, 405 for one declared UNSUPPORTED."""
    refuse_right(call.environment, call.scope, call.service_type, call.service_name, call.right)


def refuse_right(
    environment: Environment, scope: Scope, service_type: str, name: str, right: str
) -> None:
    """The same for any right of a session (INF-ACL-003)."""
    value = environment.rights.value(scope, service_type, name, right)
    if value in (APPROVED, SUPPORTED):
        return
    if value == UNSUPPORTED:
        raise Refusal(405, SCOPE, f"{right} of {name} is not supported; see provisionedZones.")
    text = f"You have no right {right} on {name}; see the rights in the environment."
    raise Refusal(403, SCOPE, text)


def raw_target(request: Request) -> str:
    """The undecoded request target; gunicorn and werkzeug keep it under one of these names."""
    environ = request.environ
    return str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path)


def _place_asked(request: Request, target: Target) -> tuple[str | None, str | None]:
    """Zone and context of matrix parameters or headers.

    Raises Refusal 409 when one is given in both, from infrastructure 3.6 on; before it was left
    open, and only different values are refused, with 400 (INF-HDR-010).
    """
    strict = version_of(answers.spoken()) >= _ONE_PLACE_ONLY
    zone, context = (_one_of(target, request, name, strict) for name in _TWICE)
    return zone, context


def address(request: Request, target: Target) -> tuple[str, tuple[str, ...], str]:
    """What a path of the requests connector names. Raises Refusal 400 or 404."""
    if not target.segments:
        raise Refusal(404, SCOPE, "Name a service, as in requests/xStudents.")
    asked = parameters.service_type(request)
    first, *rest = target.segments
    if utility := utility_of(first):
        first, asked = utility, "UTILITY"
    elif asked == "FUNCTIONAL":
        text = "Functional services are reached through the servicesConnector."
        raise Refusal(404, SCOPE, text)
    if len(rest) > 1 and asked != "XQUERYTEMPLATE" and asked != "UTILITY":
        return _service_path((first, *rest))
    if asked == "SERVICEPATH":
        text = "serviceType says SERVICEPATH; such a path reads xSchools/{id}/xStudents."
        raise Refusal(400, SCOPE, text)
    if len(rest) > 1:
        raise Refusal(404, SCOPE, "There is no such service; look at the path.")
    if not rest:
        return asked, (first,), COLLECTION
    form = SINGULAR if rest[0] == object_of(first) else INSTANCE
    return asked, (first, rest[0]), form


def _service_path(segments: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    if len(segments) % 2 == 0:
        raise Refusal(404, SCOPE, "A service path ends with a collection, never with an id.")
    return "SERVICEPATH", segments, PATH


def scope_of(
    environment: Environment, zone: str | None, context: str | None, *, utility: bool = False
) -> Scope:
    """Where the request goes. Raises Refusal 403 or 404 for a place that is not the caller's."""
    own, settings = environment.scope, services().settings
    if not zone or stands_for_all(zone):
        zone = own.zone_id
    elif utility and zone in settings.zones:
        # For a utility the zone filters what is shown; the right to ask lies in the own zone.
        zone = own.zone_id
    if utility and zone == own.zone_id and context in (None, "", DEFAULT_CONTEXT):
        return own
    scope = Scope(zone, context or usual_context(environment, zone))
    if scope in (own, *environment.rights.scopes()):
        return scope
    if scope.zone_id not in settings.zones:
        raise Refusal(404, SCOPE, "There is no such zone; see provisionedZones.")
    if scope.context_id not in settings.zones[scope.zone_id].contexts:
        raise Refusal(404, SCOPE, "There is no such context in this zone.")
    raise Refusal(403, SCOPE, "You have no rights in this zone and context.")


def _one_of(target: Target, request: Request, name: str, strict: bool) -> str | None:
    matrix, header = target.matrix.get(name), request.headers.get(name)
    if matrix is None or header is None:
        return header if matrix is None else matrix
    if strict:
        text = f"{name} is given in the path and in a header; give it once."
        raise Refusal(409, SCOPE, text, _TWICE[name])
    if matrix != header:
        raise Refusal(400, SCOPE, f"{name} is given twice with different values.")
    return matrix


def stands_for_all(zone: str | None) -> bool:
    """Whether this is the zone of what all zones share."""
    return zone in (services().settings.utility_zone, *UTILITY_ALIASES)


def usual_context(environment: Environment, zone: str) -> str:
    """The context that is meant where a request for this zone names none."""
    usual, own = Scope(zone), environment.scope
    return (usual if usual in (own, *environment.rights.scopes()) else own).context_id
