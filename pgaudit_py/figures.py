"""How large the log is, and how it grows; without any I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogFigures:
    """How large the log is, and how it grows."""

    owner: str
    """The role that it belongs to."""
    approximate_rows: int | None
    """As the last ANALYZE or VACUUM found it, else as the server counted; None where nothing is known."""
    bytes: int
    """With its indexes and large values."""
    oldest: datetime | None
    newest: datetime | None
    """When the first and the last activity was recorded; None where there is none."""
    rows_per_day: int
    """Of the last seven days, or since the first activity; those that were rolled back count in."""
    bytes_per_day: int | None
    """By the size of a row; None where the number of rows is not known."""
    partitions: int
    """The default one left out."""
    partitions_end: datetime | None
    """Until when there are partitions."""
