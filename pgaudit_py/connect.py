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
    except (psycopg.ProgrammingError, UnicodeError) as error:
        reason = "it is no text" if isinstance(error, UnicodeError) else _without_values(_reason(error))
        raise ConnectionFailed(
            f"the connection string is not one ({reason})",
            hint="Write postgresql://user@host/database or host=… dbname=…; in a URL, write % as %25.",
        ) from None
    try:
        conn = psycopg.connect(
            dsn,
            autocommit=autocommit,
            client_encoding="utf8",
            fallback_application_name="pgaudit-py",
            prepare_threshold=None,  # a pooler gives the session to somebody else, who would meet what was prepared
        )
    except (psycopg.OperationalError, psycopg.ProgrammingError, UnicodeError) as error:
        reason = _reason(error, is_placed=bool(parts.get("host")))
        raise ConnectionFailed(f"cannot connect{_whereto(parts)}: {reason}", hint=_hint(reason)) from None
    try:
        check_version(conn.info.server_version)
    except ServerTooOld:
        conn.close()
        raise
    return conn


_HINTS = {
    'database ".*" does not exist': "Create it, or name another one.",
    'role ".*" does not exist': "Name another user.",
    "password|pg_hba": "Check the user and the password; ~/.pgpass and PGPASSWORD work as with psql.",
    "definition of service": "Check PGSERVICEFILE and ~/.pg_service.conf.",
    "invalid .*(value|number)": "Correct the connection string.",
}
_HINT = (
    "Start the server, or name another database by --dsn, PGAUDIT_PY_DSN, DATABASE_URL or the PG* variables."
)


def _hint(reason: str) -> str:
    return next((hint for pattern, hint in _HINTS.items() if re.search(pattern, reason)), _HINT)


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


def _reason(error: Exception, *, is_placed: bool = True) -> str:
    """Return the line that says why; without the place, where that was said before."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    line = re.sub(r"^connection (failed|is bad): ", "", lines[0])
    if is_placed:
        line = re.sub(r"^connection to server .*? failed: ", "", line)
    return line.replace("FATAL:  ", "")


def _without_values(reason: str) -> str:
    """Leave out what libpq quotes of a connection string: it may be a part of the password."""
    if reason.startswith(("invalid connection option", "invalid URI query parameter")):
        return reason
    return re.sub(r'"[^"]*"', "…", reason)
