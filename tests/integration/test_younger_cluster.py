"""A dump that is restored into a younger cluster, where transaction ids start again: the log tells the two apart by its epoch."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import islice

import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import FAST, EmbeddedServer
from tests import servers
from tests.conftest import Conn, Connect, contradictions

# Each transaction of its own, as an application's are.
BURN = "DO $$ BEGIN FOR i IN 1 .. {} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


@pytest.fixture
def younger() -> Iterator[EmbeddedServer]:
    with EmbeddedServer(settings=FAST, base=servers.MEMORY) as running:
        yield running


def next_id(conn: Conn) -> int:
    (row,) = conn.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchall()
    return int(row[0])


def epochs(conn: Conn) -> list[int]:
    return [
        row[0] for row in conn.execute("SELECT epoch FROM pgaudit_py.activity_log ORDER BY id").fetchall()
    ]


@pytest.fixture
def moved(
    conn: Conn, audit: Audit, db: str, server: EmbeddedServer, younger: EmbeddedServer, connect: Connect
) -> Conn:
    """Another cluster, whose next transactions have lower ids than those that the log tells of."""
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, n int); CREATE TABLE tags (id int PRIMARY KEY)")
    for table in ("posts", "tags"):
        audit.install(table)
    conn.execute(BURN.format(3000).encode())
    conn.execute("INSERT INTO posts VALUES (1, 0), (2, 0)")
    with conn.transaction():
        conn.execute("UPDATE posts SET n = 1 WHERE id = 1")
        conn.execute("UPDATE posts SET n = 2 WHERE id = 1")
    dumped = subprocess.run(
        [server.tool("pg_dump"), "-d", db], check=True, capture_output=True, cwd="/"
    ).stdout
    psql = [str(younger.tool("psql")), "-X", "-q", "-d", younger.dsn()]
    subprocess.run(psql, input=dumped, check=True, capture_output=True, cwd="/")
    loaded = connect(younger.dsn(), autocommit=True)
    assert next_id(loaded) < audit.activity(limit=1).items[0].transaction_id
    return loaded


def test_a_sync_begins_another_epoch_once(moved: Conn) -> None:
    audit = Audit(moved)
    audit.sync("posts")
    audit.sync("tags")
    moved.execute("UPDATE posts SET n = 3 WHERE id = 1; INSERT INTO tags VALUES (1)")
    moved.execute("ALTER TABLE posts ADD m int")
    audit.sync("posts")
    moved.execute("UPDATE posts SET m = 4 WHERE id = 1")
    assert epochs(moved) == [1, 1, 1, 1, 2, 2, 2, 2]  # one of them says that posts was altered
    assert audit.sync("posts").outcome == "unchanged"


def test_what_was_altered_before_is_told_in_the_new_epoch(moved: Conn) -> None:
    moved.execute("ALTER TABLE posts ADD m int")
    Audit(moved).sync("posts")
    told = "SELECT epoch FROM pgaudit_py.activity_log WHERE action = 'altered' ORDER BY id DESC LIMIT 1"
    assert moved.execute(told).fetchone() == (2,)


def test_whatever_is_installed_first_begins_it(moved: Conn) -> None:
    audit = Audit(moved)
    moved.execute("CREATE TABLE fresh (id int PRIMARY KEY)")
    audit.install("fresh")
    audit.sync("posts")
    moved.execute("INSERT INTO fresh VALUES (1); UPDATE posts SET n = 3 WHERE id = 1")
    assert epochs(moved) == [1, 1, 1, 1, 2, 2]


def test_followers_get_what_comes(moved: Conn) -> None:
    """They did not: what is written there has lower ids than what they saw last, until the cluster has caught up."""
    audit = Audit(moved)
    audit.sync("posts")
    last = audit.activity(limit=1).items[0]
    moved.execute("UPDATE posts SET n = 3 WHERE id = 1")
    one = next(audit.follow(after=(last.transaction_id, last.id), interval=0.05))
    assert one.id == last.id + 1
    assert [one.id for one in islice(audit.follow(after=(0, 0)), 5)] == [1, 2, 3, 4, 5]


def test_a_transaction_of_the_same_id_is_another_one(moved: Conn) -> None:
    """Two writes of one id would be sorted by the rows' addresses, which mean something in their own cluster only."""
    audit = Audit(moved)
    audit.sync("posts")
    # Its first row goes, so that the other one comes to the address from which the older transaction set out.
    moved.execute("DELETE FROM posts WHERE id = 2")
    moved.execute("VACUUM posts")
    wanted = audit.history("posts", 1)[-1].transaction_id
    moved.execute(BURN.format(wanted - next_id(moved)).encode())
    moved.execute("UPDATE posts SET n = 3 WHERE id = 1")
    assert moved.execute("SELECT ctid::text FROM posts").fetchall() == [("(0,1)",)]
    assert audit.activity(limit=1).items[0].transaction_id == wanted
    assert [entry.state["n"] for entry in audit.history("posts", 1) if entry.state] == [0, 1, 2, 3]
    assert contradictions(moved) == []


def test_in_the_same_cluster_nothing_begins(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, n int)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 1); ALTER TABLE posts ADD m int")
    audit.sync("posts")
    conn.execute("UPDATE posts SET m = 1")
    assert epochs(conn) == [1, 1, 1]
