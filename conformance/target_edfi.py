"""`[edfi]` of `conformance.toml`: what a vendor's Ed-Fi API lets the suite work with."""

from __future__ import annotations

import msgspec

from conformance.problems import TargetError

STANDARDS = ("4", "5")


class Edfi(msgspec.Struct, frozen=True, kw_only=True):
    """`[edfi]`: `[endpoint] url` is the root of the API, where the root document stands.

    `district` and `school` are numbers of organisations that are there and that key and secret may
    write to; `second_school` another one of them, 0: there is none. `school_year` is a year that
    the host knows. `denied` is a resource that the key has no claim to, `expired_token` a token
    that was good once; empty: there is none to try. `descriptors` maps our URI to the host's own.
    `largest_page` is the most that `limit` may ask for.
    """

    data_standard: str = "5"
    district: int = 0
    school: int = 0
    second_school: int = 0
    school_year: int = 2026
    denied: str = ""
    expired_token: str = ""
    largest_page: int = 500
    descriptors: dict[str, str] = {}


NO_EDFI = Edfi()


def refuse_edfi(path: str, told: Edfi) -> None:
    """Raise TargetError for a version that is not known, or an organisation that is not named."""
    if told.data_standard not in STANDARDS:
        seen = f"the value is {told.data_standard!r}."
        raise TargetError(
            f"{path}, [edfi] data_standard", seen, f"Use one of: {', '.join(STANDARDS)}."
        )
    for key in ("district", "school"):
        value = getattr(told, key)
        if value <= 0:
            cure = "Write the number of an organisation that key and secret may write to."
            raise TargetError(f"{path}, [edfi] {key}", f"the value is {value}.", cure)
    if told.largest_page <= 0:
        seen = f"the value is {told.largest_page}."
        raise TargetError(f"{path}, [edfi] largest_page", seen, "Write a number above 0.")
