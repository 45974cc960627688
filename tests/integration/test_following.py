"""Following the log: nothing is lost and nothing comes twice, in whatever order transactions begin and end."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, following, set_actor
from pgaudit_py.errors import IdleConnectionRequired, OptionError
from tests.conftest import Conn, Connect

SOON = 0.01


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    return conn


def write(conn: Conn, *ids: int) -> None:
    with conn.transaction():
        for one in ids:
            conn.execute("INSERT INTO posts VALUES (%s, 'Tea')", [one])


def subjects(found: Iterator[Any], how_many: int) -> list[str | None]:
    return [one.subject_id for one in islice(found, how_many)]


def test_what_comes_from_now_on(posts: Conn, db: str, connect: Connect) -> None:
    write(posts, 1)
    follower = Audit(connect(db, autocommit=True)).follow(interval=SOON, last=0)
    thread = threading.Timer(0.05, write, [posts, 2, 3])
    thread.start()
    assert subjects(follower, 2) == ["2", "3"]
    thread.join()


def test_some_of_before_come_first(posts: Conn, audit: Audit) -> None:
    write(posts, 1, 2, 3)
    follower = audit.follow(interval=SOON, last=2)
    assert subjects(follower, 2) == ["2", "3"]
    write(posts, 4)
    assert subjects(follower, 1) == ["4"]


def test_what_commits_late_is_not_lost(posts: Conn, db: str, connect: Connect) -> None:
    """`id > the last one` would miss it."""
    early, late = connect(db), connect(db)
    early.execute("INSERT INTO posts VALUES (1)")
    late.execute("INSERT INTO posts VALUES (2)")
    late.commit()
    follower = Audit(posts).follow(after=(0, 0), interval=SOON)
    thread = threading.Timer(0.05, early.commit)
    thread.start()
    assert subjects(follower, 2) == ["1", "2"]
    thread.join()


def test_those_that_still_run_are_not_among_the_last(posts: Conn, db: str, connect: Connect) -> None:
    early, late = connect(db), connect(db)
    early.execute("INSERT INTO posts VALUES (1)")
    late.execute("INSERT INTO posts VALUES (2)")
    late.commit()
    write(posts, 3)
    follower = Audit(posts).follow(last=10, interval=SOON)
    thread = threading.Timer(0.05, early.commit)
    thread.start()
    assert subjects(follower, 3) == ["1", "2", "3"]
    thread.join()


def test_going_on_after_an_activity(posts: Conn, audit: Audit) -> None:
    write(posts, 1, 2, 3)
    write(posts, 4)
    first, second, *_ = islice(audit.follow(after=(0, 0)), 4)
    assert subjects(audit.follow(after=(first.transaction_id, first.id)), 3) == ["2", "3", "4"]
    assert subjects(audit.follow(after=(second.transaction_id, second.id)), 2) == ["3", "4"]


def test_conditions(posts: Conn, audit: Audit) -> None:
    write(posts, 1)
    with posts.transaction():
        set_actor(posts, 42, type="user", request_id="r", metadata={"n": 1})
        posts.execute("UPDATE posts SET title = 'Mate'")
    write(posts, 2)
    wanted: list[dict[str, Any]] = [
        {"subject": ("posts", 1), "action": "updated"}, {"causer": 42}, {"causer_type": "user"}, {"action": "updated"},
        {"field": "title"}, {"request_id": "r"}, {"metadata": {"n": 1}},
    ]  # fmt: skip
    for conditions in wanted:
        assert [one.action for one in islice(audit.follow(after=(0, 0), **conditions), 1)] == ["updated"]
    assert subjects(audit.follow(after=(0, 0), subject="posts", action="created"), 2) == ["1", "2"]


def test_more_than_a_page(posts: Conn, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one transaction, so that a page ends within it."""
    posts.execute("INSERT INTO posts SELECT i FROM generate_series(1, 2500) AS i")
    assert subjects(audit.follow(after=(0, 0)), 2500) == [str(number) for number in range(1, 2501)]
    assert [one.subject_id for one in audit.iter_activity()] == [str(number) for number in range(2500, 0, -1)]
    assert len(list(audit.iter_activity(before=11, action="created"))) == 10


def test_it_does_not_read_again_what_does_not_fit(posts: Conn, audit: Audit) -> None:
    """Where nothing fits, the position goes on all the same: each look is as short as the first."""
    write(posts, 1)
    _, before = audit._look(following.begin({"action": "deleted"}, 0))
    write(posts, 2)
    found, after = audit._look(following.go_on({"action": "deleted"}, before))
    assert found == []
    assert after.transaction_id > before.transaction_id


