"""Audit trail, history and time travel for PostgreSQL tables.

Triggers record every change inside the writer's transaction; this package installs them, says who is acting,
searches, travels in time and restores. It is not the C extension pgAudit, and works beside it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pgaudit_py._version import __version__

if TYPE_CHECKING:
    from pgaudit_py.client import AsyncAudit, Audit, restore
    from pgaudit_py.context import actor, current_actor
    from pgaudit_py.errors import PgAuditError
    from pgaudit_py.figures import LogFigures
    from pgaudit_py.integrations.psycopg import AsyncAuditConnection, AuditConnection
    from pgaudit_py.migrate import MigrationPlan
    from pgaudit_py.models import Actor
    from pgaudit_py.records import (
        Activity,
        ActivityGroup,
        Baseline,
        Change,
        Finding,
        HistoryEntry,
        Page,
        Problem,
        RestorePlan,
        State,
        TableStatus,
        Version,
    )
    from pgaudit_py.rehearsal import Rehearsal
    from pgaudit_py.session import clear_actor, set_actor
    from pgaudit_py.subjects import Key
    from pgaudit_py.tables import Candidate
    from pgaudit_py.triggers import Installed

_HOME = {
    "Activity": "records",
    "ActivityGroup": "records",
    "Actor": "models",
    "AsyncAudit": "client",
    "AsyncAuditConnection": "integrations.psycopg",
    "Audit": "client",
    "AuditConnection": "integrations.psycopg",
    "Baseline": "records",
    "Candidate": "tables",
    "Change": "records",
    "Finding": "records",
    "HistoryEntry": "records",
    "Installed": "triggers",
    "Key": "subjects",
    "LogFigures": "figures",
    "MigrationPlan": "migrate",
    "Page": "records",
    "PgAuditError": "errors",
    "Problem": "records",
    "Rehearsal": "rehearsal",
    "RestorePlan": "records",
    "State": "records",
    "TableStatus": "records",
    "Version": "records",
    "actor": "context",
    "clear_actor": "session",
    "current_actor": "context",
    "restore": "client",
    "set_actor": "session",
}

__all__ = [
    "Activity",
    "ActivityGroup",
    "Actor",
    "AsyncAudit",
    "AsyncAuditConnection",
    "Audit",
    "AuditConnection",
    "Baseline",
    "Candidate",
    "Change",
    "Finding",
    "HistoryEntry",
    "Installed",
    "Key",
    "LogFigures",
    "MigrationPlan",
    "Page",
    "PgAuditError",
    "Problem",
    "Rehearsal",
    "RestorePlan",
    "State",
    "TableStatus",
    "Version",
    "__version__",
    "actor",
    "clear_actor",
    "current_actor",
    "restore",
    "set_actor",
]


def __getattr__(name: str) -> Any:
    """Import a name's module when the name is first used: `import pgaudit_py` alone loads no driver."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List what can be imported from here."""
    return __all__
