"""Random statements that write to random tables."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

from tests.random.schema import Table
from tests.random.values import key_literal, literal, quoted

Make: TypeAlias = Callable[["Writes"], list[str]]


class Writes:
    """What can be written to some tables, at random."""

    def __init__(self, chance: random.Random, tables: Sequence[Table], *, truncates: bool = True) -> None:
        self.chance = chance
        self.tables = tables
        self.may_truncate = truncates
        self.table = chance.choice(tables)

    # --- parts ------------------------------------------------------------------------------

    def key(self) -> str:
        """A key, as a list of values."""
        return ", ".join(key_literal(self.chance, type_name) for type_name in self.table.key_types)

    def where(self, most: int = 3) -> str:
        """Which rows."""
        table, chance = self.table, self.chance
        choices = ["true"]
        if table.who:
            choices += [
                f"n % {chance.choice([2, 3, 4])} = {chance.choice([0, 1])}",
                "n > 50",
                f"who % 3 = {chance.randint(0, 2)}",
            ]
        if table.key:
            names = ", ".join(map(quoted, table.key))
            keys = ", ".join(f"({self.key()})" for _ in range(chance.randint(1, most)))
            choices += [f"({names}) IN ({keys})"] * 6
        return chance.choice(choices)

    def settings(self, row: str = "") -> str:
        """What an UPDATE sets; row: what the row is called, with a dot, where that has to be said."""
        table, chance = self.table, self.chance
        others = table.others()
        some = chance.sample(others, min(len(others), chance.choice([1, 1, 2, 3])))
        parts = []
        for column in some:
            name = quoted(column.name)
            if column.name == "n":
                parts.append(
                    f"n = {chance.choice([f'{row}n + {chance.randint(1, 9)}', f'{chance.randint(0, 9)}', f'{row}n'])}"
                )
            elif column.type not in table_types():
                parts.append(f"{name} = {chance.choice(['NULL', key_literal(chance, column.type)])}")
            else:
                parts.append(
                    f"{name} = {chance.choice([literal(chance, column.type)] * 4 + [row + name, 'DEFAULT'])}"
                )
        if not parts:
            names = table.key or ["id"]
            return (
                f"{quoted(names[0])} = {key_literal(chance, table.key_types[0])}"
                if table.key
                else "who = who"
            )
        return ", ".join(parts)

    def columns(self) -> list[str]:
        """The columns that an INSERT names: the key, and some."""
        others = [one.name for one in self.table.others()]
        some = self.chance.sample(others, self.chance.randint(min(1, len(others)), len(others)))
        return [*self.table.key, *some]

    def row(self, names: list[str]) -> str:
        types = {one.name: one.type for one in self.table.columns}
        values = []
        for name in names:
            if name in self.table.key:
                values.append(key_literal(self.chance, types[name]))
            elif name == "n":
                values.append(str(self.chance.randint(0, 9)))
            else:
                values.append(self.value(types[name]))
        return ", ".join(values)

    def value(self, type_name: str) -> str:
        if type_name in table_types():
            return literal(self.chance, type_name)
        return self.chance.choice(["NULL", key_literal(self.chance, type_name)])

    def returning(self) -> str:
        return self.chance.choice(["", "", " RETURNING *"])

    def insert(self, rows: int = 1) -> str:
        """An INSERT without what may stand behind its values."""
        names = self.columns()
        if not names:
            return f"INSERT INTO {self.table.sql} DEFAULT VALUES"
        values = ", ".join(f"({self.row(names)})" for _ in range(rows))
        override = "OVERRIDING SYSTEM VALUE " if self.chance.random() < 0.8 else ""
        return (
            f"INSERT INTO {self.table.sql} AS r ({', '.join(map(quoted, names))}) {override}VALUES {values}"
        )

    # --- statements -------------------------------------------------------------------------

    def inserts(self) -> list[str]:
        return [self.insert(self.chance.choice([1, 1, 2, 4])) + self.returning()]

    def inserts_missing(self) -> list[str]:
        return [self.insert(self.chance.choice([2, 4, 8])) + " ON CONFLICT DO NOTHING" + self.returning()]

    def upserts(self) -> list[str]:
        if not self.table.key:
            return self.inserts()
        names = ", ".join(map(quoted, self.table.key))
        return [
            f"{self.insert()} ON CONFLICT ({names}) DO UPDATE SET {self.settings('r.')}{self.returning()}"
        ]

    def updates(self) -> list[str]:
        return [f"UPDATE {self.table.sql} SET {self.settings()} WHERE {self.where()}{self.returning()}"]

    def changes_nothing(self) -> list[str]:
        column = quoted(
            self.chance.choice([one.name for one in self.table.columns if one.written or one.name == "who"])
        )
        return [f"UPDATE {self.table.sql} SET {column} = {column} WHERE {self.where()}"]

    def deletes(self) -> list[str]:
        return [f"DELETE FROM {self.table.sql} WHERE {self.where(2)}{self.returning()}"]

    def comes_again(self) -> list[str]:
        """A key that goes, and is used again at once."""
        return [f"DELETE FROM {self.table.sql} WHERE {self.where(1)}", self.insert()]

    def moves(self) -> list[str]:
        """A record gets another key."""
        if not self.table.key:
            return self.updates()
        position = self.chance.randrange(len(self.table.key))
        value = key_literal(self.chance, self.table.key_types[position])
        return [
            f"UPDATE {self.table.sql} SET {quoted(self.table.key[position])} = {value} WHERE {self.where(1)}"
        ]

    def swaps(self) -> list[str]:
        """Two records get each other's keys, or all of them others and their own again."""
        if self.table.key_types[:1] != ["integer"]:
            return self.moves()
        table, key, (one, other) = (
            self.table.sql,
            quoted(self.table.key[0]),
            self.chance.sample(range(1, 9), 2),
        )
        if self.chance.random() < 0.5:
            return [
                f"UPDATE {table} SET {key} = {key} + 20 WHERE {key} < 20",
                f"UPDATE {table} SET {key} = {key} - 20 WHERE {key} > 20",
            ]
        pairs = [(-1, one), (one, other), (other, -1)]
        return [f"UPDATE {table} SET {key} = {new} WHERE {key} = {old}" for new, old in pairs]

    def merges(self) -> list[str]:
        if len(self.table.key) != 1 or not self.table.who:
            return self.upserts()
        name, n = quoted(self.table.key[0]), self.chance.randint(0, 9)
        keys = ", ".join(dict.fromkeys(f"({self.key()})" for _ in range(4)))
        return [
            f"MERGE INTO {self.table.sql} AS t USING (VALUES {keys}) AS s(k) ON t.{name} = s.k "
            f"WHEN MATCHED AND n % 3 = 0 THEN DELETE WHEN MATCHED AND n % 3 = 1 THEN DO NOTHING "
            f"WHEN MATCHED THEN UPDATE SET n = n + 1 "
            f"WHEN NOT MATCHED THEN INSERT ({name}, n) OVERRIDING SYSTEM VALUE VALUES (s.k, {n})"
        ]

    def with_parts(self) -> list[str]:
        """A statement that writes to several tables, and one that writes twice to one."""
        first, there = f"DELETE FROM {self.table.sql} WHERE {self.where(2)} RETURNING 1", self.table
        if self.chance.random() < 0.5:
            first = f"UPDATE {self.table.sql} SET {self.settings()} WHERE {self.where(2)} RETURNING 1"
        self.table = self.chance.choice(self.tables)
        second = f"{self.insert(2)} ON CONFLICT DO NOTHING RETURNING 1"
        if there is not self.table and self.chance.random() < 0.5:
            second = f"UPDATE {self.table.sql} SET {self.settings()} WHERE {self.where()} RETURNING 1"
        return [
            f"WITH a AS ({first}), b AS ({second}) SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)"
        ]

    def catches(self) -> list[str]:
        """A block that fails half way, and goes on."""
        fails = self.chance.choice(["PERFORM 1 / 0", "RAISE 'given up'", self.insert(), "NULL"])
        parts = [self.statement() for _ in range(3)]
        return [
            f"DO $do$ BEGIN {parts[0]}; BEGIN {parts[1]}; {fails}; EXCEPTION WHEN others THEN {parts[2]}; END; END $do$"
        ]

    def statement(self) -> str:
        """One statement that returns nothing, for a block."""
        kind = self.chance.choice([self.inserts_missing, self.updates, self.deletes, self.moves, self.merges])
        return kind()[0].removesuffix(" RETURNING *")

    def prepares(self) -> list[str]:
        """A statement whose plan is kept, and grows old; it fails where this session has one of the name already."""
        name = f"p{self.chance.randint(1, 3)}"
        if self.chance.random() < 0.6:
            return [f"EXECUTE {name}"]
        return [f"PREPARE {name} AS {self.statement()}", f"EXECUTE {name}"]

    def locks(self) -> list[str]:
        mode = self.chance.choice(
            ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE", "UPDATE SKIP LOCKED", "UPDATE NOWAIT"]
        )
        return [f"SELECT count(*) FROM (SELECT FROM {self.table.sql} WHERE {self.where()} FOR {mode}) AS r"]

    def snapshots(self) -> list[str]:
        if len(self.table.key) != 1 or "policies" in self.table.traits:
            return self.locks()
        key, name = quoted(self.table.key[0]), self.table.subject_type.replace("'", "''")
        held = f"SELECT {key} AS k FROM {self.table.sql} WHERE {self.where()} FOR NO KEY UPDATE"
        return [f"SELECT count(snap('{name}', format('%s', k))) FROM ({held}) AS r"]

    def truncates(self) -> list[str]:
        if not self.may_truncate:  # docs/explanation/limits.md
            return self.deletes()
        cascade = self.chance.choice([" CASCADE", " RESTART IDENTITY", ""])
        return [f"TRUNCATE {self.table.sql}{cascade}"] + self.inserts() * self.chance.randint(0, 1)


def table_types() -> frozenset[str]:
    from tests.random.values import VALUES

    return frozenset(VALUES)


CHOICES: tuple[tuple[float, Make], ...] = (
    (4, Writes.inserts),
    (5, Writes.inserts_missing),
    (3, Writes.upserts),
    (9, Writes.updates),
    (2, Writes.changes_nothing),
    (2, Writes.deletes),
    (2, Writes.comes_again),
    (3, Writes.moves),
    (2, Writes.swaps),
    (3, Writes.merges),
    (2, Writes.with_parts),
    (2, Writes.catches),
    (2, Writes.prepares),
    (1, Writes.locks),
    (2, Writes.snapshots),
    (0.5, Writes.truncates),
)


def write(chance: random.Random, tables: Sequence[Table], *, truncates: bool) -> list[str]:
    """Make one to three statements that belong together."""
    (make,) = chance.choices([make for _, make in CHOICES], [weight for weight, _ in CHOICES])
    return make(Writes(chance, tables, truncates=truncates))
