"""Attacks by real logins: on a log that belongs to a role of its own, in a database whose tables belong to others.

tests/integration/test_security.py has those by somebody who was granted nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.errors import AppendOnly, from_database
from tests.conftest import Conn, Connect, contradictions

PARTS = ("evil", "app", "reader", "restorer")
READ_BY = {
    "evil": set(),
    "app": {"tracked_table", "table_shape"},
    "reader": {"tracked_table", "table_shape", "activity_log", "versions", "migration"},
    "restorer": {"tracked_table", "table_shape", "activity_log", "versions", "migration"},
}


@dataclass
class Shop:
    """The superuser; and a login each for the table's owner and for those who were granted a part, or nothing."""

    admin: Conn
    logins: dict[str, Conn]

    def __getitem__(self, who: str) -> Conn:
        return self.logins[who]

    def name(self, who: str) -> str:
        """What a login is called."""
        return self.logins[who].info.user

    @property
    def audit(self) -> Audit:
        """The audit trail, read by the superuser."""
        return Audit(self.admin)

    def log(self) -> list[Any]:
        """All of the log."""
        return self.admin.execute("SELECT * FROM pgaudit_py.activity_log ORDER BY id").fetchall()


@pytest.fixture
def shop(role: Callable[[], str], bare_db: str, connect: Connect) -> Iterator[Shop]:
    admin = connect(bare_db, autocommit=True)
    names = {who: role() for who in (*PARTS, "owner")}
    audit = Audit(admin)
    audit.migrate(owner="audit_owner")
    admin.execute(
        f"""CREATE SCHEMA shop AUTHORIZATION {names["owner"]}; GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC;
            GRANT USAGE ON SCHEMA shop TO PUBLIC; SET ROLE {names["owner"]};
            CREATE TABLE shop.posts (id int PRIMARY KEY, title text, n int);
            GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON shop.posts TO PUBLIC; RESET ROLE""".encode()
    )
    audit.install("shop.posts")
    for part in ("app", "reader", "restorer"):
        audit.grant(names[part], as_=part)
    admin.execute("INSERT INTO shop.posts VALUES (1, 'a', 1)")
    admin.execute("UPDATE shop.posts SET title = 'secret'")
    yield Shop(admin, {who: connect(bare_db, user=name, autocommit=True) for who, name in names.items()})
    assert contradictions(admin) == []
    for name in (*names.values(), "audit_owner"):
        admin.execute(f"DROP OWNED BY {name} CASCADE".encode())
    admin.execute("DROP ROLE audit_owner")


def refused(conn: Conn, statement: str, *kinds: type[psycopg.Error]) -> str:
    """Run what has to be refused; gives the message."""
    with pytest.raises(kinds or (psycopg.errors.InsufficientPrivilege,)) as caught, conn.transaction():
        conn.execute(statement.encode())
    return str(caught.value)


# --- what the schema holds ---


@pytest.mark.parametrize("who", PARTS)
def test_nothing_in_the_schema_can_be_written(shop: Shop, who: str) -> None:
    """Every table, partition and view; only what is granted can be read, and locked as reading does."""
    relations = shop.admin.execute(
        """SELECT c.relname::text, c.relkind::text, (SELECT min(a.attname::text) FROM pg_attribute AS a
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attidentity = '')
           FROM pg_class AS c WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind IN ('r', 'p', 'v')"""
    ).fetchall()
    assert len(relations) > 8
    before = shop.log()
    for name, kind, column in relations:
        table = f"pgaudit_py.{name}"
        statements = [f"INSERT INTO {table} DEFAULT VALUES", f"UPDATE {table} SET {column} = DEFAULT", f"DELETE FROM {table}",
                      f"COPY {table} ({column}) FROM STDIN", f"SELECT FROM {table} FOR UPDATE",
                      f"ALTER {'VIEW' if kind == 'v' else 'TABLE'} {table} RENAME TO x", f"COMMENT ON {'VIEW' if kind == 'v' else 'TABLE'} {table} IS 'x'",
                      f"CREATE RULE x AS ON INSERT TO {table} DO INSTEAD NOTHING"]  # fmt: skip
        if kind != "v":
            statements += [f"MERGE INTO {table} AS t USING (SELECT) AS s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES", f"TRUNCATE {table}", f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE", f"LOCK TABLE {table}",
                           f"CREATE INDEX ON {table} ({column})", f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                           f"ALTER TABLE {table} ENABLE REPLICA TRIGGER append_only", f"CREATE POLICY x ON {table}",
                           f"CREATE TABLE x () INHERITS ({table})", f"ALTER TABLE {table} OWNER TO {shop.name(who)}"]  # fmt: skip
        reading = [
            f"SELECT FROM {table}",
            f"COPY (TABLE {table}) TO STDOUT",
            f"LOCK TABLE {table} IN ACCESS SHARE MODE",
        ]
        for statement in statements:
            refused(
                shop[who], statement, psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType
            )
        for statement in reading:
            if name not in READ_BY[who]:
                refused(shop[who], statement)
        if name in READ_BY[who]:
            shop[who].execute(f"SELECT * FROM {table}".encode())
    assert shop.log() == before


