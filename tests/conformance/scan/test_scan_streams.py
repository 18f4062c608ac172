"""Long, damaged, hostile and odd streams: nothing is lost, nothing breaks, nothing grows."""

from __future__ import annotations

import base64
import gzip
import io
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.scan import CHUNK, Scan
from fixtures.sightings import Reader
from tests.conformance.scan.conftest import ALL, SEED, TEXT, TOKENS, Look, Seen, plain

WORD = TOKENS[0].encode()
PARTS = [
    *(b"\x1f\x8b\x08", b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 26),
    *(b"ustar", b"%", b"%4", b"%41", b"\\", b"\\u00", b"\\u0041", b"\\x4", b"&#", b"&#65;"),
    *(b"&amp;", b"=\r\n", b"=\n", b"=", b"\0", b"a\0", b"a\0\0\0", b"\r\n", b"\n   ", b" ", b"abc"),
    *(b"0123456789", b"deadbeefdeadbeef", b"QUJDREVGR0hJSktMTU5P", b"QUJD", b"/", b"-", b"\xff"),
    *(WORD, TOKENS[-1].encode(), base64.b64encode(WORD), WORD.hex().encode(), gzip.compress(WORD)),
    *(WORD.decode().encode("utf-16"), base64.b64encode(gzip.compress(TEXT.encode()))),
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=40), st.integers(1, 50))
def test_any_bytes_can_be_scanned_in_any_pieces(look: Look, parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    for pieces in (size, CHUNK):
        seen = look(data, pieces)
        assert all(one.line >= 1 and one.offset >= 0 for one in seen.found)


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300), st.sampled_from(TOKENS[:20]))
@example(b"\x1f\x8b\x08\0\0\0\0\0\0\3", b"\x1f\x8b\x08", TOKENS[0])
@example(b"\x1f\x8b\x08", b"", TOKENS[0])
def test_a_canary_between_any_bytes_is_found(
    look: Look, before: bytes, behind: bytes, token: str
) -> None:
    assert plain(token) in look(before + b"\n" + token.encode() + b"\n" + behind).texts


def test_every_place_for_a_cut_is_safe(look: Look) -> None:
    data = b"x" * 2040 + b" " + "  ".join(TOKENS[-4:]).encode() + b" y"
    for size in range(2030, len(data)):
        assert len(look(data, size).found) == 4


def test_a_canary_far_inside_is_found(look: Look) -> None:
    data = b"Some line of text, 12 words or so, again and again.\n" * 60_000 + WORD
    (one,) = look(data).found
    assert (one.line, one.offset) == (60_001, 3_120_000)


class Source:
    """So many pieces of text with one canary in the last, made while they are read."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        piece = (b"The quick brown fox, 0042, jumps over the lazy dog.\n" * 20_000)[:CHUNK]
        for _ in range(self.pieces - 1):
            yield piece
        yield piece[: CHUNK // 2] + WORD


def test_memory_does_not_grow_with_the_stream() -> None:
    peaks, reader = [], Reader(SEED, 100, 2)
    for pieces in (8, 64):
        seen = Seen()
        tracemalloc.start()
        Scan([reader], seen.found.append, seen.unread.append).stream("f", Source(pieces))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(seen.found) == 1
    assert peaks[1] < peaks[0] * 1.1
    assert peaks[1] < 16 << 20


@pytest.mark.soak
def test_a_gigabyte_is_scanned_in_constant_memory() -> None:
    seen, reader = Seen(), Reader(SEED, 100, 2)
    tracemalloc.start()
    Scan([reader], seen.found.append, seen.unread.append).stream("f", Source(1024))
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()
    assert len(seen.found) == 1


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_ends_with_a_note(look: Look, layers: int) -> None:
    packer, packed = zlib.compressobj(9, wbits=31), b""
    for _ in range(12):
        packed += packer.compress(bytes(1 << 20))
    bomb = packed + packer.flush()
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    seen = look(bomb + b"\n" + WORD, room=8 << 20)
    (note,) = seen.unread
    assert note.startswith("f: unpacks to more than 8 MiB and 100 times its size; a zip bomb?")
    assert seen.texts == [WORD.decode().lower()]


def test_too_many_layers_end_with_a_note(look: Look) -> None:
    data = WORD
    for _ in range(9):
        data = gzip.compress(data)
    assert look(data).unread == ["f: gzip stays packed: more than 8 layers lie around it"]
    assert look(data, deepest=9).texts == [WORD.decode().lower()]


def test_base64_of_base64_and_so_on_stays_cheap(look: Look) -> None:
    data = TEXT.encode()
    for _ in range(8):
        data = base64.b64encode(data)
    assert look(data).texts == ALL
    assert look(base64.b64encode(data)).texts == []


def test_a_file_that_is_cut_short_says_so_and_gives_what_there_is(look: Look) -> None:
    data = gzip.compress(TEXT.encode() * 3, mtime=0)
    seen = look(data[: len(data) * 2 // 3])
    assert 0 < len(seen.found) < 3 * len(ALL)
    assert seen.unread[0].startswith("f: gzip is cut short after ")


def test_a_damaged_file_says_so(look: Look) -> None:
    data = bytearray(gzip.compress(TEXT.encode(), mtime=0))
    data[-8] ^= 1
    assert look(bytes(data)).unread[0].startswith("f: gzip is damaged after ")


def test_what_only_looks_packed_is_passed_by(look: Look) -> None:
    noise = b"some text \x1f\x8b\x08\0 PK\x03\x04 ustar  and so on " * 20
    assert look(noise + WORD).unread == []


@pytest.mark.parametrize(
    ("method", "flags", "told"),
    [(8, 1, "encrypted"), (99, 0, "packed with AES"), (12, 0, "packed with bzip2")],
)
def test_a_zip_member_that_cannot_be_read_is_named(
    look: Look, method: int, flags: int, told: str
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("marks.csv", b"a,b")
    data = bytearray(file.getvalue())
    data[6], data[8] = flags, method
    assert look(bytes(data)).unread == [f"f: zip:marks.csv is {told}"]


def test_a_zip_that_was_written_to_a_pipe_is_read(look: Look) -> None:
    class Pipe(io.RawIOBase):
        """Something that cannot seek, so that sizes stand behind the members."""

        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:  # type: ignore[arg-type]
        archive.writestr("one.txt", WORD)
        archive.writestr("two.txt", TOKENS[1], zipfile.ZIP_DEFLATED)
        archive.writestr("three.txt", TOKENS[2])
    found = {one.inside: plain(one.text) for one in look(pipe.data).found}
    names = (("zip:one.txt",), ("zip:two.txt",), ("zip:three.txt",))
    assert found == dict(zip(names, map(plain, TOKENS[:3]), strict=True))


def test_a_name_in_an_archive_is_scanned_too(look: Look) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"photo of {TOKENS[0]}.jpg", b"\xff\xd8")
    assert set(look(file.getvalue()).texts) == {plain(TOKENS[0])}
