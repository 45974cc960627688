"""Who was granted what, and that it is that: no less, no more."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgaudit_py import AsyncAudit, Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import NotMigrated, OptionError, PrivilegeMissing
from pgaudit_py.roles import Role
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major

ROOT = Path(__file__).parents[2]
FUNCTIONS = {path.stem: path.read_text("utf-8") for path in (ROOT / "sql" / "functions").glob("*.sql")}
PARTS: tuple[Role, ...] = ("app", "reader", "restorer")

Login = Callable[..., Conn]


@pytest.fixture
def login(role: Callable[[], str], db: str, connect: Connect, audit: Audit) -> Iterator[Login]:
    """Log in as somebody new who was granted parts of the audit trail."""

    def make(*parts: Role) -> Conn:
        user = role()
        for part in parts:
            audit.grant(user, as_=part)
        return connect(db, user=user, autocommit=True)

    yield make
    for (name,) in audit.conn.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'role\\_%'"):
        audit.conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea')")
    conn.execute("UPDATE posts SET title = 'Mate'")
    return conn


# --- the classes of functions ---


def classes(conn: Conn) -> dict[str, str]:
    rows = conn.execute("SELECT function_name, class FROM pgaudit_py.function_roles()").fetchall()
    assert len(rows) == len({name for name, _ in rows}), "a function has two classes"
    return dict(rows)


def test_every_function_has_one_class(conn: Conn) -> None:
    """Write a new function down in sql/functions/function_roles.sql: for whom is it?"""
    assert sorted(classes(conn)) == sorted(FUNCTIONS)
    assert set(classes(conn).values()) == {"app", "common", "reader", "restorer", "internal"}


@pytest.mark.parametrize("part", PARTS)
def test_what_a_granted_function_calls_is_granted_too(conn: Conn, part: Role) -> None:
    rights = conn.execute("SELECT object FROM pgaudit_py.role_rights() WHERE as_what = %s", [part])
    oids = [oid for (oid,) in rights.fetchall()]
    granted = {
        name
        for (name,) in conn.execute(
            "SELECT proname::text FROM pg_proc WHERE oid = ANY (%s)", [oids]
        ).fetchall()
    }
    assert granted
    for name in granted:
        if "SECURITY DEFINER" not in FUNCTIONS[name]:
            code = re.sub(r"--.*", "", FUNCTIONS[name])
            called = set(re.findall(r"pgaudit_py\.(\w+)\s*\(", code)) & set(FUNCTIONS)
            assert called <= granted, f"{name} calls what a {part} may not"


def test_no_partition_and_nothing_internal_is_granted(conn: Conn) -> None:
    names = {
        name for (name,) in conn.execute("SELECT DISTINCT name FROM pgaudit_py.role_rights()").fetchall()
    }
    assert {name for name in names if "(" not in name} == {
        "pgaudit_py", "pgaudit_py.activity_log", "pgaudit_py.migration", "pgaudit_py.tracked_table", "pgaudit_py.table_shape",
        "pgaudit_py.versions",
    }  # fmt: skip
    internal = {name for name, part in classes(conn).items() if part == "internal"}
    assert not internal & {name.removeprefix("pgaudit_py.").split("(")[0] for name in names}


# --- what each may do ---


def all_of_app(theirs: Conn) -> None:
    with theirs.transaction():
        set_actor(theirs, 42)
        theirs.execute("SELECT pgaudit_py.set_actor('42', metadata => '{\"_a\": 1}')")
        assert Audit(theirs).log("published", ("posts", 1), metadata={"channel": "rss"}) > 0
        theirs.execute("SELECT pgaudit_py.log('login'), pgaudit_py.clear_actor()")
    assert Audit(theirs).subject_type("posts") == "posts"
    assert Audit(theirs).tracked() == ["posts"]


def all_of_reader(theirs: Conn) -> None:
    audit = Audit(theirs)
    first, last = [entry.id for entry in audit.history("posts", 1)]
    assert [one.action for one in audit.activity(subject=("posts", 1))][-1] == "created"
    assert [one.id for one in audit.versions("posts", 1)] == [first, last]
    assert audit.version(first) == {"id": 1, "title": "Tea"}
    assert audit.record_at("posts", 1, at=audit.history("posts", 1)[0].created_at) == {
        "id": 1,
        "title": "Tea",
    }
    assert audit.diff(first, last)["title"].new == "Mate"
    assert audit.verify_table("posts") == []
    assert theirs.execute("SELECT count(*) FROM pgaudit_py.versions").fetchone() == (2,)
    assert theirs.execute("SELECT * FROM pgaudit_py.broken_laws()").fetchall() == []
    assert audit.roles()
    assert [one.state for one in audit.status()] == ["installed"]
    assert not audit.plan_migration()


def all_of_restorer(theirs: Conn) -> None:
    audit = Audit(theirs)
    first, last = audit.history("posts", 1)[:2]
    plan = audit.plan_restore(subject=("posts", 1), at=first.created_at)
    assert (plan.operation, plan.warnings) == ("update", ())
    assert audit.restore(plan).differs == ()
    theirs.execute("DELETE FROM posts")
    assert audit.restore(version=last.id).operation == "insert"


@pytest.mark.parametrize("isolation", ["read committed", "serializable"])
def test_each_may_do_what_it_was_granted(posts: Conn, login: Login, isolation: str) -> None:
    app, reader, restorer = login("app"), login("reader"), login("restorer")
    for theirs in (app, reader, restorer):
        posts.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON posts TO {theirs.info.user}")
        theirs.execute(f"SET default_transaction_isolation = '{isolation}'")
    for theirs in (reader, restorer):
        all_of_reader(theirs)
    for theirs in (app, restorer):
        all_of_app(theirs)
    all_of_restorer(restorer)


def test_and_not_more(posts: Conn, login: Login) -> None:
    app, reader, restorer = login("app"), login("reader"), login("restorer")
    posts.execute(f"GRANT SELECT, UPDATE ON posts TO {reader.info.user}")
    for refused in (
        lambda: Audit(app).activity(), lambda: Audit(app).history("posts", 1), lambda: Audit(app).version(1),
        lambda: Audit(app).verify_table("posts"), lambda: Audit(app).restore(version=1), lambda: Audit(app).roles(),
        lambda: Audit(reader).log("forged"), lambda: Audit(reader).restore(version=1),
        lambda: Audit(reader).plan_restore(version=1), lambda: Audit(reader).grant(reader.info.user, as_="restorer"),
        lambda: Audit(restorer).grant(restorer.info.user, as_="app"), lambda: Audit(restorer).revoke(app.info.user, as_="app"),
        lambda: Audit(restorer).restore(version=1), lambda: Audit(restorer).install("posts"),
    ):  # fmt: skip
        with pytest.raises(PrivilegeMissing) as caught:
            refused()
        assert caught.value.hint
    assert posts.execute("SELECT title FROM posts").fetchone() == ("Mate",)


def test_a_reader_without_rights_on_the_table_reads_the_log(posts: Conn, login: Login) -> None:
    theirs = Audit(login("reader"))
    assert [entry.state for entry in theirs.history("posts", 1)] == [
        {"id": 1, "title": "Tea"}, {"id": 1, "title": "Mate"},
    ]  # fmt: skip
    with pytest.raises(PrivilegeMissing, match="table posts"):
        theirs.verify_table("posts")


# --- granting and revoking ---


def test_who_was_granted_what(posts: Conn, audit: Audit, role: Callable[[], str], login: Login) -> None:
    one, two, three = role(), role(), role()
    assert audit.roles() == []
    audit.grant(one, as_="app")
    audit.grant(two, as_="reader")
    audit.grant(two, as_="app")
    audit.grant(three, as_="restorer")
    audit.grant(three, as_="restorer")
    expected = sorted([(one, "app"), (two, "app"), (two, "reader"), (three, "restorer")])
    assert audit.roles() == expected
    audit.grant("postgres", as_="reader")  # the owner has it all
    assert audit.roles() == expected
    posts.execute(f"GRANT SELECT ON pgaudit_py.activity_log TO {one}")  # a part of it is none
    assert audit.roles() == expected
    posts.execute(f"ALTER ROLE {one} RENAME TO {one}_renamed")
    assert (f"{one}_renamed", "app") in audit.roles()
    posts.execute(f"ALTER ROLE {one}_renamed RENAME TO {one}")


@pytest.mark.parametrize(
    ("had", "revoked", "left"),
    [
        (("app",), "app", []),
        (("app", "reader"), "app", ["reader"]),
        (("app", "reader"), "restorer", []),
        (("reader",), "app", ["reader"]),
        (("restorer",), "app", ["reader"]),
        (("restorer",), "reader", ["app"]),
        (("restorer",), "restorer", []),
        ((), "reader", []),
    ],
)
def test_revoking(
    posts: Conn, audit: Audit, login: Login, had: tuple[Role, ...], revoked: Role, left: list[Role]
) -> None:
    user, other = login(*had).info.user, login(*left).info.user
    audit.revoke(user, as_=revoked)
    assert [part for name, part in audit.roles() if name == user] == left
    assert rights(posts, user) == rights(posts, other)


def rights(conn: Conn, user: str) -> list[Any]:
    """Everything in our schema that a role may do."""
    return conn.execute(
        """SELECT oid::int8, privilege_type FROM (
               SELECT oid, nspacl AS acl FROM pg_namespace UNION ALL SELECT oid, relacl FROM pg_class
               UNION ALL SELECT oid, proacl FROM pg_proc) AS o, aclexplode(o.acl) AS a
           WHERE a.grantee = %s::regrole ORDER BY 1, 2""",
        [user],
    ).fetchall()


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("postgres", "auditor", "'auditor' is no role of the audit trail"),
        ("no such role", "reader", "there is no role 'no such role'"),
        ("", "reader", "there is no role ''"),
        ("public", "app", "PUBLIC is everybody"),
        ("PUBLIC", "reader", "PUBLIC is everybody"),
        ('x"; DROP SCHEMA pgaudit_py --', "app", "there is no role"),
    ],
)
def test_what_cannot_be_granted(audit: Audit, name: str, part: Any, message: str) -> None:
    for call in (audit.grant, audit.revoke):
        with pytest.raises(OptionError, match=message) as caught:
            call(name, as_=part)
        assert caught.value.hint


def test_a_role_of_any_name(conn: Conn, audit: Audit) -> None:
    name = "r\"o'l e %s $$ é"
    conn.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    try:
        audit.grant(name, as_="restorer")
        assert audit.roles() == [(name, "restorer")]
        audit.revoke(name, as_="restorer")
        assert audit.roles() == []
    finally:
        conn.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


def test_whoever_is_not_the_owner_is_told(posts: Conn, login: Login) -> None:
    """Also who may call the functions, whose GRANT would do nothing but warn."""
    theirs = login()
    user = theirs.info.user
    for more in (
        "",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgaudit_py TO {user}; GRANT USAGE ON SCHEMA pgaudit_py TO {user}",
    ):
        posts.execute(more or "SELECT")
        with pytest.raises(PrivilegeMissing, match="schema pgaudit_py belongs to postgres"):
            Audit(theirs).grant(user, as_="reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="belongs to postgres") as caught:
        theirs.execute("SELECT pgaudit_py.grant_to(%s, 'reader')", [user])
    assert caught.value.diag.message_hint == "Connect as postgres, or as a member of that role."
    assert Audit(posts).roles() == []


def test_without_a_schema(bare_db: str, connect: Connect) -> None:
    with pytest.raises(NotMigrated):
        Audit(connect(bare_db)).grant("postgres", as_="reader")


def test_a_grant_is_the_transactions(conn: Conn, audit: Audit, login: Login) -> None:
    user = login().info.user
    with conn.transaction(force_rollback=True):
        audit.grant(user, as_="reader")
        assert audit.roles() == [(user, "reader")]
    assert audit.roles() == []


def test_async_too(db: str, role: Callable[[], str], conn: Conn) -> None:
    user = role()

    async def both() -> None:
        async with await psycopg.AsyncConnection.connect(db, autocommit=True) as theirs:
            audit = AsyncAudit(theirs)
            await audit.grant(user, as_="reader")
            assert await audit.roles() == [(user, "reader")]
            await audit.revoke(user, as_="reader")
            assert await audit.roles() == []

    asyncio.run(both())


# --- upgrades ---


def test_an_upgrade_gives_everybody_what_is_new(posts: Conn, audit: Audit, login: Login) -> None:
    """A function made anew has another oid, and one that was not there no access list: both come with the upgrade."""
    app, reader, restorer, tailored = login("app"), login("reader"), login("restorer"), login()
    posts.execute(f"GRANT USAGE ON SCHEMA pgaudit_py TO {tailored.info.user}")
    posts.execute(f"GRANT EXECUTE ON FUNCTION pgaudit_py.log TO {tailored.info.user}")
    posts.execute(
        f"GRANT SELECT, UPDATE ON posts TO {restorer.info.user}; GRANT SELECT ON posts TO {reader.info.user}"
    )
    before = [rights(posts, one.info.user) for one in (app, reader, restorer)]
    granted = audit.roles()
    posts.execute(
        """DROP FUNCTION pgaudit_py.log; DROP FUNCTION pgaudit_py.version; DROP FUNCTION pgaudit_py.bind_restore;
           UPDATE pgaudit_py.migration SET checksum = 'older'
               WHERE name IN ('functions/log.sql', 'functions/version.sql', 'functions/bind_restore.sql')"""
    )
    assert len(audit.migrate().functions) == 3
    assert audit.roles() == granted
    after = [rights(posts, one.info.user) for one in (app, reader, restorer)]
    assert [len(one) for one in after] == [len(one) for one in before]
    all_of_reader(reader)
    all_of_app(app)
    assert Audit(restorer).restore(version=1).operation == "update"
    assert open_to_public(posts) == []
    # Whoever was given a part of it by hand gets nothing by an upgrade.
    assert len(rights(posts, tailored.info.user)) == 1


def test_an_upgrade_takes_back_what_is_no_longer_for_a_role(conn: Conn, audit: Audit, login: Login) -> None:
    """As the older schema had it, some function was for readers; now it is internal."""
    user = login().info.user
    definition = (
        FUNCTIONS["function_roles"]
        .replace("'activity ", "'activity ensure_partitions ")
        .replace("check_shape ensure_partitions", "check_shape")
    )
    conn.execute(definition.encode())
    audit.grant(user, as_="reader")
    conn.execute(
        "UPDATE pgaudit_py.migration SET checksum = 'older' WHERE name = 'functions/function_roles.sql'"
    )
    may = "SELECT has_function_privilege(%s, 'pgaudit_py.ensure_partitions(integer)', 'EXECUTE')"
    assert conn.execute(may, [user]).fetchone() == (True,)
    audit.migrate()
    assert conn.execute(may, [user]).fetchone() == (False,)
    assert audit.roles() == [(user, "reader")]


def test_a_new_partition_needs_no_grant(conn: Conn, audit: Audit, login: Login) -> None:
    theirs = login("reader")
    conn.execute("SELECT pgaudit_py.ensure_partitions(6)")
    audit.log("seen")
    assert [one.action for one in Audit(theirs).activity()] == ["seen"]


def test_an_upgrade_of_the_first_release_opens_nothing(
    bare_db: str, connect: Connect, server: EmbeddedServer
) -> None:
    """A migration drops functions that come again under their names: PUBLIC's right to call them must not."""
    psql = [str(server.tool("psql")), "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-q", "-d", bare_db]
    release = (ROOT / "tests" / "sql" / "releases" / "0.1.0.sql").read_text("utf-8")
    release = release.replace("SET transaction_timeout = 0;\n", "")  # which older servers do not know
    subprocess.run(psql, input=release, text=True, check=True, capture_output=True, cwd="/")
    conn = connect(bare_db, autocommit=True)
    assert Audit(conn).migrate()
    assert open_to_public(conn) == []
    assert Audit(conn).roles() == []


def open_to_public(conn: Conn) -> list[Any]:
    """Functions of ours that everybody may call."""
    return conn.execute(
        """SELECT p.oid::regprocedure::text FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
           WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND a.grantee = 0"""
    ).fetchall()
