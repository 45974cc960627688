"""Random tables, with their constraints and triggers; and what a generator knows of them while they are altered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.random.values import KEY_VALUES, NAMES, TYPES, VALUES, literal, quoted

WRITER = "random_writer"
"""A role that owns nothing: policies hold for it."""

PREPARATION = (
    *TYPES,
    "CREATE SCHEMA elsewhere",
    "CREATE SEQUENCE persons",
    "CREATE TABLE seen (told text)",  # where the application's triggers write; not audited
    # Where there is no audit trail it does nothing: both databases run the same program.
    """CREATE FUNCTION snap(name text, key text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
           IF EXISTS (SELECT FROM pgaudit_py.tracked_table AS k WHERE k.subject_type = name) THEN
               PERFORM pgaudit_py.snapshot(name, key, 'some');
           END IF; END $$""",
)
"""What is there before a program: made once, so that labels of an enum have one oid, by which they are hashed, in both databases."""


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    constraint: str = ""
    written: bool = True  # a generated column is not

    @property
    def sql(self) -> str:
        return f"{quoted(self.name)} {self.type} {self.constraint}".rstrip()


@dataclass
class Table:
    """A table, as whoever writes the program believes it to be."""

    subject_type: str
    schema: str
    name: str
    columns: list[Column]
    key: list[str]  # empty for none
    key_types: list[str]
    kind: str = "plain"
    traits: set[str] = field(default_factory=set)

    @property
    def sql(self) -> str:
        return f"{self.schema}.{quoted(self.name)}"

    @property
    def who(self) -> bool:
        """Whether a column tells the record, whatever its key."""
        return any(column.name == "who" for column in self.columns)

    def others(self) -> list[Column]:
        """The columns that may be written at will."""
        return [one for one in self.columns if one.name not in {"who", *self.key} and one.written]


@dataclass(frozen=True)
class Kind:
    """A kind of table: how it is made. Another kind is another line in KINDS."""

    weight: int
    create: Callable[[Table, str], list[str]]  # the table, and what stands between the parentheses


KINDS: dict[str, Kind] = {
    "plain": Kind(10, lambda table, inside: [f"CREATE TABLE {table.sql} ({inside})"]),
    "unlogged": Kind(1, lambda table, inside: [f"CREATE UNLOGGED TABLE {table.sql} ({inside})"]),
    "tight": Kind(2, lambda table, inside: [f"CREATE TABLE {table.sql} ({inside}) WITH (fillfactor = 30)"]),
}

AFTER = {
    "same row": "EXECUTE format('UPDATE %s SET n = n + 100 WHERE who = $1 AND n %% 3 = 0', TG_RELID::regclass) USING NEW.who;",
    # What the next rows of the statement become is done, and recorded, before their own change is.
    "siblings": "EXECUTE format('UPDATE %s SET n = n + 100 WHERE who IN ($1 + 1, $1 - 1)', TG_RELID::regclass) USING NEW.who;",
    "siblings go": "EXECUTE format('DELETE FROM %s WHERE who = $1 + 1 AND n %% 4 = 0', TG_RELID::regclass) USING NEW.who;",
    "tells": "INSERT INTO seen VALUES (TG_OP || ' ' || NEW.who || ' ' || NEW.n);",
    "refuses": "IF NEW.n % 7 = 6 THEN RAISE 'no % of %', TG_OP, NEW.n; END IF;",
    "catches": """BEGIN EXECUTE format('UPDATE %s SET n = n + 10 / (n %% 2) WHERE who = $1 + 1', TG_RELID::regclass) USING NEW.who;
        EXCEPTION WHEN division_by_zero THEN INSERT INTO seen VALUES ('caught'); END;""",
    "snapshots": """EXECUTE format('SELECT snap(%1$L, %3$I::text) FROM (
        SELECT * FROM %2$s WHERE who BETWEEN $1 - 1 AND $1 + 1 FOR NO KEY UPDATE) AS r', TG_ARGV[0], TG_RELID::regclass, TG_ARGV[1])
        USING NEW.who;""",
}
BEFORE = {
    "counts": "IF TG_OP <> 'DELETE' THEN NEW.n := NEW.n + 1; END IF;",
    "suppresses": "IF TG_OP <> 'INSERT' AND OLD.n % 5 = 4 THEN RETURN NULL; END IF;",
    "suppresses rows": "IF TG_OP = 'INSERT' AND NEW.n % 5 = 3 THEN RETURN NULL; END IF;",
    "touches siblings": """IF TG_OP = 'UPDATE' THEN
        EXECUTE format('UPDATE %s SET n = n + 1 WHERE who = $1 + 1', TG_RELID::regclass) USING NEW.who; END IF;""",
    "tells": "INSERT INTO seen VALUES (TG_OP || ' before');",
}
ACTIONS = ("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")


def make_table(chance: random.Random, number: int, server_major: int) -> Table:
    """Decide what a table looks like."""
    (kind,) = chance.choices(list(KINDS), [kind.weight for kind in KINDS.values()])
    name = chance.choice([f"t{number}", f"t{number}", f"Odd {number}", f'q"{number}'])
    schema = chance.choice(["public", "public", "elsewhere"])
    width = chance.choice([1, 3, 4, 5, 7, 12])
    keyed = width == 1 or chance.random() < 0.85
    parts = chance.choice([1, 1, 1, 2]) if keyed and width > 4 else int(keyed)
    key_types = chance.choices(list(KEY_VALUES), [6] + [1] * (len(KEY_VALUES) - 1), k=parts)
    key = ["id", "lang"][:parts]
    columns = [Column(one, type_name, "NOT NULL") for one, type_name in zip(key, key_types, strict=True)]
    if key_types == ["integer"] and chance.random() < 0.2:
        columns = [
            Column(
                "id", "integer", f"NOT NULL GENERATED {chance.choice(['ALWAYS', 'BY DEFAULT'])} AS IDENTITY"
            )
        ]
    if width > 1:
        columns += [
            Column("who", "bigint", "NOT NULL DEFAULT nextval('public.persons')", written=False),
            Column("n", "integer", "NOT NULL DEFAULT 0"),
        ]
    names = chance.sample(NAMES, width)
    while len(columns) < width:
        columns.append(_column(chance, names.pop(), server_major))
    chance.shuffle(columns)
    subject_type = name if schema == "public" else f"{schema}.{name}"
    return Table(subject_type, schema, name, columns, key, key_types, kind)


def _column(chance: random.Random, name: str, server_major: int) -> Column:
    type_name = chance.choice(list(VALUES))
    lot = chance.random()
    if lot < 0.08:
        stored = chance.choice(["STORED", "VIRTUAL"]) if server_major >= 18 else "STORED"
        return Column(name, "integer", f"GENERATED ALWAYS AS (n * 2) {stored}", written=False)
    if lot < 0.25:
        return Column(name, type_name, f"DEFAULT {literal(chance, type_name)}")
    if lot < 0.3:
        return Column(name, type_name, f"NOT NULL DEFAULT {literal(chance, type_name, null=False)}")
    return Column(name, type_name)


def creation(chance: random.Random, table: Table, tables: list[Table]) -> Iterator[str]:
    """Write what makes a table, after those that it may refer to; each statement alone, so that it can be left out."""
    key = ", ".join(map(quoted, table.key))
    unique = chance.random() < 0.3
    inside = [column.sql for column in table.columns]
    if table.key:
        inside.append(f"{'UNIQUE' if unique else 'PRIMARY KEY'} ({key})")
        table.traits |= {"unique"} if unique else set()
    yield from KINDS[table.kind].create(table, ", ".join(inside))
    if table.who and chance.random() < 0.3 and tables:
        yield from _reference(chance, table, tables)
    if chance.random() < 0.2 and table.others():
        column = chance.choice(table.others())
        yield f"CREATE {chance.choice(['', 'UNIQUE '])}INDEX ON {table.sql} ({quoted(column.name)})"
    if table.who and chance.random() < 0.15:
        yield f"ALTER TABLE {table.sql} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY few ON {table.sql} USING (n % 4 <> 3) WITH CHECK (n % 6 <> 5)"
        table.traits.add("policies")
    if table.who:
        yield from triggers(chance, table)
    yield f"GRANT ALL ON {table.sql} TO {WRITER}"


def _reference(chance: random.Random, table: Table, tables: list[Table]) -> Iterator[str]:
    """Add a foreign key to another table, or to itself."""
    parents = [one for one in [*tables, table] if len(one.key) == 1]
    if not parents:
        return
    parent = chance.choice(parents)
    column = Column(f"of_{parent.name}", parent.key_types[0])
    table.columns.append(column)
    # A cascade to a row without a change (SET DEFAULT to what it is) cannot be: the row would refer to what went.
    deferred = chance.choice(["", "", " DEFERRABLE INITIALLY DEFERRED"])
    yield (
        f"ALTER TABLE {table.sql} ADD {column.sql} REFERENCES {parent.sql} ({quoted(parent.key[0])}) "
        f"ON DELETE {chance.choice(ACTIONS)} ON UPDATE {chance.choice(ACTIONS)}{deferred}"
    )
    table.traits.add(f"references {parent.subject_type}")


def triggers(chance: random.Random, table: Table) -> Iterator[str]:
    """Give a table triggers of the application's own: none, or some."""
    if chance.random() < 0.4:
        name = chance.choice(sorted(AFTER))
        if name == "snapshots" and ("policies" in table.traits or len(table.key) != 1):
            return
        table.traits.add(f"after: {name}")
        given = f"{_text(table.subject_type)}, {_text((table.key or [''])[0])}"
        yield _trigger(table, "after_it", f"IF pg_trigger_depth() < {chance.choice([2, 3])} THEN {AFTER[name]} END IF; RETURN NULL;")  # fmt: skip
        yield (
            f"CREATE TRIGGER {chance.choice(['after_it', 'zz', quoted('0')])} AFTER INSERT OR UPDATE ON {table.sql} "
            f"FOR EACH ROW EXECUTE FUNCTION {_function(table, 'after_it')}({given})"
        )
    if chance.random() < 0.3:
        name = chance.choice(sorted(BEFORE))
        table.traits.add(f"before: {name}")
        yield _trigger(table, "before_it", f"{BEFORE[name]} RETURN coalesce(NEW, OLD);")
        yield (
            f"CREATE TRIGGER before_it BEFORE INSERT OR UPDATE OR DELETE ON {table.sql} "
            f"FOR EACH ROW EXECUTE FUNCTION {_function(table, 'before_it')}()"
        )


def _function(table: Table, name: str) -> str:
    return quoted(f"{table.name} {name}")


def _trigger(table: Table, name: str, body: str) -> str:
    return f"CREATE FUNCTION {_function(table, name)}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
