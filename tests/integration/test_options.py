"""How a table is audited: what is excluded, redacted, named and demanded, at first and on a live table."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.errors import (
    CauserRequired,
    NoKey,
    OptionError,
    RestoreConflict,
    SubjectTypeTaken,
    TableNotTracked,
    VersionNotFound,
)
from tests.conftest import Conn, Connect

SECRET = "hunter2"


@pytest.fixture
def users(conn: Conn) -> Conn:
    conn.execute("""CREATE TABLE users (id int PRIMARY KEY, name text, password text, visits int,
        settings jsonb, lower_name text GENERATED ALWAYS AS (lower(name)) STORED)""")
    return conn


def everything(conn: Conn) -> str:
    """All that the log says, as one text."""
    return str(conn.execute("SELECT l::text FROM pgaudit_py.activity_log AS l ORDER BY id").fetchall())


def last(audit: Audit) -> Any:
    return audit.activity(limit=1).items[0]


# --- exclude ---


def test_an_excluded_column_is_never_looked_at(users: Conn, audit: Audit) -> None:
    audit.install("users", exclude=["visits", "settings"])
    users.execute(f"INSERT INTO users VALUES (1, 'Ana', 'x', 5, '{{\"a\": \"{SECRET}\"}}')")
    users.execute("UPDATE users SET visits = 6, settings = 'null'")
    assert len(audit.activity()) == 1
    users.execute("UPDATE users SET visits = 7, name = 'Bo'")
    assert set(last(audit).changes) == {"name", "lower_name"}
    assert set(audit.version(last(audit).id)) == {"id", "name", "password", "lower_name"}
    assert SECRET not in everything(users)


def test_what_is_excluded_is_left_as_it_is_by_a_restore(users: Conn, audit: Audit) -> None:
    audit.install("users", exclude=["visits"])
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 5)")
    created = last(audit).id
    users.execute("UPDATE users SET name = 'Bo', visits = 6")
    plan = audit.plan_restore(version=created)
    assert plan.left_out["visits"] == "excluded from the audit trail"
    audit.restore(plan)
    assert users.execute("SELECT name, visits FROM users").fetchone() == ("Ana", 6)


def test_a_row_comes_back_without_what_was_excluded(users: Conn, audit: Audit) -> None:
    users.execute("ALTER TABLE users ALTER visits SET DEFAULT 3")
    audit.install("users", exclude=["visits", "settings"])
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 5, '{}')")
    users.execute("DELETE FROM users")
    audit.restore(version=last(audit).id)
    assert users.execute("SELECT name, visits, settings FROM users").fetchone() == ("Ana", 3, None)


@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_a_row_that_cannot_come_back_without_it(users: Conn, audit: Audit, option: str) -> None:
    users.execute("ALTER TABLE users ALTER password SET NOT NULL")
    audit.install("users", **{option: ["password"]})  # type: ignore[arg-type]
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x')")
    users.execute("DELETE FROM users")
    with pytest.raises(RestoreConflict, match="password was not recorded, and may not be NULL"):
        audit.restore(version=last(audit).id)


def test_a_column_that_was_excluded_for_a_while(users: Conn, audit: Audit) -> None:
    """Nothing is made up about the time when nobody looked, and nothing is taken for a contradiction."""
    audit.install("users")
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 1)")
    users.execute("UPDATE users SET name = 'Bo'")
    seen = last(audit).id
    assert audit.install("users", exclude=["visits"]).outcome == "updated"
    users.execute("UPDATE users SET visits = 2, name = 'Cy'")
    unseen = last(audit).id
    assert audit.install("users", exclude=[]).outcome == "updated"
    users.execute("UPDATE users SET visits = 3")
    again = last(audit)
    assert again.changes["visits"].old == 2
    assert audit.version(seen)["visits"] == 1
    assert "visits" not in audit.version(unseen)
    assert audit.version(again.id)["visits"] == 3
    assert audit.verify_table("users") == []


def test_while_it_was_excluded_the_value_of_now_is_not_that_of_then(users: Conn, audit: Audit) -> None:
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 1)")
    audit.install("users")
    users.execute("UPDATE users SET name = 'Bo'")
    version = last(audit).id
    assert audit.version(version)["visits"] == 1
    audit.install("users", exclude=["visits"])
    users.execute("UPDATE users SET visits = 2")
    audit.install("users", exclude=[])
    assert "visits" not in audit.version(version)
    assert audit.plan_restore(version=version).left_out["visits"] == "not recorded"


def test_what_is_written_while_nothing_is_installed(users: Conn, audit: Audit) -> None:
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 1)")
    audit.install("users")
    users.execute("UPDATE users SET name = 'Bo'")
    version = last(audit).id
    audit.uninstall("users")
    users.execute("UPDATE users SET visits = 2")
    audit.install("users")
    assert "visits" not in audit.version(version)
    users.execute("UPDATE users SET visits = 3")
    assert audit.verify_table("users") == []


# --- redact ---


def test_of_a_redacted_column_only_that_it_changed_is_kept(users: Conn, audit: Audit) -> None:
    audit.install("users", redact=["password"])
    users.execute(f"INSERT INTO users VALUES (1, 'Ana', '{SECRET}')")
    assert last(audit).omitted == {"password": {"why": "redacted"}}
    users.execute("UPDATE users SET name = 'Bo'")
    assert not last(audit).omitted
    users.execute(f"UPDATE users SET password = '{SECRET}!'")
    assert (last(audit).changes, last(audit).omitted) == ({}, {"password": {"why": "redacted"}})
    users.execute(f"UPDATE users SET password = '{SECRET}!'")
    assert len(audit.activity()) == 3
    users.execute("DELETE FROM users")
    assert last(audit).omitted == {"password": {"why": "redacted"}}
    assert SECRET not in everything(users)
    assert all("password" not in (entry.state or {}) for entry in audit.history("users", 1))


@pytest.mark.parametrize("snapshots", ["changes", "all"])
def test_a_redacted_value_is_told_nowhere(users: Conn, audit: Audit, snapshots: Any) -> None:
    users.execute(f"INSERT INTO users VALUES (1, 'Ana', '{SECRET}')")
    audit.install("users", redact=["password"], snapshots=snapshots)
    users.execute("UPDATE users SET name = 'Bo'")
    one = last(audit)
    told = [
        audit.version(one.id), audit.history("users", 1), audit.record_at("users", 1, at=one.created_at),
        audit.plan_restore(version=one.id), audit.verify_table("users"), audit.activity(),
    ]  # fmt: skip
    users.execute("UPDATE users SET name = 'Cy'")
    plan = audit.plan_restore(version=one.id)
    assert plan.left_out["password"] == "redacted"
    audit.restore(plan)
    assert users.execute("SELECT name, password FROM users").fetchone() == ("Bo", SECRET)
    assert SECRET not in repr(told) + repr(plan) + everything(users)


def test_redacted_too_where_the_table_was_altered(users: Conn, audit: Audit) -> None:
    """The slow way keeps to the same rules, whatever the columns are called by now."""
    audit.install("users", redact=["password", "settings.token"], exclude=["visits"])
    users.execute("ALTER TABLE users RENAME password TO pass; ALTER TABLE users RENAME visits TO hits")
    users.execute("ALTER TABLE users ADD added int")
    users.execute(f"""INSERT INTO users (id, name, pass, hits, settings)
        VALUES (1, 'Ana', '{SECRET}', 1987654321, '{{"token": "{SECRET}", "n": 1}}')""")
    one = last(audit)
    assert one.snapshot == {
        "id": 1,
        "name": "Ana",
        "lower_name": "ana",
        "settings": {"n": 1},
        "added": None,
    }
    assert set(one.omitted) == {"pass", "settings.token"}
    users.execute("UPDATE users SET pass = 'other', added = 1")
    assert (set(last(audit).changes), set(last(audit).omitted)) == ({"added"}, {"pass"})
    users.execute("UPDATE users SET settings = jsonb_set(settings, '{token}', '\"x\"')")
    assert (set(last(audit).changes), set(last(audit).omitted)) == (set(), {"settings.token"})
    before = len(audit.activity())
    users.execute("UPDATE users SET hits = hits + 1")
    assert len(audit.activity()) == before
    assert SECRET not in everything(users)
    assert "1987654321" not in everything(users)
    users.execute("TRUNCATE users")
    assert SECRET not in everything(users)
    assert audit.install("users").outcome == "updated"
    users.execute(f"INSERT INTO users (id, pass, hits) VALUES (2, '{SECRET}', 1987654321)")
    assert SECRET not in everything(users)
    assert "1987654321" not in everything(users)


def test_a_truncate_redacts_as_well(users: Conn, audit: Audit) -> None:
    users.execute(f"INSERT INTO users VALUES (1, 'Ana', '{SECRET}', 1, '{{\"token\": \"{SECRET}\"}}')")
    audit.install("users", redact=["password", "settings.token"])
    users.execute("TRUNCATE users")
    (gone,) = audit.activity(action="deleted")
    assert set(gone.omitted) == {"password", "settings.token"}
    assert SECRET not in everything(users)


@pytest.mark.parametrize(
    ("old", "new", "changes", "omitted"),
    [
        ('{"token": "a", "n": 1}', '{"token": "b", "n": 1}', {}, {"s.token"}),
        ('{"token": "a", "n": 1}', '{"token": "a", "n": 2}', {"s"}, set()),
        ('{"token": "a", "n": 1}', '{"token": "b", "n": 2}', {"s"}, {"s.token"}),
        ('{"deep": {"key": "a", "x": 1}}', '{"deep": {"key": "b", "x": 1}}', {}, {"s.deep.key"}),
        ("5", "6", {"s"}, set()),
        ("[1]", "[2]", {"s"}, set()),
        ('{"deep": 1}', '{"deep": [1]}', {"s"}, set()),
        ("null", '{"token": "a"}', {"s"}, {"s.token"}),
        ('{"token": null}', "{}", {}, {"s.token"}),
    ],
)
def test_a_part_of_a_document(
    conn: Conn, audit: Audit, old: str, new: str, changes: set[str], omitted: set[str]
) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, s jsonb)")
    audit.install("t", redact=["s.token", "s.deep.key"])
    conn.execute("INSERT INTO t VALUES (1, %s)", [old])
    conn.execute("UPDATE t SET s = %s", [new])
    one = last(audit)
    assert (set(one.changes or {}), set(one.omitted or {})) == (set(changes), omitted)
    for value in ("a", "b"):
        assert f'"{value}"' not in json.dumps([dict(audit.version(each.id)) for each in audit.activity()])
    plan = audit.plan_restore(version=audit.history("t", 1)[0].id)
    assert plan.left_out == {"s": "redacted in part"}


def test_a_document_that_is_null(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, s jsonb)")
    audit.install("t", redact=["s.token"])
    conn.execute("INSERT INTO t VALUES (1, NULL)")
    conn.execute('UPDATE t SET s = \'{"token": 1, "n": 2}\'')
    assert last(audit).changes["s"].raw == {"new": {"n": 2}}
    conn.execute("UPDATE t SET s = NULL")
    assert last(audit).changes["s"].raw == {"old": {"n": 2}}


def test_redacting_later_and_no_longer(users: Conn, audit: Audit) -> None:
    audit.install("users")
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'first')")
    audit.install("users", redact=["password"])
    users.execute("UPDATE users SET password = 'second'")
    hidden = last(audit).id
    audit.install("users", redact=[])
    users.execute("UPDATE users SET password = 'third'")
    assert last(audit).changes["password"].old == "second"
    assert "password" not in audit.version(hidden)
    assert audit.verify_table("users") == []


def test_a_table_without_a_key_redacts_as_well(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE notes (words text, secret text)")
    audit.install("notes", redact=["secret"])
    conn.execute(f"INSERT INTO notes VALUES ('a', '{SECRET}'), ('b', NULL)")
    conn.execute("UPDATE notes SET secret = 'x' WHERE words = 'b'")
    conn.execute("DELETE FROM notes WHERE words = 'a'")
    assert len(audit.activity()) == 4
    assert SECRET not in everything(conn)
    conn.execute("ALTER TABLE notes DISABLE TRIGGER \"00_pgaudit_py\"; DELETE FROM notes; ALTER TABLE notes ENABLE ALWAYS TRIGGER \"00_pgaudit_py\"")  # fmt: skip
    assert [one.problem for one in audit.verify_table("notes")] == [
        "the table holds fewer such rows than the log says"
    ]
    conn.execute("INSERT INTO notes SELECT 'b'")
    conn.execute("DELETE FROM notes")
    conn.execute("DROP TABLE notes")


# --- key ---


def test_another_key_than_the_primary_one(conn: Conn, audit: Audit) -> None:
    conn.execute(
        "CREATE TABLE t (id int PRIMARY KEY, slug text NOT NULL, lang text NOT NULL, n int, UNIQUE (lang, slug))"
    )
    assert audit.install("t", key=["slug", "lang"]).key == ("slug", "lang")
    conn.execute("INSERT INTO t VALUES (1, 'tea', 'en', 1)")
    conn.execute("UPDATE t SET n = 2, id = 5")
    assert last(audit).subject_id == '["tea", "en"]'
    assert [one.state["n"] for one in audit.history("t", ("tea", "en")) if one.state] == [1, 2]
    conn.execute("UPDATE t SET slug = 'coffee'")
    first = audit.history("t", ("coffee", "en"))[0].id
    audit.restore(version=first)
    assert conn.execute("SELECT id, slug, n FROM t").fetchone() == (1, "tea", 1)
    conn.execute("DELETE FROM t")
    audit.restore(version=last(audit).id)
    assert conn.execute("SELECT id, slug, n FROM t").fetchone() == (1, "tea", 1)
    assert audit.install("t").key == ("slug", "lang")


def test_a_key_for_a_table_that_has_none(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int NOT NULL UNIQUE, n int)")
    audit.install("t", key=["id"])
    conn.execute("INSERT INTO t VALUES (1, 1)")
    conn.execute("ALTER TABLE t RENAME id TO number")
    conn.execute("UPDATE t SET n = 2")
    assert audit.install("t").key == ("number",)
    assert len(audit.history("t", 1)) == 2


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (["nope"], "public.t has no column 'nope' to take as a key"),
        (["maybe"], "'maybe' may be NULL, and would then name no record of public.t"),
        (["free"], "two records of public.t may have the same free"),
        (["one"], "two records of public.t may have the same one"),
        (["one", "two", "free"], "two records of public.t may have the same one, two, free"),
        (["partly"], "two records of public.t may have the same partly"),
        ("", "key is ''"),
        ([""], r"key is \[''\]"),
        ([None], r"key is \[None\]"),
        (5, "key is 5"),
    ],
)
def test_a_key_that_is_none(conn: Conn, audit: Audit, key: Any, why: str) -> None:
    conn.execute("""CREATE TABLE t (id int PRIMARY KEY, maybe int UNIQUE, free int NOT NULL, one int NOT NULL, two int NOT NULL,
        partly int NOT NULL, UNIQUE (one, two)); CREATE UNIQUE INDEX ON t (partly) WHERE free > 0;
        CREATE UNIQUE INDEX ON t ((free + 1))""")
    with pytest.raises(OptionError, match=why) as caught:
        audit.install("t", key=key)
    assert caught.value.hint
    assert audit.tracked() == []


def test_the_key_of_a_history_stays(users: Conn, audit: Audit) -> None:
    users.execute("ALTER TABLE users ALTER name SET NOT NULL, ADD UNIQUE (name)")
    audit.install("users")
    with pytest.raises(OptionError, match=r"records of public\.users apart by id") as caught:
        audit.install("users", key=["name"])
    assert "as_" in str(caught.value.hint)
    assert audit.install("users", key=["id"]).outcome == "unchanged"
    users.execute("INSERT INTO users VALUES (1, 'Ana')")
    assert audit.install("users", key=["name"], as_="people").subject_type == "people"
    users.execute("UPDATE users SET visits = 1")
    assert (last(audit).subject_type, last(audit).subject_id) == ("people", "Ana")


# --- as ---


def test_records_under_another_name(conn: Conn, audit: Audit) -> None:
    conn.execute(
        "CREATE TABLE posts (id int PRIMARY KEY); CREATE SCHEMA shop; CREATE TABLE shop.posts (id int PRIMARY KEY)"
    )
    assert audit.install("posts", as_="articles").subject_type == "articles"
    assert audit.install("shop.posts", as_="posts").subject_type == "posts"
    conn.execute("INSERT INTO posts VALUES (1)")
    assert last(audit).subject_type == "articles"
    assert audit.install("posts").subject_type == "articles"
    with pytest.raises(
        SubjectTypeTaken, match=r"records of shop\.posts are called 'posts' already"
    ) as caught:
        audit.install("posts", as_="posts")
    assert "--as" in str(caught.value.hint)
    assert audit.tracked() == ["articles", "posts"]


def test_another_name_begins_another_history(users: Conn, audit: Audit) -> None:
    audit.install("users", exclude=["visits"])
    users.execute("INSERT INTO users VALUES (1, 'Ana')")
    assert audit.install("users", as_="people").outcome == "installed"
    users.execute("UPDATE users SET name = 'Bo'")
    assert [one.subject_type for one in audit.activity()] == ["people", "users"]
    assert audit.tracked() == ["people"]
    assert users.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'users'::regclass").fetchone() == (2,)  # fmt: skip
    assert users.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_1%'").fetchone() == (0,)


def test_another_name_keeps_the_chosen_key(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int NOT NULL UNIQUE, slug text NOT NULL UNIQUE)")
    assert audit.install("t", key=["slug"]).key == ("slug",)
    conn.execute("ALTER TABLE t RENAME slug TO name")
    assert audit.install("t", as_="things").key == ("name",)
    assert audit.status()[0].options["key"] == ["name"]
    conn.execute("INSERT INTO t VALUES (1, 'tea')")
    assert last(audit).subject_id == "tea"
    assert audit.install("t", as_="t").key == ("name",)  # its history goes by it as well
    assert audit.install("t", as_="by_id", key=["id"]).key == ("id",)
    with pytest.raises(OptionError, match=r"records of public\.t apart by name"):
        audit.install("t", as_="things")
    assert audit.tracked() == ["by_id"]
    assert audit.install("t", as_="things", key=["name"]).key == ("name",)


def test_another_name_where_the_primary_key_would_be_that_of_its_history(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, slug text NOT NULL UNIQUE)")
    audit.install("t")
    audit.install("t", as_="things", key=["slug"])
    with pytest.raises(OptionError, match=r"records of public\.t apart by id"):
        audit.install("t", as_="t")
    assert audit.install("t", as_="t", key=[]).key == ("id",)


@pytest.mark.parametrize("broken", ["DROP CONSTRAINT t_slug_key", "ALTER slug DROP NOT NULL", "DROP slug"])
def test_another_name_where_the_chosen_key_is_none_any_more(conn: Conn, audit: Audit, broken: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, slug text NOT NULL UNIQUE)")
    audit.install("t", key=["slug"])
    conn.execute(f"ALTER TABLE t {broken}".encode())
    assert audit.install("t", as_="things").key == ("id",)
    assert audit.status()[0].options["key"] == []


@pytest.mark.parametrize("name", ["", "x" * 513])
def test_a_name_that_is_none(users: Conn, audit: Audit, name: str) -> None:
    with pytest.raises(OptionError, match="name"):
        audit.install("users", as_=name)


# --- context ---


def test_a_write_of_an_unknown_causer_is_refused(users: Conn, audit: Audit) -> None:
    audit.install("users", context="require")
    for statement in ("INSERT INTO users VALUES (1)", "TRUNCATE users"):
        with pytest.raises(
            psycopg.Error, match="users must not be changed without saying who does it"
        ) as caught:
            users.execute(statement)
        assert "set_actor" in str(caught.value.diag.message_hint)
    with users.transaction(force_rollback=True):
        users.execute("SET LOCAL pgaudit_py.causer_id = '42'")  # anybody may have left it
        with pytest.raises(psycopg.Error, match="without saying who"):
            users.execute("INSERT INTO users VALUES (1)")
    with users.transaction(force_rollback=True):
        set_actor(users, None, ip="203.0.113.7")
        with pytest.raises(psycopg.Error, match="without saying who"):
            users.execute("INSERT INTO users VALUES (1)")
    assert users.execute("SELECT count(*) FROM users").fetchone() == (0,)
    with users.transaction():
        set_actor(users, 42)
        users.execute("INSERT INTO users VALUES (1)")
        users.execute("ALTER TABLE users ADD x int")
        users.execute("UPDATE users SET x = 1, name = 'Bo'")
    with pytest.raises(psycopg.Error, match="without saying who"):
        users.execute("UPDATE users SET x = 2")
    with pytest.raises(psycopg.Error, match="without saying who"):
        users.execute("DELETE FROM users")
    audit.install("users")
    users.execute("UPDATE users SET x = 1")  # changes nothing
    with pytest.raises(CauserRequired):
        audit.restore(version=audit.history("users", 1)[0].id)
    audit.install("users", context="allow")
    users.execute("UPDATE users SET x = 2")
    assert len(audit.history("users", 1)) == 3


# --- whatever is wrong ---


@pytest.mark.parametrize(
    ("options", "why", "fix"),
    [
        ({"exclude": ["nope"]}, "public.users has no column 'nope' to exclude", "Its columns are: id, name, "),
        ({"redact": ["nope"]}, "public.users has no column 'nope' to redact", "Its columns are: id, name, "),
        ({"redact": ["nope.token"]}, "has no column 'nope.token' to redact", "Its columns are"),
        ({"exclude": ["id"]}, "'id' is in the key of public.users, and cannot be excluded", "another key"),
        ({"redact": ["id"]}, "'id' is in the key of public.users, and cannot be redacted", "another key"),
        ({"redact": ["name"]}, "'lower_name' is generated from 'name', and would tell", "Give 'lower_name' to redact"),
        ({"redact": ["name.x"]}, "'name.x' is no part that can be redacted: name is of type text", "jsonb"),
        ({"redact": ["settings."]}, "'settings.' is no part that can be redacted", "path"),
        ({"redact": ["settings", "settings.a"]}, "'settings.a' is left out already", "redact"),
        ({"redact": ["settings.a"], "exclude": ["settings"]}, "'settings.a' is left out already", "redact"),
        ({"redact": ["name"], "exclude": ["name"]}, "'name' is both excluded and redacted", "Exclude"),
        ({"exclude": ["id", "name", "password", "visits", "settings", "lower_name"], "key": []}, "'id' is in the key", "key"),
        ({"exclude": 5}, "exclude is 5", "names of columns"),
        ({"exclude": [5]}, r"exclude is \[5\]", "names of columns"),
        ({"redact": b"x"}, "redact is b'x'", "names of columns"),
        ({"context": "maybe"}, "context is 'maybe'", "Choose allow or require"),
        ({"snapshots": "some"}, "snapshots is 'some'", "Choose changes or all"),
        ({"truncate_rows": -1}, "truncate_rows is -1", "0 to"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense(
    users: Conn, audit: Audit, options: dict[str, Any], why: str, fix: str
) -> None:
    with pytest.raises(OptionError, match=why) as caught:
        audit.install("users", **options)
    assert fix in str(caught.value.hint)
    assert audit.tracked() == []


def test_nothing_would_be_left(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (a int, b int)")
    with pytest.raises(OptionError, match=r"no column of public\.t would be recorded"):
        audit.install("t", exclude=["a", "b"])


def test_there_was_nothing_to_leave_in(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t ()")
    with pytest.raises(OptionError, match=r"^public\.t has no columns") as refused:
        audit.install("t")
    assert "Leave" not in str(refused.value.hint)


def test_what_is_generated_from_it_may_be_redacted_too(users: Conn, audit: Audit) -> None:
    audit.install("users", redact=["name", "lower_name"])
    users.execute(f"INSERT INTO users VALUES (1, '{SECRET}')")
    assert SECRET not in everything(users)


def test_twice_is_once(users: Conn, audit: Audit) -> None:
    audit.install("users", exclude=["visits", "visits"], redact="password")
    options = users.execute("SELECT options FROM pgaudit_py.tracked_table").fetchone()
    assert options
    assert (options[0]["exclude"], options[0]["redact"]) == (["visits"], ["password"])


@pytest.mark.parametrize(
    "name", ['"; drop table x;--', "a'b", "{{ x }}", "%I", "$$", "a.b", "x\ny", "new", "ümläut"]
)
def test_hostile_names_in_options(conn: Conn, audit: Audit, name: str) -> None:
    from psycopg import sql

    column = sql.Identifier(name)
    conn.execute(
        sql.SQL("CREATE TABLE t (k int, {} jsonb, n int, CONSTRAINT u UNIQUE (k, n))").format(column)
    )
    conn.execute("ALTER TABLE t ALTER k SET NOT NULL, ALTER n SET NOT NULL")
    audit.install("t", redact=[name], key=["k", "n"], as_=name)
    conn.execute(sql.SQL("INSERT INTO t (k, n, {}) VALUES (1, 2, '{{\"x\": 1}}')").format(column))
    assert last(audit).omitted == {name: {"why": "redacted"}}
    audit.install("t", redact=[f"{name}.x"])
    conn.execute(sql.SQL("UPDATE t SET {} = '{{\"x\": 2}}'").format(column))
    assert last(audit).omitted == {f"{name}.x": {"why": "redacted"}}
    assert audit.verify_table(name) == []


def test_no_write_is_missed_while_options_change(
    users: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    """A writer's open transaction, and the next one, are recorded: before or after, never neither."""
    audit.install("users")
    writer = connect(db)
    writer.execute("INSERT INTO users VALUES (1, 'Ana', 'x')")
    writer.commit()
    audit.install("users", redact=["password"])
    writer.execute("UPDATE users SET password = 'y'")
    writer.commit()
    assert last(audit).omitted == {"password": {"why": "redacted"}}
    assert audit.verify_table("users") == []


