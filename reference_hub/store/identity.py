"""Which life of the store this is: transaction ids, and markers made of them, belong to one."""

from __future__ import annotations

from sqlalchemy import Connection, text

# A store that was emptied by hand has lost the row; it begins a new life then. Of two that begin it
# at once the later one sees the row of the other only by way of the conflict.
_EPOCH = text(
    """
    WITH begun AS (
      INSERT INTO hub_identity (only_row)
      SELECT true WHERE NOT EXISTS (SELECT FROM hub_identity)
      ON CONFLICT (only_row) DO UPDATE SET only_row = true
      RETURNING epoch
    )
    SELECT epoch FROM hub_identity UNION ALL SELECT epoch FROM begun
    """
)


def epoch(connection: Connection) -> str:
    """A UUID that a marker carries; another one than the marker's means that it has expired."""
    return str(connection.execute(_EPOCH).scalar_one())
