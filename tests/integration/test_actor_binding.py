"""The actor on real connections: bound for one transaction, lost with it, and never anyone else's."""

from __future__ import annotations

import asyncio
import functools
import json
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import Trace
from psycopg.rows import dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from pgaudit_py.context import actor
from pgaudit_py.errors import TransactionRequired
from pgaudit_py.integrations import psycopg as integration
from pgaudit_py.integrations.psycopg import AsyncAuditConnection, AuditConnection
from pgaudit_py.models import Actor
from pgaudit_py.resources import sql_text
from pgaudit_py.session import bind_statement, clear_actor, set_actor

WHO = "SELECT nullif(current_setting('pgaudit_py.causer_id', true), '')"
FRESH = "SELECT current_setting('pgaudit_py.stamp', true) = extract(epoch FROM now())::text"
SETTINGS = ("causer_type", "causer_id", "ip", "user_agent", "request_id", "metadata", "action", "stamp")

P = ParamSpec("P")
Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]
Connect = Callable[..., Connection]


def one(conn: Connection, query: str) -> Any:
    """Return the first column of the first row."""
    row = psycopg.Cursor(conn, row_factory=tuple_row).execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def who(conn: Connection) -> Any:
    return one(conn, WHO)


async def async_one(conn: AsyncConnection, query: str) -> Any:
    cursor = await psycopg.AsyncCursor(conn).execute(query.encode())
    row = await cursor.fetchone()
    assert row is not None
    return row[0]


async def async_who(conn: AsyncConnection) -> Any:
    return await async_one(conn, WHO)


def settings(conn: Connection) -> dict[str, Any]:
    return {name: one(conn, f"SELECT current_setting('pgaudit_py.{name}', true)") for name in SETTINGS}


def in_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Let pytest call an async test."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@pytest.fixture
def conn(bare_db: str, connect: Connect) -> Connection:
    return connect(bare_db)


@pytest.fixture
def autocommit(bare_db: str, connect: Connect) -> Connection:
    return connect(bare_db, autocommit=True)


@pytest.fixture
def audit(bare_db: str) -> Iterator[AuditConnection]:
    with AuditConnection.connect(bare_db) as conn:
        yield conn


# --- set_actor -----------------------------------------------------------------------------------


def test_the_actor_holds_within_the_transaction(conn: Connection) -> None:
    set_actor(
        conn,
        42,
        type="user",
        ip="203.0.113.7",
        user_agent="curl",
        request_id="r1",
        metadata={"café": ['"\\', None]},
    )
    bound = settings(conn)
    assert bound.pop("stamp")
    assert json.loads(bound.pop("metadata")) == {"café": ['"\\', None]}
    assert bound == {
        "causer_type": "user",
        "causer_id": "42",
        "ip": "203.0.113.7",
        "user_agent": "curl",
        "request_id": "r1",
        "action": "",
    }
    assert one(conn, FRESH)


@pytest.mark.parametrize("end", [psycopg.Connection.commit, psycopg.Connection.rollback])
def test_the_actor_is_gone_after_the_transaction(conn: Connection, end: Callable[[Connection], None]) -> None:
    set_actor(conn, "alice", ip="203.0.113.7")
    end(conn)
    assert not any(settings(conn).values())


def test_an_actor_replaces_an_earlier_one_as_a_whole(conn: Connection) -> None:
    conn.execute("SET LOCAL pgaudit_py.action = 'published'")
    set_actor(conn, "alice", type="user", ip="203.0.113.7", metadata={"a": 1})
    set_actor(conn, "bob")
    bound = settings(conn)
    assert bound.pop("causer_id") == "bob"
    assert bound.pop("stamp")
    assert not any(bound.values())


@pytest.mark.parametrize("clear", [clear_actor, lambda conn: set_actor(conn, None)])
def test_clearing_leaves_nothing(conn: Connection, clear: Callable[[Connection], None]) -> None:
    set_actor(conn, "alice", ip="203.0.113.7")
    clear(conn)
    assert not any(settings(conn).values())


