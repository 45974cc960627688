"""Every error this library raises: one flat tree under PgAuditError.

A message says what is wrong with which table or value; a hint says the fix in the imperative.
SQL raises private SQLSTATEs (class PG, `PGA..`), which `from_database` turns into the same classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable


class PgAuditError(Exception):
    """The base of every error of this library; `str()` gives the problem and then the fix."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        """Keep problem and fix apart, so that a terminal or a web page can lay them out.

        Args:
            message: what is wrong, with the table or value it is about.
            hint: what to do about it, in the imperative; None where the message says it already.
        """
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message.rstrip('.')}. {self.hint}" if self.hint else self.message


# --- reaching a database -------------------------------------------------------------------------


class EmbeddedServerError(PgAuditError):
    """The embedded PostgreSQL cannot be found, started or stopped."""


class ConnectionFailed(PgAuditError):
    """No database is named, the named one cannot be reached, or the connection to it is closed."""


class ServerTooOld(PgAuditError):
    """The server's major version is below the oldest supported one."""


class PrivilegeMissing(PgAuditError):
    """The connected role may not do what was asked."""


class LockNotAvailable(PgAuditError):
    """A table stayed locked by another session for longer than the lock timeout."""


class ReadOnlyDatabase(PgAuditError):
    """The server is a standby, or the session or its transaction only reads."""


# --- the schema in the database ------------------------------------------------------------------


class NotMigrated(PgAuditError):
    """The database lacks the schema pgaudit_py, or has an older one than this library needs."""


class SchemaTooNew(PgAuditError):
    """The database was migrated by a newer version of this library, in a way this one cannot work with."""


class SchemaConflict(PgAuditError):
    """A released migration differs from the one the database ran."""


# --- tables --------------------------------------------------------------------------------------


class TableNotFound(PgAuditError):
    """No table has the given name."""


class TableNotAuditable(PgAuditError):
    """The relation cannot carry triggers of this library: a view, a foreign, temporary or system table, our own."""


class TableNotTracked(PgAuditError):
    """The table exists, but no audit trail is installed on it."""


class TableChanged(PgAuditError):
    """The table is no longer the one that was looked at."""


class SubjectTypeTaken(PgAuditError):
    """Another tracked table already uses this subject_type."""


class NoKey(PgAuditError):
    """The table has no key to tell its records apart by."""


# --- using the library ---------------------------------------------------------------------------


class OptionError(PgAuditError):
    """An option or argument does not exist, or has a value it cannot have."""


class TransactionRequired(PgAuditError):
    """The call only has an effect inside a usable transaction, and there is none."""


class IdleConnectionRequired(PgAuditError):
    """The call needs the connection for itself, and a transaction or a pipeline of somebody's is open."""


class CauserRequired(PgAuditError):
    """The table's audit trail wants to know who makes a change, and nobody was set."""


class TemplateValueError(PgAuditError):
    """A template prints a value that passed neither the identifier nor the literal filter."""


class AppendOnly(PgAuditError):
    """Something tried to change or remove recorded activity."""


# --- history and restore -------------------------------------------------------------------------


class RecordNotFound(PgAuditError):
    """The log knows no such record."""


class VersionNotFound(PgAuditError):
    """The log has no version with this id, or none at this time."""


class RestoreConflict(PgAuditError):
    """The record is no longer in the state the restore was planned on."""


class RestoreImpossible(PgAuditError):
    """The wanted state cannot be rebuilt or written."""


# --- from the database ---------------------------------------------------------------------------

SQLSTATES: dict[str, type[PgAuditError]] = {
    "PGA03": TableNotTracked,
    "PGA04": NoKey,
    "PGA05": VersionNotFound,
    "PGA06": RecordNotFound,
    "PGA08": RestoreImpossible,
    "PGA09": AppendOnly,
    "PGA10": PrivilegeMissing,
    "PGA11": OptionError,
    "PGA12": CauserRequired,
    "PGA13": TableChanged,
}
"""The private SQLSTATEs that our SQL raises, and the class each becomes in Python."""


