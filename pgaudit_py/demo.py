"""The main job, told as a story on a PostgreSQL of its own: who changed this post, what was it before, give it back."""

from __future__ import annotations

import psycopg
from rich.text import Text

from pgaudit_py.client import Audit
from pgaudit_py.context import actor
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.integrations.psycopg import AuditConnection
from pgaudit_py.output import activities, console, diff, state
from pgaudit_py.resources import sql_text

_TABLES = ("users", "posts", "comments")

_NEXT = """\
Your own database, in three commands:

  export DATABASE_URL=postgresql://you@host/database
  pgaudit-py install --table posts
  pgaudit-py activity --since 1h

and in your application, once a transaction:

  set_actor(conn, user, ip=request_ip)

Each command has --help."""


def run() -> None:
    """Start a server, play the story, and stop the server."""
    page = console()
    page.print("Starting a PostgreSQL of its own …", style="dim")
    with EmbeddedServer() as server, AuditConnection.connect(server.dsn(), autocommit=True) as conn:
        audit = Audit(conn)
        conn.execute(sql_text("demo/schema.sql"))
        audit.migrate()
        for table in _TABLES:
            audit.install(table)
        page.print(f"A blog with {', '.join(_TABLES)}; every change is recorded from now on.\n", style="dim")
        _work(conn)
        _tell(audit)


def _play(conn: psycopg.Connection[object], step: str) -> None:
    with conn.transaction():
        conn.execute(sql_text(f"demo/{step}.sql"))


def _work(conn: psycopg.Connection[object]) -> None:
    """Let several people work, as an application would let them."""
    with actor("alice", type="user", ip="203.0.113.7", user_agent="Firefox"):
        _play(conn, "write")
    with actor("bob", type="user", ip="198.51.100.23", user_agent="Safari"):
        _play(conn, "publish")
        _play(conn, "raise_prices")
    _play(conn, "raw")
    with actor("bob", type="user", ip="198.51.100.23"):
        with conn.transaction(force_rollback=True):
            _play(conn, "mistake")
        _play(conn, "delete")


def _tell(audit: Audit) -> None:
    page = console()

    def heading(words: str) -> None:
        page.print(Text(f"\n{words}", style="bold cyan"))

    heading("Who did what? The trail, newest first")
    page.print(activities(audit.activity()))

    heading("Who changed post 1, and what was it before?")
    entries = audit.history("posts", 1)
    changed = [entry for entry in entries if entry.changes]
    for entry in changed:
        page.print(
            Text(f"{entry.action} by {entry.causer or 'nobody we know'} from {entry.ip or '?'}", style="bold")
        )
        page.print(diff(entry.changes))

    published = changed[0]
    heading("The post as it was when it was published")
    page.print(state(audit.record_at("posts", 1, at=published.created_at)))

    heading("Give it back: the post, then what went with it")
    deleted = audit.activity(action="deleted", transaction_id=entries[-1].transaction_id)
    with actor("alice", type="user", ip="203.0.113.7"), audit.conn.transaction():
        audit.restore(version=published.id)
        for one in reversed(deleted.items):
            if one.subject_type == "comments":
                audit.restore(version=one.id)
    page.print(activities(audit.activity(action="restored")))

    heading("Is the log, folded, still the table?")
    for table in _TABLES:
        found = audit.verify_table(table)
        page.print(f"{table}: {found or 'yes'}")
    heading("Next")
    page.print(_NEXT)