def test_a_rollback_to_a_savepoint_takes_the_actor_back(conn: Connection) -> None:
    set_actor(conn, "alice")
    with conn.transaction() as savepoint:
        set_actor(conn, "bob")
        assert who(conn) == "bob"
        raise psycopg.Rollback(savepoint)
    assert who(conn) == "alice"
    with conn.transaction():
        set_actor(conn, "carol")
    assert who(conn) == "carol"


def test_autocommit_outside_a_transaction_is_refused(autocommit: Connection) -> None:
    with pytest.raises(TransactionRequired, match=r"with conn\.transaction\(\):"):
        set_actor(autocommit, "alice")
    with pytest.raises(TransactionRequired, match=r"with conn\.transaction\(\):"):
        clear_actor(autocommit)
    assert who(autocommit) is None


def test_autocommit_inside_a_transaction_works(autocommit: Connection) -> None:
    with autocommit.transaction():
        set_actor(autocommit, "alice")
        assert who(autocommit) == "alice"
    assert who(autocommit) is None


def test_a_failed_transaction_is_refused(conn: Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        conn.execute("SELECT 1/0")
    with pytest.raises(TransactionRequired, match="Roll it back first"):
        set_actor(conn, "alice")
    conn.rollback()
    set_actor(conn, "alice")
    assert who(conn) == "alice"


def test_a_closed_connection_gives_psycopgs_own_error(conn: Connection) -> None:
    conn.close()
    with pytest.raises(psycopg.OperationalError, match="closed"):
        set_actor(conn, "alice")


def test_a_read_only_transaction_takes_an_actor(conn: Connection) -> None:
    conn.read_only = True
    set_actor(conn, "alice")
    assert who(conn) == "alice"


@pytest.mark.parametrize("factory", [psycopg.RawCursor, psycopg.ClientCursor])
def test_the_connections_own_factories_do_not_matter(conn: Connection, factory: Any) -> None:
    def failing(_cursor: object) -> Any:
        raise AssertionError("rows of the application's are none of our business")

    conn.cursor_factory = factory
    conn.row_factory = failing
    set_actor(conn, "alice")
    assert who(conn) == "alice"


def test_prepared_statements_may_be_off_as_behind_poolers(conn: Connection) -> None:
    conn.prepare_threshold = None
    for name in ("alice", "bob") * 5:
        set_actor(conn, name)
        assert who(conn) == name
    assert one(conn, "SELECT count(*) FROM pg_prepared_statements") == 0


def test_our_schema_and_the_search_path_are_not_needed(conn: Connection) -> None:
    conn.execute("CREATE SCHEMA evil")
    conn.execute(
        "CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text "
        "LANGUAGE sql AS 'SELECT (1/0)::text'"
    )
    conn.execute("SET LOCAL search_path = evil, pg_catalog")
    set_actor(conn, "alice")
    assert who(conn) == "alice"


def test_the_statement_repeats_what_it_bound(conn: Connection) -> None:
    statement = bind_statement(Actor.of("alice", ip="::1"))
    row = psycopg.Cursor(conn, row_factory=dict_row).execute(statement.sql, statement.params).fetchone()
    assert row is not None
    assert {name: row[name] for name in ("causer_id", "ip", "action")} == {
        "causer_id": "alice",
        "ip": "::1",
        "action": "",
    }
    assert set(row) == set(SETTINGS)


def test_pipelines(conn: Connection) -> None:
    with conn.pipeline():
        set_actor(conn, "alice")
        assert who(conn) == "alice"
    conn.commit()
    assert who(conn) is None


def test_pipelines_in_autocommit(autocommit: Connection) -> None:
    with autocommit.pipeline():
        with autocommit.transaction():
            autocommit.execute("SELECT 1")
            set_actor(autocommit, "alice")
            assert who(autocommit) == "alice"
        autocommit.execute("SELECT 1")
        with pytest.raises(TransactionRequired):
            set_actor(autocommit, "bob")
    assert who(autocommit) is None


@in_a_loop
async def test_async_statements(bare_db: str) -> None:
    async with await psycopg.AsyncConnection.connect(bare_db) as conn:
        await set_actor(conn, "alice", ip="203.0.113.7")
        assert await async_who(conn) == "alice"
        assert await async_one(conn, FRESH)
        await clear_actor(conn)
        assert await async_who(conn) is None
        await set_actor(conn, "bob")
        await conn.commit()
        assert await async_who(conn) is None
        with pytest.raises(psycopg.errors.DivisionByZero):
            await conn.execute("SELECT 1/0")
        with pytest.raises(TransactionRequired, match="Roll it back first"):
            await set_actor(conn, "alice")


@in_a_loop
async def test_async_autocommit(bare_db: str) -> None:
    async with await psycopg.AsyncConnection.connect(bare_db, autocommit=True) as conn:
        with pytest.raises(TransactionRequired, match=r"with conn\.transaction\(\):"):
            await set_actor(conn, "alice")
        async with conn.pipeline(), conn.transaction():
            await conn.execute("SELECT 1")
            await set_actor(conn, "alice")
            assert await async_who(conn) == "alice"
        assert await async_who(conn) is None


# --- garbage -------------------------------------------------------------------------------------


def deep(levels: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"n": nested}
    return nested


GARBAGE: dict[str, dict[str, Any]] = {
    "a user agent of 10 MB": {"user_agent": "x" * 10_000_000},
    "NUL": {"type": "a\0b", "user_agent": "\0", "request_id": b"\0", "metadata": {"\0": "\0"}},
    "lone surrogates": {"type": "a\ud800b", "user_agent": "\udfff", "metadata": {"\udc80": ["\ud800"]}},
    "bytes that are not UTF-8": {"user_agent": b"\xff\xfe", "metadata": {"b": b"\xff"}},
    "an ip that is none": {"ip": "203.0.113.7, 10.0.0.1'; DROP TABLE posts; --"},
    "an ip of 10 MB": {"ip": "1" * 10_000_000},
    "metadata of 500 levels": {"metadata": deep(500)},
    "metadata of 100,000 levels": {"metadata": deep(100_000)},
    "metadata of 10 MB": {"metadata": {"body": "x" * 10_000_000}},
    "metadata that JSON lacks": {"metadata": {"n": float("nan"), "s": {1}, "o": object()}},
    "quotes of all kinds": {
        "type": "'\"\\$$%s%(x)s{x}{{}}:x",
        "user_agent": "E'\\x00'",
        "metadata": {"'": '"\\'},
    },
    "every plane": {"user_agent": "é日🙂\U0010ffff\x01\x7f"},
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_bound_by_a_statement(conn: Connection, garbage: dict[str, Any]) -> None:
    set_actor(conn, "alice", **garbage)
    check_garbage(conn, Actor.of("alice", **garbage))


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_bound_with_begin(audit: AuditConnection, garbage: dict[str, Any]) -> None:
    with actor("alice", **garbage) as said:
        check_garbage(audit, said)


def check_garbage(conn: Connection, said: Actor) -> None:
    """Assert that what is bound is what the Actor made of the garbage, in JSON that the server reads."""
    bound = settings(conn)
    assert bound["causer_id"] == "alice"
    assert (bound["ip"] or None, bound["causer_type"] or None) == (said.ip, said.type)
    assert (bound["user_agent"] or None, bound["request_id"] or None) == (said.user_agent, said.request_id)
    metadata = one(conn, "SELECT coalesce(nullif(current_setting('pgaudit_py.metadata'), ''), '{}')::jsonb")
    assert metadata == said.metadata
    assert len(bound["user_agent"]) <= 512
    assert len(bound["metadata"].encode()) <= 8192 + 64


@pytest.mark.parametrize(
    ("encoding", "client"),
    [
        ("UTF8", "LATIN1"),
        ("UTF8", "SQL_ASCII"),
        ("LATIN1", "UTF8"),
        ("LATIN1", "LATIN1"),
        ("LATIN1", "SQL_ASCII"),
        ("WIN1252", "UTF8"),
        ("EUC_JP", "UTF8"),
        ("EUC_JP", "SQL_ASCII"),
        ("MULE_INTERNAL", "LATIN1"),
        ("SQL_ASCII", "LATIN1"),
        ("SQL_ASCII", "UTF8"),
        ("SQL_ASCII", "SQL_ASCII"),
    ],
)
def test_other_encodings(bare_db: str, connect: Connect, encoding: str, client: str) -> None:
    said: dict[str, Any] = {"user_agent": "zoë 日本 🙂", "metadata": {"city": "東京 🙂"}}
    with (
        other_database(bare_db, connect, encoding) as dsn,
        AuditConnection.connect(make_conninfo(dsn, client_encoding=client)) as conn,
    ):
        with actor("alice", **said):
            assert one(conn, f"{WHO} = 'alice'")
            bound = one(conn, "SELECT current_setting('pgaudit_py.user_agent')")
            conn.rollback()
        set_actor(conn, "alice", **said)
        assert one(conn, "SELECT current_setting('pgaudit_py.user_agent')") == bound


@contextmanager
def other_database(bare_db: str, connect: Connect, encoding: str) -> Iterator[str]:
    """Create a database of another encoding beside an empty one."""
    admin = connect(bare_db, autocommit=True)
    name = f"{admin.info.dbname}_{encoding.lower()}"
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING {}").format(
            sql.Identifier(name), encoding
        )
    )
    try:
        yield make_conninfo(bare_db, dbname=name)
    finally:
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


