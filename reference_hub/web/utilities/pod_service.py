"""The pods utility service: never behind the gate, and only a vendor's own documents.

Each is told in the infrastructure version of the caller, and its JSON (PESC) is an array.
"""

from __future__ import annotations

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.pod_xml import with_status
from reference_hub.codec.xml import fold
from reference_hub.model.pod import EXPIRED, Pod
from reference_hub.problems import Refusal
from reference_hub.store import pods
from reference_hub.web import answers, parameters
from reference_hub.web.call import COLLECTION, INSTANCE, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility


def listing(call: Call) -> Response:
    """The vendor's Pending, Live and Expired PODs: 200, or 204 when there are none."""
    part, headers = utility.paged(call, _own(call))
    if not part:
        return answers.empty(204, headers)
    root = answers.infrastructure(call.collection)
    root.extend(map(_shown, part))
    return answers.xml(root, 200, headers)


def instance(call: Call) -> Response:
    """One of the vendor's PODs by its id: 200 or 404."""
    parameters.refuse_qualifiers(call.request)
    if parameters.has_paging(call.request):
        raise Refusal(405, "Query pod", "One object has no pages; leave the parameters out.")
    for pod in _own(call):
        if fold(pod.id) == fold(call.refid):
            return answers.xml(_shown(pod))
    raise Refusal(404, "Query pod", "You have no POD with this id.")


def _own(call: Call) -> list[Pod]:
    vendor_id = call.environment.application.vendor_id
    if vendor_id is None:
        raise Refusal(403, "Query pods", "Only the receiving party of a POD may read it.")
    with services().engine.connect() as connection:
        return pods.visible(connection, vendor_id, call.scope)


def _shown(pod: Pod) -> _Element:
    today = services().clock.today(pod.scope.zone_id)
    over = pod.ends is not None and pod.ends < today
    return utility.stored(with_status(pod.document, EXPIRED if over else pod.status))


HANDLERS: Table = {**reading(COLLECTION, listing), **reading(INSTANCE, instance)}