def test_a_table_that_lost_its_key_says_so(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int NOT NULL UNIQUE, n int)")
    audit.install("t", key=["id"])
    conn.execute("ALTER TABLE t DROP id")
    conn.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(NoKey):
        audit.history("t", 1)
    assert audit.install("t").key == ()


def test_only_what_is_audited_has_options(users: Conn, audit: Audit) -> None:
    with pytest.raises(TableNotTracked):
        audit.sync("users")


# --- redacted, whatever becomes of the column ---


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_document_in_part_redacted_that_gets_another_type(conn: Conn, audit: Audit, kind: str) -> None:
    """Parts of it are no longer known: it is redacted as a whole."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, doc jsonb)")
    audit.install("t", redact=["doc.token", "doc.other"])
    conn.execute(f"ALTER TABLE t ALTER doc TYPE {kind}".encode())
    write = f'{{"token": "{SECRET}"}}'
    conn.execute("INSERT INTO t VALUES (1, %s)", [write])
    assert last(audit).omitted == {"doc": {"why": "redacted"}}
    assert audit.sync("t").outcome == "updated"
    assert audit.status()[0].options["redact"] == ["doc"]
    conn.execute("UPDATE t SET doc = NULL")
    conn.execute("INSERT INTO t VALUES (2, %s)", [write])
    assert SECRET not in everything(conn)


@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_a_column_that_is_made_anew_under_its_name(conn: Conn, audit: Audit, option: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, secret text)")
    audit.install("t", **{option: ["secret"]})  # type: ignore[arg-type]
    conn.execute("ALTER TABLE t DROP secret; ALTER TABLE t ADD secret text")
    conn.execute(f"INSERT INTO t VALUES (1, '{SECRET}')".encode())
    audit.sync("t")
    assert audit.status()[0].options[option] == ["secret"]
    conn.execute(f"INSERT INTO t VALUES (2, '{SECRET}')".encode())
    assert SECRET not in everything(conn)


def test_names_that_two_columns_swapped(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, secret text, open text)")
    audit.install("t", redact=["secret"])
    conn.execute(
        "ALTER TABLE t RENAME secret TO x; ALTER TABLE t RENAME open TO secret; ALTER TABLE t RENAME x TO open"
    )
    conn.execute(f"INSERT INTO t (id, open, secret) VALUES (1, '{SECRET}', 'seen')".encode())
    assert (last(audit).snapshot or {})["secret"] == "seen"
    audit.sync("t")
    assert audit.status()[0].options["redact"] == ["open"]
    conn.execute(f"UPDATE t SET open = '{SECRET}!'".encode())
    assert SECRET not in everything(conn)


def test_a_snapshot_older_than_the_new_name(conn: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """Nobody can tell there which column it is that was renamed: none of the unknown ones is told."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, secret text, doc jsonb)")
    audit.install("t", redact=["secret", "doc.token"])
    old = connect(db)
    old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    old.execute("SELECT FROM pg_class LIMIT 1")
    conn.execute(
        "ALTER TABLE t RENAME secret TO hidden; ALTER TABLE t RENAME doc TO file; ALTER TABLE t ADD added int"
    )
    old.execute("INSERT INTO t VALUES (1, %s, %s, 1)", [SECRET, json.dumps({"token": SECRET})])
    old.execute("UPDATE t SET hidden = %s", [SECRET + "!"])
    old.commit()
    assert SECRET not in everything(conn)
    assert set(last(audit).omitted) == {"hidden"}


