"""How long reads take as the log grows: the medians of a row should be equal. `python -m bench.reading 10000 100000`."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import psycopg

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import FAST, EmbeddedServer

Conn: TypeAlias = psycopg.Connection[Any]
Read: TypeAlias = Callable[[], object]

LIVES = {1: 50, 2: 1_000, 3: 10_000}
"""Activities of the records that are read; those of the others fill the log."""

SCHEMA = """
CREATE TABLE posts (id int PRIMARY KEY, title text, views int NOT NULL DEFAULT 0, doc jsonb);
CREATE TABLE others (id int PRIMARY KEY, n int);
CREATE PROCEDURE view_often(post int, times int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. times LOOP
        UPDATE posts SET views = views + 1, title = 'title ' || i % 7 WHERE id = post;
        COMMIT;
    END LOOP;
END $$;
"""


def fill(conn: Conn, size: int, first: str = "") -> None:
    """Make a log of about `size` activities by real writes, with the records of LIVES spread over it.

    first: SQL to run before, such as an index to try.
    """
    audit = Audit(conn)
    audit.migrate()
    conn.execute(SCHEMA)
    audit.install("posts")
    audit.install("others", truncate_rows=0)
    conn.execute(first)
    rest = max(size - sum(LIVES.values()), 1_000)
    rows, rounds = rest // 10, 10
    with conn.transaction():
        set_actor(conn, 1, request_id="first", metadata={"route": "/new"})
        conn.execute(
            "INSERT INTO posts SELECT i, 'post ' || i, 0, '{\"a\": [1, 2]}' FROM generate_series(1, 100) AS i"
        )
    for number in range(rounds):
        with conn.transaction():
            set_actor(conn, number, request_id=f"request {number}", metadata={"round": number})
            conn.execute(
                "INSERT INTO posts SELECT i, 'post ' || i, 0, '{}' FROM generate_series(%s::int, %s::int) AS i",
                [101 + number * rows // rounds, 100 + (number + 1) * rows // rounds],
            )
            conn.execute("INSERT INTO others SELECT %s, 1", [number])
        for key, activities in LIVES.items():
            conn.execute("CALL view_often(%s, %s)", [key, activities // rounds])
        for _ in range(9):
            with conn.transaction():
                set_actor(conn, 1_000 + number, type="user")
                conn.execute(
                    "UPDATE posts SET views = views + 1 WHERE id BETWEEN %s AND %s",
                    [101 + number * rows // rounds, 100 + (number + 1) * rows // rounds],
                )
    audit.log("published", ("posts", 1), metadata={"channel": "rss"})
    conn.execute("ANALYZE")


def reads(conn: Conn) -> Iterator[tuple[str, Read]]:
    """The reads that are timed, by name."""
    audit = Audit(conn)
    for key, activities in LIVES.items():
        versions = audit.versions("posts", key)
        middle = versions[len(versions) // 2]
        name = f"of {activities:,}"
        yield f"history {name}", partial(audit.history, "posts", key)
        yield f"versions {name}", partial(audit.versions, "posts", key)
        yield f"version {name}", partial(audit.version, middle.id)
        yield f"record_at {name}", partial(audit.record_at, "posts", key, at=middle.created_at)
        yield f"plan_restore {name}", partial(audit.plan_restore, version=middle.id)
    yield from pages(conn, audit)


def pages(conn: Conn, audit: Audit) -> Iterator[tuple[str, Read]]:
    """One page of the log by each filter; deep ones lie near the beginning of the log."""
    ids: list[int] = []
    times: list[datetime] = []
    for share in (0.05, 0.5):
        found = conn.execute(
            """SELECT id, created_at FROM pgaudit_py.activity_log
               WHERE id >= (SELECT max(id) * %s FROM pgaudit_py.activity_log) ORDER BY id LIMIT 1""", [share]
        ).fetchone()  # fmt: skip
        assert found is not None
        ids.append(found[0])
        times.append(found[1])
    row = conn.execute("SELECT transaction_id FROM pgaudit_py.activity_log WHERE id = %s", ids[:1]).fetchone()
    assert row is not None
    filters: dict[str, dict[str, Any]] = {
        "none": {},
        "subject": {"subject": ("posts", 1)},
        "type": {"subject": "posts"},
        "rare type": {"subject": "others"},
        "causer": {"causer": 1003},
        "causer, old": {"causer": 0},
        "nobody such": {"causer": 99_999},
        "causer_type": {"causer_type": "user"},
        "action": {"action": "updated"},
        "rare action": {"action": "published"},
        "field": {"field": "doc"},
        "field of a record": {"subject": ("posts", 1), "field": "title"},
        "transaction": {"transaction_id": row[0]},
        "request": {"request_id": "request 3"},
        "first request": {"request_id": "first"},
        "metadata": {"metadata": {"route": "/new"}},
        "since": {"since": times[1]},
        "until": {"until": times[0]},
        "since and until": {"since": times[0], "until": times[0]},
        "causer until": {"causer": 1019, "until": times[1]},
    }
    for name, chosen in filters.items():
        yield f"activity by {name}", partial(audit.activity, **chosen)
        if not name.startswith(("since", "until", "nobody")):
            yield f"activity by {name}, deep", partial(audit.activity, **chosen, before=ids[0])


def median_ms(read: Read, seconds: float) -> float:
    """Time a read until the seconds are over, at least seven times: psycopg prepares it on the way."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    while len(took) < 7 or (time.perf_counter() < end and len(took) < 50):
        began = time.perf_counter()
        read()
        took.append(time.perf_counter() - began)
        if took[-1] > 2 * seconds:
            break
    return statistics.median(took) * 1000


def measure(size: int, seconds: float, first: str) -> dict[str, float]:
    """Fill a log on a server of its own, and time all reads: medians in milliseconds."""
    memory = Path("/dev/shm")
    with (
        EmbeddedServer(settings=FAST, base=memory if memory.is_dir() else None) as server,
        psycopg.connect(server.dsn(), autocommit=True) as conn,
    ):
        fill(conn, size, first)
        timed = {name: median_ms(read, seconds) for name, read in reads(conn)}
        for table in ("posts", "others"):
            timed[f"verify_table {table}"] = median_ms(partial(Audit(conn).verify_table, table), 0.1)
        return timed


def main() -> None:
    """Print a table of medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=0.3, help="for each read")
    parser.add_argument("--first", default="", help="SQL to run before the log is filled: an index to try")
    arguments = parser.parse_args()
    columns = {size: measure(size, arguments.seconds, arguments.first) for size in arguments.sizes}
    print(f"{'median ms, log rows:':32}" + "".join(f"{size:>12,}" for size in columns))
    for name in next(iter(columns.values())):
        print(f"{name:32}" + "".join(f"{column[name]:12.2f}" for column in columns.values()))


if __name__ == "__main__":
    main()