def from_database(error: BaseException) -> PgAuditError | None:
    """Translate an error of the database into one of this library.

    Args:
        error: any exception with psycopg's `.sqlstate` and `.diag`; drivers are not imported here.

    Returns:
        The error to raise in its place (`raise translated from error`), or None where the error
        has no SQLSTATE or one that this library knows no fix for: let the original pass then.
    """
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str):
        return None
    message, hint = _texts(error)
    if state in SQLSTATES:
        return SQLSTATES[state](message, hint=hint)
    if state in _STANDARD:
        return _STANDARD[state](message, hint)
    return None


def _texts(error: BaseException) -> tuple[str, str | None]:
    """Return the primary message and the hint that the server sent."""
    diag = getattr(error, "diag", None)
    message = getattr(diag, "message_primary", None) or str(error)
    return message, getattr(diag, "message_hint", None)


def _privilege_missing(message: str, hint: str | None) -> PgAuditError:
    if "event trigger" in message:
        fix = "Connect as a superuser for migrate --event-trigger, or have one run what --sql prints."
        return PrivilegeMissing(message, hint=fix)  # the server's hint is half of it
    if "for database" in message:  # no schema pgaudit_py yet, and no right to make one
        fix = "Have the owner of the database run GRANT CREATE ON DATABASE … TO this role, or `pgaudit-py migrate`."
    elif re.search(
        r" (function|activity_log|versions|tracked_table|table_shape|schema pgaudit_py)\b", message
    ):
        fix = "Have the owner of schema pgaudit_py run `pgaudit-py grant`: --app, --reader or --restorer, and this role."
    elif "pgaudit_py" in message:
        fix = "Connect as the owner of schema pgaudit_py, or have the owner grant this role what it needs there."
    else:
        fix = "Connect as the owner of the table, or have the owner grant this role what it needs."
    return PrivilegeMissing(message, hint=hint or fix)


def _read_only(message: str, hint: str | None) -> PgAuditError:
    fix = "Connect to the primary server, in a transaction that may write."
    return ReadOnlyDatabase(message, hint=hint or fix)


def _lock_not_available(message: str, hint: str | None) -> PgAuditError:
    fix = "Try again when the sessions that use the table are done."
    return LockNotAvailable(message, hint=hint or fix)


ANY_BYTES = "Connect with client_encoding='LATIN1': it takes every byte for a character, and gives it back."
"""The hint where a database of SQL_ASCII, which checks nothing, holds other texts than UTF-8."""


def _no_text(message: str, hint: str | None) -> PgAuditError:
    return OptionError(message, hint=hint or ANY_BYTES)


def _nothing_audited(message: str, _hint: str | None) -> PgAuditError | None:
    if "pgaudit_py" not in message:  # somebody else's missing schema
        return None
    return NotMigrated(
        "nothing is audited in this database yet",
        hint="Run `pgaudit-py install --table NAME`, which makes schema pgaudit_py too.",
    )


def _not_migrated(message: str, _hint: str | None) -> PgAuditError | None:
    # The server's hint ("You might need to add explicit type casts.") would only mislead.
    if "pgaudit_py" not in message:  # somebody else's missing table
        return None
    if "pgaudit_py.tracked_table" in message:  # the first migration makes it
        return _nothing_audited(message, None)
    return NotMigrated(
        message, hint="Run `pgaudit-py migrate`: schema pgaudit_py is older than this library."
    )


_STANDARD: dict[str, Callable[[str, str | None], PgAuditError | None]] = {
    "22021": _no_text,  # character_not_in_repertoire
    "25006": _read_only,  # read_only_sql_transaction
    "42501": _privilege_missing,  # insufficient_privilege
    "55P03": _lock_not_available,  # lock_not_available
    "3F000": _nothing_audited,  # invalid_schema_name
    "42P01": _not_migrated,  # undefined_table
    "42883": _not_migrated,  # undefined_function: the schema is older than this library
}