def test_snapshots_and_baselines_redact_as_well(users: Conn, audit: Audit) -> None:
    users.execute(
        f"INSERT INTO users VALUES (1, 'Ana', '{SECRET}', 1987654321, '{{\"token\": \"{SECRET}\", \"n\": 1}}')".encode()
    )
    audit.install("users", redact=["password", "settings.token"], exclude=["visits"])
    audit.baseline("users")
    audit.snapshot("users", 1)
    for one in audit.activity():
        assert set(one.omitted) == {"password", "settings.token"}
        assert (one.snapshot or {})["settings"] == {"n": 1}
    assert SECRET not in everything(users)
    assert "1987654321" not in everything(users)
    users.execute("ALTER TABLE users RENAME password TO word")
    audit.snapshot("users", 1)
    assert SECRET not in everything(users)


# --- when the table gets another primary key ---


def test_the_key_before_serves_as_long_as_it_is_one(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, u int NOT NULL, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 10, 0)")
    conn.execute("ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (u), ADD UNIQUE (id)")
    conn.execute("UPDATE t SET n = 1")
    assert audit.sync("t").key == ("id",)
    conn.execute("UPDATE t SET n = 2")
    assert len(audit.history("t", 1)) == 3


def test_where_it_is_none_any_more_another_name_is_asked_for(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, u int NOT NULL, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 10, 0)")
    conn.execute("ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (u)")
    with pytest.raises(OptionError, match=r"tells the records of public\.t apart by id") as refused:
        audit.sync("t")
    assert "--as NAME" in (refused.value.hint or "")
    assert audit.status()[0].state == "drifted"
    conn.execute("UPDATE t SET n = 1")
    assert len(audit.history("t", 1)) == 2
    assert audit.install("t", as_="t2").key == ("u",)
    conn.execute("UPDATE t SET n = 2")
    assert audit.activity(limit=1).items[0].subject_id == "10"


