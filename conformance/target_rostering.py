"""The table `[oneroster]` of a target file: the OneRoster REST service that is read.

Source: 1EdTech OneRoster 1.1 and 1.2 rostering, REST binding.
"""

from __future__ import annotations

import msgspec

from conformance.problems import TargetError

V1_1, V1_2 = "1.1", "1.2"
TOKEN, SIGNED = "token", "signed"
COLLECTIONS = (
    "orgs", "schools", "academicSessions", "terms", "gradingPeriods", "courses", "classes",
    "users", "students", "teachers", "enrollments", "demographics",
)  # fmt: skip


class Rostering(msgspec.Struct, frozen=True, kw_only=True):
    """`[oneroster]`: version and places of the service, below `[endpoint] url` or whole.

    `access` is what every request brings: `token`, asked for at `token_url`, or `signed` (OAuth
    1.0a). `signed_root` takes signed requests, if that is another service than `root`; it speaks
    1.1. `collections` are those to read, empty: all. `page` is the most objects asked for at once,
    `most` the most read of a collection.
    """

    version: str = V1_2
    root: str = "ims/oneroster/rostering/v1p2"
    access: str = TOKEN
    token_url: str = "oauth/token"  # noqa: S105
    signed_root: str = ""
    collections: tuple[str, ...] = ()
    page: int = 1000
    most: int = 3000


USUAL = Rostering()


def refuse_rostering(path: str, told: Rostering) -> None:
    """Raise TargetError for a value that cannot be used."""
    words: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("version", told.version, (V1_1, V1_2)),
        ("access", told.access, (TOKEN, SIGNED)),
        *(("collections", one, COLLECTIONS) for one in told.collections),
    )
    for key, value, known in words:
        if value not in known:
            place, fix = f"{path}, [oneroster] {key}", f"Use one of: {', '.join(known)}."
            raise TargetError(place, f"the value is {value!r}.", fix)
    for key, number in (("page", told.page), ("most", told.most)):
        if number < 1:
            place = f"{path}, [oneroster] {key}"
            raise TargetError(place, f"the value is {number!r}.", "Write a number above 0.")