def test_a_log_that_came_from_another_cluster(posts: Conn, audit: Audit) -> None:
    """Its transaction ids are beyond those of this one; the newer epoch comes after it."""
    write(posts, 1, 2)
    posts.execute("ALTER TABLE pgaudit_py.activity_log DISABLE TRIGGER ALL")
    posts.execute("UPDATE pgaudit_py.activity_log SET transaction_id = 2000000000 + id")
    posts.execute("ALTER TABLE pgaudit_py.activity_log ENABLE TRIGGER ALL")
    posts.execute("ALTER TABLE pgaudit_py.activity_log ALTER epoch SET DEFAULT 2")
    for (partition,) in posts.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'pgaudit_py.activity_log'::regclass"
    ):
        posts.execute(f"ALTER TABLE {partition} ALTER epoch SET DEFAULT 2")
    write(posts, 3)
    everything = list(islice(audit.follow(after=(0, 0)), 3))
    assert [one.subject_id for one in everything] == ["1", "2", "3"]
    second = everything[1]
    follower = audit.follow(after=(second.transaction_id, second.id), interval=SOON)
    assert subjects(follower, 1) == ["3"]
    write(posts, 4)
    assert subjects(follower, 1) == ["4"]


def test_it_needs_the_connection(posts: Conn, db: str, connect: Connect) -> None:
    conn = connect(db)
    conn.execute("SELECT")
    with pytest.raises(IdleConnectionRequired, match="follow"):
        Audit(conn).follow()
    conn.rollback()
    write(posts, 1)
    follower = Audit(conn).follow(after=(0, 0), interval=SOON)
    assert next(follower).subject_id == "1"
    assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    conn.execute("SELECT")
    with pytest.raises(IdleConnectionRequired, match="follow"):
        next(follower)


@pytest.mark.parametrize("after", [1, (1,), (1, 2, 3), (None, 1), ("1", 2), (-1, 2), (1, 2**63)])
def test_what_is_no_place_to_go_on_from(audit: Audit, after: Any) -> None:
    with pytest.raises(OptionError):
        audit.follow(after=after)


def test_a_record_written_as_text_is_refused(posts: Conn, audit: Audit) -> None:
    for last in (0, 10):
        with pytest.raises(OptionError, match="no records are called 'posts:1'"):
            next(audit.follow(subject="posts:1", last=last))


def test_an_empty_log(posts: Conn, db: str, connect: Connect) -> None:
    follower = Audit(connect(db, autocommit=True)).follow(after=(0, 0), interval=SOON)
    thread = threading.Timer(0.05, write, [posts, 1])
    thread.start()
    assert subjects(follower, 1) == ["1"]
    thread.join()


def test_with_await(posts: Conn, db: str) -> None:
    write(posts, 1, 2)

    async def work() -> list[str | None]:
        async with await psycopg.AsyncConnection.connect(db, autocommit=True) as conn:
            audit = AsyncAudit(conn)
            assert [one.subject_id async for one in audit.iter_activity()] == ["2", "1"]
            found = []
            async for one in audit.follow(after=(0, 0), interval=SOON):
                found.append(one.subject_id)
                if len(found) == 2:
                    await asyncio.to_thread(write, posts, 3)
                if len(found) == 3:
                    break
            return found

    assert asyncio.run(work()) == ["1", "2", "3"]


class Writers:
    """Write in transactions that overlap, are rolled back, have savepoints and take their time."""

    def __init__(self, dsn: str, how_many: int, seconds: float) -> None:
        self.dsn, self.end = dsn, time.monotonic() + seconds
        self.threads = [threading.Thread(target=self.work, args=[number]) for number in range(how_many)]

    def work(self, number: int) -> None:
        dice, at = random.Random(number), 0
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            while time.monotonic() < self.end:
                with conn.transaction(force_rollback=dice.random() < 0.2):
                    for _ in range(dice.choice([1, 1, 2, 5, 40])):
                        at += 1
                        with conn.transaction(force_rollback=dice.random() < 0.2):
                            conn.execute("INSERT INTO posts VALUES (%s)", [number * 1_000_000 + at])
                    time.sleep(dice.choice([0, 0, 0, 0.005, 0.3 if number == 0 else 0.02]))


@pytest.mark.parametrize("condition", [{}, {"action": "created", "subject": "posts"}])
def test_under_load(posts: Conn, db: str, connect: Connect, condition: Any) -> None:
    """Six writers and a follower, which gets exactly what there is in the end, in order."""
    writers = Writers(db, how_many=6, seconds=4)
    found: list[Any] = []
    follower = Audit(connect(db, autocommit=True)).follow(interval=SOON, **condition)
    for thread in writers.threads:
        thread.start()

    def end() -> None:
        for thread in writers.threads:
            thread.join()
        write(posts, 999_999_999)  # the last one: the follower stops by it

    ending = threading.Thread(target=end)
    ending.start()
    for one in follower:
        found.append(one)
        if one.subject_id == "999999999":
            break
    ending.join()
    expected = posts.execute("SELECT id FROM pgaudit_py.activity_log ORDER BY transaction_id, id").fetchall()
    assert [one.id for one in found] == [one for (one,) in expected]
    assert len(found) > 100
    assert len({one.transaction_id for one in found}) > 50
    by_id = [one.id for one in found]
    assert by_id != sorted(by_id)  # transactions did overlap
