"""What a fresh install looks like, reviewed as a result: `make dump` after a change of sql/, and read the diff."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Connect

pytestmark = pytest.mark.every_major

COMMITTED = Path(__file__).with_name("schema.sql")
MAJOR = 18
"""pg_dump words things anew in each major version."""


def fresh_dump(server: EmbeddedServer, dsn: str) -> str:
    """Dump the schema, without what differs from month to month or machine to machine."""
    command = [str(server.tool("pg_dump")), "--schema-only", "--schema=pgaudit_py", "--no-owner", "-d", dsn]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout
    parts = re.split(r"\n--\n-- Name: .*\n--\n", dumped)[1:]
    kept = [part.strip() for part in parts if not re.search(r"activity_log_\d{4}_\d\d", part)]
    return "\n\n".join(kept).split("--\n-- PostgreSQL database dump complete")[0].strip() + "\n"


def test_the_dump_is_as_committed(
    server: EmbeddedServer, db: str, connect: Connect, request: pytest.FixtureRequest
) -> None:
    major = connect(db).info.server_version // 10000
    if major != MAJOR:
        pytest.skip(f"the committed dump is one of PostgreSQL {MAJOR}, this is {major}")
    dumped = fresh_dump(server, db)
    if request.config.getoption("--write-dump"):
        COMMITTED.write_text(dumped, encoding="utf-8")
    assert dumped == COMMITTED.read_text(encoding="utf-8")
