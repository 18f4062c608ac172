"""Files by HTTP: who may, what is answered, and what becomes of a body that is not whole."""

from __future__ import annotations

import pytest

from conformance import auth, expect
from conformance.checks.file_receiver.looks import all_shown, control, none_shown, prepared
from conformance.delivery import TYPES, Delivery, Sent, digest
from conformance.outcomes import REFUSED
from conformance.parcels import Tables
from conformance.problems import NotApplicable, NotVerified, TimedOut, Unreachable
from conformance.readback import ReadBack
from conformance.reply import Reply
from conformance.target_files import HTTP, NAME
from conformance.verifies import verifies
from conformance.wire import Wire


def ended(drop: Delivery, name: str, reply: Reply) -> str:
    """How an upload ended, by its status or by its result file."""
    return drop.outcome(Sent(name, HTTP, reply.ok, reply)).end


@verifies("DAT-FIL-050", negative=True)
def check_status_tells_good_from_bad(drop: Delivery, readback: ReadBack, newcomer: Tables) -> None:
    """A sound file is answered 2xx; one that cannot be read 4xx, or 202 and a result later."""
    parcel = drop.parcel(newcomer)
    name = drop.new_name(parcel.suffix)
    reply = drop.upload(name, b"qvex, this is no such file")
    told = 400 <= reply.status < 500
    silent = not drop.declared("outcome")
    late = reply.status == 202 and (silent or ended(drop, name, reply) == REFUSED)
    expect.true(told or late, "what cannot be read is answered 4xx, or refused later", reply,
                f"status {reply.status}")  # fmt: skip
    reply = drop.upload(drop.new_name(parcel.suffix), parcel.data())
    expect.status(reply, 200, 201, 202, 204)
    all_shown(drop, readback, newcomer)


@pytest.mark.parametrize("who", ["nobody", "a wrong secret"])
@verifies("DAT-FIL-051", negative=True)
def check_upload_of_a_stranger_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables, who: str
) -> None:
    """An upload without the right secret is answered 401 or 403, and nothing of it is taken."""
    parcel = drop.parcel(newcomer)
    url = drop.config.url(drop.told.address.replace(NAME, drop.new_name(parcel.suffix)))
    lines = drop.signed("not-the-secret") if who != "nobody" else {}
    lines |= {"Content-Type": TYPES[parcel.suffix]}
    wire = drop.setting.wire
    reply = wire.send(drop.told.method, url, lines, parcel.data(), named="an upload")
    expect.status(reply, 401, 403)
    none_shown(drop, readback, "nothing of a stranger's file is taken", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-052", negative=True)
def check_upload_of_another_type_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A file that says of itself that it is a web page is refused; with its own type it is not."""
    parcel = drop.parcel(newcomer)
    name = drop.new_name(parcel.suffix)
    reply = drop.upload(name, parcel.data(), {"Content-Type": "text/html"})
    expect.status(reply, 400, 406, 415, 422)
    none_shown(drop, readback, "nothing of a refused file is taken", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-053", negative=True)
def check_body_that_is_not_its_digest_is_refused(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A body that Content-Digest does not fit is refused; one that it fits is taken."""
    if not drop.told.digest:
        raise NotApplicable("[files] digest of the target file is false")
    parcel = drop.parcel(newcomer)
    name = drop.new_name(parcel.suffix)
    reply = drop.upload(name, parcel.data(), {"Content-Digest": digest(b"something else")})
    expect.true(400 <= reply.status < 500, "a body of another digest is refused", reply,
                f"status {reply.status}")  # fmt: skip
    none_shown(drop, readback, "nothing of a refused file is taken", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-054", negative=True)
def check_upload_that_never_ends_is_not_applied(
    drop: Delivery, readback: ReadBack, newcomer: Tables, hasty: Wire
) -> None:
    """A body that is shorter than its Content-Length is not applied, even if it reads well."""
    parcel = drop.parcel(newcomer)
    data = parcel.data()
    url = drop.config.url(drop.told.address.replace(NAME, drop.new_name(parcel.suffix)))
    lines = drop.signed() | {"Content-Type": TYPES[parcel.suffix]}
    lines["Content-Length"] = str(len(data) + 500)
    try:
        reply = hasty.send(drop.told.method, url, lines, data, named="an upload that is cut")
        expect.true(not reply.ok, "an upload that is not whole is not taken", reply,
                    f"status {reply.status}")  # fmt: skip
    except (TimedOut, Unreachable):
        hasty.close()
    drop.settle()
    none_shown(drop, readback, "nothing of a cut upload is applied", newcomer)
    control(drop, readback, parcel, newcomer)


@verifies("DAT-FIL-055", negative=True)
def check_result_is_not_shown_to_another_customer(drop: Delivery, newcomer: Tables) -> None:
    """The result of a file is read by its sender, and by no other customer."""
    config = drop.config
    if not config.second_secret:
        raise NotApplicable("[second] of the target file names no other customer")
    name = drop.new_name(drop.parcel(newcomer).suffix)
    reply = drop.upload(name, drop.parcel(newcomer).data())
    prepared(drop.outcome(Sent(name, HTTP, reply.ok, reply)))
    if drop.result_of(name, HTTP) is None:
        raise NotVerified("the sender itself is not shown the result, so nothing is proven")
    other = auth.sign(auth.BASIC, config.second.key, config.second_secret).headers
    url = config.url(drop.told.result.replace(NAME, name))
    reply = drop.setting.wire.send("GET", url, other, named="the result of another customer")
    expect.status(reply, 401, 403, 404)
