"""Run a program in one database: its sessions take their steps in turn; one that waits for another is left waiting."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import psycopg
from psycopg import pq, sql

from pgaudit_py import Audit, PgAuditError
from pgaudit_py.records import RestorePlan
from pgaudit_py.render import render
from tests.conftest import Conn
from tests.random.program import OWNER, Program, Step
from tests.random.sending import Outcome, altered, copied, guarded, results

Plans: TypeAlias = dict[int, RestorePlan]
"""What was restored, by the number of the step."""

DEADLOCK = 0.005
SETTINGS = f"-c deadlock_timeout={round(DEADLOCK * 1000)}ms -c lock_timeout=1500ms -c statement_timeout=10s -c TimeZone=UTC"
IN_FAILED = pq.TransactionStatus.INERROR
IDLE = pq.TransactionStatus.IDLE


class Watcher(Protocol):
    """Who is told what happens, where there is an audit trail."""

    def installed(self, table: str, subject_type: str, key: tuple[str, ...]) -> None: ...
    def committed(self, transaction: int | None, actor: str, *, others_run: bool) -> None: ...
    def settled(self) -> None: ...
    def baselined(self, name: str) -> None: ...


@dataclass
class Session:
    """A connection, the thread that it runs in, and what it has yet to do."""

    conn: Conn
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    queue: deque[tuple[int, Step]] = field(default_factory=deque)
    running: Future[Outcome] | None = None
    step: tuple[int, Step] | None = None
    actor: str = ""
    waits_since: float | None = None
    transaction: int | None = None


class Runner:
    """One run of a program."""

    def __init__(self, dsn: str, program: Program, watcher: Watcher | None, plans: Plans) -> None:
        """Prepare it.

        Args:
            dsn: a database with the schema pgaudit_py, and nothing else.
            program: what to do.
            watcher: is told what happens; None for no audit trail.
            plans: filled with what was restored; without an audit trail, what to write instead.
        """
        self.dsn = dsn
        self.program = program
        self.watcher = watcher
        self.plans = plans
        self.outcomes: list[Outcome] = [()] * len(program)
        self.sessions: dict[int, Session] = {}

    def run(self) -> list[Outcome]:
        """Run it; give what each step gave."""
        with ExitStack() as stack:
            self.observer = stack.enter_context(_connected(self.dsn))
            for number in sorted({OWNER, *(step.session for step in self.program)}):
                session = Session(stack.enter_context(_connected(self.dsn)))
                stack.callback(session.thread.shutdown)
                self.sessions[number] = session
            for number, step in enumerate(self.program):
                self._take(number, step)
            self._end_all()
        return self.outcomes

    # --- turns ------------------------------------------------------------------------------

    def _take(self, number: int, step: Step) -> None:
        if step.do == "settle":
            self._end_all()
            if self.watcher:
                self.watcher.settled()
            return
        self.sessions[step.session].queue.append((number, step))
        self._settle()

    def _end_all(self) -> None:
        """Let everybody come to an end; a transaction that is still open is given up."""
        self._settle()
        for session in self.sessions.values():
            if session.running is None and session.conn.info.transaction_status != IDLE:
                session.conn.rollback()
                self._settle()
        if any(session.running for session in self.sessions.values()):
            time.sleep(0.01)
            self._end_all()

    def _settle(self) -> None:
        """Go on until each session has done what it has to do, or waits for another one."""
        while True:
            for session in self.sessions.values():
                if session.running is None and session.queue:
                    session.step = session.queue.popleft()
                    session.waits_since = None
                    session.running = session.thread.submit(self._run, session, *session.step)
                    self._look(session, 0.003)
            running = [one for one in self.sessions.values() if one.running]
            for session in running:
                self._look(session, 0.001)
            if all(
                one.waits_since is not None and _long_ago(one.waits_since) for one in running if one.running
            ) and not any(one.running is None and one.queue for one in self.sessions.values()):
                return

    def _look(self, session: Session, seconds: float) -> None:
        """See whether a session is done, or waits."""
        assert session.running
        assert session.step
        try:
            outcome = session.running.result(seconds)
        except TimeoutError:
            found = self.observer.execute(
                "SELECT pg_blocking_pids(%s) <> '{}'", [session.conn.info.backend_pid]
            ).fetchone()
            waits = found == (True,)
            session.waits_since = (session.waits_since or time.monotonic()) if waits else None
            return
        number, step = session.step
        session.running = None
        self.outcomes[number] = outcome
        if self.watcher and step.do in {"commit", "sql", "guarded", "copy", "restore"}:
            self._tell(session, step, outcome)

    def _tell(self, session: Session, step: Step, outcome: Outcome) -> None:
        """Tell of what was committed."""
        assert self.watcher
        ended = session.conn.info.transaction_status == IDLE
        if not ended or outcome[0] == "error":
            return
        others_run = any(one.running for one in self.sessions.values())
        transaction = session.transaction if step.do == "commit" and outcome == ("COMMIT",) else None
        self.watcher.committed(transaction, session.actor if transaction else "", others_run=others_run)

    # --- steps, in the session's own thread -------------------------------------------------

    def _run(self, session: Session, number: int, step: Step) -> Outcome:
        try:
            return self._do(session, number, step)
        except psycopg.Error as error:
            if step.do in {"install", "sync", "baseline"}:  # nothing of the application's
                raise
            return ("error", error.sqlstate, re.sub(r"\d{5,}", "…", error.diag.message_primary or ""))  # oids

    def _do(self, session: Session, number: int, step: Step) -> Outcome:
        conn = session.conn
        match step.do:
            case "begin":
                session.actor = step.note
                return results(conn, step.text)
            case "commit":
                return self._commit(session)
            case "guarded" if conn.info.transaction_status == pq.TransactionStatus.INTRANS:
                return guarded(conn, step.text)
            case "copy":
                return copied(conn, step.text)
            case "install" | "sync" | "baseline":
                if self.watcher:
                    self._of_the_library(conn, step)
                return ()
            case "restore":
                return self._restored(conn, number, step) if self.watcher else self._written(conn, number)
            case _:
                return results(conn, step.text)

    def _commit(self, session: Session) -> Outcome:
        conn = session.conn
        session.transaction = None
        if conn.info.transaction_status == pq.TransactionStatus.INTRANS:
            (session.transaction,) = conn.execute(
                "SELECT pg_current_xact_id_if_assigned()::text::bigint"
            ).fetchone() or (None,)
        return (conn.execute("COMMIT").statusmessage,)

    def _of_the_library(self, conn: Conn, step: Step) -> None:
        """Install, sync, take a baseline: what is not there without an audit trail."""
        audit = Audit(conn)
        assert self.watcher
        if step.do == "install":
            installed = audit.install(step.text, **json.loads(step.note))
            self.watcher.installed(step.text, installed.subject_type, installed.key)
        elif step.do == "baseline":
            audit.baseline(step.text, again=bool(step.note))
            self.watcher.baselined(step.text)
        elif not step.text:
            for name in audit.tracked():
                audit.sync(as_=name)
        elif altered(conn, step.text):
            audit.install(step.text, in_transaction=True)

    def _restored(self, conn: Conn, number: int, step: Step) -> Outcome:
        """Restore one of the versions that there are; note what was written."""
        if conn.info.transaction_status == IN_FAILED:
            return ("failed before",)
        found = conn.execute(
            "SELECT id FROM pgaudit_py.activity_log WHERE subject_type = %s AND operation IN ('I', 'U', 'D') AND subject_id IS NOT NULL ORDER BY id",
            [step.text],
        ).fetchall()
        if not found:
            return ("restored",)
        audit = Audit(conn)
        try:
            plan = audit.plan_restore(version=found[int(float(step.note) * len(found))][0])
            audit.restore(plan)
        except PgAuditError:
            return ("restored",)  # refused: nothing was written
        except psycopg.Error:
            self.plans[number] = plan
            raise
        self.plans[number] = plan
        return ("restored",)

    def _written(self, conn: Conn, number: int) -> Outcome:
        """Write what was restored where there is an audit trail."""
        if conn.info.transaction_status == IN_FAILED:
            return ("failed before",)
        plan = self.plans.get(number)
        if plan is None or plan.operation == "none":
            return ("restored",)
        table = sql.Identifier(plan.schema_name, plan.table_name)
        columns = sql.SQL(", ").join(
            sql.SQL("format('%s', {})").format(sql.Identifier(name)) for name in plan.key
        )
        name = columns if len(plan.key) == 1 else sql.SQL("jsonb_build_array({})::text").format(columns)
        found = conn.execute(
            sql.SQL("SELECT tableoid::int8, ctid::text FROM ONLY {} WHERE {} = {}").format(
                table, name, sql.Literal(plan.current_id)
            )
        ).fetchone() or (None, None)
        place = {"partitioned": False, "leaf": found[0], "address": found[1]}
        with conn.transaction():
            statement = render("restore", plan=plan, wanted=plan.wanted_text, place=place)
            conn.execute(statement.encode())
            if plan.operation == "insert":
                conn.execute(
                    "SELECT pgaudit_py.advance_sequences(%s::regclass, %s)",
                    [table.as_string(conn), plan.wanted_text],
                )
        return ("restored",)


def _long_ago(when: float) -> bool:
    """Whether a deadlock would have been found by now."""
    return time.monotonic() - when > 3 * DEADLOCK


@contextmanager
def _connected(dsn: str) -> Iterator[Conn]:
    with psycopg.connect(dsn, autocommit=True, options=SETTINGS) as conn:
        yield conn
