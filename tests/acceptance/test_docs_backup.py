"""What docs/how-to/backup.md shows is done here, line by line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, contradictions

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "backup.md").read_text("utf-8")
BIN = Path(sys.executable).parent


def test_the_commands(
    conn: Conn,
    audit: Audit,
    db: str,
    bare_db: str,
    other_db: str,
    server: EmbeddedServer,
    connect: Connect,
    tmp_path: Path,
) -> None:
    programs = server.tool("pg_dump").parent
    if conn.info.server_version < 170000 and programs != server.bindir:
        pytest.skip("pg_dump of 18 sets what a server before 17 does not know; this one came without its own")
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea'); UPDATE posts SET title = 'Coffee'")
    path = f"{BIN}:{programs}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "DATABASE_URL": db, "COPY_URL": bare_db, "OTHER_URL": other_db}
    lines = [
        line for script in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in script.splitlines()
    ]
    assert len(lines) == 14
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
        )  # fmt: skip
        wanted = re.search(r"# exit code (\d)", line)
        assert done.returncode == (int(wanted[1]) if wanted else 0), (line, done.stdout, done.stderr)
    for dsn in (bare_db, other_db):
        copy = connect(dsn, autocommit=True)
        assert [one.operation for one in Audit(copy).history("posts", 1)] == ["I", "U"]
        assert contradictions(copy) == []
    assert [one.operation for one in audit.history("posts", 1)] == ["I", "U", "D", "I"]


def test_the_links() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / "how-to" / target).exists(), target
    for name in re.findall(r"`(?:tests/\w+/)?(test_\w+\.py)`", PAGE):
        assert list((Path(__file__).parents[1]).glob(f"*/{name}")), name