# --- at a time when a column was not told ---


def at_time(audit: Audit, at: Any) -> dict[str, Any]:
    state = audit.record_at("users", 1, at=at)
    assert state is not None
    return dict(state)


def moment(conn: Conn) -> Any:
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    assert row
    return row[0]


@pytest.mark.parametrize("known", [True, False])
def test_what_a_record_was_while_a_column_was_excluded(users: Conn, audit: Audit, known: bool) -> None:
    """With or without an activity of the record: what nobody saw is not told."""
    insert = "INSERT INTO users VALUES (1, 'Ana', 'x', 1)"
    if not known:
        users.execute(insert)
    audit.install("users")
    if known:
        users.execute(insert)
    before = moment(users)
    audit.install("users", exclude=["visits"])
    users.execute("UPDATE users SET visits = 2")
    during = moment(users)
    assert "visits" not in at_time(audit, during)
    audit.install("users", exclude=[])
    again = moment(users)
    assert "visits" not in at_time(audit, during)
    told = [at_time(audit, at).get("visits") for at in (before, again, moment(users))]
    assert told == [1 if known else None, 2, 2]
    users.execute("UPDATE users SET visits = 3, name = 'Bo'")
    assert "visits" not in at_time(audit, during)
    told = [at_time(audit, at).get("visits") for at in (before, again, moment(users))]
    assert told == [1 if known else None, 2, 3]