# --- AuditConnection -----------------------------------------------------------------------------


def test_every_transaction_begins_with_the_current_actor(audit: AuditConnection) -> None:
    with actor("alice", ip="203.0.113.7"):
        assert who(audit) == "alice"
        assert one(audit, FRESH)
        audit.commit()
        with audit.transaction():
            assert who(audit) == "alice"
    assert who(audit) is None


def test_nested_actors_take_effect_at_the_next_transaction(audit: AuditConnection) -> None:
    with actor("alice"):
        assert who(audit) == "alice"
        with actor("bob"):
            assert who(audit) == "alice"
            audit.commit()
            assert who(audit) == "bob"
            audit.rollback()
        with actor(None):
            assert who(audit) is None
            audit.rollback()
        assert who(audit) == "alice"


def test_set_actor_overrides_until_the_transaction_ends(audit: AuditConnection) -> None:
    with actor("alice"):
        set_actor(audit, "bob")
        assert who(audit) == "bob"
        audit.commit()
        assert who(audit) == "alice"


def test_savepoints_bind_nothing(audit: AuditConnection) -> None:
    with actor("alice"), audit.transaction(), actor("bob"):
        with audit.transaction():
            assert who(audit) == "alice"
        with audit.transaction("named", force_rollback=True):
            set_actor(audit, "carol")
        assert who(audit) == "alice"


