"""The acknowledgement form: one page for people, behind a signed link (profile).

No session and no cookie: the link alone lets somebody in, and nobody who does not have it can make
a browser send it, which is what keeps a foreign page from answering the form.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, quote

from flask import Blueprint, Response, render_template, request
from werkzeug.utils import redirect

from reference_hub.codec.json_record import plain
from reference_hub.codec.pod_json import pod_hash
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.xml import MalformedDocument, read
from reference_hub.journeys import form, wording
from reference_hub.journeys.form import INVALID, OVER, RAN_OUT, Opened
from reference_hub.model.pod import Pod
from reference_hub.problems import Refusal
from reference_hub.store.receipts import ACKNOWLEDGED, REJECTED
from reference_hub.web import answers, bodies
from reference_hub.web.services import services

blueprint = Blueprint("privacy_form", __name__, template_folder="templates")
HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
_LARGEST, _LONGEST = 16 * 1024, 200
_NEEDED = {"name": "your name", "role": "your role", "mail": "your e-mail address"}
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_ORIGIN = re.compile(r"'self'|https?://[\w.*-]+(?::\d+)?", re.ASCII)
_STATUS = {INVALID: 404, RAN_OUT: 410, OVER: 410}
_STYLE = files(__package__) / "templates" / "acknowledgement" / "page.css"
# Jinja leaves the last line break out.
_STYLE_BYTES = _STYLE.read_bytes().removesuffix(b"\n")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE_BYTES).digest()).decode()


@blueprint.get(f"/{form.PLACE}/<link>", provide_automatic_options=False)
def show(link: str) -> Response:
    """The form, the receipt once there is one, or a page that says nothing of the POD."""
    hub = services()
    with hub.engine.connect() as connection:
        found = form.opened(connection, link, hub.settings, hub.clock)
    return _page(found, {}, {}, 200)


@blueprint.post(f"/{form.PLACE}/<link>", provide_automatic_options=False)
def answer(link: str) -> Response:
    """Keep the decision, then show the receipt; 422 with the form again where something lacks."""
    try:
        given = _given()
    except (Refusal, ValueError) as error:
        status = error.status if isinstance(error, Refusal) else 422
        return _closed("unreadable", status)
    hub, faults = services(), _faults(given)
    with hub.engine.begin() as connection:
        found = form.opened(connection, link, hub.settings, hub.clock, lock=not faults)
        if found.pod is None or found.receipt is not None or faults:
            return _page(found, given, faults, 422 if faults and found.pod else 200)
        person = {name: given[name] for name in _NEEDED}
        form.decide(
            connection, found.pod, given["decision"], person, given.get("reason", ""), hub.clock
        )
    # Back to the same address by GET, so that loading the page anew sends nothing again.
    return _sent(redirect(quote(link), 303))


def _given() -> dict[str, str]:
    """The fields of the form. Raises ValueError or Refusal for a body that is none."""
    if request.mimetype != FORM or (request.content_length or 0) > _LARGEST:
        raise ValueError("no form of this page")
    body = bodies.body_bytes(request)
    if len(body) > _LARGEST:
        raise ValueError("no form of this page")
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    return {name: " ".join(value.split()) for name, value in pairs}


def _faults(given: Mapping[str, str]) -> dict[str, str]:
    """What to correct, by field."""
    faults = {}
    for name, words in _NEEDED.items():
        if not given.get(name):
            faults[name] = f"Please write {words}."
    for name in (*_NEEDED, "reason"):
        if fault := _unfit(given.get(name, "")):
            faults[name] = fault
    if "mail" not in faults and not _MAIL.fullmatch(given["mail"]):
        faults["mail"] = "Please write an e-mail address such as name@company.example."
    if given.get("decision") not in (ACKNOWLEDGED, REJECTED):
        faults["decision"] = "Please choose one of the two buttons."
    return faults


def _unfit(text: str) -> str:
    try:
        plain("field", text)
    except MalformedDocument:
        return "Please leave out control characters."
    return f"Please write at most {_LONGEST} characters." if len(text) > _LONGEST else ""


def _page(
    found: Opened, given: Mapping[str, str], faults: Mapping[str, str], status: int
) -> Response:
    if found.pod is None:
        return _closed(found.closed, _STATUS[found.closed])
    shown = _described(found.pod)
    if found.receipt is None:
        return _html("form.html", status, pod=shown, given=given, faults=faults)
    receipt = found.receipt
    return _html(
        "receipt.html",
        200,
        pod=shown,
        receipt=receipt,
        is_rejected=receipt.decision == REJECTED,
        at=form.moment_of(receipt.at),
    )


def _closed(why: str, status: int) -> Response:
    return _html("closed.html", status, why=why)


def _described(pod: Pod) -> dict[str, Any]:
    """What the page says of a POD; neither its token nor its address stands in it."""
    told = tree_of(read(pod.document))
    parts = [
        {
            "terms": terms,
            "entry": entry,
            "document": entry.get("privacyObligationsDocument", {}),
            "lines": wording.data_lines(terms),
            "conditions": wording.conditions(terms),
            "duties": wording.duties(entry),
        }
        for terms, entry in form.entries_of(pod)
    ]
    return {
        "id": pod.id,
        "version": pod.version,
        "party": told["partyId"],
        "zone": pod.scope.zone_id,
        "starts": form.day_of(pod.starts),
        "ends": form.day_of(pod.ends) if pod.ends else "",
        "hash": pod_hash(pod.document),
        "parts": parts,
    }


def _html(template: str, status: int, **told: object) -> Response:
    page = render_template(f"acknowledgement/{template}", **told)
    return _sent(Response(page, status, content_type=HTML))


def _sent(response: Any) -> Response:
    """Kept by no cache, told to no other site, shown in no foreign frame that is not named."""
    listed = services().settings.privacy.frame_ancestors
    frames = " ".join(each for each in listed if _ORIGIN.fullmatch(each)) or "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {frames}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    if frames == "'none'":
        headers["X-Frame-Options"] = "DENY"
    response.headers.update(headers)
    body, kind = response.get_data(), response.headers.get("Content-Type", "")
    return answers.verbatim(body, kind, response.status_code, dict(response.headers))