def test_columns_are_called_as_they_were_at_the_time(users: Conn, audit: Audit) -> None:
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 1)")
    audit.install("users")
    first = moment(users)
    users.execute("ALTER TABLE users RENAME visits TO seen; ALTER TABLE users ADD added int DEFAULT 7")
    audit.sync("users")
    second = moment(users)
    for _ in range(2):
        then, now = at_time(audit, first), at_time(audit, second)
        assert (then["visits"], now["seen"], now["added"]) == (1, 1, 7)
        assert not {"seen", "added"} & set(then)
        users.execute("UPDATE users SET name = 'Bo', added = 8, seen = 2")


def test_a_trail_that_ended_tells_nothing_after(users: Conn, audit: Audit) -> None:
    audit.install("users")
    users.execute("INSERT INTO users VALUES (1, 'Ana', 'x', 1)")
    before = moment(users)
    audit.uninstall("users")
    users.execute("UPDATE users SET name = 'Bo'")
    with pytest.raises(VersionNotFound, match="the audit trail of users ended at"):
        at_time(audit, moment(users))
    assert at_time(audit, before)["name"] == "Ana"


@pytest.mark.parametrize("known", [False, True])
def test_an_answer_does_not_change_when_the_table_does(users: Conn, audit: Audit, known: bool) -> None:
    """What was altered since, and not synced, was not so then."""
    insert = "INSERT INTO users (id, name, password) VALUES (1, 'Ana', 'x')"
    if not known:
        users.execute(insert)
    audit.install("users")
    if known:
        users.execute(insert)
    at = moment(users)
    before = at_time(audit, at)
    users.execute(
        "ALTER TABLE users RENAME visits TO x; ALTER TABLE users ADD visits int DEFAULT 5; ALTER TABLE users DROP settings;"
        "ALTER TABLE users RENAME password TO word"
    )
    for _ in range(3):
        told = at_time(audit, at)
        told.pop("settings", None)  # of a column that is gone, only the log knows
        before.pop("settings", None)
        assert told == before
        assert "visits" not in audit.plan_restore(subject=("users", 1), at=at).changes
        audit.sync("users")
        users.execute("UPDATE users SET visits = 6")


