"""The role that the schema belongs to: made, acted as, and let to read what a TRUNCATE takes; real logins."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import OptionError, PrivilegeMissing, SchemaConflict
from tests.conftest import Conn, Connect

OBJECTS = """
    SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'pgaudit_py'
    UNION SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relnamespace = to_regnamespace('pgaudit_py')
    UNION SELECT pg_get_userbyid(proowner)::text FROM pg_proc WHERE pronamespace = to_regnamespace('pgaudit_py')"""


@dataclass
class Place:
    """An empty database, its superuser, and logins."""

    admin: Conn
    login: Callable[[str], Conn]
    role: Callable[[], str]

    def owners(self) -> list[str]:
        """Whoever owns anything of the schema."""
        return [name for (name,) in self.admin.execute(OBJECTS).fetchall()]


@pytest.fixture
def place(role: Callable[[], str], bare_db: str, connect: Connect) -> Iterator[Place]:
    admin = connect(bare_db, autocommit=True)
    yield Place(admin, lambda user: connect(bare_db, user=user, autocommit=True), role)
    made = admin.execute(
        "SELECT rolname::text FROM pg_roles WHERE rolname ~ '^(role_|audit_owner)'"
    ).fetchall()
    for (name,) in made:
        admin.execute(f"DROP OWNED BY {name} CASCADE".encode())
    for (name,) in made:
        admin.execute(f"DROP ROLE {name}".encode())


def test_a_superuser_makes_it(place: Place) -> None:
    audit = Audit(place.admin)
    assert audit.migrate(owner="audit_owner")
    assert place.owners() == ["audit_owner"]
    assert place.admin.execute("SELECT current_user::text").fetchone() == ("postgres",)
    assert place.admin.execute(
        "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'audit_owner'"
    ).fetchone() == (False,)
    assert not audit.migrate(owner="audit_owner")
    with pytest.raises(SchemaConflict, match="belongs to audit_owner") as caught:
        audit.migrate()
    assert "--owner audit_owner" in (caught.value.hint or "")
    with pytest.raises(SchemaConflict, match="belongs to audit_owner, not to postgres"):
        audit.migrate(owner="postgres")
    place.admin.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    audit.install("posts")
    place.admin.execute("INSERT INTO posts VALUES (1)")
    place.admin.execute("SELECT pgaudit_py.ensure_partitions(9)")
    assert place.owners() == ["audit_owner"]
    assert audit.verify_table("posts") == []


def test_whoever_may_make_roles_makes_it_and_acts_as_it(place: Place) -> None:
    """No superuser: what a managed service gives its customers."""
    user = place.role()
    place.admin.execute(f"ALTER ROLE {user} CREATEROLE".encode())
    place.admin.execute(f'GRANT CREATE ON DATABASE "{place.admin.info.dbname}" TO {user}'.encode())
    place.admin.execute(f"CREATE SCHEMA theirs AUTHORIZATION {user}".encode())
    theirs = place.login(user)
    audit = Audit(theirs)
    with theirs.transaction(force_rollback=True):
        assert audit.migrate(owner="audit_owner", in_transaction=True)
        assert theirs.execute("SELECT current_user::text").fetchone() == (user,)
    assert place.owners() == []
    assert audit.migrate(owner="audit_owner")
    assert place.owners() == ["audit_owner"]
    theirs.execute("CREATE TABLE theirs.posts (id int PRIMARY KEY, title text)")
    with audit.rehearsal() as rehearsal:
        assert not audit.migrate(owner="audit_owner")
        assert audit.install("theirs.posts").outcome == "installed"
    assert "CREATE OR REPLACE TRIGGER" in rehearsal.sql
    assert audit.install("theirs.posts").outcome == "installed"
    assert audit.install("theirs.posts").outcome == "unchanged"
    theirs.execute("INSERT INTO theirs.posts VALUES (1, 'Tea')")
    theirs.execute("TRUNCATE theirs.posts")
    assert [one.snapshot for one in audit.activity(action="deleted")] == [{"id": 1, "title": "Tea"}]
    theirs.execute("SELECT pgaudit_py.ensure_partitions(9)")
    assert place.owners() == ["audit_owner"]
    audit.grant("audit_owner", as_="reader")  # as a member of the owner
    assert audit.uninstall("theirs.posts") == "theirs.posts"
    assert place.owners() == ["audit_owner"]


def test_in_a_transaction_of_the_callers(place: Place) -> None:
    with place.admin.transaction():
        Audit(place.admin).migrate(owner="audit_owner", in_transaction=True)
        assert place.admin.execute("SELECT current_user::text, current_setting('role')").fetchone() == (
            "postgres",
            "none",
        )
        place.admin.execute("SET LOCAL ROLE audit_owner")
        assert not Audit(place.admin).migrate(in_transaction=True)
        assert not Audit(place.admin).migrate(owner="audit_owner", in_transaction=True)
        assert place.admin.execute("SELECT current_user::text").fetchone() == ("audit_owner",)


def test_a_failure_leaves_the_role_as_it_was(place: Place) -> None:
    Audit(place.admin).migrate(owner="audit_owner")
    with place.admin.transaction(force_rollback=True):
        place.admin.execute("UPDATE pgaudit_py.migration SET checksum = 'x' WHERE name LIKE 'migrations/%'")
        with pytest.raises(SchemaConflict, match="differs from the one"):
            Audit(place.admin).migrate(owner="audit_owner", in_transaction=True)
        assert place.admin.execute("SELECT current_user::text").fetchone() == ("postgres",)


def test_as_a_script(place: Place, server: EmbeddedServer, bare_db: str) -> None:
    """What a rehearsal wrote down makes owner, schema, trigger and grants; nothing of it was there before."""
    reader = place.role()
    place.admin.execute(
        f"CREATE TABLE posts (id int PRIMARY KEY); ALTER TABLE posts OWNER TO {reader}".encode()
    )
    audit = Audit(place.admin)
    with audit.rehearsal() as rehearsal:
        audit.migrate(owner="audit_owner")
        audit.install("posts")
        audit.grant(reader, as_="reader")
    assert place.owners() == []
    assert place.admin.execute("SELECT FROM pg_roles WHERE rolname = 'audit_owner'").fetchall() == []
    command = [str(server.tool("psql")), "--no-psqlrc", "-d", bare_db]
    subprocess.run(command, input=rehearsal.sql, text=True, check=True, capture_output=True, cwd="/")
    assert place.owners() == ["audit_owner"]
    assert audit.roles() == [(reader, "reader")]
    assert [one.state for one in audit.status()] == ["installed"]
    with audit.rehearsal() as again:
        audit.migrate(owner="audit_owner")
    assert again.sql == ""
    place.admin.execute("INSERT INTO posts VALUES (1)")
    place.admin.execute("TRUNCATE posts")
    assert [one.operation for one in audit.activity()] == ["T", "D", "I"]


@pytest.fixture
def through_psql(
    server: EmbeddedServer, bare_db: str, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(user: str, sql: str, *before: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "install.sql"
        path.write_text(sql)
        command = [str(server.tool("psql")), "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1", "-d"]
        first = [part for one in before for part in ("-c", one)]
        return subprocess.run(
            [*command, make_conninfo(bare_db, user=user), *first, "-f", str(path)],
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip

    return run


def test_a_script_that_makes_the_schema_is_for_who_made_it(
    place: Place, through_psql: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Whoever else ran it would own the schema, and the tables after it would be refused."""
    owner, member = place.role(), place.role()
    place.admin.execute(
        f"""GRANT {owner} TO {member}; CREATE SCHEMA shop AUTHORIZATION {owner};
        GRANT CREATE ON DATABASE "{place.admin.info.dbname}" TO {owner}""".encode()
    )
    theirs = place.login(owner)
    theirs.execute("CREATE TABLE shop.posts (id int PRIMARY KEY)")
    with (audit := Audit(theirs)).rehearsal() as rehearsal:
        audit.migrate()
        audit.install("shop.posts")
    for user in (member, "postgres"):
        done = through_psql(user, rehearsal.sql)
        assert (done.returncode, place.owners()) == (3, [])
        assert f"in schema pgaudit_py would belong to {user}, and it was made for {owner}" in done.stderr
        assert f"Connect as {owner}, or take that role first: psql -c 'SET ROLE {owner}' -f " in done.stderr
        assert "run already" not in done.stderr
    done = through_psql(member, rehearsal.sql, f"SET ROLE {owner}")
    assert (done.returncode, done.stderr) == (0, "")
    assert place.owners() == [owner]
    assert [one.state for one in audit.status()] == ["installed"]


