"""A vendor's answer to the POD that was pushed to it: the marker it echoes, the record it signs.

The record is our profile: a JSON body, and in the header podReceiptSignature its HMAC with the
secret of the connection.
"""

from __future__ import annotations

from reference_hub.codec.statement_json import REJECTED, SIGNATURE, is_signed, read_statement
from reference_hub.codec.xml import MalformedDocument
from reference_hub.model.party import Subscriber
from reference_hub.model.statement import Heard, Statement
from reference_hub.workers.transport import Answer


def heard(answer: Answer, subscriber: Subscriber, echoed: str) -> Heard:
    """What a 2xx says.

    A record without a signature counts no more than none, but a marker beside an unsigned refusal
    acknowledges nothing. A signature that is not right makes the whole answer count for nothing.
    """
    shown, told = answer.header(SIGNATURE), _record(answer)
    if shown:
        is_right = is_signed(answer.body, subscriber.credentials["secret"], shown)
        return Heard(statement=told) if is_right else Heard()
    is_refusal = told is not None and told.decision == REJECTED
    return Heard() if is_refusal else Heard(echoed=echoed)


def _record(answer: Answer) -> Statement | None:
    try:
        return read_statement(answer.body)
    except MalformedDocument:
        return None
