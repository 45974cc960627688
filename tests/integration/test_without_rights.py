"""Everything as a role that owns its tables and nothing else: no superuser, not the owner of the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.errors import PrivilegeMissing, SchemaConflict
from tests.conftest import Conn, Connect, contradictions


@pytest.fixture(params=["may create schemas", "was given an empty schema"])
def owner(
    role: Callable[[], str], bare_db: str, connect: Connect, request: pytest.FixtureRequest
) -> Iterator[Conn]:
    """The tables' owner, who may make the schema, or has one."""
    name = role()
    admin = connect(bare_db, autocommit=True)
    if request.param == "may create schemas":
        admin.execute(f'GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {name}'.encode())
    else:
        admin.execute(f"CREATE SCHEMA pgaudit_py AUTHORIZATION {name}".encode())
    admin.execute(f"GRANT CREATE ON SCHEMA public TO {name}".encode())
    admin.execute("CREATE TABLE theirs (id int PRIMARY KEY)")
    theirs = connect(bare_db, user=name, autocommit=True)
    theirs.execute(
        "CREATE TABLE posts (id int PRIMARY KEY, slug text NOT NULL UNIQUE, title text, secret text, doc jsonb)"
    )
    yield theirs
    assert contradictions(admin) == []
    admin.execute(f"DROP OWNED BY {name} CASCADE".encode())


def test_from_the_install_to_its_end(owner: Conn, role: Callable[[], str]) -> None:
    audit = Audit(owner)
    owner.execute("INSERT INTO posts SELECT i, 's' || i, 'old', 'x', '{}' FROM generate_series(1, 10) AS i")
    assert audit.migrate()
    done = audit.install(
        "posts", as_="articles", key=["slug"], exclude=["doc"], redact=["secret"], snapshots="all", context="require",
        truncate_rows=5,
    )  # fmt: skip
    assert (done.subject_type, done.key) == ("articles", ("slug",))
    assert audit.baseline("articles").rows == 10
    with owner.transaction():
        set_actor(owner, 42)
        owner.execute("UPDATE posts SET title = 'new', secret = 'y', doc = '[1]' WHERE id = 1")
        audit.log("published", ("articles", "s1"))
        audit.log_change("renamed", ("articles", "s1"), {"a": 1}, {"a": 2})
        audit.snapshot("articles", "s1", label="here")
    first, *_, last = audit.history("articles", "s1")
    assert (first.action, last.action) == ("snapshot", "snapshot")
    assert len(audit.versions("articles", "s1")) == 3
    assert audit.diff(first.id, last.id)["title"].new == "new"
    assert audit.record_at("articles", "s1", at=datetime.now(UTC)) == audit.version(last.id)
    assert len(list(audit.iter_activity(subject="articles", causer=42))) == 4
    with owner.transaction():
        set_actor(owner, 42)
        audit.restore(version=first.id)
        owner.execute("TRUNCATE posts")
    assert [one.action for one in audit.activity(limit=2)] == ["truncated", "restored"]
    owner.execute('ALTER TABLE posts ADD added int; ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    assert [one.state for one in audit.status()] == ["disabled"]
    assert audit.sync("articles").outcome == "updated"
    assert [one.state for one in audit.status()] == ["installed"]
    assert audit.verify_table("articles") == []
    reader = role()
    audit.grant(reader, as_="reader")
    assert audit.roles() == [(reader, "reader")]
    audit.revoke(reader, as_="reader")
    audit.install("posts", context="allow")
    with audit.rehearsal() as rehearsal:
        audit.uninstall("articles")
    assert "DROP TRIGGER" in rehearsal.sql
    assert audit.uninstall("articles") == "articles"
    audit.drop_schema()
    assert owner.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,)


def test_what_is_missing_is_said(owner: Conn) -> None:
    audit = Audit(owner)
    audit.migrate()
    audit.install("posts")
    assert [finding.state for finding in audit.doctor()] == ["limited"]
    assert "no event trigger" in audit.doctor()[0].detail
    with pytest.raises(PrivilegeMissing, match=r"public\.theirs belongs to postgres") as refused:
        audit.install("theirs")
    assert "Connect as postgres" in (refused.value.hint or "")
    (found,) = audit.find_tables("theirs")
    assert found.why_not
    assert "only its owner may add triggers" in found.why_not


