"""All planted canaries are found through every encoding, however the bytes are cut."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import quopri
import tarfile
import zipfile
from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.conformance.scan.conftest import ALL, LINES, TEXT, TOKENS, Look

Encode = Callable[[bytes], bytes]


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED, name: str = "a/users.csv") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def tarred(data: bytes, mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        entry = tarfile.TarInfo("a/users.csv")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def each(data: bytes, form: str) -> bytes:
    """Every character written in the same way."""
    return "".join(form.format(ord(one)) for one in data.decode()).encode()


def percent(data: bytes) -> bytes:
    return "".join(f"%{byte:02X}" for byte in data).encode()


def wide(data: bytes, encoding: str) -> bytes:
    return data.decode().encode(encoding)


def base64_with_escaped_breaks(data: bytes) -> bytes:
    """As in an XML attribute of a writer that keeps both signs of a line end."""
    return base64.encodebytes(data).replace(b"\n", b"&#13;\n")


ENCODINGS: dict[str, Encode] = {
    "plain": bytes,
    "upper case": bytes.upper,
    "lower case": bytes.lower,
    "JSON": lambda data: json.dumps({"text": data.decode()}).encode(),
    "CSV": lambda data: b",".join(b'"' + line + b'"' for line in data.splitlines()),
    "gzip": gzip.compress,
    "zip, deflated": zipped,
    "zip, stored": lambda data: zipped(data, zipfile.ZIP_STORED),
    "zip in a zip": lambda data: zipped(zipped(data)),
    "zip in a stored zip": lambda data: zipped(zipped(data), zipfile.ZIP_STORED),
    "gzip in a zip": lambda data: zipped(gzip.compress(data)),
    "gzip in a recording": lambda data: b"HTTP/1.1 200 OK\r\n\r\n" + gzip.compress(data) + b"\r\n",
    "tar": tarred,
    "tar, gzipped": lambda data: tarred(data, "w:gz"),
    "base64": base64.b64encode,
    "base64 after one sign": lambda data: b"x" + base64.b64encode(data),
    "base64 after two signs": lambda data: b"/x" + base64.b64encode(data),
    "base64 of one byte more": lambda data: base64.b64encode(b"-" + data),
    "base64 of two bytes more": lambda data: base64.b64encode(b"--" + data),
    "base64, url-safe": base64.urlsafe_b64encode,
    "base64, lines of 76": base64.encodebytes,
    "base64, lines of Windows": lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    "base64, indented lines": lambda data: base64.encodebytes(data).replace(b"\n", b"\n      "),
    "base64 of base64": lambda data: base64.b64encode(base64.b64encode(data)),
    "base64 of gzip": lambda data: base64.b64encode(gzip.compress(data)),
    "base64 of gzip, lines of 76": lambda data: base64.encodebytes(gzip.compress(data)),
    "base64 in JSON of PHP": lambda data: base64.b64encode(data).replace(b"/", b"\\/"),
    "base64 of zip in JSON of PHP": lambda data: base64.b64encode(zipped(data)).replace(
        b"/", b"\\/"
    ),
    "base64 lines in JSON": lambda data: json.dumps(base64.encodebytes(data).decode()).encode(),
    "base64 lines in an attribute": base64_with_escaped_breaks,
    "base64 in a query": lambda data: quote(base64.b64encode(data), safe="").encode(),
    "base64 of gzip in a query": lambda data: quote(
        base64.b64encode(gzip.compress(data)), safe=""
    ).encode(),
    "percent-encoded": lambda data: quote(data).encode(),
    "percent-encoded, all of it": percent,
    "percent-encoded twice": lambda data: percent(percent(data)),
    "JSON escapes": lambda data: each(data, "\\u{:04x}"),
    "JSON escapes in JSON": lambda data: json.dumps(each(data, "\\u{:04X}").decode()).encode(),
    "escapes of a programming language": lambda data: each(data, "\\x{:02x}"),
    "character references, decimal": lambda data: each(data, "&#{};"),
    "character references, hexadecimal": lambda data: each(data, "&#x{:x};"),
    "character references, long": lambda data: each(data, "&#x{:06X};"),
    "character references, escaped": lambda data: html.escape(
        each(data, "&#{};").decode()
    ).encode(),
    "quoted-printable": lambda data: quopri.encodestring(b"y " * 300 + data),
    "quoted-printable base64": lambda data: quopri.encodestring(base64.b64encode(data)),
    "UTF-16": lambda data: wide(data, "utf-16"),
    "UTF-16 LE": lambda data: wide(data, "utf-16-le"),
    "UTF-16 BE": lambda data: wide(data, "utf-16-be"),
    "UTF-32": lambda data: wide(data, "utf-32"),
    "UTF-32 BE": lambda data: wide(data, "utf-32-be"),
    "hex": lambda data: data.hex().encode(),
    "hex, upper case": lambda data: data.hex().upper().encode(),
    "hex after one digit": lambda data: b"a" + data.hex().encode(),
    "hex, lines of 64": lambda data: b"\n".join(
        data.hex().encode()[at : at + 64] for at in range(0, 2 * len(data), 64)
    ),
    "base64 of UTF-16": lambda data: base64.b64encode(wide(data, "utf-16-le")),
    "UTF-16 of base64": lambda data: wide(base64.b64encode(data), "utf-16-le"),
    "gzip of UTF-16": lambda data: gzip.compress(wide(data, "utf-16")),
    "zip of gzip of base64 of JSON escapes": lambda data: zipped(
        gzip.compress(base64.b64encode(each(data, "\\u{:04x}")))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("size", [1 << 20, 997, 1])
def test_every_canary_is_found_once(look: Look, name: str, size: int) -> None:
    if name == "escapes of a programming language":
        data = ENCODINGS[name](TEXT.encode("ascii", "replace"))
    else:
        data = ENCODINGS[name](TEXT.encode())
    seen = look(data, size)
    assert seen.texts == ALL
    assert seen.unread == []


@pytest.mark.parametrize(
    "name", ["base64", "base64, url-safe", "hex", "UTF-16 LE", "JSON escapes", "base64 of base64"]
)
def test_canaries_that_are_encoded_one_by_one_are_found(look: Look, name: str) -> None:
    rows = [b'{"v":"' + ENCODINGS[name](token.encode()) + b'"},' for token in TOKENS]
    assert look(b"".join(rows)).texts == ALL


def test_numbers_side_by_side_in_fixed_columns_are_found(look: Look) -> None:
    numbers = [one for one in TOKENS if one[0] in "057" and one.isdigit()]
    assert len(numbers) == 3
    assert look("".join(numbers).encode()).texts == sorted(numbers)


def test_a_number_that_lost_its_zero_in_a_spreadsheet_is_found(look: Look) -> None:
    number = next(one for one in TOKENS if one[0] == "0")
    (one,) = look(f"a,{number[1:]},b".encode()).found
    assert (one.sighting.owner, one.sighting.element) == ("student 5", "localId")


@pytest.mark.parametrize("before", ["%2C", "\\u0020", "%C3%A9", "=20", "\\u00e9"])
def test_a_number_right_behind_an_escape_is_found(look: Look, before: str) -> None:
    for number in (one for one in TOKENS if one.isdigit()):
        assert number in [one.text for one in look(f"x{before}{number} ".encode()).found]


def test_a_word_within_a_longer_one_is_found(look: Look) -> None:
    assert look(b"m" + TOKENS[0].encode() + b"s@x.example").texts == [TOKENS[0].lower()]


def test_a_canary_says_whose_it_is_and_where(look: Look) -> None:
    seen = look(zipped(gzip.compress(TEXT.encode())))
    one = seen.found[0]
    assert (one.sighting.owner, one.sighting.element) == ("student 12", "givenName")
    assert (one.sighting.revision, one.sighting.student, one.sighting.seed) == (0, 12, 7)
    assert (one.file, one.inside) == ("f", ("zip:a/users.csv", "gzip"))
    assert (one.line, one.offset) == (2, TEXT.encode().index(TOKENS[0].encode()))


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("plain", ()),
        ("zip, stored", ("zip:a/users.csv",)),
        ("tar", ("tar:a/users.csv",)),
        ("tar, gzipped", ("gzip", "tar:a/users.csv")),
        ("UTF-16 LE", ("utf-16",)),
        ("JSON escapes", ("JSON escapes",)),
    ],
)
def test_lines_are_counted_in_the_innermost_file(
    look: Look, name: str, inside: tuple[str, ...]
) -> None:
    found = look(ENCODINGS[name](TEXT.encode()), 500).found
    assert {one.inside for one in found} == {inside}
    # Names stand before numbers in the text, and so do their lines.
    assert sorted(one.line for one in found) == list(range(2, 2 + len(LINES)))


def test_encoded_text_is_found_near_where_it_stands(look: Look) -> None:
    before = b"x\n" * 5000
    for one in look(before + base64.b64encode(TEXT.encode()) + b"\n", 1000).found:
        assert one.line == 5001
        assert 10_000 <= one.offset <= 10_000 + len(TEXT) * 2


def test_a_line_that_stood_alone_before_may_begin_a_longer_run(look: Look) -> None:
    packed = base64.b64encode(b"x" * 30 + TOKENS[0].encode() + b"x" * 5)
    first, second = packed[:48], packed[48:]
    assert look(b" ".join([first, b"", first, b""])).found == []
    assert look(first + b" " + first + b"\n" + second).texts == [TOKENS[0].lower()]
