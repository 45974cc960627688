"""The main job, told as a story on a PostgreSQL of its own: who changed this post, what was it before, give it back."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from rich.console import Console, RenderableType
from rich.text import Text

from pgaudit_py.client import Audit
from pgaudit_py.context import actor
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.integrations.psycopg import AuditConnection
from pgaudit_py.output import Indented, Plan, activities, console, history, problems, state
from pgaudit_py.resources import sql_text

_TABLES = ("users", "posts", "comments")
_ADDRESSES = {"alice": "203.0.113.7", "bob": "198.51.100.23"}


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction of the story: who, what, and the file of sql/demo."""

    who: str | None
    what: str
    file: str
    taken_back: bool = False


_STORY = (
    Step("alice", "writes two posts, and readers comment", "write"),
    Step("bob", "publishes post 1 under another title", "publish"),
    Step("bob", "raises the price of every post, in one UPDATE", "raise_prices"),
    Step(None, "psql, raw SQL: post 1 becomes an advertisement", "raw"),
    Step("bob", "deletes every comment, and takes it back: ROLLBACK", "mistake", taken_back=True),
    Step("bob", "deletes post 1, and so its comments: ON DELETE CASCADE", "delete"),
)


def run() -> None:
    """Start a server, play the story, and stop the server."""
    page = console()
    began = time.monotonic()
    page.print(Text("Starting a PostgreSQL of its own …", style="dim"))
    with EmbeddedServer() as server, AuditConnection.connect(server.dsn(), autocommit=True) as conn:
        audit = Audit(conn)
        conn.execute(sql_text("demo/schema.sql"))
        audit.migrate()
        for table in _TABLES:
            audit.install(table)
        _work(conn)
        _Story(page, audit).tell()
    page.print(
        Text(
            f"\nThe server is stopped, its data are gone. {time.monotonic() - began:.1f} seconds.",
            style="dim",
        )
    )


def _work(conn: psycopg.Connection[Any]) -> None:
    """Let several people work, as an application would let them."""
    for step in _STORY:
        with (
            actor(step.who, ip=_ADDRESSES.get(step.who or "")),
            conn.transaction(force_rollback=step.taken_back),
        ):
            conn.execute(sql_text(f"demo/{step.file}.sql"))


class _Story:
    """The answers, each with the command that gives it."""

    def __init__(self, page: Console, audit: Audit) -> None:
        self.page = page
        self.audit = audit

    def tell(self) -> None:
        """Ask and answer, one question after another."""
        self._what_happened()
        self._who_did_what()
        before = self._who_changed_it()
        self._what_was_it(before)
        self._give_it_back(before)
        self._is_it_true()
        self._what_next()

    def _heading(self, question: str, command: str = "") -> None:
        self.page.print()
        self.page.print(Text(question, style="bold cyan"))
        if command:
            self.page.print(Text(f"$ pgaudit-py {command}", style="dim"))

    def _show(self, *shown: RenderableType) -> None:
        for one in shown:
            self.page.print(Indented(one, 2), end="")

    def _note(self, words: str) -> None:
        self._show(Text(words, style="italic dim"))

    def _what_happened(self) -> None:
        self._heading("A day in a small blog", "install --table users --table posts --table comments")
        for step in _STORY:
            who, address = step.who or "?", _ADDRESSES.get(step.who or "", "")
            self._show(Text.assemble((f"{who:6} ", "bold"), (f"{address:15}", "dim"), step.what))

    def _who_did_what(self) -> None:
        page = self.audit.activity()
        self._heading("Who did what?", "activity")
        self._show(activities(page))
        ids = {one.id for one in page}
        missing = ", ".join(str(number) for number in range(1, max(ids)) if number not in ids)
        self._note(f"Newest first. Nothing remains of what was rolled back, but a gap: {missing}.")

    def _who_changed_it(self) -> int:
        """Show the history of post 1; return the last version before the advertisement."""
        entries = self.audit.history("posts", 1)
        self._heading("Who changed post 1, and what was it before?", "history posts 1")
        self._show(history(entries))
        return next(entry.id for entry in reversed(entries) if entry.changes and entry.causer)

    def _what_was_it(self, version: int) -> None:
        self._heading("What was it before the advertisement?", f"show {version}")
        self._show(state(self.audit.version(version)))

    def _give_it_back(self, version: int) -> None:
        """Restore the post, then what its deletion took with it."""
        self._heading("Give it back!", f"restore posts 1 --version {version}")
        plan = self.audit.plan_restore(version=version)
        self._show(Plan(plan))
        gone = self.audit.activity(action="deleted", subject="comments")
        with actor("alice", ip=_ADDRESSES["alice"]), self.audit.conn.transaction():
            self.audit.restore(plan)
            for one in reversed(gone.items):
                self.audit.restore(version=one.id)
        self._note(
            "Done by alice, together with the comments that had gone with it. That is recorded as well:"
        )
        self._show(activities(self.audit.activity(action="restored")))

    def _is_it_true(self) -> None:
        self._heading("Does the log, folded, still equal the tables?", "check --all")
        for table in _TABLES:
            found = self.audit.verify_table(table)
            self._show(problems(found) if found else Text.assemble(("✓ ", "bold green"), table))

    def _what_next(self) -> None:
        program = "pgaudit-py" if shutil.which("pgaudit-py") else sys.argv[0]
        self._heading("Your own database")
        commands = {
            "install --table posts": "every change is recorded from now on",
            "activity --since 1h": "who did what",
            "restore posts 1 --at 1h": "shows its plan, and asks",
        }
        self._show(Text("export DATABASE_URL=postgresql://you@host/database"))
        for command, meaning in commands.items():
            self._show(Text.assemble((f"{program} {command:26}", "bold"), meaning))
        self._show(Text("and in each transaction of your application: set_actor(conn, user, ip=…)"))
