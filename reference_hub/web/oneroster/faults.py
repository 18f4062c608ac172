"""Error payloads of OneRoster 1.2 (imsx_StatusInfo) and 1.1 (an array named statusInfoSet)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Response

from reference_hub.problems import Refusal
from reference_hub.web import answers
from reference_hub.web.oneroster.members import V1_1

JSON = "application/json"
RETRY_SECONDS = "5"
_BY_STATUS = {
    401: "unauthorisedrequest",
    403: "forbidden",
    404: "unknownobject",
    405: "invaliddata",
    410: "forbidden",
    429: "server_busy",
    500: "internal_server_error",
    503: "server_busy",
}
_MINORS = (
    "invalid_filter_field",
    "invalid_selection_field",
    "invalid_sort_field",
    "invaliddata",
    "unknownobject",
)
# The words of 1.1; what it has no word for goes without one.
_IN_1_1 = {
    "unauthorisedrequest": "unauthorized",
    "forbidden": "unauthorized",
    "unknownobject": "unknown object",
    "invaliddata": "invalid data",
    "invalid_filter_field": "invalid_filter_field",
    "invalid_selection_field": "invalid_selection_field",
    "invalid_sort_field": "invalid_sort_field",
}
_CHALLENGES = ('Bearer realm="OneRoster"', 'OAuth realm="OneRoster"')


def answer(problem: Refusal, version: str) -> Response:
    """The answer to a refused request, in the payload of the version."""
    body = json.dumps(payload(problem, version)).encode()
    response = answers.verbatim(body, JSON, problem.status, {"Cache-Control": "no-store"})
    if problem.status == 401:
        for challenge in _CHALLENGES[: 2 if version == V1_1 else 1]:
            response.headers.add("WWW-Authenticate", challenge)
    if problem.status in (429, 503):
        response.headers["Retry-After"] = RETRY_SECONDS
    return response


def payload(problem: Refusal, version: str) -> Mapping[str, object]:
    """What the body says; `sub_code` of the refusal may be a minor code of OneRoster."""
    known = problem.sub_code in _MINORS
    minor = problem.sub_code if known else _BY_STATUS.get(problem.status, "invaliddata")
    # The hub's own codes, such as those of the privacy gate, have no member of their own.
    own = f"{problem.sub_code} " if problem.sub_code and not known else ""
    major = "unsupported" if problem.status == 405 and version != V1_1 else "failure"
    told: dict[str, object] = {
        "imsx_codeMajor": major,
        "imsx_severity": "error",
        "imsx_description": f"{own}{problem.message}",
    }
    if version == V1_1:
        named = {"imsx_codeMinor": _IN_1_1[minor]} if minor in _IN_1_1 else {}
        return {"statusInfoSet": [told | named]}
    field = {
        "imsx_codeMinorFieldName": "TargetEndSystem",
        "imsx_codeMinorFieldValue": "invaliddata" if minor == "invalid_sort_field" else minor,
    }
    return told | {"imsx_CodeMinor": {"imsx_codeMinorField": [field]}}
