"""Run a program with the audit trail and without it: the application must not notice, and the log must say what was."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pgaudit_py import Audit, PgAuditError
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn
from tests.random.copies import Mismatch
from tests.random.executor import Plans, Runner
from tests.random.oracle import Oracle
from tests.random.program import Program
from tests.random.schema import PREPARATION, WRITER
from tests.random.sending import Outcome

_numbers = itertools.count()


@dataclass(frozen=True)
class Clones:
    """Fresh databases with the schema pgaudit_py, one after another."""

    server: EmbeddedServer
    admin: Conn
    template: str = "random_template"

    def prepare(self) -> None:
        self.admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        self.admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(WRITER)))
        with psycopg.connect(self.server.dsn(self.template), autocommit=True) as conn:
            Audit(conn).migrate()
            Audit(conn).grant(WRITER, as_="app")
            conn.execute(
                sql.SQL(
                    """GRANT USAGE ON SCHEMA public TO {0};
                       ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {0};
                       ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO {0};
                       ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {0}"""
                ).format(sql.Identifier(WRITER))
            )
            for statement in PREPARATION:
                conn.execute(statement.encode())

    def discard(self) -> None:
        self.admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(self.template)))
        self.admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(WRITER)))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"random_{os.getpid()}_{next(_numbers)}"
        self.admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(self.template)
            )
        )
        try:
            yield self.server.dsn(name)
        finally:
            self.admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def failure(clones: Clones, program: Program) -> str | None:
    """Run a program both ways; say what is wrong, None for nothing."""
    plans: Plans = {}
    with clones.fresh() as audited, clones.fresh() as plain:
        try:
            with_it, tables = _audited(audited, program, plans)
        except (Mismatch, PgAuditError, psycopg.Error) as error:
            return f"{type(error).__name__}: {error}"
        without = Runner(plain, program, None, plans).run()
        others = _contents(plain)
    for number, (one, other) in enumerate(zip(with_it, without, strict=True)):
        if _by_chance(one) or _by_chance(other):
            return None  # what comes after it is another story in each of both
        if one != other:
            return f"step {number} ({program[number].text[:200]}): with the audit trail {one}, without it {other}"
    for name, rows in tables.items():
        if rows != others[name]:
            return f"table {name}: with the audit trail {rows}, without it {others[name]}"
    return None


def _by_chance(outcome: Outcome) -> bool:
    """Whether it depends on how fast the machine was, or where rows lie.

    That is: which one of a deadlock has to go, what was not to be had in time, which of several serializable transactions is
    taken for one that read what another wrote (pages are watched, not rows).
    """
    if outcome[:1] != ("error",):
        return False
    return outcome[1] in {"40P01", "55P03", "57014"} or "read/write dependencies" in outcome[2]


def _audited(dsn: str, program: Program, plans: Plans) -> tuple[list[Outcome], dict[str, list[str]]]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        oracle = Oracle(conn)
        outcomes = Runner(dsn, program, oracle, plans).run()
        oracle.settled()
        oracle.judge()
    return outcomes, _contents(dsn)


def _contents(dsn: str) -> dict[str, list[str]]:
    """Read every table of the application."""
    with psycopg.connect(dsn) as conn:
        names = conn.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text IN ('public', 'elsewhere')"
        ).fetchall()
        read = sql.SQL("SELECT r::text FROM {} AS r ORDER BY 1")
        return {name: [row for (row,) in conn.execute(read.format(sql.SQL(name)))] for (name,) in names}
