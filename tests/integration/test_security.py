"""Nobody gets at the log through the audit trail, and nobody's code runs as its owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, n int)")
    audit.install("posts")
    return conn


@pytest.fixture
def app(posts: Conn, db: str, connect: Connect, role: Callable[[], str]) -> Iterator[Conn]:
    """Somebody who may write to the table, and has no rights on the audit trail."""
    user = role()
    posts.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON posts TO {user}".encode())
    theirs = connect(db, user=user, autocommit=True)
    yield theirs
    posts.execute(f"DROP OWNED BY {user}".encode())


def test_every_write_is_recorded_without_a_grant(app: Conn, audit: Audit) -> None:
    app.execute(
        "INSERT INTO posts VALUES (1, 'a', 1), (2, 'b', 1); UPDATE posts SET n = 2; DELETE FROM posts WHERE id = 1"
    )
    app.execute("TRUNCATE posts")
    assert [one.operation for one in audit.activity()] == ["T", "D", "D", "U", "U", "I", "I"]
    assert {one.db_role for one in audit.activity()} == {app.info.user}


def test_an_altered_table_too(app: Conn, posts: Conn, audit: Audit) -> None:
    posts.execute("ALTER TABLE posts ADD more int DEFAULT 1, DROP n")
    app.execute("INSERT INTO posts VALUES (1, 'a', 5); UPDATE posts SET more = 2; TRUNCATE posts")
    assert [one.snapshot for one in audit.activity(action="deleted")] == [{"id": 1, "title": "a", "more": 2}]


@pytest.mark.parametrize("usage", [False, True])
def test_nothing_else_is_allowed(app: Conn, posts: Conn, usage: bool) -> None:
    if usage:  # else the schema alone refuses everything, whatever may be done with what it holds
        posts.execute(f"GRANT USAGE ON SCHEMA pgaudit_py TO {app.info.user}".encode())
    relations = posts.execute(
        """SELECT c.oid::regclass::text, c.relkind::text FROM pg_class AS c
           WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')"""
    ).fetchall()
    statements = []
    for name, kind in relations:
        if kind == "S":
            statements += [f"SELECT nextval('{name}')", f"SELECT setval('{name}', 1)"]
        else:
            column = posts.execute(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum = 2",
                [name],
            ).fetchall()[0][0]
            statements += [f"SELECT FROM {name}", f"INSERT INTO {name} DEFAULT VALUES", f"DELETE FROM {name}",
                           f"UPDATE {name} SET {column} = DEFAULT", f"COPY {name} FROM STDIN",
                           f"COPY {name} TO STDOUT" if kind == "r" else f"TABLE {name}"]  # fmt: skip
        if kind in "rp":
            statements += [
                f"TRUNCATE {name}",
                f"LOCK TABLE {name} IN ACCESS SHARE MODE",
                f"ALTER TABLE {name} ADD x int",
            ]
    functions = posts.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace AND pronargs = 0"
    ).fetchall()
    statements += [f"SELECT {name}" for (name,) in functions]
    statements += ["CREATE TABLE pgaudit_py.mine (id int)", "SET session_replication_role = replica",
                   'ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"', 'DROP TRIGGER "00_pgaudit_py" ON posts',
                   'ALTER TRIGGER "00_pgaudit_py" ON posts RENAME TO x']  # fmt: skip
    assert len(statements) > 40
    callable_ones = posts.execute(
        """SELECT oid::regprocedure::text FROM pg_proc
           WHERE pronamespace = 'pgaudit_py'::regnamespace AND has_function_privilege(%s, oid, 'EXECUTE')""",
        [app.info.user],
    ).fetchall()
    assert callable_ones == []
    for statement in statements:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement.encode())