def test_autocommit_binds_in_transaction_blocks_only(bare_db: str) -> None:
    with AuditConnection.connect(bare_db, autocommit=True) as conn, actor("alice"):
        assert who(conn) is None
        with conn.transaction():
            assert who(conn) == "alice"
        assert who(conn) is None


def test_the_transactions_characteristics_are_kept(audit: AuditConnection) -> None:
    audit.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    audit.read_only = True
    audit.deferrable = True
    with actor("alice"):
        assert who(audit) == "alice"
        assert one(audit, "SHOW transaction_isolation") == "serializable"
        assert one(audit, "SHOW transaction_read_only") == "on"
        assert one(audit, "SHOW transaction_deferrable") == "on"


def test_whatever_begins_a_transaction_binds(audit: AuditConnection) -> None:
    with audit.cursor() as cursor, actor("alice"):
        cursor.executemany("SELECT %s", [(1,), (2,)])
        assert who(audit) == "alice"
        audit.rollback()
        with cursor.copy("COPY (SELECT current_setting('pgaudit_py.causer_id')) TO STDOUT") as copy:
            assert list(copy.rows()) == [("alice",)]
        audit.rollback()
        assert list(cursor.stream(WHO)) == [("alice",)]
        audit.rollback()
        with audit.cursor("server_side") as named:
            assert named.execute(WHO).fetchall() == [("alice",)]
        audit.rollback()
        set_actor(audit, "bob")
        assert who(audit) == "bob"