@pytest.mark.parametrize("who", PARTS)
def test_the_schema_itself(shop: Shop, who: str) -> None:
    sequences = shop.admin.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'pgaudit_py'::regnamespace AND relkind = 'S'"
    ).fetchall()
    assert sequences
    for (name,) in sequences:
        for statement in (f"SELECT nextval('{name}')", f"SELECT setval('{name}', 1)", f"SELECT FROM {name}",
                          f"ALTER SEQUENCE {name} RESTART"):  # fmt: skip
            refused(shop[who], statement)
    for statement in (
        "CREATE TABLE pgaudit_py.mine ()", "CREATE FUNCTION pgaudit_py.log(x text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION pgaudit_py.shape_token(relation oid) RETURNS text LANGUAGE sql AS $$SELECT ''$$",
        "ALTER SCHEMA pgaudit_py RENAME TO x", "DROP SCHEMA pgaudit_py CASCADE", "SET ROLE audit_owner",
        "ALTER FUNCTION pgaudit_py.refuse_change() OWNER TO CURRENT_USER", "ALTER FUNCTION pgaudit_py.log SECURITY INVOKER",
        "CREATE PUBLICATION mine FOR TABLES IN SCHEMA pgaudit_py", "ALTER DEFAULT PRIVILEGES FOR ROLE audit_owner GRANT ALL ON TABLES TO PUBLIC",
    ):  # fmt: skip
        refused(shop[who], statement)
    before = shop.audit.roles()
    with shop[who].transaction(), pytest.raises(psycopg.errors.InsufficientPrivilege):
        shop[who].execute("GRANT SELECT ON pgaudit_py.activity_log_default TO PUBLIC")
    shop[who].execute(
        """DO $$BEGIN GRANT SELECT ON pgaudit_py.activity_log TO PUBLIC; GRANT USAGE ON SCHEMA pgaudit_py TO PUBLIC;
           EXCEPTION WHEN insufficient_privilege THEN NULL; END$$"""  # or a mere warning that nothing was granted
    )
    assert shop.audit.roles() == before
    public = """SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'pgaudit_py'::regnamespace AND grantee = 0"""
    assert shop.admin.execute(public).fetchone() == (0,)


