"""Which database to talk to, and what can be said when it does not answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import conninfo

from pgaudit_py.errors import ConnectionFailed, ServerTooOld

OLDEST_SERVER = 150000
"""The oldest server version that is supported, as server_version_num."""

_VARIABLES = ("PGAUDIT_PY_DSN", "DATABASE_URL")


def choose_dsn(option: str | None, environment: Mapping[str, str]) -> str:
    """Choose the database: --dsn, else PGAUDIT_PY_DSN, else DATABASE_URL, else what libpq finds.

    Returns:
        A connection string; empty for libpq's own PG* variables and service files.
    """
    found = option or next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    # SQLAlchemy names its driver in the scheme: postgresql+psycopg://
    return re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", found)


def connect(dsn: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """Open a connection.

    Raises:
        ConnectionFailed: the database cannot be reached, or the string is none.
        ServerTooOld: it is a PostgreSQL before 15.
    """
    try:
        parts = conninfo.conninfo_to_dict(dsn)
        conn = psycopg.connect(dsn, autocommit=autocommit, fallback_application_name="pgaudit-py")
    except psycopg.ProgrammingError as error:
        raise ConnectionFailed(
            f"the connection string is not one ({_reason(error)})",
            hint="Write postgresql://user@host/database or host=… dbname=….",
        ) from None
    except psycopg.OperationalError as error:
        raise ConnectionFailed(f"cannot connect{_whereto(parts)}: {_reason(error)}", hint=_HINT) from None
    try:
        check_version(conn.info.server_version)
    except ServerTooOld:
        conn.close()
        raise
    return conn


_HINT = (
    "Start the server, or name another database by --dsn, PGAUDIT_PY_DSN, DATABASE_URL or the PG* variables."
)


def check_version(server_version: int) -> None:
    """Refuse a server that is too old.

    Args:
        server_version: as server_version_num: 150018.

    Raises:
        ServerTooOld: it is a PostgreSQL before 15.
    """
    if server_version < OLDEST_SERVER:
        raise ServerTooOld(
            f"the server is PostgreSQL {server_version // 10000}, and pgaudit-py needs 15 or newer",
            hint="Upgrade the server.",
        )


def _whereto(parts: Mapping[str, Any]) -> str:
    """Name the database without saying the password."""
    known = [f"{name} {parts[name]}" for name in ("host", "port", "dbname", "user") if parts.get(name)]
    return f" to {', '.join(known)}" if known else ""


def _reason(error: psycopg.Error) -> str:
    """Return the first line that says why, without psycopg's prefix."""
    line = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
    return line.removeprefix("connection failed: ").rstrip(".")