def test_our_trigger_function_cannot_be_borrowed(app: Conn, posts: Conn) -> None:
    user = app.info.user
    posts.execute(f"GRANT USAGE ON SCHEMA pgaudit_py TO {user}".encode())
    app.execute("CREATE TEMP TABLE forged (id int, title text, n int)")
    for function in ("capture_1", "capture_1_truncate"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"""CREATE TRIGGER x AFTER INSERT ON forged FOR EACH ROW
                            EXECUTE FUNCTION pgaudit_py.{function}('posts')""".encode())  # fmt: skip


def test_the_lint(posts: Conn) -> None:
    functions = posts.execute(
        """SELECT p.oid::regproc::text, p.prosecdef, p.proconfig, p.proacl::text, p.proowner = n.nspowner, p.prosrc
           FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = 'pgaudit_py'"""
    ).fetchall()
    assert {name for name, definer, *_ in functions if definer} == {
        "pgaudit_py.log", "pgaudit_py.log_change", "pgaudit_py.snapshot_held", "pgaudit_py.capture_1", "pgaudit_py.capture_1_truncate",
    }  # fmt: skip
    ours = "activity_log|tracked_table|table_shape|migration|versions"
    for name, definer, settings, acl, owned, body in functions:
        code = re.sub(r"--.*|'[^']*'", "", body)
        assert not re.search(rf"(?<!pgaudit_py\.)\b(FROM|JOIN|INTO|UPDATE|TABLE) ({ours})\b", code), name
        assert owned, name
        assert acl is not None, f"{name}: PUBLIC may execute it"
        assert "{=X" not in acl, f"{name}: PUBLIC may execute it"
        assert ",=X" not in acl, f"{name}: PUBLIC may execute it"
        if definer:
            assert "search_path=pg_catalog, pg_temp" in settings, name
    assert posts.execute("SELECT nspacl::text FROM pg_namespace WHERE nspname = 'pgaudit_py'").fetchone() == (
        "{postgres=UC/postgres}",
    )
    forced = "SELECT count(*) FROM pg_class WHERE relnamespace = 'pgaudit_py'::regnamespace AND relforcerowsecurity"
    assert posts.execute(forced).fetchone() == (0,)
    assert posts.execute(
        "SELECT tgname::text, tgenabled::text FROM pg_trigger WHERE tgrelid = 'posts'::regclass ORDER BY 1"
    ).fetchall() == [("00_pgaudit_py", "A"), ("00_pgaudit_py_truncate", "A")]


HOSTILE = """
    CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
    CREATE TABLE evil.ran (who text); GRANT INSERT ON evil.ran TO PUBLIC;
    CREATE FUNCTION evil.trap() RETURNS text LANGUAGE sql AS $$INSERT INTO evil.ran VALUES (current_user) RETURNING 'forged'$$;
    CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$SELECT pg_catalog.to_jsonb(evil.trap())$$;
    CREATE FUNCTION evil.format(text, anyelement) RETURNS text LANGUAGE sql AS $$SELECT evil.trap()$$;
    CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$SELECT evil.trap()$$;
    CREATE FUNCTION evil.jsonb_build_object(VARIADIC "any") RETURNS jsonb LANGUAGE internal AS 'jsonb_build_object';
    CREATE FUNCTION evil.left(text, int) RETURNS text LANGUAGE sql AS $$SELECT evil.trap()$$;
    CREATE FUNCTION evil.same(int, int) RETURNS boolean LANGUAGE sql AS $$SELECT evil.trap() IS NULL$$;
    CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.same);
    CREATE FUNCTION evil.joined(jsonb, jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT pg_catalog.to_jsonb(evil.trap())$$;
    CREATE OPERATOR evil.|| (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = evil.joined);
    CREATE DOMAIN evil.int4 AS text; CREATE DOMAIN evil.jsonb AS text;
"""


