"""The page for vendors says what the hub does."""

from __future__ import annotations

import re
from pathlib import Path

from reference_hub.codec.json_record import LARGEST
from reference_hub.codec.pod_json import pod_hash
from reference_hub.codec.statement_json import SIGNATURE, read_statement, signature
from reference_hub.vendors.verdicts import REJECTING
from reference_hub.web.operations.openapi import document
from tests.reference_hub.pods.documents import POD_ID, TOKEN, written

PAGE = (Path(__file__).parents[3] / "docs" / "privacy-hub.md").read_text("utf-8")
RECORD = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_record_of_the_page_is_one_of_the_small_pod_of_the_tests() -> None:
    told = read_statement(RECORD.encode())
    assert (told.pod_id, told.pod_token) == (POD_ID, TOKEN)
    assert told.pod_hash == pod_hash(written())


def test_the_signature_of_the_page_is_right() -> None:
    body, key = re.findall(r"printf '%s' '(.*?)' \| openssl dgst -sha256 -hmac (\S+)", PAGE)[0]
    assert f"{SIGNATURE}: {signature(body.encode(), key)}\n" in PAGE


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    assert f"at most {LARGEST // 1024} KiB" in PAGE
    *most, last = map(str, sorted(REJECTING))
    assert f"An answer {', '.join(most)} or {last} to a POD rejects it" in PAGE


def test_every_privacy_address_is_on_the_page() -> None:
    served = [path for path in document("", "")["paths"] if path.startswith("/privacy/")]
    assert len(served) == 6
    assert [path for path in served if path.partition("{link}")[0] not in PAGE] == []