def test_nobody_may_make_a_schema(role: Callable[[], str], bare_db: str, connect: Connect) -> None:
    theirs = connect(bare_db, user=role(), autocommit=True)
    with pytest.raises(PrivilegeMissing, match="permission denied for database") as refused:
        Audit(theirs).migrate()
    assert "GRANT CREATE ON DATABASE" in (refused.value.hint or "")


def test_a_role_that_only_writes(
    owner: Conn, role: Callable[[], str], bare_db: str, connect: Connect
) -> None:
    """Its writes are recorded; whatever else it tries is refused, with the way to get it."""
    audit = Audit(owner)
    audit.migrate()
    audit.install("posts")
    name = role()
    owner.execute(f"GRANT SELECT, INSERT, UPDATE ON posts TO {name}".encode())
    theirs = connect(bare_db, user=name, autocommit=True)
    theirs.execute("INSERT INTO posts VALUES (1, 'a', 'title')")
    (one,) = audit.activity()
    assert (one.action, one.db_role) == ("created", name)
    for refused in (
        lambda: Audit(theirs).history("posts", 1),
        lambda: Audit(theirs).activity(),
        lambda: Audit(theirs).log("x"),
        lambda: Audit(theirs).snapshot("posts", 1),
        lambda: Audit(theirs).restore(version=one.id),
        lambda: Audit(theirs).status(),
        lambda: Audit(theirs).doctor(),
        lambda: Audit(theirs).install("posts"),
        lambda: Audit(theirs).sync("posts"),
        lambda: Audit(theirs).uninstall("posts"),
        lambda: Audit(theirs).baseline("posts"),
    ):
        with pytest.raises(PrivilegeMissing) as error:
            refused()
        assert error.value.hint
    with pytest.raises((PrivilegeMissing, SchemaConflict)):
        Audit(theirs).migrate()
    assert len(audit.activity()) == 1
    owner.execute(f"REVOKE ALL ON posts FROM {name}".encode())


def test_a_reader_sees_how_the_tables_are(
    owner: Conn, role: Callable[[], str], bare_db: str, connect: Connect
) -> None:
    audit = Audit(owner)
    audit.migrate()
    audit.install("posts")
    name = role()
    audit.grant(name, as_="reader")
    theirs = Audit(connect(bare_db, user=name, autocommit=True))
    assert [one.state for one in theirs.status()] == ["installed"]
    assert {finding.about for finding in theirs.doctor()} == {
        "pgaudit_py", "pgaudit_py.activity_log", "this database",
    }  # fmt: skip
    (unseen,) = [one for one in theirs.doctor() if one.about == "pgaudit_py.activity_log"]
    assert unseen.detail == f"{name} may not see which id comes next"
    owner.execute(re.findall("`(.*)`", unseen.fix)[0].encode())
    assert {finding.about for finding in theirs.doctor()} == {"pgaudit_py", "this database"}
    assert f"{name} may not migrate" in " ".join(finding.detail for finding in theirs.doctor())
    with pytest.raises(psycopg.Error):
        theirs.conn.execute("DELETE FROM pgaudit_py.activity_log")
    owner.execute(f"REVOKE ALL ON SEQUENCE pgaudit_py.activity_log_id_seq FROM {name}".encode())
    audit.revoke(name, as_="reader")


def test_checking_and_following(owner: Conn) -> None:
    audit = Audit(owner)
    audit.migrate()
    audit.install("posts")
    owner.execute("INSERT INTO posts VALUES (1, 'a', 'one'); UPDATE posts SET title = 'two'")
    following = audit.follow(after=(0, 0))
    assert [next(following).action for _ in range(2)] == ["created", "updated"]
    states = [audit.version(one.id) for one in audit.versions("posts", 1)]
    assert [state["title"] for state in states] == ["one", "two"]
    assert audit.verify_table("posts") == []
    audit.uninstall("posts")