@pytest.mark.parametrize("who", PARTS)
def test_every_function_called_directly(shop: Shop, who: str) -> None:
    """With nothing for each argument: what is not granted is refused, and what is granted writes nothing."""
    granted = {
        oid
        for (oid,) in shop.admin.execute(
            "SELECT object FROM pgaudit_py.role_rights() WHERE as_what = %s AND kind = 'FUNCTION'", [who]
        ).fetchall()
    }
    functions = shop.admin.execute(
        """SELECT p.oid, p.oid::regproc::text,
               ARRAY(SELECT CASE t.typname WHEN 'anyelement' THEN 'NULL::shop.posts' WHEN 'record' THEN 'NULL' ELSE 'NULL::' || format_type(t.oid, NULL) END
                     FROM unnest(p.proargtypes) WITH ORDINALITY AS a(oid, position) JOIN pg_type AS t ON t.oid = a.oid
                     ORDER BY a.position), has_function_privilege(%s, p.oid, 'EXECUTE'), p.proisstrict
           FROM pg_proc AS p WHERE p.pronamespace = 'pgaudit_py'::regnamespace""",
        [shop.name(who)],
    ).fetchall()
    before = (
        shop.log(),
        shop.audit.roles(),
        shop.admin.execute("SELECT * FROM pgaudit_py.tracked_table").fetchall(),
    )
    called = 0
    for oid, name, arguments, may, strict in functions:
        call = f"SELECT {name}({', '.join(arguments)})"
        assert may == (oid in granted), name
        if strict and not may:
            continue  # of nothing the planner makes nothing, and calls nobody
        if not may:
            refused(shop[who], call, psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)
        else:
            called += 1
            try:
                shop[who].execute(call.encode())
            except psycopg.errors.InsufficientPrivilege:
                if name != "pgaudit_py.snapshot_held":  # it refuses everybody but snapshot() itself
                    raise
            except psycopg.Error:
                pass  # nothing is no argument for it
    assert called == len(granted)
    assert (
        shop.log(),
        shop.audit.roles(),
        shop.admin.execute("SELECT * FROM pgaudit_py.tracked_table").fetchall(),
    ) == before


# --- the triggers ---