def test_two_phase_transactions_bind(audit: AuditConnection) -> None:
    with actor("alice"):
        audit.tpc_begin(audit.xid(1, "gtrid", "bqual"))
        assert who(audit) == "alice"
        audit.tpc_rollback()
    assert who(audit) is None


def test_a_failure_of_the_binding_is_raised_and_leaves_a_usable_connection(
    audit: AuditConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration, "_rendered", lambda *_: b"SELECT 1/0")
    with actor("alice"):
        with pytest.raises(psycopg.errors.DivisionByZero):
            audit.execute("SELECT 1")
        assert audit.info.transaction_status.name == "INERROR"
        audit.rollback()
    assert who(audit) is None


def test_a_closed_audit_connection_gives_psycopgs_own_error(audit: AuditConnection) -> None:
    audit.close()
    with actor("alice"), pytest.raises(psycopg.OperationalError, match="closed"):
        audit.execute("SELECT 1")


def test_pipelines_bind_too(audit: AuditConnection) -> None:
    with actor("alice"):
        with audit.pipeline():
            first = audit.execute(WHO)
            second = audit.execute(WHO)
            assert (first.fetchone(), second.fetchone()) == (("alice",), ("alice",))
        audit.commit()
        with audit.pipeline(), audit.transaction():
            assert who(audit) == "alice"
            with audit.transaction():
                assert who(audit) == "alice"
    assert who(audit) is None


def test_without_the_joint_message_the_binding_is_a_statement_of_its_own(
    audit: AuditConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integration, "_ONE_MESSAGE", False)
    with actor("alice"):
        assert who(audit) == "alice"
        audit.commit()
        with audit.transaction():
            assert who(audit) == "alice"
    assert who(audit) is None


@in_a_loop
async def test_async_transactions_begin_with_the_current_actor(bare_db: str) -> None:
    async with await AsyncAuditConnection.connect(bare_db) as conn:
        with actor("alice"):
            assert await async_who(conn) == "alice"
            await conn.commit()
            async with conn.transaction():
                with actor("bob"):
                    async with conn.transaction():
                        assert await async_who(conn) == "alice"
            async with conn.pipeline(), conn.transaction():
                assert await async_who(conn) == "alice"
        assert await async_who(conn) is None
    async with await AsyncAuditConnection.connect(bare_db, autocommit=True) as conn:
        with actor("alice"):
            async with conn.transaction():
                assert await async_who(conn) == "alice"
            assert await async_who(conn) is None


# --- what travels --------------------------------------------------------------------------------


@contextmanager
def traced(conn: psycopg.BaseConnection[Any], path: Path) -> Iterator[list[str]]:
    """Give, after the block, what was sent (F) and each end of a round trip (B ReadyForQuery), in order."""
    messages: list[str] = []
    with path.open("w") as file:
        conn.pgconn.trace(file.fileno())
        conn.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield messages
        finally:
            conn.pgconn.untrace()
    lines = re.findall(r"^([FB])\t\d+\t(.+)$", path.read_text(), flags=re.MULTILINE)
    messages += [
        f"{sender} {text}" for sender, text in lines if sender == "F" or text.startswith("ReadyForQuery")
    ]


def sent_before_first_result(messages: list[str]) -> list[str]:
    """Return the messages of the first round trip."""
    return messages[: next(i for i, message in enumerate(messages) if message.startswith("B"))]


