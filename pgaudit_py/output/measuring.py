"""How large the log is, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from pgaudit_py.figures import LogFigures
from pgaudit_py.output.listing import Listing, Row


def figures(
    log: LogFigures, tables: Sequence[str], roles: Iterable[tuple[str, str]], versions: str
) -> Listing:
    """Lay out what was measured, one figure a line.

    Args:
        log: the figures.
        tables: what the records of the audited tables are called.
        roles: who was granted which part.
        versions: of this library and of the server.
    """
    said = {
        "tables": str(len(tables)),
        "log": f"{_rows(log.approximate_rows)}, {in_bytes(log.bytes)}",
        "a day": f"{_counted(log.rows_per_day)}{_about(log.bytes_per_day)}",
        "recorded": f"{_time(log.oldest)} to {_time(log.newest)}" if log.oldest else "nothing yet",
        "partitions": f"{log.partitions}, until {_time(log.partitions_end)}" if log.partitions else "none",
        "roles": ", ".join(f"{role} ({part})" for role, part in [(log.owner, "owner"), *roles]),
        "versions": versions,
    }
    rows = [Row((Text(name, style="dim"), value)) for name, value in said.items()]
    return Listing(["figure", "value"], rows, ["value"], headed=False)


def _rows(number: int | None) -> str:
    return "rows not counted yet" if number is None else f"about {_counted(number)}"


def _counted(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"


def _about(size: int | None) -> str:
    return "" if size is None else f", about {in_bytes(size)}"


def _time(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "never"


def in_bytes(number: float) -> str:
    """Write a size as people read it: 512 bytes, 8.1 MB."""
    units = iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while number >= 1024 and unit != "TB":
        number, unit = number / 1024, next(units)
    return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
