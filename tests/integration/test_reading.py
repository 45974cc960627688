"""Searching the log, histories, versions, states at a time; the same through AsyncAudit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, set_actor
from pgaudit_py.errors import (
    NotMigrated,
    OptionError,
    RecordNotFound,
    TableNotFound,
    TableNotTracked,
    VersionNotFound,
)
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


@pytest.fixture
def items(conn: Conn, audit: Audit) -> Conn:
    """Three people work on two tables."""
    conn.execute(
        """CREATE TABLE items (id int PRIMARY KEY, title text, price numeric, doc jsonb);
           CREATE TABLE links (a int, b text, n int, PRIMARY KEY (a, b))"""
    )
    audit.install("items")
    audit.install("links")
    with conn.transaction():
        set_actor(conn, 42, type="user", ip="203.0.113.7", user_agent="Firefox", request_id="r1")
        conn.execute("INSERT INTO items VALUES (1, 'Tea', 1.50, '{\"n\": 1.0}'), (2, 'Mate', 2, NULL)")
    with conn.transaction():
        set_actor(conn, 43, metadata={"route": "/items", "tags": ["a", "b"]})
        conn.execute("UPDATE items SET price = price + 1")
        conn.execute("UPDATE items SET title = 'Green tea' WHERE id = 1")
    conn.execute("INSERT INTO links VALUES (7, 'de', 1)")
    conn.execute("DELETE FROM items WHERE id = 2")
    return conn


def ids(audit: Audit, **filters: object) -> list[int]:
    return [one.id for one in audit.activity(**filters)]  # type: ignore[arg-type]


def test_every_filter(items: Conn, audit: Audit) -> None:
    assert ids(audit) == [7, 6, 5, 4, 3, 2, 1]
    assert ids(audit, subject="items") == [7, 5, 4, 3, 2, 1]
    assert ids(audit, subject=("items", 1)) == [5, 3, 1]
    assert ids(audit, subject=("items", "01")) == [5, 3, 1]
    assert ids(audit, subject=("links", (7, "de"))) == [6]
    assert ids(audit, causer=42) == [2, 1]
    assert ids(audit, causer_type="user") == [2, 1]
    assert ids(audit, action="deleted") == [7]
    assert ids(audit, field="price") == [4, 3]
    assert ids(audit, request_id="r1") == [2, 1]
    assert ids(audit, metadata={"tags": ["b"]}) == [5, 4, 3]
    first = audit.activity().items[-1]
    assert ids(audit, transaction_id=first.transaction_id) == [2, 1]
    assert ids(audit, until=first.created_at) == [1]
    assert ids(audit, since=first.created_at, action="created") == [6, 2, 1]
    assert ids(audit, since=datetime.now(UTC) + timedelta(days=1)) == []
    assert ids(audit, subject="items", causer=43, field="title") == [5]


def test_pages(items: Conn, audit: Audit) -> None:
    page = audit.activity(limit=3)
    assert [one.id for one in page] == [7, 6, 5]
    page = audit.activity(limit=3, before=page.next)
    assert [one.id for one in page] == [4, 3, 2]
    page = audit.activity(limit=3, before=page.next)
    assert ([one.id for one in page], page.next, len(page)) == ([1], None, 1)
    assert audit.activity(limit=7).next is None


def test_what_an_activity_says(items: Conn, audit: Audit) -> None:
    created = audit.activity().items[-1]
    assert (created.causer, created.subject, str(created.ip), created.user_agent) == (
        "user 42", "items:1", "203.0.113.7", "Firefox",
    )  # fmt: skip
    assert created.snapshot == {
        "id": 1,
        "title": "Tea",
        "price": Decimal("1.50"),
        "doc": {"n": Decimal("1.0")},
    }
    link = audit.activity(subject="links").items[0]
    assert (link.subject, link.causer) == ('links:["7", "de"]', None)
    assert audit.activity(action="published").items == ()


def test_a_history_has_every_state(items: Conn, audit: Audit) -> None:
    entries = audit.history("items", 1)
    assert [(entry.id, entry.action, entry.causer) for entry in entries] == [
        (1, "created", "user 42"), (3, "updated", "43"), (5, "updated", "43"),
    ]  # fmt: skip
    assert [entry.state["title"] for entry in entries if entry.state] == ["Tea", "Tea", "Green tea"]
    for entry in entries:
        assert entry.state == audit.version(entry.id)
    assert audit.history("items", 99) == []


def test_a_history_follows_its_record_through_keys(items: Conn, audit: Audit) -> None:
    items.execute("CREATE TABLE n (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, secret int)")
    audit.install("n")
    items.execute("INSERT INTO n SELECT i, i * 11 FROM generate_series(1, 4) AS i")
    items.execute("UPDATE n SET id = 5 - id")
    items.execute("UPDATE n SET id = id + 1")
    for key, secret in items.execute("SELECT * FROM n").fetchall():
        states = [entry.state for entry in audit.history("n", key)]
        assert [state["secret"] for state in states if state] == [secret] * 3
        assert [state["id"] for state in states if state] == [secret // 11, 5 - secret // 11, key]
        assert [version.subject_id for version in audit.versions("n", key)] == [
            str(secret // 11), str(5 - secret // 11), str(key),
        ]  # fmt: skip


def test_a_record_at_a_time(items: Conn, audit: Audit) -> None:
    by_id = {one.id: one for one in audit.activity()}
    assert audit.record_at("items", 1, at=by_id[2].created_at) == by_id[1].snapshot
    # The second transaction has not happened before all of it has.
    assert audit.record_at("items", 1, at=by_id[3].created_at) == by_id[1].snapshot
    state = audit.record_at("items", 1, at=by_id[5].created_at)
    assert state is not None
    assert (state["title"], state["price"]) == ("Green tea", Decimal("2.50"))
    assert audit.record_at("items", 2, at=by_id[7].created_at) is None
    with pytest.raises(RecordNotFound, match="99"):
        audit.record_at("items", 99, at=datetime.now(UTC))
    with pytest.raises(VersionNotFound, match="begins at"):
        audit.record_at("items", 1, at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(TableNotTracked):
        audit.record_at("nonsense", 1, at=datetime.now(UTC))


def test_a_diff_of_two_versions(items: Conn, audit: Audit) -> None:
    assert {name: (c.old, c.new) for name, c in audit.diff(1, 5).items()} == {
        "title": ("Tea", "Green tea"), "price": (Decimal("1.50"), Decimal("2.50")),
    }  # fmt: skip
    assert audit.diff(1, 1) == {}
    with pytest.raises(VersionNotFound):
        audit.diff(1, 99)


def test_keys_that_do_not_fit(items: Conn, audit: Audit) -> None:
    for key, message in (("x", "no value of id"), ((1, 2), "has 1 columns"), (2**40, "no value of id")):
        with pytest.raises(OptionError, match=message):
            audit.history("items", key)
    with pytest.raises(OptionError, match="has 2 columns"):
        audit.versions("links", 7)


def test_the_applications_own_events(items: Conn, audit: Audit) -> None:
    with items.transaction():
        set_actor(items, 42, ip="203.0.113.7")
        logged = audit.log("published", ("items", 1), metadata={"channel": "rss", "_ip": "forged"})
    (event,) = audit.activity(action="published")
    assert (event.id, event.operation, event.subject, event.causer) == (logged, None, "items:1", "42")
    assert event.metadata == {"channel": "rss", "ip": "forged"}
    audit.log("login")
    audit.log("imported", "items")
    for wrong in ("", "x" * 513):
        with pytest.raises(OptionError, match="action"):
            audit.log(wrong)
    assert [entry.action for entry in audit.history("items", 1)] == ["created", "updated", "updated"]


def test_verify_names_what_was_changed_behind_its_back(items: Conn, audit: Audit) -> None:
    assert audit.verify_table("items") == audit.verify_table("public.items") == []
    with items.transaction(force_rollback=True):
        items.execute('ALTER TABLE items DISABLE TRIGGER "00_pgaudit_py"')
        items.execute("UPDATE items SET title = 'forged' WHERE id = 1")
        (problem,) = audit.verify_table("items")
        assert (problem.problem, problem.field, problem.expected, problem.found_value) == (
            "the table holds another value", "title", "Green tea", "forged",
        )  # fmt: skip
        items.execute("DELETE FROM items")
        assert [problem.problem for problem in audit.verify_table("items")] == ["the row is missing"]
        items.execute("INSERT INTO items VALUES (2, 'back')")
        assert "the log says that the row is gone" in [
            problem.problem for problem in audit.verify_table("items")
        ]
    with items.transaction(force_rollback=True):
        items.execute('ALTER TABLE items DISABLE TRIGGER "00_pgaudit_py"')
        items.execute("UPDATE items SET title = 'unseen' WHERE id = 1")
        items.execute('ALTER TABLE items ENABLE ALWAYS TRIGGER "00_pgaudit_py"')
        items.execute("UPDATE items SET title = 'seen' WHERE id = 1")
        (problem,) = audit.verify_table("items")
        assert (problem.problem, problem.expected, problem.found_value) == (
            "the value before is not the one the log had", "Green tea", "unseen",
        )  # fmt: skip


def test_verify_counts_rows_without_a_key(items: Conn, audit: Audit) -> None:
    items.execute("CREATE TABLE keyless (n int); INSERT INTO keyless VALUES (1)")
    audit.install("keyless")
    items.execute("INSERT INTO keyless VALUES (1), (1), (2); UPDATE keyless SET n = 3 WHERE n = 2")
    items.execute("ALTER TABLE keyless ADD m int DEFAULT 5")
    items.execute("INSERT INTO keyless VALUES (4, 4)")
    assert audit.verify_table("keyless") == []
    with items.transaction(force_rollback=True):
        items.execute('ALTER TABLE keyless DISABLE TRIGGER "00_pgaudit_py"')
        items.execute("DELETE FROM keyless WHERE n = 3")
        (problem,) = audit.verify_table("keyless")
        assert (problem.problem, problem.found_value) == (
            "the table holds fewer such rows than the log says",
            0,
        )


def test_the_log_is_append_only(items: Conn) -> None:
    partition = items.execute("SELECT tableoid::regclass::text FROM pgaudit_py.activity_log").fetchone()
    assert partition is not None
    for table in ("pgaudit_py.activity_log", *partition):
        for statement in (f"UPDATE {table} SET action = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(psycopg.errors.DatabaseError, match="append-only"):
                items.execute(statement)


def test_without_the_schema(bare_db: str, connect: Connect) -> None:
    with pytest.raises(NotMigrated, match="nothing is audited in this database yet"):
        Audit(connect(bare_db)).activity()


@pytest.mark.parametrize("name", ["tracked", "drop_schema"])
def test_without_the_schema_nothing_is_listed_or_dropped(bare_db: str, connect: Connect, name: str) -> None:
    with pytest.raises(NotMigrated, match="nothing is audited in this database yet"):
        getattr(Audit(connect(bare_db)), name)()


def test_a_record_as_one_text_is_refused(items: Conn, audit: Audit) -> None:
    with pytest.raises(OptionError, match=r"no records are called 'items:1'\. Give a record as type and key"):
        audit.activity(subject="items:1")
    items.execute('CREATE TABLE "items:2" (id int PRIMARY KEY)')
    audit.install('"items:2"')
    assert ids(audit, subject="items:2") == []


def test_an_argument_of_another_type(items: Conn, audit: Audit) -> None:
    with items.transaction():
        set_actor(items, 42, request_id=str(UUID(int=7)))
        logged = audit.log(4)  # type: ignore[arg-type]
    assert ids(audit, request_id=UUID(int=7)) == ids(audit, action=4) == [logged]
    for ask in (
        audit.install,
        audit.uninstall,
        audit.subject_type,
        audit.verify_table,
    ):
        with pytest.raises((TableNotFound, TableNotTracked), match="4"):
            ask(4)  # type: ignore[arg-type]


def test_who_did_it_as_set_actor_takes_it(items: Conn, audit: Audit) -> None:
    who = SimpleNamespace(id=7)
    with items.transaction():
        set_actor(items, who)
        logged = audit.log("seen")
    assert ids(audit, causer=who) == [logged]


def test_the_same_asynchronously(items: Conn, audit: Audit, db: str) -> None:
    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            twin = AsyncAudit(conn)
            assert not await twin.migrate()
            assert (await twin.install("items")).outcome == "unchanged"
            assert await twin.activity(limit=2) == audit.activity(limit=2)
            assert await twin.history("items", 1) == audit.history("items", 1)
            assert await twin.versions("items", 1) == audit.versions("items", 1)
            assert await twin.version(4) == audit.version(4)
            assert await twin.diff(1, 4) == audit.diff(1, 4)
            await twin.log("seen", ("items", 1))
            await conn.commit()
            at = datetime.now(UTC)
            assert await twin.record_at("items", 1, at=at) == audit.record_at("items", 1, at=at)
            assert await twin.verify_table("items") == []
            plan = await twin.plan_restore(version=1)
            assert plan == audit.plan_restore(version=1)
            assert (await twin.restore(plan)).operation == "update"
            assert (await twin.restore(version=1)).operation == "none"
            await conn.commit()
            assert await twin.uninstall("links") == "links"
            await twin.migrate(in_transaction=True)
            await conn.commit()
            assert await twin.drop_schema() == ["items"]

    asyncio.run(work())


@pytest.mark.parametrize("text", ["a\ud800", "\udcff"])
def test_what_no_text_can_hold_is_refused_clearly(items: Conn, audit: Audit, text: str) -> None:
    """As a terminal gives it where somebody types bytes that are no UTF-8."""
    for ask in (lambda: audit.history("items", text), lambda: audit.install(text), lambda: audit.log(text)):
        with pytest.raises(OptionError):
            ask()


@pytest.mark.parametrize("value", [float("nan"), "\0", "\ud800"])
def test_metadata_of_events_are_made_storable(items: Conn, audit: Audit, value: object) -> None:
    with items.transaction():
        audit.log("published", metadata={"value": value})


def test_a_number_that_is_too_large_is_no_old_schema(items: Conn, audit: Audit) -> None:
    with pytest.raises(OptionError):
        audit.activity(before=2**70)


def test_times_need_a_zone_everywhere(items: Conn, audit: Audit) -> None:
    with pytest.raises(OptionError, match="time zone"):
        audit.activity(since=datetime(2026, 1, 1))


def test_the_metadata_of_an_event_lose_nothing(conn: Conn, audit: Audit) -> None:
    audit.log("x", metadata={"_a": 1, "a": 2})
    assert audit.activity().items[0].metadata == {"a": 2, "a_": 1}


def test_a_subject_that_no_index_of_the_log_could_hold(conn: Conn, audit: Audit) -> None:
    for subject in (("t", "🙂" * 600), ("t" * 600, "1")):
        with pytest.raises(OptionError, match="too long"):
            audit.log("x", subject=subject)
