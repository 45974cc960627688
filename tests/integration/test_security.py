"""Nobody gets at the log through the audit trail, and nobody's code runs as its owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


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
        "pgaudit_py.watch_ddl",
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


def test_row_security_hides_no_new_rows_either(app: Conn, posts: Conn, audit: Audit) -> None:
    """What its own writer may not read, nor the owner where row security is forced, the trail still has."""
    user = app.info.user
    posts.execute(
        f"""ALTER TABLE posts ENABLE ROW LEVEL SECURITY; ALTER TABLE posts FORCE ROW LEVEL SECURITY;
            CREATE POLICY come ON posts FOR INSERT TO {user} WITH CHECK (true);
            CREATE POLICY see ON posts FOR SELECT TO {user} USING (id < 3);
            CREATE POLICY change ON posts FOR UPDATE TO {user} USING (true) WITH CHECK (true);
            CREATE POLICY go ON posts FOR DELETE TO {user} USING (id <> 1)""".encode()
    )
    app.execute("INSERT INTO posts VALUES (1, 'a', 1), (2, 'b', 1), (3, 'hidden', 1)")
    assert app.execute("SELECT id FROM posts ORDER BY id").fetchall() == [(1,), (2,)]
    app.execute("UPDATE posts SET n = 2; DELETE FROM posts")
    said = [(one.operation, one.subject_id) for one in audit.activity()]
    expected = [
        ("I", "1"),
        ("I", "2"),
        ("I", "3"),
        ("U", "1"),
        ("U", "2"),
        ("U", "3"),
        ("D", "2"),
        ("D", "3"),
    ]
    assert sorted(said, key=str) == sorted(expected, key=str)


def test_forced_row_security_binds_the_owner_and_not_the_trail(
    conn: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str]
) -> None:
    owner = role()
    conn.execute(
        f"""CREATE TABLE owned (id int PRIMARY KEY, n int); ALTER TABLE owned OWNER TO {owner};
            ALTER TABLE owned ENABLE ROW LEVEL SECURITY; ALTER TABLE owned FORCE ROW LEVEL SECURITY;
            CREATE POLICY one ON owned USING (id = 1) WITH CHECK (true)""".encode()
    )
    audit.install("owned")
    theirs = connect(db, user=owner, autocommit=True)
    theirs.execute("INSERT INTO owned VALUES (1, 1), (2, 1); UPDATE owned SET n = 2")
    theirs.execute("TRUNCATE owned")
    said = [(one.operation, one.subject_id) for one in audit.activity()]
    expected = [("I", "1"), ("I", "2"), ("U", "1"), ("D", "1"), ("D", "2"), ("T", None)]
    assert sorted(said, key=str) == sorted(expected, key=str)
    conn.execute(f"DROP OWNED BY {owner}".encode())


def test_roles_that_are_taken_on_are_recorded(
    app: Conn, posts: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str]
) -> None:
    """Who logged in is told apart from the role that was set; a SECURITY DEFINER function is neither."""
    user, other, definer = app.info.user, role(), role()
    posts.execute(
        f"""GRANT {other} TO {user}; GRANT ALL ON posts TO {other}, {definer};
            CREATE FUNCTION come(key int) RETURNS void LANGUAGE sql SECURITY DEFINER
                AS $$INSERT INTO public.posts VALUES (key, current_user, 0)$$;
            ALTER FUNCTION come(int) OWNER TO {definer}""".encode()
    )
    app.execute("SELECT come(1)")
    app.execute(f"SET ROLE {other}".encode())
    app.execute("SELECT come(2); UPDATE posts SET n = 2 WHERE id = 1; RESET ROLE")
    with app.transaction():
        app.execute(f"SET LOCAL ROLE {other}".encode())
        app.execute("DELETE FROM posts WHERE id = 1")
    app.execute("DELETE FROM posts")
    known = connect(db, autocommit=True)
    known.execute(f"SET SESSION AUTHORIZATION {user}".encode())
    known.execute("SELECT come(3)")
    known.execute(f"SET ROLE {other}".encode())
    known.execute("TRUNCATE posts")
    said = [(one.operation, one.subject_id, one.db_role, one.set_role) for one in audit.activity()]
    assert said[::-1] == [
        ("I", "1", user, None),
        ("I", "2", user, other),
        ("U", "1", user, other),
        ("D", "1", user, other),
        ("D", "2", user, None),
        ("I", "3", user, None),
        ("D", "3", user, other),
        ("T", None, user, other),
    ]
    created = audit.activity(action="created")
    assert [one.snapshot and one.snapshot["title"] for one in created] == [definer] * 3
    known.close()
    posts.execute("DROP FUNCTION come")
    for name in (other, definer):
        posts.execute(f"DROP OWNED BY {name} CASCADE".encode())


TRAPS = """
    CREATE TABLE theirs.ran (what text, who text);
    CREATE TYPE theirs.mood AS ENUM ('sad', 'happy');
    CREATE TYPE theirs.pair AS (a int, b text);
    CREATE DOMAIN theirs.feeling AS theirs.mood;
    CREATE DOMAIN theirs.couple AS theirs.pair;
    CREATE TYPE theirs.moods AS RANGE (subtype = theirs.mood);
