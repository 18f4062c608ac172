"""A OneRoster 1.2 bulk bundle: one zip, the same bytes for the same rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from reference_hub.translate.columns import COLUMNS, MANIFEST_FILES, REQUIRED
from reference_hub.translate.engine import Carried, TargetRow, Translation
from reference_hub.translate.ledger import NARROWED, Loss

# Files in the order in which a receiver can resolve them, and what their references point to.
_REFERENCES: dict[str, dict[str, str]] = {
    "orgs.csv": {"parentSourcedId": "orgs.csv"},
    "users.csv": {"primaryOrgSourcedId": "orgs.csv"},
    "roles.csv": {"userSourcedId": "users.csv", "orgSourcedId": "orgs.csv"},
    "demographics.csv": {"sourcedId": "users.csv"},
}
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """`content` is the zip. `losses` are those of the bundle as a whole: rows and references that
    could not stay. `ids` are (object type, folded RefId, sourcedId) of users and orgs in it."""

    content: bytes
    losses: tuple[Loss, ...]
    ids: tuple[tuple[str, str, str], ...]
    counts: dict[str, int]


def build(translations: Iterable[Translation]) -> Bundle:
    """Assemble a bundle in which every reference resolves and no id occurs twice in a file."""
    rows: dict[str, list[TargetRow]] = {name: [] for name in _REFERENCES}
    for translation in translations:
        for row in translation.rows:
            rows[row.file].append(row)
    sieve = _Sieve()
    kept = {file: sieve.kept(file, rows[file]) for file in _REFERENCES}
    return Bundle(
        content=_zip(kept),
        losses=tuple(sieve.losses(kept)),
        ids=tuple(_ids([*kept["orgs.csv"], *kept["users.csv"]])),
        counts={file: len(found) for file, found in kept.items()},
    )


def _ids(rows: Sequence[TargetRow]) -> Iterator[tuple[str, str, str]]:
    return ((row.object_type, row.refid, row.cells["sourcedId"]) for row in rows)


class _Sieve:
    """Keeps rows whose references resolve; remembers what fell through and why."""

    def __init__(self) -> None:
        self.present: dict[str, set[str]] = {}
        self.dropped: list[tuple[TargetRow, tuple[Carried, ...], str]] = []

    def kept(self, file: str, rows: list[TargetRow]) -> list[TargetRow]:
        """The rows of a file that may stay, sorted by id; optional references may be blanked."""
        unique: dict[str, TargetRow] = {}
        for row in sorted(rows, key=lambda row: (row.cells["sourcedId"], row.refid)):
            if unique.setdefault(row.cells["sourcedId"], row) is not row:
                self.dropped.append((row, row.carried, "left out: it has the id of another row"))
        self.present[file] = set(unique)
        found = [self._resolved(file, row) for row in unique.values()]
        kept = [row for row in found if row is not None]
        self.present[file] = {row.cells["sourcedId"] for row in kept}
        return kept

    def _resolved(self, file: str, row: TargetRow) -> TargetRow | None:
        for field, target in _REFERENCES[file].items():
            if field not in row.cells or row.cells[field] in self.present[target]:
                continue
            note = f"left out: it points to a row that {target} does not have"
            if field in REQUIRED[file]:
                self.dropped.append((row, row.carried, note))
                return None
            row = self._blanked(row, field, note)
        return row

    def _blanked(self, row: TargetRow, field: str, note: str) -> TargetRow:
        target = f"{row.file.removesuffix('.csv')}.{field}"
        gone = tuple(each for each in row.carried if each.target == target)
        self.dropped.append((row, gone, note))
        stay = tuple(each for each in row.carried if each.target != target)
        cells = {key: value for key, value in row.cells.items() if key != field}
        return replace(row, cells=cells, carried=stay)

    def losses(self, kept: dict[str, list[TargetRow]]) -> Iterator[Loss]:
        """Name each leaf that fell through and that no row of the bundle carries elsewhere."""
        concerned = {row.refid for row, _, _ in self.dropped}
        carried: dict[str, set[str]] = defaultdict(set)
        for row in (row for rows in kept.values() for row in rows if row.refid in concerned):
            carried[row.refid].update(each.place for each in row.carried)
        for row, gone, note in self.dropped:
            for place, each in {each.place: each for each in gone}.items():
                if place not in carried[row.refid]:
                    at = (each.crosswalk_id, place, each.target, NARROWED, note)
                    yield Loss(row.entity, row.refid, *at)


def _zip(kept: dict[str, list[TargetRow]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        _add(archive, "manifest.csv", _manifest(kept))
        for file, rows in kept.items():
            if rows:
                names = COLUMNS[file]
                lines = ([row.cells.get(name, "") for name in names] for row in rows)
                _add(archive, file, _table([names, *lines]))
    return target.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _manifest(kept: dict[str, list[TargetRow]]) -> bytes:
    lines = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    lines += [
        (f"file.{name}", "bulk" if kept.get(f"{name}.csv") else "absent") for name in MANIFEST_FILES
    ]
    return _table(lines)


def _table(lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode("utf-8")
