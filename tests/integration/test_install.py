"""Installing says what is wrong and how to mend it, loses nothing, and is taken back without a trace."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.capture import Rendered
from pgaudit_py.client import running
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import (
    IdleConnectionRequired,
    LockNotAvailable,
    OptionError,
    PrivilegeMissing,
    ReadOnlyDatabase,
    SchemaConflict,
    SubjectTypeTaken,
    TableNotAuditable,
    TableNotFound,
    TableNotTracked,
)
from tests.conftest import Conn, Connect, Run

pytestmark = pytest.mark.every_major

SCHEMA = """
    CREATE TABLE posts (id int PRIMARY KEY, title text);
    CREATE VIEW post_view AS SELECT * FROM posts;
    CREATE MATERIALIZED VIEW post_copy AS SELECT * FROM posts;
    CREATE SEQUENCE numbers;
    CREATE INDEX post_title ON posts (title);
    CREATE TYPE pair AS (a int, b int);
    CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE part PARTITION OF parted DEFAULT;
    CREATE TABLE child () INHERITS (posts);
    CREATE TABLE plain (id int PRIMARY KEY);
    CREATE TEMP TABLE scratch (id int);
"""


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ("nonsense", TableNotFound, "no table 'nonsense'"),
        ("no.such.table", TableNotFound, "no table"),
        ("'; DROP TABLE posts; --", TableNotFound, "no table"),
        ("", TableNotFound, "no table ''"),
        ("nul\0", OptionError, "NUL"),
        ("post_view", TableNotAuditable, "a view"),
        ("post_copy", TableNotAuditable, "a materialized view"),
        ("numbers", TableNotAuditable, "a sequence"),
        ("post_title", TableNotAuditable, "an index"),
        ("pair", TableNotAuditable, "a composite type"),
        ("part", TableNotAuditable, "a partition of public.parted"),
        ("scratch", TableNotAuditable, "a temporary table"),
        ("pg_class", TableNotAuditable, "a system table"),
        ("information_schema.sql_features", TableNotAuditable, "a system table"),
        ("pgaudit_py.activity_log", TableNotAuditable, "part of the audit trail"),
    ],
)
def test_what_cannot_be_audited(
    conn: Conn, audit: Audit, table: str, error: type[Exception], message: str
) -> None:
    conn.execute(SCHEMA)
    with pytest.raises(error, match=message) as caught:
        audit.install(table)
    assert getattr(caught.value, "hint", None)
    with pytest.raises((TableNotFound, TableNotTracked, OptionError)):
        audit.uninstall(table)


OURS = ("activity_log", "activity_log_default", "tracked_table", "table_shape", "migration", "versions")
SYSTEMS = (
    "pg_class", "PG_CLASS", "pg_catalog.pg_authid", '"pg_catalog"."pg_attribute"', "pg_catalog.pg_stat_activity",
    "information_schema.sql_features", "information_schema.tables", "Information_Schema.columns",
)  # fmt: skip


def test_neither_our_own_tables_nor_the_systems(conn: Conn, audit: Audit) -> None:
    """However they are named: in full, through the search_path, as the tables that hold their large values."""
    month, toast = conn.execute(
        """SELECT (SELECT relname::text FROM pg_class WHERE relname ~ '^activity_log_2\\d+_\\d+$' LIMIT 1),
                  (SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = 'pg_proc'::regclass)"""
    ).fetchall()[0]
    for name in (*OURS, month):
        for form in (f"pgaudit_py.{name}", f'"pgaudit_py"."{name}"', f"PGAUDIT_PY.{name}"):
            with pytest.raises(
                TableNotAuditable, match=f"pgaudit_py.{name} is part of the audit trail itself"
            ):
                audit.install(form)
    for name in (*SYSTEMS, toast):
        with pytest.raises(TableNotAuditable, match="is a system table") as caught:
            audit.install(name)
        assert caught.value.hint == "Audit your own tables."
    conn.execute("SET search_path = pgaudit_py, information_schema, public")
    for name in (*OURS, month, "sql_features"):
        with pytest.raises(TableNotAuditable, match=r"part of the audit trail itself|a system table"):
            audit.install(name)
    assert audit.tracked() == []
    conn.execute(
        "RESET search_path; CREATE TABLE pg_class (id int PRIMARY KEY); CREATE TABLE migration (id int)"
    )
    assert audit.install("public.pg_class").outcome == audit.install("migration").outcome == "installed"
    conn.execute("INSERT INTO public.pg_class VALUES (1)")
    assert audit.activity().items[0].subject_type == "pg_class"


def test_a_foreign_table(conn: Conn, audit: Audit) -> None:
    conn.execute(
        """CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
           CREATE FOREIGN TABLE lines (line text) SERVER files OPTIONS (filename '/dev/null')"""
    )
    with pytest.raises(TableNotAuditable, match="a foreign table"):
        audit.install("lines")


def test_installing_twice_changes_nothing(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    assert audit.install("posts").outcome == "installed"
    before = catalog(conn)
    assert audit.install("public.posts").outcome == "unchanged"
    assert catalog(conn) == before
    assert audit.install("posts", snapshots="all").outcome == "updated"
    conn.execute("ALTER TABLE posts DISABLE TRIGGER USER")
    assert audit.install("posts", snapshots="all").outcome == "updated"
    conn.execute("ALTER TABLE posts ADD body text")
    assert audit.install("posts", snapshots="all").outcome == "updated"
    conn.execute("INSERT INTO posts VALUES (1, 'Tea', 'hot'); UPDATE posts SET title = 'Mate'")
    updated, _created, altered = audit.activity()
    assert updated.snapshot == {"id": 1, "title": "Mate", "body": "hot"}
    assert altered.altered == {"added": {"body": "text"}}


def catalog(conn: Conn) -> list[object]:
    return conn.execute(
        """SELECT oid::int8, xmin::text, proname::text FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace
           UNION ALL SELECT oid::int8, xmin::text, tgname::text FROM pg_trigger ORDER BY 1"""
    ).fetchall()


def test_uninstalling_leaves_nothing_but_the_log(conn: Conn, audit: Audit) -> None:
    before = catalog(conn)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    first = audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea')")
    conn.execute(
        'ALTER TABLE posts RENAME TO articles; ALTER TRIGGER "00_pgaudit_py" ON articles RENAME TO renamed'
    )
    conn.execute("UPDATE articles SET title = 'Mate'")
    assert audit.uninstall("articles") == "posts"
    assert catalog(conn) == before
    conn.execute("UPDATE articles SET title = 'unseen'")
    assert [one.action for one in audit.activity()] == ["updated", "created"]
    with pytest.raises(TableNotTracked, match=r"no audit trail is installed on articles"):
        audit.uninstall("articles")
    conn.execute("ALTER TABLE articles RENAME TO posts; UPDATE posts SET title = 'Mate'")
    again = audit.install("posts")
    assert again.tracked_id == first.tracked_id
    conn.execute("DELETE FROM posts")
    assert [one.action for one in audit.history("posts", 1)] == ["created", "updated", "deleted"]


EVERYTHING = """
    SELECT 'class', c.relname::text, c.relkind::text, c.relacl::text, c.relrowsecurity::text, c.reloptions::text
    FROM pg_class AS c WHERE c.relnamespace NOT IN ('pg_toast'::regnamespace)
    UNION ALL SELECT 'attribute', attrelid::regclass::text, attname::text, atttypid::text, attacl::text, attnotnull::text
    FROM pg_attribute WHERE attrelid >= 16384
    UNION ALL SELECT 'function', proname::text, proacl::text, proconfig::text, md5(prosrc), prosecdef::text FROM pg_proc
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text, tgfoid::text, tgtype::text FROM pg_trigger
    UNION ALL SELECT 'constraint', conname::text, conrelid::text, contype::text, NULL, NULL FROM pg_constraint
    UNION ALL SELECT 'type', typname::text, typacl::text, typtype::text, NULL, NULL FROM pg_type
    UNION ALL SELECT 'schema', nspname::text, nspacl::text, NULL, NULL, NULL FROM pg_namespace WHERE nspname !~ '^pg_t'
    UNION ALL SELECT 'depend', classid::text, objid::text, refclassid::text, refobjid::text, deptype::text FROM pg_depend
    UNION ALL SELECT 'comment', objoid::text, description, NULL, NULL, NULL FROM pg_description
    UNION ALL SELECT 'role', rolname::text, NULL, NULL, NULL, NULL FROM pg_roles
    UNION ALL SELECT 'setting', setdatabase::text, setconfig::text, NULL, NULL, NULL FROM pg_db_role_setting
    UNION ALL SELECT 'event trigger', evtname::text, NULL, NULL, NULL, NULL FROM pg_event_trigger
    UNION ALL SELECT 'extension', extname::text, NULL, NULL, NULL, NULL FROM pg_extension"""


def everything(conn: Conn) -> set[object]:
    """What the catalog says about every object."""
    return set(conn.execute(EVERYTHING).fetchall())


@pytest.mark.unverified("the table changes while it is not audited")
def test_uninstalling_is_the_exact_inverse(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text); CREATE TABLE keyless (n int)")
    before = everything(conn)
    audit.install("posts", snapshots="all")
    audit.install("keyless")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea'); INSERT INTO keyless VALUES (1)")
    assert everything(conn) > before
    audit.uninstall("keyless")
    audit.uninstall("posts")
    assert everything(conn) == before
    conn.execute(
        "INSERT INTO posts VALUES (2, 'Mate'); UPDATE posts SET title = 'x'; TRUNCATE posts, keyless"
    )
    last = audit.activity().items[0].id
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (3, 'Cocoa')")
    assert audit.activity().items[0].id == last + 1


def test_removing_the_schema_is_the_exact_inverse(bare_db: str, connect: Connect) -> None:
    conn = connect(bare_db, autocommit=True)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    before = everything(conn)
    audit = Audit(conn)
    audit.migrate()
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea'); ALTER TABLE posts RENAME TO articles")
    audit.drop_schema()
    conn.execute("ALTER TABLE articles RENAME TO posts")
    assert everything(conn) == before


def test_a_failed_install_leaves_nothing(conn: Conn, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    before = everything(conn)
    monkeypatch.setattr("pgaudit_py.wanted.render_capture", lambda *_, **__: Rendered("SELECT 1/0", ""))
    with pytest.raises(psycopg.errors.DivisionByZero):
        audit.install("posts")
    assert everything(conn) == before
    assert audit.tracked() == []
    assert conn.info.transaction_status.name == "IDLE"


def test_in_a_transaction_that_only_reads(db: str, connect: Connect, conn: Conn) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    reader = connect(db)
    reader.read_only = True
    with pytest.raises(ReadOnlyDatabase):
        Audit(reader).install("posts")
    assert reader.info.transaction_status.name == "IDLE"
    assert list(Audit(reader).activity()) == []


def test_a_table_that_is_gone(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    audit.install("posts")
    conn.execute("DROP TABLE posts; CREATE TABLE posts (id int PRIMARY KEY)")
    assert audit.install("posts").outcome == "installed"
    conn.execute("INSERT INTO posts VALUES (1); DROP TABLE posts")
    assert audit.uninstall("posts") == "posts"


def test_two_tables_of_one_name(conn: Conn, audit: Audit) -> None:
    conn.execute(
        'CREATE SCHEMA a; CREATE TABLE a.b (id int PRIMARY KEY); CREATE TABLE "a.b" (id int PRIMARY KEY)'
    )
    assert audit.install("a.b").subject_type == "a.b"
    with pytest.raises(SubjectTypeTaken, match=r"records of a\.b are called 'a\.b'"):
        audit.install('"a.b"')


def test_drop_schema_leaves_nothing(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE keyless (n int)")
    audit.install("posts")
    audit.install("keyless")
    assert audit.drop_schema() == ["keyless", "posts"]
    assert conn.execute("SELECT to_regnamespace('pgaudit_py')::text").fetchone() == (None,)
    conn.execute("INSERT INTO posts VALUES (1)")


def test_inside_somebodys_transaction(db: str, connect: Connect) -> None:
    conn = connect(db)
    audit = Audit(conn)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    for work in (audit.migrate, audit.drop_schema, lambda: audit.install("posts")):
        with pytest.raises(IdleConnectionRequired, match="inside one"):
            work()
    assert audit.install("posts", in_transaction=True).outcome == "installed"
    conn.rollback()
    with pytest.raises(TableNotFound):
        audit.install("posts")


def test_not_the_owner(conn: Conn, db: str, connect: Connect, role: Callable[[], str]) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    user = role()
    conn.execute(f"GRANT USAGE ON SCHEMA pgaudit_py TO {user}")
    theirs = Audit(connect(db, user=user, autocommit=True))
    with pytest.raises(PrivilegeMissing):
        theirs.install("posts")
    conn.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgaudit_py TO {user}")
    with pytest.raises(PrivilegeMissing, match="belongs to postgres"):
        theirs.install("posts")
    conn.execute(f"DROP OWNED BY {user}")


def test_an_edited_migration(conn: Conn, audit: Audit) -> None:
    with conn.transaction(force_rollback=True):
        conn.execute("UPDATE pgaudit_py.migration SET checksum = 'x' WHERE name LIKE 'migrations/%'")
        with pytest.raises(SchemaConflict):
            audit.migrate(in_transaction=True)


def test_an_edited_function_is_put_right(conn: Conn, audit: Audit) -> None:
    conn.execute("UPDATE pgaudit_py.migration SET checksum = 'x' WHERE name = 'functions/version.sql'")
    assert audit.migrate().functions == ("functions/version.sql",)


def test_a_busy_table_is_waited_for(
    conn: Conn, audit: Audit, db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgaudit_py.driving.LOCK_TIMEOUT", 50)
    failed: list[int] = []

    def at_once(attempt: int) -> float:
        failed.append(attempt)
        return 0

    monkeypatch.setattr(running, "pause", at_once)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    writer = connect(db)
    writer.execute("INSERT INTO posts VALUES (1)")
    with pytest.raises(
        LockNotAvailable, match="table posts stayed locked by other sessions, in 10 tries of 50 ms"
    ):
        audit.install("posts")
    assert failed == list(range(9))

    def free_the_table(attempt: int) -> float:
        writer.commit()
        return 0

    monkeypatch.setattr(running, "pause", free_the_table)
    assert audit.install("posts").outcome == "installed"


def test_eight_installers_at_once(db: str, connect: Connect, bare_db: str) -> None:
    connections = [connect(bare_db, autocommit=True) for _ in range(8)]
    connections[0].execute("CREATE TABLE posts (id int PRIMARY KEY)")
    outcomes: list[str] = []

    def work(conn: Conn) -> None:
        audit = Audit(conn)
        audit.migrate()
        outcomes.append(audit.install("posts").outcome)

    threads = [threading.Thread(target=work, args=[conn]) for conn in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["installed"] + ["unchanged"] * 7


def test_other_errors_of_the_database_pass_as_they_are(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY); SET statement_timeout = 1")
    conn.execute("SET statement_timeout = 0")
    conn.close()
    with pytest.raises(psycopg.OperationalError):
        audit.activity()


def test_options_stay_until_others_are_given(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, n int)")
    assert audit.install("posts", snapshots="all", truncate_rows=5).outcome == "installed"
    assert audit.install("posts").outcome == "unchanged"
    assert audit.install("posts", truncate_rows=6).outcome == "updated"
    options = conn.execute("SELECT options FROM pgaudit_py.tracked_table").fetchone()
    assert options
    assert {name: options[0][name] for name in ("snapshots", "truncate_rows")} == {
        "snapshots": "all",
        "truncate_rows": 6,
    }
    audit.uninstall("posts")
    audit.install("posts")
    options = conn.execute("SELECT options FROM pgaudit_py.tracked_table").fetchone()
    assert options == (
        {
            "snapshots": "changes", "truncate_rows": 100_000, "value_limit": 8_388_608, "context": "allow",
            "exclude": [], "redact": [], "key": [],
        },
    )  # fmt: skip


def test_a_rehearsal_does_not_queue_up_before_the_application(
    conn: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    writer, other = connect(db), connect(db, autocommit=True)
    writer.execute("INSERT INTO posts VALUES (1)")
    with audit.rehearsal() as rehearsal:
        assert audit.install("posts").outcome == "installed"
        other.execute("SET lock_timeout = '1ms'; INSERT INTO posts VALUES (2)")
    assert "CREATE OR REPLACE TRIGGER" in rehearsal.sql
    assert audit.tracked() == []


def test_a_renamed_trigger_does_not_stay_beside_the_new_one(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE r (id int PRIMARY KEY)")
    audit.install("r")
    conn.execute('ALTER TRIGGER "00_pgaudit_py" ON r RENAME TO zz_audit; ALTER TABLE r ADD x int')
    assert audit.install("r").outcome == "updated"
    conn.execute("INSERT INTO r VALUES (1)")
    assert [one.action for one in audit.activity()] == ["created", "altered"]
    assert audit.install("r").outcome == "unchanged"


@pytest.mark.parametrize("wrong", [-1, 2**31, 1.5, True, "x"])
def test_a_limit_that_is_no_number(conn: Conn, audit: Audit, wrong: Any) -> None:
    conn.execute("CREATE TABLE r (id int PRIMARY KEY)")
    with pytest.raises(OptionError, match="truncate_rows is"):
        audit.install("r", truncate_rows=wrong)


def test_somebody_elses_schema_is_not_taken_for_ours(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    admin, user = connect(bare_db, autocommit=True), role()
    admin.execute(f'GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {user}'.encode())
    theirs = connect(bare_db, user=user, autocommit=True)
    theirs.execute("CREATE SCHEMA pgaudit_py")
    with pytest.raises(SchemaConflict, match=f"belongs to {user}"):
        Audit(admin).migrate()
    theirs.execute("CREATE TABLE pgaudit_py.migration (id int)")
    theirs.execute("DROP TABLE pgaudit_py.migration; CREATE TABLE pgaudit_py.mine ()")
    with pytest.raises(SchemaConflict, match="not made by this library"):
        Audit(theirs).migrate()
    theirs.execute("DROP TABLE pgaudit_py.mine")
    assert Audit(theirs).migrate()
    # A superuser does not run what the owner may have put there.
    with pytest.raises(SchemaConflict, match=f"belongs to {user}"):
        Audit(admin).migrate()
    acting = connect(bare_db, autocommit=True, options=f"-crole={user}")
    assert not Audit(acting).migrate()
    admin.execute(f"DROP OWNED BY {user} CASCADE".encode())


def test_a_schema_made_for_somebody_who_may_create_none(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    admin, user = connect(bare_db, autocommit=True), role()
    admin.execute(f"CREATE SCHEMA pgaudit_py AUTHORIZATION {user}".encode())
    assert Audit(connect(bare_db, user=user, autocommit=True)).migrate()
    admin.execute(f"DROP OWNED BY {user} CASCADE".encode())


def test_default_privileges_open_nothing(bare_db: str, connect: Connect, role: Callable[[], str]) -> None:
    admin, user = connect(bare_db, autocommit=True), role()
    admin.execute(
        f"""ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {user}; ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO {user};
            ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {user}; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO {user};
            CREATE TABLE posts (id int PRIMARY KEY)""".encode()
    )
    audit = Audit(admin)
    audit.migrate()
    audit.install("posts")
    may = "SELECT has_schema_privilege(%s, 'pgaudit_py', 'USAGE') OR has_schema_privilege(%s, 'pgaudit_py', 'CREATE')"
    assert admin.execute(may, [user, user]).fetchone() == (False,)
    admin.execute("SELECT pgaudit_py.ensure_partitions(5)")
    admin.execute(f"GRANT USAGE ON SCHEMA pgaudit_py TO {user}".encode())
    open_to_them = """SELECT c.oid::regclass::text FROM pg_class AS c
            WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                AND has_table_privilege(%(user)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        UNION ALL
        SELECT c.oid::regclass::text FROM pg_class AS c
            WHERE c.relnamespace = 'pgaudit_py'::regnamespace
                AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(%(user)s, c.oid, 'USAGE, SELECT, UPDATE') END
        UNION ALL
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
            WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND has_function_privilege(%(user)s, p.oid, 'EXECUTE')"""
    assert admin.execute(open_to_them, {"user": user}).fetchall() == []
    # What an administrator grants later is left.
    admin.execute(f"GRANT SELECT ON pgaudit_py.activity_log TO {user}".encode())
    audit.migrate()
    assert admin.execute(open_to_them, {"user": user}).fetchall() == [("pgaudit_py.activity_log",)]
    admin.execute(f"DROP OWNED BY {user}".encode())


def test_new_partitions_keep_nobody_waiting(conn: Conn, audit: Audit, db: str, connect: Connect) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    audit.install("posts")
    open_one, writer = connect(db), connect(db, autocommit=True)
    open_one.execute("INSERT INTO posts VALUES (1)")  # holds the log until it commits
    maker = connect(db, autocommit=True)
    assert len(maker.execute("SELECT pgaudit_py.ensure_partitions(12)").fetchall()) > 5
    writer.execute("SET statement_timeout = '5s'; INSERT INTO posts VALUES (2)")
    open_one.commit()
    identity = """SELECT count(*) FROM pg_attribute WHERE attrelid = 'pgaudit_py.activity_log'::regclass AND attidentity = 'a'"""
    assert conn.execute(identity).fetchone() == (1,)
    kinds = """SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = p.relid AND t.tgenabled = 'A')),
                      count(DISTINCT (SELECT count(*) FROM pg_index AS i WHERE i.indrelid = p.relid)) FROM pg_partition_tree('pgaudit_py.activity_log') AS p"""
    total, guarded, shapes = conn.execute(kinds).fetchall()[0]
    assert (total, shapes) == (guarded, 1)


def test_capture_runs_as_the_owner_of_the_log_whoever_installs(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    admin, owner, writer = connect(bare_db, autocommit=True), role(), role()
    admin.execute(
        f"CREATE SCHEMA pgaudit_py AUTHORIZATION {owner}; CREATE TABLE posts (id int PRIMARY KEY)".encode()
    )
    admin.execute(f"GRANT INSERT ON posts TO {writer}".encode())
    Audit(connect(bare_db, user=owner, autocommit=True)).migrate()
    Audit(admin).install("posts")
    owners = """SELECT DISTINCT pg_get_userbyid(proowner)::text FROM pg_proc
                WHERE pronamespace = 'pgaudit_py'::regnamespace AND prosecdef"""
    assert admin.execute(owners).fetchall() == [(owner,)]
    connect(bare_db, user=writer, autocommit=True).execute("INSERT INTO posts VALUES (1)")
    assert [one.db_role for one in Audit(admin).activity()] == [writer]
    for name in (owner, writer):
        admin.execute(f"DROP OWNED BY {name} CASCADE".encode())


def test_a_session_that_quotes_every_identifier(
    bare_db: str, connect: Connect, server: EmbeddedServer, run: Run
) -> None:
    """It would quote the search_path of a function as well: in Python, in a script, and by what was installed before."""
    conn = connect(bare_db, autocommit=True)
    conn.execute(f'ALTER DATABASE "{conn.info.dbname}" SET quote_all_identifiers = on'.encode())
    conn = connect(bare_db, autocommit=True)
    audit = Audit(conn)
    audit.migrate()
    conn.execute(
        "CREATE TABLE posts (id int PRIMARY KEY, at timestamptz); CREATE TABLE notes (id int PRIMARY KEY)"
    )
    assert audit.install("posts").outcome == "installed"
    script = run("install", "--table", "notes", "--sql", dsn=bare_db)[1]
    psql = [str(server.tool("psql")), "-X", "-d", bare_db]
    subprocess.run(psql, input=script, text=True, check=True, capture_output=True, cwd="/")
    assert conn.execute("SHOW quote_all_identifiers").fetchone() == ("on",)
    pinned = "SELECT DISTINCT s FROM pg_proc, unnest(proconfig) AS s WHERE pronamespace = 'pgaudit_py'::regnamespace AND s LIKE 'search_path=%'"
    assert conn.execute(pinned).fetchall() == [("search_path=pg_catalog, pg_temp",)]
    conn.execute("ALTER FUNCTION pgaudit_py.capture_1() SET search_path = pg_catalog, pg_temp")
    assert conn.execute(pinned + "AND s LIKE '%\"%'").fetchall() == [('search_path="pg_catalog", "pg_temp"',)]
    for one in (audit, Audit(plain := connect(bare_db, autocommit=True))):
        plain.execute("SET quote_all_identifiers = off")
        assert [(found.table, found.state) for found in one.status()] == [
            ("public.notes", "installed"), ("public.posts", "installed")
        ]  # fmt: skip
        assert [one.sync(name).outcome for name in ("notes", "posts")] == ["unchanged", "unchanged"]
    conn.execute(
        "ALTER FUNCTION pgaudit_py.capture_1() SET search_path = 'pg_catalog, pg_temp'"
    )  # one schema of that name
    assert [found.state for found in audit.status()] == ["installed", "modified"]
    assert audit.sync("posts").outcome == "updated"
    assert [found.state for found in audit.status()] == ["installed", "installed"]
