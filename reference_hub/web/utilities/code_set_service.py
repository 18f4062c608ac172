"""The code sets: in bulk, paged and by id (INF-CDS)."""

from __future__ import annotations

from flask import Response

from reference_hub.codec.code_set_xml import write
from reference_hub.journeys.code_sets import shown
from reference_hub.model.code_set import CodeSet
from reference_hub.web import answers
from reference_hub.web.call import COLLECTION, INSTANCE, Call, Table, reading
from reference_hub.web.services import services
from reference_hub.web.utilities import utility


def listing(call: Call) -> Response:
    """A page of the sets, or all of them: 200, or 204 where there is nothing on it."""
    part, headers = utility.paged(call, _shown(call))
    if not part:
        return answers.empty(204, headers)
    root = answers.infrastructure("codeSets")
    root.extend(write(codes, answers.spoken()) for codes in part)
    return answers.xml(root, 200, headers)


def instance(call: Call) -> Response:
    """One set by its id, that of the zone before the general one."""
    return utility.one(call, (write(each, answers.spoken()) for each in _shown(call)))


def _shown(call: Call) -> list[CodeSet]:
    zones = utility.zones_shown(call)
    with services().engine.connect() as connection:
        return shown(connection, zones, merged=not utility.names_utility_zone(call))


HANDLERS: Table = {**reading(COLLECTION, listing), **reading(INSTANCE, instance)}