def test_a_script_that_upgrades_the_schema_is_for_its_owner(
    place: Place, through_psql: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """A function that is new would belong to another role than the others."""
    owner = place.role()
    place.admin.execute(f'GRANT CREATE ON DATABASE "{place.admin.info.dbname}" TO {owner}'.encode())
    audit = Audit(place.login(owner))
    audit.migrate()
    audit.conn.execute(
        "DELETE FROM pgaudit_py.migration WHERE name = 'functions/version.sql'; DROP FUNCTION pgaudit_py.version(bigint) CASCADE"
    )
    with audit.rehearsal() as rehearsal:
        audit.migrate()
    done = through_psql("postgres", rehearsal.sql)
    assert (done.returncode, f"would belong to postgres, and it was made for {owner}" in done.stderr) == (
        3,
        True,
    )
    assert through_psql(owner, rehearsal.sql).stderr == ""
    assert place.owners() == [owner]


def test_a_script_for_an_owner_is_for_any_of_its_members(
    place: Place, through_psql: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    owner, one, other = place.role(), place.role(), place.role()
    place.admin.execute(
        f"""GRANT {owner} TO {one}, {other}; CREATE SCHEMA shop AUTHORIZATION {owner};
        GRANT CREATE ON DATABASE "{place.admin.info.dbname}" TO {one}, {other}""".encode()
    )
    theirs = place.login(one)
    theirs.execute(f"CREATE TABLE shop.posts (id int PRIMARY KEY); ALTER TABLE shop.posts OWNER TO {owner}")
    with (audit := Audit(theirs)).rehearsal() as rehearsal:
        audit.migrate(owner=owner)
        audit.install("shop.posts")
    done = through_psql(other, rehearsal.sql)
    assert (done.returncode, done.stderr) == (0, "")
    assert place.owners() == [owner]
    assert [found.state for found in audit.status()] == ["installed"]


def test_async_too(place: Place, bare_db: str) -> None:
    async def both() -> None:
        async with await psycopg.AsyncConnection.connect(bare_db, autocommit=True) as conn:
            audit = AsyncAudit(conn)
            assert await audit.migrate(owner="audit_owner")
            assert not await audit.migrate(owner="audit_owner")

    asyncio.run(both())
    assert place.owners() == ["audit_owner"]


def test_who_may_not(place: Place) -> None:
    user = place.role()
    place.admin.execute(f'GRANT CREATE ON DATABASE "{place.admin.info.dbname}" TO {user}'.encode())
    audit = Audit(place.login(user))
    with pytest.raises(
        PrivilegeMissing, match=f"there is no role audit_owner, and {user} may make none"
    ) as caught:
        audit.migrate(owner="audit_owner")
    assert "CREATE ROLE audit_owner NOLOGIN" in (caught.value.hint or "")
    place.admin.execute("CREATE ROLE audit_owner NOLOGIN")
    with pytest.raises(PrivilegeMissing, match=f"{user} may not act as audit_owner") as caught:
        audit.migrate(owner="audit_owner")
    place.admin.execute(str(caught.value.hint).partition("run: ")[2].encode())
    assert audit.migrate(owner="audit_owner")
    assert place.owners() == ["audit_owner"]


def test_the_owner_itself_and_a_schema_made_for_it(place: Place) -> None:
    owner = place.role()
    place.admin.execute(f"CREATE SCHEMA pgaudit_py AUTHORIZATION {owner}".encode())
    assert Audit(place.login(owner)).migrate(owner=owner)
    assert place.owners() == [owner]


@pytest.mark.parametrize("name", ["", "none", "public", "pg_monitor_of_ours"])
def test_no_role_can_be_called_so(place: Place, name: str) -> None:
    with pytest.raises(OptionError, match="no owner can be called"):
        Audit(place.admin).migrate(owner=name)


def test_an_owner_of_any_name(place: Place) -> None:
    name = 'audit_owner "of" it\'s %s'
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        assert Audit(place.admin).migrate(owner=name)
        assert place.owners() == [name]
        place.admin.execute("CREATE TABLE posts (id int PRIMARY KEY); INSERT INTO posts VALUES (1)")
        Audit(place.admin).install("posts")
        place.admin.execute("TRUNCATE posts")
        assert [one.operation for one in Audit(place.admin).activity()] == ["T", "D"]
        Audit(place.admin).uninstall("posts")
    finally:
        place.admin.execute(f"DROP OWNED BY {quoted} CASCADE".encode())
        place.admin.execute(f"DROP ROLE {quoted}".encode())


# --- reading what a TRUNCATE takes ---


@pytest.fixture
def posts(place: Place) -> Conn:
    """A table of somebody who is not the log's owner, installed by a superuser."""
    owner, writer = place.role(), place.role()
    Audit(place.admin).migrate(owner="audit_owner")
    place.admin.execute(
        f"""CREATE SCHEMA shop AUTHORIZATION {owner}; GRANT USAGE ON SCHEMA shop TO {writer};
            CREATE TABLE shop.posts (id int PRIMARY KEY, title text); ALTER TABLE shop.posts OWNER TO {owner};
            GRANT SELECT, INSERT, TRUNCATE ON shop.posts TO {writer}""".encode()
    )
    return place.login(writer)


def reads(place: Place) -> Any:
    """The access list of the table, as far as it is the log owner's."""
    return place.admin.execute(
        """SELECT array_agg(privilege_type) FROM pg_class, aclexplode(relacl)
           WHERE oid = to_regclass('shop.posts') AND grantee = 'audit_owner'::regrole"""
    ).fetchall()[0][0]


def test_a_truncate_keeps_its_rows(place: Place, posts: Conn) -> None:
    audit = Audit(place.admin)
    with audit.rehearsal() as rehearsal:
        audit.install("shop.posts")
    assert 'GRANT SELECT ON "shop"."posts" TO "audit_owner"' in rehearsal.sql
    assert reads(place) is None
    assert audit.install("shop.posts").outcome == "installed"
    assert reads(place) == ["SELECT"]
    assert audit.install("shop.posts").outcome == "unchanged"
    posts.execute("INSERT INTO shop.posts VALUES (1, 'Tea')")
    posts.execute("TRUNCATE shop.posts")
    truncated, deleted = audit.activity().items[:2]
    assert (truncated.operation, truncated.metadata["_rows"]) == ("T", 1)
    assert deleted.snapshot == {"id": 1, "title": "Tea"}
    assert audit.uninstall("shop.posts") == "shop.posts"
    assert reads(place) is None


def test_a_truncate_of_rows_that_the_owner_of_the_log_may_no_longer_read(place: Place, posts: Conn) -> None:
    """It is no reason to refuse: the truncation is recorded without them."""
    audit = Audit(place.admin)
    audit.install("shop.posts")
    posts.execute("INSERT INTO shop.posts VALUES (1, 'Tea')")
    place.admin.execute("REVOKE SELECT ON shop.posts FROM audit_owner")
    posts.execute("TRUNCATE shop.posts")
    truncated, created = audit.activity()
    assert (truncated.operation, truncated.metadata, created.operation) == ("T", {}, "I")


def test_another_name_keeps_the_grant(place: Place, posts: Conn) -> None:
    audit = Audit(place.admin)
    audit.install("shop.posts")
    with audit.rehearsal() as rehearsal:
        audit.install("shop.posts", as_="articles")
    taken, given = (f'{verb} "shop"."posts"' for verb in ("REVOKE SELECT ON", "GRANT SELECT ON"))
    assert 0 < rehearsal.sql.index(taken) < rehearsal.sql.index(given)
    audit.install("shop.posts", as_="articles")
    assert reads(place) == ["SELECT"]
    audit.uninstall("articles")
    assert reads(place) is None


def test_a_grant_of_somebody_elses_stays(place: Place, posts: Conn) -> None:
    place.admin.execute("GRANT SELECT ON shop.posts TO audit_owner")
    audit = Audit(place.admin)
    audit.install("shop.posts")
    audit.uninstall("shop.posts")
    assert reads(place) == ["SELECT"]


def test_a_grant_that_was_taken_away_comes_again(place: Place, posts: Conn) -> None:
    audit = Audit(place.admin)
    audit.install("shop.posts")
    place.admin.execute("REVOKE SELECT ON shop.posts FROM audit_owner")
    assert audit.install("shop.posts").outcome == "updated"
    place.admin.execute(
        "ALTER TABLE shop.posts RENAME TO articles; ALTER TABLE shop.articles SET SCHEMA public"
    )
    audit.uninstall("articles")
    place.admin.execute("ALTER TABLE articles RENAME TO posts; ALTER TABLE posts SET SCHEMA shop")
    assert reads(place) is None


@pytest.mark.parametrize(
    "lost",
    [
        "",
        'DROP TRIGGER "00_pgaudit_py" ON shop.posts',
        "ALTER TABLE shop.posts DISABLE TRIGGER USER",
        'DROP TRIGGER "00_pgaudit_py" ON shop.posts; DROP TRIGGER "00_pgaudit_py_truncate" ON shop.posts',
    ],
)
@pytest.mark.parametrize("script", [False, True])
def test_a_grant_on_another_table_with_our_trigger_stays(
    place: Place, posts: Conn, server: EmbeddedServer, bare_db: str, lost: str, script: bool
) -> None:
    audit = Audit(place.admin)
    audit.install("shop.posts")
    place.admin.execute(
        f"""CREATE TABLE shop.a_table (id int PRIMARY KEY, title text); GRANT SELECT ON shop.a_table TO audit_owner;
            CREATE TRIGGER zz AFTER INSERT ON shop.a_table FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1(); {lost}""".encode()
    )
    with audit.rehearsal() as rehearsal:
        audit.uninstall("shop.posts")
    if script:
        command = [str(server.tool("psql")), "-X", "-d", bare_db]
        subprocess.run(command, input=rehearsal.sql, text=True, check=True, capture_output=True, cwd="/")
    else:
        audit.uninstall("shop.posts")
    assert reads(place) is None
    assert place.admin.execute(
        "SELECT has_table_privilege('audit_owner', 'shop.a_table', 'SELECT')"
    ).fetchone() == (True,)


def test_the_grant_is_taken_back_from_a_table_that_was_renamed_and_lost_our_triggers(
    place: Place, posts: Conn
) -> None:
    audit = Audit(place.admin)
    audit.install("shop.posts")
    place.admin.execute(
        """DROP TRIGGER "00_pgaudit_py" ON shop.posts; DROP TRIGGER "00_pgaudit_py_truncate" ON shop.posts;
        ALTER TABLE shop.posts RENAME TO articles"""
    )
    reader = "SELECT has_table_privilege('audit_owner', 'shop.articles', 'SELECT')"
    assert place.admin.execute(reader).fetchone() == (True,)
    audit.uninstall(as_="shop.posts")
    assert place.admin.execute(reader).fetchone() == (False,)


def test_removing_everything_leaves_no_grant(place: Place, posts: Conn) -> None:
    audit = Audit(place.admin)
    audit.install("shop.posts")
    audit.drop_schema()
    assert reads(place) is None


@pytest.mark.parametrize("forced", [False, True])
def test_under_row_security_the_number_stays_unknown(place: Place, posts: Conn, forced: bool) -> None:
    """No policy lets the log's owner see a row: it counts none, and says so."""
    audit = Audit(place.admin)
    audit.install("shop.posts")
    posts.execute("INSERT INTO shop.posts VALUES (1, 'Tea')")
    place.admin.execute(
        f"ALTER TABLE shop.posts ENABLE ROW LEVEL SECURITY{', FORCE ROW LEVEL SECURITY' if forced else ''}".encode()
    )
    posts.execute("TRUNCATE shop.posts")
    truncated = audit.activity().items[0]
    assert (truncated.operation, truncated.metadata) == ("T", {})
    assert audit.activity(action="deleted").items == ()


def test_a_policy_of_the_tables_owner_is_not_run_by_the_logs(place: Place, posts: Conn) -> None:
    """Reading under a policy would run code of the table's owner with the rights of the log's."""
    place.admin.execute(
        """CREATE TABLE shop.ran (who text); GRANT INSERT ON shop.ran TO PUBLIC; GRANT USAGE ON SCHEMA shop TO PUBLIC;
           CREATE FUNCTION shop.trap() RETURNS boolean LANGUAGE sql
               AS $$INSERT INTO shop.ran VALUES (current_user) RETURNING true$$;
           ALTER TABLE shop.posts ENABLE ROW LEVEL SECURITY;
           CREATE POLICY all_of_them ON shop.posts USING (shop.trap())"""
    )
    Audit(place.admin).install("shop.posts")
    place.admin.execute("INSERT INTO shop.posts VALUES (1, 'Tea')")
    posts.execute("TRUNCATE shop.posts")
    assert place.admin.execute("SELECT * FROM shop.ran").fetchall() == []
    assert Audit(place.admin).activity().items[0].operation == "T"
