"""Audit and AsyncAudit: the audit trail over a connection of psycopg."""

from __future__ import annotations

from typing import Any

import psycopg

from pgaudit_py.client.diagnosing import AsyncDiagnosing, Diagnosing
from pgaudit_py.client.following import AsyncFollowing, Following
from pgaudit_py.client.granting import AsyncGranting, Granting
from pgaudit_py.client.installing import AsyncInstalling, Installing
from pgaudit_py.client.reading import AsyncReading, Reading
from pgaudit_py.client.writing import AsyncWriting, Writing
from pgaudit_py.records import RestorePlan


class Audit(Installing, Diagnosing, Granting, Reading, Following, Writing):
    """The audit trail, over a connection of yours.

    Reads, `log`, snapshots and restores run in your transaction, as your own statements do; `migrate`, `install`,
    `uninstall` and `baseline` run short transactions of their own and need an idle connection.
    """


class AsyncAudit(AsyncInstalling, AsyncDiagnosing, AsyncGranting, AsyncReading, AsyncFollowing, AsyncWriting):
    """The audit trail, over an async connection of yours; every method is Audit's, with await.

    Reads, `log`, snapshots and restores run in your transaction, as your own statements do; `migrate`, `install`,
    `uninstall` and `baseline` run short transactions of their own and need an idle connection.
    """


def restore(conn: psycopg.Connection[Any], version_id: int) -> RestorePlan:
    """Restore a record to a version: `Audit(conn).restore(version=version_id)`."""
    return Audit(conn).restore(version=version_id)
