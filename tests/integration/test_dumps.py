"""A table that came from a dump, or was made anew: numbers of columns mean something else, what the log says does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import OptionError
from tests.conftest import Conn, Reload, contradictions

SECRET = "hunter2"


@pytest.fixture
def people(conn: Conn) -> Conn:
    """Columns of one type, behind one that is gone: after a dump each has the number that its left neighbour had."""
    conn.execute("CREATE TABLE people (id int PRIMARY KEY, gone text, name text, email text, town text)")
    conn.execute("ALTER TABLE people DROP gone")
    return conn


def rows(conn: Conn) -> Any:
    return conn.execute("SELECT * FROM people ORDER BY 1").fetchall()


def everything(conn: Conn) -> str:
    return str(conn.execute("SELECT l::text FROM pgaudit_py.activity_log AS l ORDER BY id").fetchall())


@pytest.mark.parametrize("put_right", [None, "sync", "install"])
def test_a_restore_after_a_dump(
    people: Conn, audit: Audit, db: str, reload: Reload, put_right: str | None
) -> None:
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern'), (2, 'Bo', 'bo@a', 'Rome')")
    first, second = sorted(one.id for one in audit.activity())
    people.execute(
        "UPDATE people SET name = 'Bea', town = 'Oslo' WHERE id = 1; DELETE FROM people WHERE id = 2"
    )
    loaded = reload(db)
    restored = Audit(loaded)
    if put_right:
        getattr(restored, put_right)("people")
    loaded.execute("UPDATE people SET email = 'bea@b' WHERE id = 1")
    later = restored.activity(limit=1).items[0]
    assert {name: (one.old, one.new) for name, one in later.changes.items()} == {"email": ("ana@a", "bea@b")}
    assert restored.version(later.id) == {"id": 1, "name": "Bea", "email": "bea@b", "town": "Oslo"}
    assert restored.version(first) == {"id": 1, "name": "Ana", "email": "ana@a", "town": "Bern"}
    restored.restore(version=first)
    restored.restore(version=second)
    assert rows(loaded) == [(1, "Ana", "ana@a", "Bern"), (2, "Bo", "bo@a", "Rome")]
    assert contradictions(loaded) == []


def test_columns_that_come_after_a_dump_are_nobody_elses(
    people: Conn, audit: Audit, db: str, reload: Reload
) -> None:
    """The number that the new column gets was that of another one in the log."""
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern')")
    version = audit.activity().items[0].id
    loaded = reload(db)
    restored = Audit(loaded)
    restored.sync("people")
    loaded.execute("ALTER TABLE people ADD added text")
    loaded.execute("UPDATE people SET added = 'new'")
    restored.sync("people")
    loaded.execute("UPDATE people SET added = 'newer', town = 'Rome'")
    assert set(restored.version(version)) == {"id", "name", "email", "town"}
    plan = restored.plan_restore(version=version)
    assert set(plan.changes) == {"town"}
    restored.restore(plan)
    assert rows(loaded) == [(1, "Ana", "ana@a", "Bern", "newer")]
    assert contradictions(loaded) == []


@pytest.mark.parametrize("put_right", [False, True])
@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_what_is_left_out_stays_so(
    people: Conn, audit: Audit, db: str, reload: Reload, option: str, put_right: bool
) -> None:
    audit.install("people", **{option: ["email"]})  # type: ignore[arg-type]
    loaded = reload(db)
    restored = Audit(loaded)
    if put_right:
        restored.sync("people")
        assert restored.status()[0].options[option] == ["email"]
    loaded.execute(f"INSERT INTO people VALUES (1, 'Ana', '{SECRET}', 'Bern')".encode())
    loaded.execute("ALTER TABLE people ADD added text")
    loaded.execute(f"UPDATE people SET email = '{SECRET}!', town = 'Rome'".encode())
    restored.snapshot("people", 1)
    restored.sync("people")
    loaded.execute(f"UPDATE people SET email = '{SECRET}!!', town = 'Oslo'; TRUNCATE people".encode())
    told = everything(loaded)
    assert SECRET not in told
    assert "Bern" in told
    assert "Oslo" in told
    assert contradictions(loaded) == []


@pytest.mark.parametrize("option", ["exclude", "redact"])
def test_what_was_left_out_may_have_another_name(
    people: Conn, audit: Audit, db: str, reload: Reload, option: str
) -> None:
    """Renamed before the dump, and not synced: which of the last columns it is, nobody can tell."""
    audit.install("people", **{option: ["town"]})  # type: ignore[arg-type]
    people.execute("ALTER TABLE people RENAME town TO city; ALTER TABLE people ADD added text")
    loaded = reload(db)
    restored = Audit(loaded)
    loaded.execute(f"INSERT INTO people VALUES (1, 'Ana', 'Bern', '{SECRET}', 'a')".encode())
    assert set(restored.activity(limit=1).items[0].omitted) == {"email", "city", "added"}
    (one,) = restored.status()
    assert one.state == "drifted"
    with pytest.raises(
        OptionError, match="'town' was left out, and may be 'added' or 'city' or 'email' now"
    ) as caught:
        restored.sync("people")
    assert "--redact" in str(caught.value.hint)
    assert "'town' was left out" in one.findings[0].detail
    restored.install("people", **{option: ["city"]})  # type: ignore[arg-type]
    loaded.execute(f"UPDATE people SET city = '{SECRET}!', added = 'told'".encode())
    assert SECRET not in everything(loaded)
    assert "told" in everything(loaded)
    assert restored.sync("people").outcome == "unchanged"


def test_the_key_is_the_same_after_a_dump(conn: Conn, audit: Audit, db: str, reload: Reload) -> None:
    conn.execute("CREATE TABLE people (gone int, id int, code text, name text, PRIMARY KEY (code, id))")
    conn.execute("ALTER TABLE people DROP gone")
    audit.install("people")
    conn.execute("INSERT INTO people VALUES (1, 'de', 'Ana')")
    loaded = reload(db)
    restored = Audit(loaded)
    for step in (None, "sync"):
        if step:
            loaded.execute("ALTER TABLE people ADD added int")
            loaded.execute("UPDATE people SET name = name || '?'")
            restored.sync("people")
        loaded.execute("UPDATE people SET name = name || '!'")
        assert restored.activity(limit=1).items[0].subject_id == '["de", "1"]'
    assert [entry.operation for entry in restored.history("people", ["de", 1])] == ["I", "U", "U", "U"]
    assert contradictions(loaded) == []


def test_a_dump_of_a_dump(people: Conn, audit: Audit, db: str, other_db: str, reload: Reload) -> None:
    """Dropped, dumped, added, dropped, dumped again: each round has numbers of its own."""
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern')")
    version = audit.activity().items[0].id
    loaded = reload(db)
    Audit(loaded).sync("people")
    loaded.execute(
        "ALTER TABLE people ADD a text; ALTER TABLE people DROP name; ALTER TABLE people ADD b text"
    )
    Audit(loaded).sync("people")
    loaded.execute("UPDATE people SET a = 'a', b = 'b', town = 'Rome'")
    people.execute("DROP TABLE people; DROP SCHEMA pgaudit_py CASCADE")
    reload(other_db, into=db)
    audit.sync("people")
    people.execute("ALTER TABLE people ADD c text")
    people.execute("UPDATE people SET c = 'c', b = 'bb'")
    audit.sync("people")
    last = audit.activity(limit=1, action="updated").items[0]
    assert audit.version(last.id) == {
        "id": 1, "email": "ana@a", "town": "Rome", "a": "a", "b": "bb", "c": "c"
    }  # fmt: skip
    assert audit.version(version) == {"id": 1, "name": "Ana", "email": "ana@a", "town": "Bern"}
    plan = audit.plan_restore(version=version)
    assert set(plan.changes) == {"town"}


def test_a_table_made_anew_in_another_order(people: Conn, audit: Audit) -> None:
    audit.install("people", redact=["town"])
    people.execute(f"INSERT INTO people VALUES (1, 'Ana', 'ana@a', '{SECRET}')".encode())
    version = audit.activity().items[0].id
    people.execute("CREATE TABLE copy (id int PRIMARY KEY, town text, email text, name text)")
    people.execute("INSERT INTO copy SELECT id, town, email, name FROM people")
    people.execute("DROP TABLE people; ALTER TABLE copy RENAME TO people")
    audit.sync("people")
    people.execute(f"UPDATE people SET name = 'Bea', email = 'bea@b', town = '{SECRET}!'".encode())
    assert set(audit.activity(limit=1).items[0].omitted) == {"town"}
    assert audit.version(version) == {"id": 1, "name": "Ana", "email": "ana@a"}
    audit.restore(version=version)
    assert rows(people) == [(1, f"{SECRET}!", "ana@a", "Ana")]
    assert SECRET not in everything(people)


def test_where_the_cluster_is_another_one_the_oid_says_nothing(people: Conn, audit: Audit) -> None:
    """Two clusters may give two tables one oid."""
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern')")
    assert "shift" not in str(
        people.execute("SELECT pgaudit_py.watched_columns('people'::regclass)").fetchone()
    )
    people.execute("UPDATE pgaudit_py.table_shape SET cluster = 1")
    assert "shift" in str(people.execute("SELECT pgaudit_py.watched_columns('people'::regclass)").fetchone())
    audit.sync("people")
    people.execute("ALTER TABLE people ADD added text; UPDATE people SET added = 'a'")
    assert audit.activity(limit=1).items[0].metadata["_drift"]["added"]["attnum"] > 2000


# --- altered around a dump, and not synced in between ---


SWAP = "ALTER TABLE people RENAME {0} TO x; ALTER TABLE people RENAME {1} TO {0}; ALTER TABLE people RENAME x TO {1}"


COLUMNS = ["c1", "c2", "c3", "c4", "c5"]


def altered(random: Random, kinds: Sequence[str], names: list[str]) -> tuple[str, list[str]]:
    """Alter a table of `names` once: what to run, and what its columns are called then, in their order."""
    known = [name for name in names if name]
    kind, fresh = random.choice(kinds), f"x{random.randrange(10**9)}"
    rename = "ALTER TABLE people RENAME {} TO {};"
    if kind == "add":
        return f"ALTER TABLE people ADD {fresh} text DEFAULT 'new'", [*names, fresh]
    if kind == "drop" and len(known) > 2:
        gone = random.choice(known)
        return f"ALTER TABLE people DROP {gone}", [name if name != gone else "" for name in names]
    if kind == "rename":
        one = random.choice(known)
        return rename.format(one, fresh), [fresh if name == one else name for name in names]
    # Names of columns that are there go to others: around, or to the left of where they were.
    some = sorted(random.sample(known, min(len(known), random.randint(2, 4))), key=names.index)
    last = some[-1] if kind == "swap" else fresh
    steps = [(some[0], "between"), *((b, a) for a, b in pairwise(some)), ("between", last)]
    called = {b: a for a, b in pairwise(some)} | {some[0]: last}
    return "".join(rename.format(*step) for step in steps), [called.get(name, name) for name in names]


@pytest.mark.parametrize("seed", range(40))
def test_no_value_goes_into_another_column(
    conn: Conn, audit: Audit, db: str, reload: Reload, seed: int
) -> None:
    """However a table is altered before a dump and after it, a restore is right, or leaves alone what it cannot tell."""
    random = Random(seed)
    conn.execute(
        "CREATE TABLE people (id int PRIMARY KEY, gone text, c1 text, c2 text, c3 text, c4 text, c5 text)"
    )
    conn.execute("ALTER TABLE people DROP gone")
    audit.install("people", redact=["c3"])
    conn.execute(f"INSERT INTO people VALUES (1, 'old 0', 'old 1', '{SECRET}', 'old 3', 'old 4')".encode())
    version = audit.activity().items[0].id
    names = list(COLUMNS)
    # Where a column goes and another one gets its name, nobody could tell that from the other one going; see limits.md.
    kinds = random.choice((("rename", "swap", "chain", "add"), ("rename", "drop", "add")))
    before, after = random.randint(0, 2), random.randint(0, 2)
    for _ in range(before):
        ddl, names = altered(random, kinds, names)
        conn.execute(ddl.encode())
    loaded = reload(db)
    for _ in range(after):
        ddl, names = altered(random, kinds, names)
        loaded.execute(ddl.encode())
    restored = Audit(loaded)
    where = {name: number for number, name in enumerate(names) if name}
    now = {name: SECRET + "!" if number == 2 else f"now {number}" for name, number in where.items()}
    change = ", ".join(f"{name} = '{value}'" for name, value in now.items())
    loaded.execute(f"UPDATE people SET {change}".encode())
    if random.random() < 0.5:
        try:
            restored.sync("people")
        except OptionError:
            restored.install("people", redact=[name for name, number in where.items() if number == 2])
    plan = restored.plan_restore(version=version)
    restored.restore(plan)
    row = loaded.execute("SELECT to_jsonb(p) - 'id' FROM people AS p").fetchone()
    assert row
    for name, value in row[0].items():
        assert value in {now[name], f"old {where[name]}"}, (name, plan.left_out)
        assert (value == now[name]) == (name in plan.left_out), (name, plan.left_out)
    assert SECRET not in everything(loaded)
    if not before + after:
        assert [name for name in row[0] if name in plan.left_out] == ["c3"]
    assert contradictions(loaded) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("put_right", [False, True])
@pytest.mark.parametrize("names", [("name", "email"), ("name", "town"), ("email", "town")])
def test_columns_that_changed_places_are_left_alone(
    people: Conn, audit: Audit, db: str, reload: Reload, when: str, put_right: bool, names: tuple[str, str]
) -> None:
    people.execute("ALTER TABLE people ADD number int, ADD last text")
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern', 7, 'z')")
    version = audit.activity().items[0].id
    if when == "before":
        people.execute(SWAP.format(*names).encode())
    loaded = reload(db)
    if when == "after":
        loaded.execute(SWAP.format(*names).encode())
    restored = Audit(loaded)
    loaded.execute("UPDATE people SET name = 'A', email = 'B', town = 'C', number = 8, last = 'y'")
    if put_right:
        restored.sync("people")
    plan = restored.restore(version=version)
    assert {"number", "last"} <= set(plan.changes)
    assert {name for name, why in plan.left_out.items() if why == "added since"} >= set(names)
    row = loaded.execute("SELECT name, email, town, number, last FROM people").fetchone()
    assert row is not None
    assert row[3:] == (7, "z")
    left = {"name": "A", "email": "B", "town": "C"}
    assert {name: value for name, value in zip(left, row, strict=False) if name in names} == {
        name: left[name] for name in names
    }
    assert contradictions(loaded) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "ddl",
    [
        SWAP.format("name", "email"),
        "ALTER TABLE people ALTER email TYPE varchar(50);" + SWAP.format("name", "email"),
        "ALTER TABLE people RENAME email TO x; ALTER TABLE people ADD email text",
        "ALTER TABLE people DROP name; ALTER TABLE people RENAME email TO name",
        "ALTER TABLE people DROP town; ALTER TABLE people RENAME email TO town",
    ],
)
def test_redacted_under_another_name(
    people: Conn, audit: Audit, db: str, reload: Reload, when: str, ddl: str
) -> None:
    """Whatever its name went to, or is now: it is not told, and sync asks."""
    audit.install("people", redact=["email"])
    people.execute(f"INSERT INTO people VALUES (1, 'Ana', '{SECRET}', 'Bern')".encode())
    if when == "before":
        people.execute(ddl.encode())
    loaded = reload(db)
    if when == "after":
        loaded.execute(ddl.encode())
    restored = Audit(loaded)
    find = f"SELECT key FROM people AS p, to_jsonb(p) AS j, jsonb_each_text(j) WHERE value = '{SECRET}'"
    found = loaded.execute(find.encode()).fetchone()
    assert found is not None
    loaded.execute(f"UPDATE people SET {found[0]} = '{SECRET}!'; TRUNCATE people".encode())
    with pytest.raises(OptionError, match=rf"'email' was left out, and may be .*'{found[0]}'"):
        restored.sync("people")
    restored.install("people", redact=[found[0]])
    loaded.execute(f"INSERT INTO people (id, {found[0]}) VALUES (1, '{SECRET}!!')".encode())
    assert SECRET not in everything(loaded)


def test_made_anew_with_our_triggers_and_another_order(people: Conn, audit: Audit) -> None:
    """Who rebuilds a table and copies its triggers looks like a dump: names are not believed, and nothing is told."""
    audit.install("people", redact=["email"])
    people.execute(f"INSERT INTO people VALUES (1, 'Ana', '{SECRET}', 'Bern')".encode())
    version = audit.activity().items[0].id
    people.execute("CREATE TABLE copy (id int PRIMARY KEY, email text, name text, town text)")
    people.execute("INSERT INTO copy SELECT id, email, name, town FROM people")
    triggers = "SELECT replace(pg_get_triggerdef(oid), 'public.people', 'copy') FROM pg_trigger WHERE tgrelid = 'people'::regclass"
    for (trigger,) in people.execute(triggers).fetchall():
        people.execute(trigger.encode())
    people.execute("DROP TABLE people; ALTER TABLE copy RENAME TO people")
    people.execute(f"UPDATE people SET email = '{SECRET}!', name = 'Bea', town = 'Rome'".encode())
    audit.restore(version=version)
    assert rows(people) == [(1, f"{SECRET}!", "Bea", "Rome")]
    with pytest.raises(OptionError, match="'email' was left out, and may be 'email' or 'name' or 'town' now"):
        audit.sync("people")
    assert SECRET not in everything(people)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_key_that_was_renamed(people: Conn, audit: Audit, db: str, reload: Reload, when: str) -> None:
    """It cannot be told from another column that is the key now; whoever gives it its old name once more goes on."""
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern')")
    rename = "ALTER TABLE people RENAME id TO person_id"
    if when == "before":
        people.execute(rename)
    loaded = reload(db)
    if when == "after":
        loaded.execute(rename)
    restored = Audit(loaded)
    with pytest.raises(OptionError, match="apart by id"):
        restored.sync("people")
    loaded.execute("ALTER TABLE people RENAME person_id TO id")
    restored.sync("people")
    loaded.execute(rename)
    restored.sync("people")
    loaded.execute("UPDATE people SET name = 'Cy', person_id = 2")
    assert [entry.operation for entry in restored.history("people", 2)] == ["I", "U"]
    assert contradictions(loaded) == []


def test_a_key_that_cannot_be_recognised(conn: Conn, audit: Audit, db: str, reload: Reload) -> None:
    """Another column of its type is the primary key now: it is not taken for it."""
    conn.execute("CREATE TABLE people (id int PRIMARY KEY, name text)")
    audit.install("people")
    conn.execute("INSERT INTO people VALUES (10, 'Ana'), (20, 'Bo')")
    conn.execute("ALTER TABLE people DROP id, ADD pid int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
    loaded = reload(db)
    loaded.execute("UPDATE people SET name = 'Bea' WHERE name = 'Ana'")
    restored = Audit(loaded)
    assert restored.activity(limit=1).items[0].subject_id is None
    with pytest.raises(OptionError, match="apart by id"):
        restored.sync("people")
    assert contradictions(loaded) == []


def test_one_that_was_made_anew_puts_those_in_doubt_that_it_went_past(
    people: Conn, audit: Audit, db: str, reload: Reload
) -> None:
    audit.install("people")
    people.execute("INSERT INTO people VALUES (1, 'Ana', 'ana@a', 'Bern')")
    version = audit.activity().items[0].id
    people.execute("ALTER TABLE people DROP email; ALTER TABLE people ADD email text")
    loaded = reload(db)
    restored = Audit(loaded)
    restored.sync("people")
    loaded.execute("UPDATE people SET email = 'x', town = 'y', name = 'z'")
    restored.restore(version=version)
    assert rows(loaded) == [(1, "Ana", "y", "x")]