def test_begin_and_binding_are_one_message(audit: AuditConnection, tmp_path: Path) -> None:
    with actor("alice"), traced(audit, tmp_path / "trace") as messages:
        audit.execute("SELECT 1")
        audit.commit()
    (begin,) = sent_before_first_result(messages)
    assert begin.startswith("F Query")
    assert "BEGIN; SELECT" in begin
    assert "alice" in begin
    assert sum(message.startswith("B") for message in messages) == 3  # begin, select, commit


def test_without_an_actor_nothing_is_added(bare_db: str, connect: Connect, tmp_path: Path) -> None:
    seen = []
    for number, conn in enumerate((connect(bare_db), AuditConnection.connect(bare_db))):
        with conn, traced(conn, tmp_path / f"trace{number}") as messages:
            conn.execute("SELECT 1")
            conn.commit()
        seen.append(messages)
    plain, audit = seen
    assert audit == plain


@in_a_loop
async def test_async_begin_and_binding_are_one_message(bare_db: str, tmp_path: Path) -> None:
    async with await AsyncAuditConnection.connect(bare_db, autocommit=True) as conn:
        with actor("alice"), traced(conn, tmp_path / "trace") as messages:
            async with conn.transaction():
                await conn.execute("SELECT 1")
    (begin,) = sent_before_first_result(messages)
    assert "BEGIN; SELECT" in begin
    assert sum(message.startswith("B") for message in messages) == 3


def test_set_actor_is_one_round_trip(conn: Connection, tmp_path: Path) -> None:
    conn.execute("SELECT 1")
    with traced(conn, tmp_path / "trace") as messages:
        set_actor(conn, "alice")
    assert sum(message.startswith("B") for message in messages) == 1


# --- pools ---------------------------------------------------------------------------------------


@pytest.fixture
def pool(bare_db: str) -> Iterator[ConnectionPool[AuditConnection]]:
    with ConnectionPool(bare_db, connection_class=AuditConnection, min_size=1, max_size=1) as pool:
        yield pool


def test_the_next_request_is_never_alice(pool: ConnectionPool[AuditConnection]) -> None:
    with actor("alice", ip="203.0.113.7"), pool.connection() as conn:
        backend = conn.info.backend_pid
        assert who(conn) == "alice"
    with pool.connection() as conn:
        assert conn.info.backend_pid == backend
        assert not any(settings(conn).values())
    with actor("bob"), pool.connection() as conn:
        assert who(conn) == "bob"
        assert one(conn, "SELECT current_setting('pgaudit_py.ip')") == ""


def test_neither_is_it_after_an_error_or_set_actor(pool: ConnectionPool[AuditConnection]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), actor("alice"), pool.connection() as conn:
        conn.execute("SELECT 1/0")
    with pool.connection() as conn:
        assert who(conn) is None
        set_actor(conn, "alice")
    with pool.connection() as conn:
        assert who(conn) is None


def test_a_connection_checked_out_before_the_actor_is_known(pool: ConnectionPool[AuditConnection]) -> None:
    with pool.connection() as conn, actor("alice"):
        assert who(conn) == "alice"


def test_threads_never_see_each_others_actors(bare_db: str) -> None:
    start = threading.Barrier(8, timeout=30)

    def work(name: str) -> set[str | None]:
        start.wait()
        seen = set()
        for _ in range(25):
            with actor(name), shared.connection() as conn:
                seen.update({who(conn), who(conn)})
            with shared.connection() as conn:
                seen.add(who(conn))
        return seen

    names = [f"user {number}" for number in range(8)]
    with (
        ConnectionPool(bare_db, connection_class=AuditConnection, min_size=3, max_size=3) as shared,
        ThreadPoolExecutor(8) as threads,
    ):
        assert list(threads.map(work, names)) == [{name, None} for name in names]


