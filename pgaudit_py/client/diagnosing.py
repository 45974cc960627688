"""Looking at what is installed, and at what weakens it."""

from __future__ import annotations

from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.doctor import diagnose, figures
from pgaudit_py.driving import link, server_major
from pgaudit_py.figures import LogFigures
from pgaudit_py.records import Finding, TableStatus
from pgaudit_py.status import statuses


class Diagnosing(Running):
    """Looking at what is installed, and at what weakens it."""

    def status(self) -> list[TableStatus]:
        """Tell how the audited tables are: installed, or what is wrong with each, and the fix.

        Returns:
            By the names of their records. Nothing is written, and no privilege on the tables is needed.
        """
        with self._savepoint():
            return self._run(statuses(server_major(self.conn)))

    def doctor(self) -> list[Finding]:
        """Look for what weakens the audit trail: in the schema, in the tables, in the rights that one has.

        Returns:
            What was found, the worst first, each with its fix; empty where all is well. Nothing is written, and no
            table is read through.
        """
        with self._savepoint():
            return self._run(diagnose(link(self.conn)))

    def log_figures(self) -> LogFigures:
        """Measure the log, and how it grows, by the catalog and its indexes: as fast however large it is."""
        with self._savepoint():
            return self._run(figures())


class AsyncDiagnosing(AsyncRunning):
    """The same with await."""

    @same_as(Diagnosing.status)
    async def status(self) -> list[TableStatus]:
        async with self._savepoint():
            return await self._run(statuses(server_major(self.conn)))

    @same_as(Diagnosing.doctor)
    async def doctor(self) -> list[Finding]:
        async with self._savepoint():
            return await self._run(diagnose(link(self.conn)))

    @same_as(Diagnosing.log_figures)
    async def log_figures(self) -> LogFigures:
        async with self._savepoint():
            return await self._run(figures())
