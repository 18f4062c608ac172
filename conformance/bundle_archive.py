"""The one archive of a bundle: the same files give the same bytes, and no other bytes are read.

Members are stored, not deflated (compressors differ from version to version), in the order of their
names, dated 1980-01-01. Whatever is read is written again and held against what was read, so that
trailing bytes, comments, second entries and odd flags are refused without being listed here.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping

from conformance.problems import ConformanceError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LARGEST = 1 << 30  # bytes; a bundle with all exchanges of a full run has about 30 million
_DAY = (1980, 1, 1, 0, 0, 0)


class BundleFault(ConformanceError):
    """A bundle that cannot be made, or one that is not what it says."""

    exit_code = 1


def packed(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files by name; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _DAY)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, files[name])
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of an archive; raises BundleFault unless `packed` would give these very bytes."""
    if len(data) > LARGEST:
        raise BundleFault(f"it is larger than {LARGEST >> 20} MiB, which no bundle is")
    files = _members(data)
    for name in files:
        if not NAME.fullmatch(name):
            raise BundleFault(f"it holds a file with the name {name!a}, which no bundle has")
    if packed(files) != data:
        raise BundleFault(
            "its bytes are not those that the packer writes: something was added, doubled, left "
            "out or changed between the files"
        )
    return files


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return {one.filename: _stored(archive, one) for one in archive.infolist()}
    except BundleFault:
        raise
    # zipfile raises nearly anything for broken archives, also from deep inside.
    except Exception as error:
        raise BundleFault(f"it is no readable archive ({type(error).__name__})") from None


def _stored(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    if one.compress_type != zipfile.ZIP_STORED:
        raise BundleFault(f"its file {one.filename!a} is compressed; the packer stores")
    return archive.read(one)