"""
# From their types to ours, and back where a restore reads; each says that it ran, and lies.
TRAP = """
    CREATE FUNCTION theirs.trap_{n}({source}) RETURNS {target} LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO theirs.ran VALUES ('{source} {target}', current_user); RETURN {lie}; END$$;
    GRANT INSERT ON theirs.ran TO PUBLIC;
    CREATE CAST ({source} AS {target}) WITH FUNCTION theirs.trap_{n}({source}) AS {context};
"""
LIES = {
    "json": "'\"forged\"'::json", "jsonb": "'\"forged\"'::jsonb", "text": "'forged'::text", "varchar": "'forged'::varchar",
    "theirs.mood": "'happy'::theirs.mood", "theirs.pair": "'(6,forged)'::theirs.pair", "theirs.moods": "'empty'::theirs.moods",
}  # fmt: skip
HELD = ("id", "feels", "pair", "felt", "couple", "span", "many")


def test_casts_of_somebody_who_owns_the_types_are_never_run(
    conn: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str]
) -> None:
    owner = role()
    conn.execute(f"CREATE SCHEMA theirs AUTHORIZATION {owner}".encode())
    theirs = connect(db, user=owner, autocommit=True)
    theirs.execute(TRAPS.encode())
    own, ours = ("theirs.mood", "theirs.pair", "theirs.moods"), ("json", "jsonb", "text", "varchar")
    for n, (one, other) in enumerate((one, other) for one in own for other in ours):
        for number, source, target in ((2 * n, one, other), (2 * n + 1, other, one)):
            context = (
                "ASSIGNMENT" if one == "theirs.mood" else "IMPLICIT"
            )  # else no = of two moods could be found
            trap = TRAP.format(n=number, source=source, target=target, lie=LIES[target], context=context)
            theirs.execute(trap.encode())
    theirs.execute(
        """CREATE TABLE theirs.t (id theirs.mood PRIMARY KEY, feels theirs.mood, pair theirs.pair, felt theirs.feeling,
                                  couple theirs.couple, span theirs.moods, many theirs.mood[])"""
    )
    row = ("sad", "happy", '(1,"x y")', "sad", "(2,z)", "[sad,happy)", "{sad,happy}")
    audit.install("theirs.t")
    theirs.execute(
        "INSERT INTO theirs.t VALUES ('sad', 'happy', '(1,x y)', 'sad', '(2,z)', '[sad,happy)', '{sad,happy}')"
    )
    assert audit.activity().items[0].snapshot == dict(zip(HELD, row, strict=True))
    theirs.execute(
        "UPDATE theirs.t SET feels = 'sad', pair = '(3,y)', id = 'happy'; ALTER TABLE theirs.t ADD drifted int"
    )
    theirs.execute(
        "UPDATE theirs.t SET feels = 'happy', felt = 'happy', span = '[sad,sad]'; DELETE FROM theirs.t"
    )
    first, *_, deleted = audit.versions("theirs.t", "happy")
    audit.restore(version=deleted.id)
    theirs.execute("TRUNCATE theirs.t")
    assert audit.verify_table("theirs.t") == []
    audit.install("theirs.t")
    audit.restore(version=first.id)
    shown = conn.execute(
        "SELECT format('%s', t.feels), format('%s', t.pair), format('%s', t.span) FROM theirs.t"
    ).fetchall()
    assert shown == [("happy", '(1,"x y")', "[sad,happy)")]
    assert conn.execute("SELECT * FROM theirs.ran").fetchall() == []
    assert audit.uninstall("theirs.t") == "theirs.t"
    conn.execute(f"DROP OWNED BY {owner} CASCADE".encode())