def test_a_hostile_search_path(app: Conn, posts: Conn, audit: Audit) -> None:
    posts.execute(HOSTILE)
    app.execute("SET search_path = evil, pg_catalog, public")
    app.execute("INSERT INTO public.posts VALUES (1, 'a', 1); UPDATE public.posts SET n = 2, title = 'b'")
    app.execute(
        "DELETE FROM public.posts; INSERT INTO public.posts VALUES (2, 'c', 1); TRUNCATE public.posts"
    )
    assert posts.execute("SELECT * FROM evil.ran").fetchall() == []
    assert [one.snapshot for one in audit.activity(action="deleted")] == [
        {"id": 2, "title": "c", "n": 1}, {"id": 1, "title": "b", "n": 2},
    ]  # fmt: skip
    posts.execute("DROP SCHEMA evil CASCADE")


def test_reading_under_a_hostile_search_path(posts: Conn, audit: Audit) -> None:
    posts.execute("INSERT INTO posts VALUES (1, 'a', 1); UPDATE posts SET n = 2")
    expected = (audit.history("posts", 1), audit.versions("posts", 1), audit.activity().items)
    posts.execute(HOSTILE)
    posts.execute("SET search_path = evil, pg_catalog, public")
    assert (audit.history("posts", 1), audit.versions("posts", 1), audit.activity().items) == expected
    assert audit.verify_table("posts") == []
    assert audit.restore(version=1).operation == "update"
    assert audit.install("public.posts").outcome == "unchanged"
    assert posts.execute("SELECT * FROM evil.ran").fetchall() == []
    posts.execute("RESET search_path; DROP SCHEMA evil CASCADE")


def test_temporary_tables_named_like_ours(app: Conn, posts: Conn, audit: Audit) -> None:
    for name in ("activity_log", "tracked_table", "table_shape", "posts", "pg_attribute", "pg_type"):
        app.execute(f"CREATE TEMP TABLE {name} (id int)".encode())
    app.execute("INSERT INTO public.posts VALUES (1, 'a', 1); TRUNCATE public.posts")
    assert [one.action for one in audit.activity()] == ["truncated", "deleted", "created"]


def test_hostile_casts_are_not_run(conn: Conn, audit: Audit) -> None:
    conn.execute(
        """CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (a int, b int); CREATE TABLE ran (who text);
           CREATE FUNCTION lie(mood) RETURNS json LANGUAGE sql AS $$INSERT INTO ran VALUES ('json'); SELECT '"forged"'::json$$;
           CREATE FUNCTION lie_text(mood) RETURNS text LANGUAGE sql AS $$INSERT INTO ran VALUES ('text'); SELECT 'forged'$$;
           CREATE FUNCTION lie(pair) RETURNS json LANGUAGE sql AS $$INSERT INTO ran VALUES ('json'); SELECT '"forged"'::json$$;
           CREATE CAST (mood AS json) WITH FUNCTION lie(mood); CREATE CAST (mood AS text) WITH FUNCTION lie_text(mood);
           CREATE CAST (pair AS json) WITH FUNCTION lie(pair);
           CREATE TABLE moody (id int PRIMARY KEY, mood mood, pair pair)"""
    )
    audit.install("moody")
    conn.execute("INSERT INTO moody VALUES (1, 'sad', '(1,2)')")
    assert audit.activity().items[0].snapshot == {"id": 1, "mood": "sad", "pair": "(1,2)"}
    conn.execute("ALTER TABLE moody ADD drifted int; UPDATE moody SET mood = 'happy'")
    assert audit.activity().items[0].changes["mood"].new == "happy"
    assert conn.execute("SELECT * FROM ran").fetchall() == []


def test_row_security_hides_nothing_from_the_trail(app: Conn, posts: Conn, audit: Audit) -> None:
    posts.execute("INSERT INTO posts VALUES (1, 'a', 1), (2, 'b', 1)")
    posts.execute(
        f"ALTER TABLE posts ENABLE ROW LEVEL SECURITY; CREATE POLICY one ON posts TO {app.info.user} USING (id = 1)".encode()
    )
    app.execute("UPDATE posts SET n = 2")
    assert [one.subject_id for one in audit.activity(action="updated")] == ["1"]
