"""The event trigger: whoever runs DDL is recorded, and nobody's DDL fails, waits or is seen to be slower for it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import PrivilegeMissing
from tests.conftest import Conn, Connect, Run

MADE = "SELECT evtname::text, evtevent::text, evtenabled::text FROM pg_event_trigger ORDER BY 1"
BOTH = [("pgaudit_py_ddl", "ddl_command_end", "A"), ("pgaudit_py_drop", "sql_drop", "A")]


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    return conn


@pytest.fixture
def watched(posts: Conn, audit: Audit) -> Conn:
    audit.migrate(event_trigger=True)
    return posts


def notices(conn: Conn) -> list[str]:
    heard: list[str] = []
    conn.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
    return heard


def altered(audit: Audit, subject: str = "posts") -> list[Any]:
    return [one.altered for one in audit.activity(subject=subject, action="altered")][::-1]


def test_it_is_opted_in_kept_and_taken_away(posts: Conn, audit: Audit, run: Run) -> None:
    assert posts.execute(MADE).fetchall() == []
    assert not audit.migrate()
    assert audit.migrate(event_trigger=True).event_trigger is True
    assert not audit.migrate(event_trigger=True)
    assert posts.execute(MADE).fetchall() == BOTH
    posts.execute("UPDATE pgaudit_py.migration SET checksum = 'x' WHERE name = 'functions/watch_ddl.sql'")
    assert audit.migrate().functions == ("functions/watch_ddl.sql",)
    assert posts.execute(MADE).fetchall() == BOTH
    posts.execute("ALTER TABLE posts ADD color text")
    assert altered(audit) == [{"added": {"color": "text"}}]
    assert run("migrate", "--no-event-trigger") == (
        0, "schema pgaudit_py: up to date; event trigger removed\n", "",
    )  # fmt: skip
    assert posts.execute(MADE).fetchall() == []
    assert not audit.migrate(event_trigger=False)
    assert run("migrate", "--event-trigger", "--dry-run")[1].endswith("event trigger would be made\n")
    assert posts.execute(MADE).fetchall() == []
    assert run("-o", "json", "migrate", "--event-trigger")[1] == (
        '{"migrations": [], "functions": [], "event_trigger": true}\n'
    )
    assert posts.execute(MADE).fetchall() == BOTH


def test_by_script(posts: Conn, run: Run, db: str, server: EmbeddedServer) -> None:
    psql = [str(server.tool("psql")), "-X", "-v", "ON_ERROR_STOP=1", "-d", db]
    for option, made in ("--event-trigger", BOTH), ("--no-event-trigger", []):
        code, script, _ = run("migrate", option, "--sql")
        assert code == 0
        subprocess.run(psql, input=script.encode(), check=True, capture_output=True, cwd="/")
        assert posts.execute(MADE).fetchall() == made


def test_with_await(bare_db: str) -> None:
    async def twice() -> None:
        async with await psycopg.AsyncConnection.connect(bare_db, autocommit=True) as conn:
            assert (await AsyncAudit(conn).migrate(event_trigger=True)).event_trigger is True
            assert not await AsyncAudit(conn).migrate(event_trigger=True)

    asyncio.run(twice())


def test_the_schema_takes_it_along(watched: Conn, audit: Audit) -> None:
    heard = notices(watched)
    audit.drop_schema()
    assert watched.execute(MADE).fetchall() == []
    watched.execute("CREATE TABLE later (id int); DROP TABLE later")
    assert [one for one in heard if "pgaudit-py:" in one] == []


def test_it_takes_a_superuser(bare_db: str, connect: Connect, role: Callable[[], str], run: Run) -> None:
    name = role()
    admin = connect(bare_db, autocommit=True)
    admin.execute(
        f"GRANT CREATE ON DATABASE {admin.info.dbname} TO {name}; GRANT CREATE ON SCHEMA public TO {name}".encode()
    )
    theirs = connect(bare_db, user=name, autocommit=True)
    with pytest.raises(PrivilegeMissing, match="permission denied to create event trigger") as refused:
        Audit(theirs).migrate(event_trigger=True)
    assert "superuser" in (refused.value.hint or "")
    assert theirs.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)
    Audit(theirs).migrate()
    code, script, _ = run("migrate", "--event-trigger", "--sql", dsn=theirs.info.dsn)
    assert (code, "CREATE EVENT TRIGGER" in script) == (0, True)
    # A superuser makes it for a schema of somebody else's, and its owner may then not take it away, but with the schema.
    Audit(admin).migrate(owner=name, event_trigger=True)
    assert admin.execute(MADE).fetchall() == BOTH
    with pytest.raises(PrivilegeMissing, match="must be owner of event trigger"):
        Audit(theirs).migrate(event_trigger=False)
    theirs.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    Audit(theirs).install("posts")
    theirs.execute("ALTER TABLE posts ADD n int")
    assert altered(Audit(theirs)) == [{"added": {"n": "integer"}}]
    Audit(theirs).drop_schema()
    assert admin.execute(MADE).fetchall() == []
    admin.execute(f"DROP OWNED BY {name}".encode())


def test_roles_without_any_right(
    watched: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str]
) -> None:
    """The owner of a table alters it, and has no right on the log; others do what they always may."""
    owner, nobody = role(), role()
    watched.execute(f"ALTER TABLE posts OWNER TO {owner}; GRANT CREATE ON SCHEMA public TO {owner}".encode())
    theirs, other = connect(db, user=owner, autocommit=True), connect(db, user=nobody, autocommit=True)
    heard = notices(theirs), notices(other)
    theirs.execute("ALTER TABLE posts ADD color text")
    theirs.execute("""CREATE FUNCTION alter_it() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN ALTER TABLE posts RENAME color TO colour; END$$""")
    other.execute("SELECT alter_it()")
    other.execute(
        "CREATE TEMP TABLE mine (id int PRIMARY KEY) ON COMMIT DELETE ROWS; ALTER TABLE mine ADD x int; DROP TABLE mine"
    )
    other.execute("CREATE TEMP TABLE posts (id int PRIMARY KEY); ALTER TABLE posts ADD x int")
    theirs.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    assert [(one.altered, one.db_role) for one in audit.activity(action="altered")][::-1] == [
        ({"added": {"color": "text"}}, owner),
        ({"renamed": {"color": "colour"}}, nobody),
        ({"triggers": {"00_pgaudit_py": ["always", "disabled"]}}, owner),
    ]
    assert heard == ([], [])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("SELECT pgaudit_py.watch_ddl()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):  # nobody may call it for another event
        theirs.execute("CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION pgaudit_py.watch_ddl()")
    other.close()  # its temporary tables go with it
    watched.execute(f"DROP OWNED BY {owner} CASCADE".encode())


def test_ddl_that_is_peculiar(watched: Conn, audit: Audit) -> None:
    heard = notices(watched)
    for command in (
        "CREATE TABLE other (id int PRIMARY KEY, n int)",
        "CREATE INDEX CONCURRENTLY i ON other (n)", "REINDEX TABLE CONCURRENTLY other", "DROP INDEX CONCURRENTLY i",
        "CREATE MATERIALIZED VIEW m AS SELECT * FROM other", "CREATE UNIQUE INDEX ON m (id)",
        "REFRESH MATERIALIZED VIEW m", "REFRESH MATERIALIZED VIEW CONCURRENTLY m", "DROP MATERIALIZED VIEW m",
        "CREATE EXTENSION citext", "CREATE SCHEMA e", "ALTER EXTENSION citext SET SCHEMA e", "DROP EXTENSION citext",
        "CREATE SCHEMA s CREATE TABLE t (id int) CREATE VIEW v AS SELECT * FROM t",
        "ALTER VIEW s.v RENAME TO w", "DROP SCHEMA s CASCADE", "SELECT 1 AS a INTO TEMP made", "CREATE TABLE made2 AS SELECT 1 AS a",
        "CREATE TYPE pair AS (a int, b int)", "CREATE TABLE typed OF pair", "ALTER TYPE pair ADD ATTRIBUTE c int CASCADE",
        "DROP TYPE pair CASCADE", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f", "DROP TABLE other",
        "DO $$BEGIN FOR i IN 1..30 LOOP EXECUTE format('CREATE TEMP TABLE t%s (id int); ALTER TABLE t%s ADD x int; DROP TABLE t%s', i, i, i); END LOOP; END$$",
        "VACUUM posts", "CLUSTER posts USING posts_pkey", "ANALYZE posts",
    ):  # fmt: skip
        watched.execute(command.encode())
    assert [one for one in heard if "pgaudit-py:" in one] == []
    assert altered(audit) == []


def test_a_typed_table(conn: Conn, audit: Audit) -> None:
    audit.migrate(event_trigger=True)
    conn.execute("CREATE TYPE pair AS (id int, b int); CREATE TABLE typed OF pair (PRIMARY KEY (id))")
    audit.install("typed")
    conn.execute("ALTER TYPE pair ADD ATTRIBUTE c int CASCADE")
    assert altered(audit, "typed") == [{"added": {"c": "integer"}}]


def test_an_extension_of_which_a_column_is(watched: Conn, audit: Audit) -> None:
    watched.execute("CREATE EXTENSION citext; ALTER TABLE posts ADD mail citext; CREATE SCHEMA e")
    watched.execute("ALTER EXTENSION citext SET SCHEMA e")
    watched.execute("DROP EXTENSION citext CASCADE")
    assert altered(audit) == [
        {"added": {"mail": "public.citext"}}, {"retyped": {"mail": ["public.citext", "e.citext"]}}, {"dropped": {"mail": "e.citext"}},
    ]  # fmt: skip


FAILURES = {
    "the log takes nothing": "ALTER TABLE pgaudit_py.activity_log ADD CONSTRAINT no CHECK (action <> 'altered') NOT VALID",
    "a function is gone": "DROP FUNCTION pgaudit_py.record_alteration(integer, oid, boolean)",
    "another one is": "DROP FUNCTION pgaudit_py.tracked_among(oid[])",
    "the book is": "ALTER TABLE pgaudit_py.tracked_table RENAME TO elsewhere",
}


@pytest.mark.unverified("parts of the audit trail are missing")
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_a_warning(watched: Conn, failure: str) -> None:
    watched.execute(FAILURES[failure].encode())
    heard = notices(watched)
    watched.execute("ALTER TABLE posts ADD color text")
    assert watched.execute("SELECT color FROM posts").fetchall() == []
    assert [one for one in heard if one.startswith("pgaudit-py: what ALTER TABLE changed is not recorded")]
    watched.execute(
        "CREATE TABLE other (id int); ALTER TABLE other ADD n int; DROP TABLE other; CREATE TEMP TABLE t (id int)"
    )


def test_nobody_waits_for_an_install(watched: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """An installer holds its lock and its line of the book; DDL on that table and on others goes on at once."""
    other = connect(db)
    other.execute("SELECT pg_advisory_xact_lock(('x' || substr(md5('pgaudit_py'), 1, 16))::bit(64)::bigint)")
    other.execute("UPDATE pgaudit_py.tracked_table SET options = options")
    watched.execute(
        "SET statement_timeout = '5s'; CREATE TABLE others (id int); ALTER TABLE others ADD x int; DROP TABLE others"
    )
    watched.execute("ALTER TABLE posts ADD color text")
    assert altered(audit) == [{"added": {"color": "text"}}]
    # Where our own tables are being altered, what waits gives up before anybody notices.
    other.execute("LOCK TABLE pgaudit_py.tracked_table")
    heard = notices(watched)
    watched.execute("ALTER TABLE posts ADD size int")
    assert heard == [
        "pgaudit-py: what ALTER TABLE changed is not recorded: canceling statement due to lock timeout"
    ]
    other.rollback()
    watched.execute("ALTER TABLE posts DROP color")
    assert altered(audit)[1:] == [{"added": {"size": "integer"}, "dropped": {"color": "text"}}]


def test_two_at_once(watched: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """Two tables altered in two transactions: each is recorded as its own."""
    watched.execute("CREATE TABLE notes (id int PRIMARY KEY)")
    audit.install("notes")
    one, two = connect(db), connect(db)
    one.execute("ALTER TABLE posts ADD color text")
    two.execute("ALTER TABLE notes ADD size int")
    one.execute("ALTER TABLE posts RENAME title TO headline")
    two.commit()
    one.commit()
    assert altered(audit) == [{"added": {"color": "text"}}, {"renamed": {"title": "headline"}}]
    assert altered(audit, "notes") == [{"added": {"size": "integer"}}]


def test_an_old_snapshot(watched: Conn, audit: Audit, db: str, connect: Connect) -> None:
    other = connect(db)
    other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    heard = notices(other)
    other.execute("SELECT count(*) FROM posts")
    other.execute("ALTER TABLE posts ADD color text")
    other.execute("INSERT INTO posts VALUES (1, 'a', 'red')")
    other.commit()
    assert (altered(audit), heard) == ([{"added": {"color": "text"}}], [])


PARTS = """CREATE TABLE places (id int, region text) PARTITION BY LIST (region);
    CREATE TABLE places_de PARTITION OF places FOR VALUES IN ('de')"""


def test_partitions_that_come_and_go(conn: Conn, audit: Audit) -> None:
    audit.migrate(event_trigger=True)
    conn.execute(PARTS)
    audit.install("places")
    heard = notices(conn)
    conn.execute("CREATE TABLE places_fr PARTITION OF places FOR VALUES IN ('fr')")
    conn.execute(
        "CREATE TABLE places_us (id int, region text); ALTER TABLE places ATTACH PARTITION places_us FOR VALUES IN ('us')"
    )
    assert [one.state for one in audit.status()] == ["installed"]
    conn.execute("INSERT INTO places VALUES (1, 'fr'), (2, 'us'), (3, 'de'); TRUNCATE places_fr")
    assert [one.action for one in audit.activity(limit=2)] == ["truncated", "deleted"]
    conn.execute("ALTER TABLE places DETACH PARTITION places_us; DROP TABLE places_de")
    assert [(one.action, one.metadata["_partition"]) for one in audit.activity(limit=2)] == [
        ("detached", "public.places_de"), ("detached", "public.places_us"),
    ]  # fmt: skip
    assert [one.state for one in audit.status()] == ["installed"]
    assert audit.sync("places").outcome == "unchanged"
    conn.execute("ALTER TABLE places ADD n int; ALTER TABLE places_fr DISABLE TRIGGER USER")
    conn.execute("DROP TABLE places")
    assert altered(audit, "places") == [
        {"added": {"n": "integer"}},
        {"triggers": {"00_pgaudit_py on public.places_fr": ["always", "disabled"], "00_pgaudit_py_truncate on public.places_fr": ["always", "disabled"]}},
        {"table": ["public.places", None]},
    ]  # fmt: skip
    assert [one for one in heard if "pgaudit-py:" in one] == []


def test_partitions_that_the_owner_of_the_log_may_not_touch(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    """What the event trigger may not do is left to sync, and said by status."""
    keeper, owner = role(), role()
    admin = connect(bare_db, autocommit=True)
    Audit(admin).migrate(owner=keeper, event_trigger=True)
    admin.execute(f"GRANT CREATE ON SCHEMA public TO {owner}; SET ROLE {owner}; {PARTS}; RESET ROLE".encode())
    audit = Audit(admin)
    audit.install("places")
    heard = notices(admin)
    admin.execute(
        "CREATE TABLE places_fr PARTITION OF places FOR VALUES IN ('fr'); ALTER TABLE places DETACH PARTITION places_de"
    )
    details = [one.detail for one in audit.status()[0].findings]
    assert any("a TRUNCATE of its partition public.places_fr may not be recorded" in one for one in details)
    assert any("public.places_de is no longer its partition" in one for one in details)
    assert heard == []
    audit.sync("places")
    assert [one.action for one in audit.activity()] == ["detached"]
    assert [one.state for one in audit.status()] == ["installed"]
    admin.execute(f"DROP OWNED BY {owner}; DROP SCHEMA pgaudit_py CASCADE; DROP OWNED BY {keeper}".encode())


@pytest.mark.parametrize("form", ["plain", "custom"])
def test_a_dump_with_it(
    watched: Conn, db: str, other_db: str, server: EmbeddedServer, connect: Connect, form: str
) -> None:
    watched.execute("INSERT INTO posts VALUES (1, 'a'); ALTER TABLE posts ADD color text")
    Audit(watched).sync("posts")
    dumped = subprocess.run(
        [str(server.tool("pg_dump")), "-F", form[0], "-d", db], check=True, capture_output=True, cwd="/"
    ).stdout
    load = (
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        if form == "plain"
        else ["pg_restore", "--exit-on-error"]
    )
    subprocess.run(
        [str(server.tool(load[0])), *load[1:], "-d", other_db],
        input=dumped,
        check=True,
        capture_output=True,
        cwd="/",
    )
    there = connect(other_db, autocommit=True)
    assert there.execute(MADE).fetchall() == BOTH
    count = "SELECT count(*) FROM pgaudit_py.activity_log"
    assert there.execute(count).fetchone() == watched.execute(count).fetchone()
    Audit(there).sync("posts")
    there.execute("ALTER TABLE posts RENAME color TO colour")
    assert altered(Audit(there))[-1] == {"renamed": {"color": "colour"}}


def test_doctor_says_where_there_is_none(posts: Conn, audit: Audit) -> None:
    (finding,) = audit.doctor()
    assert (finding.state, "pgaudit-py migrate --event-trigger" in finding.fix) == ("limited", True)
    audit.migrate(event_trigger=True)
    assert audit.doctor() == []
    posts.execute("ALTER EVENT TRIGGER pgaudit_py_drop DISABLE")
    (finding,) = audit.doctor()
    assert (finding.state, finding.about) == ("wrong", "event trigger pgaudit_py_drop")
    assert finding.fix == "Run `ALTER EVENT TRIGGER pgaudit_py_drop ENABLE ALWAYS`."
    assert audit.migrate(event_trigger=True).event_trigger is True
    assert audit.doctor() == []
    posts.execute("DROP EVENT TRIGGER pgaudit_py_ddl")
    assert [one.state for one in audit.doctor()] == ["limited"]


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_an_owner_of_the_log_without_any_right(
    bare_db: str, connect: Connect, role: Callable[[], str], isolation: str
) -> None:
    """It may read neither the table nor its schema; what becomes of them is recorded all the same."""
    keeper, owner = role(), role()
    admin = connect(bare_db, autocommit=True)
    Audit(admin).migrate(owner=keeper, event_trigger=True)
    admin.execute(f"CREATE SCHEMA shop AUTHORIZATION {owner}".encode())
    theirs = connect(bare_db, user=owner, autocommit=True)
    theirs.execute("CREATE TABLE shop.posts (id int PRIMARY KEY, title text)")
    audit = Audit(admin)
    audit.install("shop.posts")
    admin.execute(f"REVOKE ALL ON SCHEMA shop FROM {keeper}; REVOKE ALL ON shop.posts FROM {keeper}".encode())
    heard = notices(theirs)
    for command in (
        "ALTER TABLE shop.posts ADD color text", "ALTER TABLE shop.posts RENAME title TO headline",
        'ALTER TABLE shop.posts DISABLE TRIGGER "00_pgaudit_py"', "DROP TABLE shop.posts",
    ):  # fmt: skip
        theirs.execute(f"BEGIN ISOLATION LEVEL {isolation}; {command}; COMMIT".encode())
    assert heard == []
    assert [(one.altered, one.db_role) for one in audit.activity(action="altered")][::-1] == [
        ({"added": {"color": "text"}}, owner),
        ({"renamed": {"title": "headline"}}, owner),
        ({"triggers": {"00_pgaudit_py": ["always", "disabled"]}}, owner),
        ({"table": ["shop.posts", None]}, owner),
    ]
    admin.execute(f"DROP OWNED BY {owner}; DROP SCHEMA pgaudit_py CASCADE; DROP OWNED BY {keeper}".encode())