def test_a_table_that_was_given_away(
    owner: Conn, role: Callable[[], str], bare_db: str, connect: Connect
) -> None:
    """Its writes are recorded still; that its triggers are out of reach is said, with who reaches them."""
    audit = Audit(owner)
    audit.migrate()
    audit.install("posts")
    other, admin = role(), connect(bare_db, autocommit=True)
    admin.execute(f"ALTER TABLE posts OWNER TO {other}; ALTER TABLE posts ADD added int".encode())
    admin.execute("INSERT INTO posts VALUES (1, 'a')")
    assert [one.action for one in audit.activity()] == ["created"]
    said = [
        one for one in audit.doctor() if (one.state, one.about) == ("limited", "posts") and other in one.fix
    ]
    me = owner.info.user
    assert [one.detail for one in said] == [
        f"{me} may neither sync nor uninstall it: public.posts belongs to {other}"
    ]
    assert said[0].fix == f"Connect as {other}, or as a member of that role."
    for refused in (lambda: audit.sync("posts"), lambda: audit.uninstall("posts")):
        with pytest.raises(PrivilegeMissing) as error:
            refused()
        assert error.value.hint
    admin.execute(f"ALTER TABLE posts OWNER TO {me}".encode())
    assert audit.sync("posts").outcome == "updated"
    assert [finding.about for finding in audit.doctor()] == ["this database"]


def test_the_doctor_before_there_is_a_schema(role: Callable[[], str], bare_db: str, connect: Connect) -> None:
    name, admin = role(), connect(bare_db, autocommit=True)
    audit = Audit(connect(bare_db, user=name, autocommit=True))
    behind, limited = audit.doctor()
    database = admin.info.dbname
    assert (behind.state, behind.fix) == ("wrong", "Run `pgaudit-py migrate`.")
    assert (limited.state, limited.about) == ("limited", "pgaudit_py")
    assert limited.detail == f"{name} may not make the schema in database {database}"
    assert f'GRANT CREATE ON DATABASE "{database}" TO "{name}"' in limited.fix
    statement = limited.fix.partition("run ")[2].partition(";")[0]
    admin.execute(statement.encode())
    assert [finding.state for finding in audit.doctor()] == ["wrong"]
    audit.migrate()
    assert [finding.state for finding in audit.doctor()] == ["limited"]
    audit.drop_schema()
    admin.execute(f'REVOKE ALL ON DATABASE "{database}" FROM {name}'.encode())


def test_the_doctor_says_whose_the_schema_is(owner: Conn, bare_db: str, connect: Connect) -> None:
    """Before an upgrade too; and to a superuser, who is refused as well unless it names the owner."""
    Audit(owner).migrate()
    me, audit = owner.info.user, Audit(connect(bare_db, autocommit=True))
    with pytest.raises(SchemaConflict):
        audit.migrate()
    fixes = {one.about: one.fix for one in audit.doctor() if one.state == "limited"}
    assert fixes["pgaudit_py"] == f"Connect as {me}; or name it, where you trust it: --owner {me}."
    owner.execute("DELETE FROM pgaudit_py.migration WHERE name = 'migrations/0002_options.sql'")
    behind, limited = audit.doctor()
    assert (behind.state, limited.state, limited.fix) == ("wrong", "limited", fixes["pgaudit_py"])


def test_a_schema_that_one_may_not_enter(owner: Conn, bare_db: str, connect: Connect) -> None:
    """The table is its own, but has no name that it could say."""
    Audit(owner).migrate()
    admin, me = connect(bare_db, autocommit=True), owner.info.user
    admin.execute("CREATE SCHEMA hidden; CREATE TABLE hidden.t (id int PRIMARY KEY)")
    admin.execute(f"ALTER TABLE hidden.t OWNER TO {me}".encode())
    (found,) = Audit(owner).find_tables("hidden.*")
    assert found.why_not == "hidden.t is in schema hidden, which this role may not use"
    admin.execute(f"GRANT USAGE ON SCHEMA hidden TO {me}".encode())
    (found,) = Audit(owner).find_tables("hidden.*")
    assert found.why_not is None