@pytest.mark.parametrize("who", PARTS)
def test_the_triggers_stay(shop: Shop, who: str, connect: Connect, bare_db: str) -> None:
    shop.admin.execute(f"GRANT TRIGGER, REFERENCES ON shop.posts TO {shop.name(who)}".encode())
    user = shop.name(who)
    for trigger in ("00_pgaudit_py", "00_pgaudit_py_truncate"):
        for statement in (
            f'ALTER TABLE shop.posts DISABLE TRIGGER "{trigger}"', f'ALTER TABLE shop.posts ENABLE REPLICA TRIGGER "{trigger}"',
            f'DROP TRIGGER "{trigger}" ON shop.posts', f'ALTER TRIGGER "{trigger}" ON shop.posts RENAME TO x',
            f'CREATE OR REPLACE TRIGGER "{trigger}" AFTER INSERT ON shop.posts EXECUTE FUNCTION public.nothing()',
        ):  # fmt: skip
            refused(
                shop[who], statement, psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction
            )
    for statement in (
        "SET session_replication_role = replica", "SELECT set_config('session_replication_role', 'replica', true)",
        f"ALTER ROLE {user} SET session_replication_role = replica",
        f'ALTER DATABASE "{shop.admin.info.dbname}" SET session_replication_role = replica',
        "ALTER TABLE shop.posts DISABLE TRIGGER ALL", "ALTER TABLE shop.posts RENAME TO x", "DROP TABLE shop.posts",
        "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION public.nothing()",
    ):  # fmt: skip
        refused(shop[who], statement, psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
    with pytest.raises(psycopg.OperationalError, match="session_replication_role"):
        connect(bare_db, user=user, options="-csession_replication_role=replica")
    shop[who].execute("INSERT INTO shop.posts VALUES (2, 'seen', 1)")
    assert shop.audit.activity().items[0].db_role == user


def test_a_batch_role_that_may_set_the_replication_role_is_recorded(shop: Shop) -> None:
    shop.admin.execute(f"GRANT SET ON PARAMETER session_replication_role TO {shop.name('evil')}".encode())
    shop["evil"].execute("SET session_replication_role = replica")
    shop["evil"].execute("UPDATE shop.posts SET n = 2")
    shop["evil"].execute("TRUNCATE shop.posts")
    assert [one.operation for one in shop.audit.activity()][:3] == ["T", "D", "U"]


@pytest.mark.parametrize("who", PARTS)
def test_our_trigger_functions_are_nobodys(shop: Shop, who: str) -> None:
    """On a table of one's own a trigger function of ours would write what one likes into the log."""
    shop[who].execute(
        "CREATE TABLE public.own (id int, title text, n int); CREATE TEMP TABLE posts (id int, title text, n int)"
    )
    for table in ("public.own", "pg_temp.posts"):
        for function in ("capture_1", "capture_1_truncate", "refuse_change"):
            for timing in ("AFTER INSERT", "BEFORE TRUNCATE"):
                level = "ROW" if timing == "AFTER INSERT" else "STATEMENT"
                refused(shop[who], f"""CREATE TRIGGER x {timing} ON {table} FOR EACH {level}
                                       EXECUTE FUNCTION pgaudit_py.{function}('shop.posts', '1', 'forged')""")  # fmt: skip
    shop[who].execute("INSERT INTO public.own VALUES (1, 'forged', 1); DROP TABLE public.own")
    assert len(shop.log()) == 2


# --- names that shadow ours ---

SHADOWS = """
    CREATE SCHEMA IF NOT EXISTS evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
    CREATE TABLE evil.ran (what text, who text); GRANT SELECT, INSERT ON evil.ran TO PUBLIC;
    CREATE FUNCTION evil.trap(what text) RETURNS text LANGUAGE plpgsql
        AS $$BEGIN INSERT INTO evil.ran VALUES (what, current_user); RETURN 'forged'; END$$;
"""
HOSTILE = """
    CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$SELECT pg_catalog.to_jsonb(evil.trap('to_jsonb'))$$;
    CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('format')$$;
    CREATE FUNCTION evil.format(text, anyelement) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('format')$$;
    CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('setting')$$;
    CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('set_config')$$;
    CREATE FUNCTION evil.jsonb_each(jsonb) RETURNS TABLE (key text, value jsonb) LANGUAGE sql AS $$SELECT evil.trap('each'), NULL::pg_catalog.jsonb$$;
    CREATE FUNCTION evil."left"(text, int) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('left')$$;
    CREATE FUNCTION evil.octet_length(text) RETURNS int LANGUAGE sql AS $$SELECT length(evil.trap('octet_length'))$$;
    CREATE FUNCTION evil.cardinality(anyarray) RETURNS int LANGUAGE sql AS $$SELECT length(evil.trap('cardinality'))$$;
    CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT evil.trap('=') IS NULL$$;
    CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.same);
    CREATE FUNCTION evil.same(int, int) RETURNS boolean LANGUAGE sql AS $$SELECT evil.trap('=') IS NULL$$;
    CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.same);
    CREATE FUNCTION evil.member(jsonb, text) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('->>')$$;
    CREATE OPERATOR evil.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = evil.member);
    CREATE FUNCTION evil.joined(jsonb, jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT pg_catalog.to_jsonb(evil.trap('||'))$$;
    CREATE OPERATOR evil.|| (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = evil.joined);
    CREATE DOMAIN evil.int4 AS text; CREATE DOMAIN evil.jsonb AS text; CREATE DOMAIN evil.regclass AS text;
    CREATE VIEW evil.pg_class AS SELECT evil.trap('pg_class') AS relname; CREATE VIEW evil.pg_attribute AS SELECT evil.trap('pg_attribute') AS attname;
    CREATE TABLE evil.activity_log (id int); CREATE TABLE evil.posts (id int);
"""
TEMPORARY = ("activity_log", "tracked_table", "table_shape", "versions", "posts", "pg_class", "pg_attribute", "pg_type",
             "pg_roles", "pg_proc", "pg_trigger")  # fmt: skip


def shadow(shop: Shop, who: str) -> Conn:
    """Give a login a session in which every name of ours means something else."""
    theirs = shop[who]
    for name in TEMPORARY:
        theirs.execute(f"CREATE TEMP TABLE {name} (id int)".encode())
    theirs.execute(
        "CREATE TYPE pg_temp.jsonb AS ENUM ('forged'); SET search_path = pg_temp, evil, pg_catalog, shop"
    )
    return theirs


@pytest.mark.parametrize("who", PARTS)
def test_writing_where_names_mean_something_else(shop: Shop, who: str) -> None:
    shop.admin.execute((SHADOWS + HOSTILE).encode())
    theirs = shadow(shop, who)
    theirs.execute("INSERT INTO shop.posts VALUES (2, 'b', 1)")
    theirs.execute("UPDATE shop.posts SET title = 'c', n = 3 WHERE id OPERATOR(pg_catalog.=) 2")
    theirs.execute("DELETE FROM shop.posts WHERE id OPERATOR(pg_catalog.=) 1")
    theirs.execute("TRUNCATE shop.posts")
    assert shop.admin.execute("SELECT * FROM evil.ran").fetchall() == []
    theirs.execute("SELECT \"left\"('x', 1), current_setting('x', true)")  # so the traps work
    assert len(shop.admin.execute("SELECT * FROM evil.ran").fetchall()) == 2
    told = [(one.operation, one.snapshot) for one in shop.audit.activity().items[:5]]
    assert told == [
        ("T", None), ("D", {"id": 2, "title": "c", "n": 3}), ("D", {"id": 1, "title": "secret", "n": 1}), ("U", None),
        ("I", {"id": 2, "title": "b", "n": 1}),
    ]  # fmt: skip


def test_an_application_where_names_mean_something_else(shop: Shop) -> None:
    shop.admin.execute((SHADOWS + HOSTILE).encode())
    theirs = shadow(shop, "app")
    with theirs.transaction():
        set_actor(theirs, 42, metadata={"a": 1})
        theirs.execute("SELECT pgaudit_py.set_actor('43', metadata => '{\"b\": 2}'::pg_catalog.jsonb)")
        Audit(theirs).log("published", ("shop.posts", 1), metadata={"c": 3})
    logged = shop.audit.activity().items[0]
    assert (logged.action, logged.causer, logged.subject_id, logged.metadata) == (
        "published",
        "43",
        "1",
        {"b": 2, "c": 3},
    )
    assert shop.admin.execute("SELECT * FROM evil.ran").fetchall() == []


def everything_read(audit: Audit) -> list[Any]:
    """What every read of a record gives."""
    history = audit.history("shop.posts", 1)
    return [
        history, audit.activity().items, audit.versions("shop.posts", 1), audit.version(1),
        audit.record_at("shop.posts", 1, at=history[0].created_at), audit.diff(1, 2),
        audit.verify_table("shop.posts"), audit.tracked(), audit.roles(), audit.subject_type("shop.posts"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["reader", "restorer"])
def test_reading_where_names_mean_something_else(shop: Shop, who: str) -> None:
    expected = everything_read(Audit(shop[who]))
    shop.admin.execute((SHADOWS + HOSTILE).encode())
    assert everything_read(Audit(shadow(shop, who))) == expected
    assert shop.admin.execute("SELECT * FROM evil.ran").fetchall() == []


def test_restoring_where_names_mean_something_else(shop: Shop) -> None:
    shop.admin.execute((SHADOWS + HOSTILE).encode())
    audit = Audit(shadow(shop, "restorer"))
    assert audit.restore(version=1).operation == "update"
    assert shop.admin.execute("SELECT title FROM shop.posts").fetchone() == ("a",)
    audit.conn.execute("DELETE FROM shop.posts")
    assert audit.restore(version=2).operation == "insert"
    assert shop.admin.execute("SELECT * FROM evil.ran").fetchall() == []


def test_whatever_the_session_is_set_to(shop: Shop) -> None:
    """Every setting a user may change that changes what SQL means: the log is the same as without."""
    writes = ("INSERT INTO shop.posts VALUES (3, E'b\\\\s', NULL)", "UPDATE shop.posts SET n = 4 WHERE id = 3",
              "UPDATE shop.posts SET id = 5 WHERE id = 3", "DELETE FROM shop.posts WHERE id = 5", "TRUNCATE shop.posts",
              "INSERT INTO shop.posts VALUES (1, 'a', 1)", "UPDATE shop.posts SET title = 'secret'")  # fmt: skip
    settings = """SET transform_null_equals = on; SET standard_conforming_strings = off; SET backslash_quote = on;
        SET quote_all_identifiers = on; SET row_security = off; SET array_nulls = off; SET "plpgsql.extra_errors" = 'all';
        SET escape_string_warning = off; SET xmloption = document; SET "DateStyle" = 'German'; SET extra_float_digits = -15;
        SET enable_seqscan = off; SET constraint_exclusion = on; SET check_function_bodies = off; SET jit_above_cost = 0"""
    for adapt in ("SELECT", settings):
        shop["app"].execute(adapt.encode())
        for write in writes:
            shop["app"].execute(write.encode())
    told = [(one.operation, one.subject_id, one.changes, one.snapshot) for one in shop.audit.activity().items]
    once = len(told) // 2
    assert told[: once - 1] == told[once - 1 : 2 * once - 2]


# --- code of a table's owner ---


def test_a_tables_code_never_runs_as_the_owner_of_the_log(shop: Shop) -> None:
    """Casts, domains, defaults, policies and triggers of a table's owner: they run as whoever writes, reads or restores."""
    shop.admin.execute(
        f'GRANT CREATE ON DATABASE "{shop.admin.info.dbname}" TO {shop.name("owner")}'.encode()
    )
    shop["owner"].execute(
        (
            SHADOWS
            + """CREATE FUNCTION evil.ok(what text) RETURNS boolean LANGUAGE sql AS $$SELECT evil.trap(what) IS NOT NULL$$;
        CREATE DOMAIN shop.key AS int CHECK (evil.ok('key'));
        CREATE DOMAIN shop.word AS text CHECK (evil.ok('word'));
        CREATE TYPE shop.mood AS ENUM ('sad', 'happy'); CREATE TYPE shop.pair AS (a int, b int);
        CREATE FUNCTION evil.lie(shop.mood) RETURNS json LANGUAGE sql AS $$SELECT pg_catalog.to_json(evil.trap('json'))$$;
        CREATE FUNCTION evil.lie_b(shop.mood) RETURNS jsonb LANGUAGE sql AS $$SELECT pg_catalog.to_jsonb(evil.trap('jsonb'))$$;
        CREATE FUNCTION evil.lie_text(shop.mood) RETURNS text LANGUAGE sql AS $$SELECT evil.trap('text')$$;
        CREATE FUNCTION evil.lie(shop.pair) RETURNS json LANGUAGE sql AS $$SELECT pg_catalog.to_json(evil.trap('pair'))$$;
        CREATE CAST (shop.mood AS json) WITH FUNCTION evil.lie(shop.mood);
        CREATE CAST (shop.mood AS jsonb) WITH FUNCTION evil.lie_b(shop.mood);
        CREATE CAST (shop.mood AS text) WITH FUNCTION evil.lie_text(shop.mood) AS IMPLICIT;
        CREATE CAST (shop.pair AS json) WITH FUNCTION evil.lie(shop.pair);
        CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM evil.trap('trigger'); RETURN new; END$$;
        CREATE TABLE shop.traps (id shop.key PRIMARY KEY, word shop.word DEFAULT evil.trap('default'), mood shop.mood, pair shop.pair,
            n int CHECK (evil.ok('check')), doc jsonb);
        CREATE TRIGGER "000" BEFORE INSERT OR UPDATE ON shop.traps FOR EACH ROW EXECUTE FUNCTION shop.touch();
        GRANT ALL ON shop.traps TO PUBLIC"""
        ).encode()
    )
    shop.audit.install("shop.traps")
    app, reader, restorer = shop["app"], Audit(shop["reader"]), Audit(shop["restorer"])
    app.execute("INSERT INTO shop.traps (id, mood, pair, n, doc) VALUES (1, 'sad', '(1,2)', 1, '{}')")
    app.execute("UPDATE shop.traps SET mood = 'happy', pair = '(3,4)', word = 'x'")
    shop["owner"].execute("ALTER TABLE shop.traps ADD late shop.word")  # from now on by the slow way
    with app.transaction():
        app.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        app.execute("UPDATE shop.traps SET late = 'y'")
    first, *_, last = reader.history("shop.traps", 1)
    assert (first.state or {})["mood"] == "sad"
    assert (last.state or {})["mood"] == "happy"
    assert reader.record_at("shop.traps", 1, at=last.created_at) == last.state
    assert reader.verify_table("shop.traps") == []
    Audit(app).log("seen", ("shop.traps", 1))
    plan = restorer.plan_restore(version=first.id)
    assert plan.warnings == (f'trigger "000" runs code of {shop.name("owner")} with your rights',)
    assert restorer.restore(plan).operation == "update"
    app.execute("TRUNCATE shop.traps")
    assert [one.operation for one in shop.audit.activity(subject="shop.traps", action="truncated")] == ["T"]
    app.execute("SELECT 'sad'::shop.mood::json")  # so the lies work
    ran = dict(
        shop.admin.execute("SELECT who, array_agg(DISTINCT what) FROM evil.ran GROUP BY who").fetchall()
    )
    assert "audit_owner" not in ran
    assert "postgres" not in ran
    assert "trigger" in ran[shop.name("restorer")]
    told = [what for found in ran.values() for what in found if what in {"json", "jsonb", "text", "pair"}]
    assert told == ["json"]


# --- what may not be learned ---


def test_an_application_learns_nothing_of_values(shop: Shop) -> None:
    """What an app may call to name a record tells it no more than its own rights on the table do."""
    shop.admin.execute(
        """CREATE TABLE shop.secrets (id numeric PRIMARY KEY, body text); INSERT INTO shop.secrets VALUES (1.50, 'hidden')"""
    )
    shop.audit.install("shop.secrets")
    named = "SELECT pgaudit_py.subject_id('shop.secrets', '{1.5}')"
    assert shop["app"].execute(named).fetchone() == ("1.5",)
    shop.admin.execute(
        f"GRANT SELECT ON shop.secrets TO {shop.name('app')}; ALTER TABLE shop.secrets ENABLE ROW LEVEL SECURITY".encode()
    )
    assert shop["app"].execute(named).fetchone() == ("1.5",)
    shop.admin.execute("ALTER TABLE shop.secrets DISABLE ROW LEVEL SECURITY")
    assert shop["app"].execute(named).fetchone() == ("1.50",)
    shop.admin.execute(f"REVOKE SELECT ON shop.secrets FROM {shop.name('app')}".encode())
    said = [
        refused(shop["app"], "SELECT pgaudit_py.subject_id('shop.secrets', '{x}')", psycopg.Error),
        refused(shop["app"], "SELECT pgaudit_py.subject_id('shop.secrets', '{1,2}')", psycopg.Error),
        refused(shop["app"], "SELECT pgaudit_py.live_subject('shop.secrets'::regclass, '{id}', '1.5')"),
        refused(shop["app"], "SELECT pgaudit_py.log('x', 'shop.secrets', repeat('x', 3000))", psycopg.Error),
        refused(shop["app"], "SELECT pgaudit_py.version(1)"),
    ]  # fmt: skip
    assert not [message for message in said if "hidden" in message or "1.50" in message]


# --- the log is append-only ---


def changes_of(table: str) -> list[str]:
    return [
        f"UPDATE {table} SET action = 'x'", f"UPDATE {table} SET action = 'x' WHERE false", f"DELETE FROM {table}",
        f"TRUNCATE {table}", f"TRUNCATE {table} RESTART IDENTITY CASCADE",
        f"MERGE INTO {table} AS t USING (SELECT) AS s ON true WHEN MATCHED THEN DELETE",
        f"MERGE INTO {table} AS t USING (SELECT) AS s ON true WHEN MATCHED THEN UPDATE SET action = 'x'",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["owner", "superuser", "replica"])
def test_the_log_and_each_of_its_partitions_is_append_only(shop: Shop, by: str) -> None:
    shop.admin.execute("SELECT pgaudit_py.ensure_partitions(7)")
    tables = shop.admin.execute(
        "SELECT relid::regclass::text FROM pg_partition_tree('pgaudit_py.activity_log')"
    ).fetchall()
    assert len(tables) >= 10
    before = shop.log()
    shop.admin.execute({"owner": "SET ROLE audit_owner", "superuser": "SELECT",
                        "replica": "SET session_replication_role = replica"}[by].encode())  # fmt: skip
    for (table,) in tables:
        for statement in changes_of(table):
            with pytest.raises(psycopg.Error) as caught, shop.admin.transaction():
                shop.admin.execute(statement.encode())
            assert isinstance(from_database(caught.value), AppendOnly), statement
    upsert = """INSERT INTO pgaudit_py.activity_log (id, created_at, action) OVERRIDING SYSTEM VALUE
                SELECT id, created_at, 'x' FROM pgaudit_py.activity_log ON CONFLICT (id, created_at) DO UPDATE SET action = 'x'"""
    with pytest.raises(psycopg.Error) as caught:
        shop.admin.execute(upsert)
    assert isinstance(from_database(caught.value), AppendOnly)
    shop.admin.execute("RESET ROLE; RESET session_replication_role")
    assert shop.log() == before
