"""What docs/reference/roles.md shows, is done here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from pgaudit_py import Audit
from pgaudit_py.cli import main
from tests.conftest import Conn, Connect

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "roles.md").read_text("utf-8")
NAMES = ("web", "support", "auditors", "admins")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def admin_there(bare_db: str, connect: Connect) -> Iterator[Conn]:
    conn = connect(bare_db, autocommit=True)
    for name in NAMES:
        conn.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    yield conn
    for name in (*NAMES, "audit_owner"):
        conn.execute(sql.SQL("DROP OWNED BY {0} CASCADE; DROP ROLE {0}").format(sql.Identifier(name)))


def test_at_the_terminal(admin_there: Conn, bare_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGAUDIT_PY_DSN", bare_db)
    commands = [shlex.split(line, comments=True) for line in block("sh").splitlines()]
    assert len(commands) == 4
    for program, *arguments in commands:
        assert program == "pgaudit-py"
        with pytest.raises(SystemExit) as done:
            main(arguments)
        assert done.value.code == 0
    assert Audit(admin_there).roles() == [("admins", "restorer"), ("auditors", "reader"), ("web", "app")]


def test_in_python_and_in_sql(admin_there: Conn) -> None:
    audit = Audit(admin_there)
    exec(compile(block("python"), "roles.md", "exec"), {"audit": audit})
    assert audit.roles() == []
    admin_there.execute(block("sql").encode())
    assert audit.roles() == [("admins", "app"), ("support", "reader")]