@in_a_loop
async def test_tasks_never_see_each_others_actors(bare_db: str) -> None:
    async def work(name: str) -> set[str | None]:
        seen = set()
        for _ in range(25):
            with actor(name):
                async with shared.connection() as conn:
                    seen.add(await async_who(conn))
                    await asyncio.sleep(0)
                    seen.add(await async_who(conn))
            async with shared.connection() as conn:
                seen.add(await async_who(conn))
        return seen

    names = [f"user {number}" for number in range(8)]
    async with AsyncConnectionPool(
        bare_db, connection_class=AsyncAuditConnection, min_size=3, max_size=3
    ) as shared:
        assert await asyncio.gather(*map(work, names)) == [{name, None} for name in names]


# --- from SQL ------------------------------------------------------------------------------------


@pytest.fixture
def functions(autocommit: Connection, bare_db: str, connect: Connect) -> Connection:
    """Give a connection to a database that has the functions of the actor, and nothing else of ours."""
    autocommit.execute("CREATE SCHEMA pgaudit_py")
    for name in ("parse_metadata", "context", "unreserved", "set_actor", "clear_actor"):
        autocommit.execute(sql_text(f"functions/{name}.sql").encode())
    return connect(bare_db)


def test_sql_binds_what_python_binds(functions: Connection) -> None:
    said: dict[str, Any] = {"ip": "203.0.113.7", "user_agent": "curl", "request_id": "r1"}
    set_actor(functions, "42", type="user", metadata={"route": "/posts"}, **said)
    by_python = settings(functions)
    clear_actor(functions)
    functions.execute(
        "SELECT pgaudit_py.set_actor('42', 'user', ip => '203.0.113.7', user_agent => 'curl', "
        """request_id => 'r1', metadata => '{"route": "/posts"}')"""
    )
    assert settings(functions) == by_python
    functions.execute("SELECT pgaudit_py.clear_actor()")
    assert not any(settings(functions).values())
    functions.execute("SELECT pgaudit_py.set_actor('42')")
    functions.commit()
    assert not any(settings(functions).values())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ""),
        ("null", ""),
        ("{}", ""),
        ('{"a": 1}', {"a": 1}),
        ('{"_ip": 1, "__b": 2, "_": 3}', {"ip": 1, "b": 2, "unnamed": 3}),
        ('{"a": 1, "_a": 2}', {"a": 1, "a_": 2}),
        ("[1]", {"_invalid": "[1]"}),
        (json.dumps({"a": "x" * 9000}), {"_invalid": ('{"a": "' + "x" * 9000)[:512]}),
    ],
)
def test_metadata_from_sql(functions: Connection, given: str | None, expected: object) -> None:
    functions.execute("SELECT pgaudit_py.set_actor('42', metadata => %s::jsonb)", [given])
    bound = settings(functions)["metadata"]
    assert (json.loads(bound) if bound else bound) == expected


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_the_triggers_read_what_was_bound(functions: Connection, garbage: dict[str, Any]) -> None:
    said = Actor.of("alice", **garbage)
    set_actor(functions, said)
    cursor = psycopg.Cursor(functions, row_factory=dict_row)
    row = cursor.execute("SELECT * FROM pgaudit_py.context()").fetchone()
    assert row is not None
    assert (row["causer_id"], row["causer_type"], row["user_agent"]) == ("alice", said.type, said.user_agent)
    assert (row["metadata"] or {}) == said.metadata


def test_texts_from_sql_are_cut(functions: Connection) -> None:
    functions.execute("SELECT pgaudit_py.set_actor(x, x, x, x, x) FROM repeat('é', 10000000) AS x")
    bound = settings(functions)
    assert {bound[name] for name in SETTINGS[:5]} == {"é" * 512}


def test_the_applications_own_way_of_writing_texts_is_not_ours(bare_db: str) -> None:
    class Wrong(psycopg.types.string.StrDumper):
        def dump(self, obj: str) -> bytes:
            return b"wrong"

    with AuditConnection.connect(bare_db) as conn, actor("alice"):
        conn.adapters.register_dumper(str, Wrong)
        found = conn.execute("SELECT current_setting('pgaudit_py.causer_id')").fetchone()
        assert found == ("alice",)