def test_a_row_that_nobody_changed_since_a_gap(users: Conn, audit: Audit) -> None:
    """What it is now, it need not have been before."""
    users.execute("INSERT INTO users (id, name) VALUES (1, 'Ana')")
    audit.install("users")
    before = moment(users)
    audit.uninstall("users")
    audit.install("users")
    with pytest.raises(VersionNotFound, match="the log does not tell what users '1' was"):
        audit.record_at("users", 1, at=before)
    assert at_time(audit, moment(users))["name"] == "Ana"


@pytest.mark.unverified  # a row that went meanwhile is a contradiction; see limits.md
def test_while_nobody_looked(users: Conn, audit: Audit) -> None:
    audit.install("users")
    users.execute("INSERT INTO users (id, name) VALUES (1, 'Ana'), (2, 'Bo')")
    before = moment(users)
    audit.uninstall("users")
    users.execute("UPDATE users SET name = 'Bea' WHERE id = 1; DELETE FROM users WHERE id = 2")
    during = moment(users)
    users.execute("UPDATE users SET name = 'Cy' WHERE id = 1")
    audit.install("users")
    after = moment(users)
    for _ in range(2):
        with pytest.raises(VersionNotFound, match="users was not audited from"):
            at_time(audit, during)
        assert [at_time(audit, at)["name"] for at in (before, after)] == ["Ana", "Cy"]
        users.execute("UPDATE users SET name = 'Di'")
    with pytest.raises(VersionNotFound, match="the log does not tell what users '2' was"):
        audit.record_at("users", 2, at=after)
