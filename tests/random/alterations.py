"""Random alterations of tables. What they did to a table is written into what the generator knows of it."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.random.schema import Column, Table
from tests.random.values import CASTS, NAMES, VALUES, literal, quoted


def alter(chance: random.Random, table: Table, *, alone: bool) -> str:
    """Make one alteration.

    Generated columns come and get names only where nobody else has a transaction open: docs/explanation/limits.md.
    """
    choices = [_add, _add, _drop, _rename_column, _retype, _retype, _rename, _move, _harmless]
    return chance.choice(choices)(chance, table, alone)


def _free(chance: random.Random, table: Table) -> str:
    taken = {one.name for one in table.columns}
    return chance.choice([name for name in NAMES if name not in taken])


def _victims(table: Table, *, alone: bool) -> list[Column]:
    return [
        one for one in table.columns if one.name not in {"n", "who", *table.key} and (one.written or alone)
    ]


def _add(chance: random.Random, table: Table, alone: bool) -> str:
    name, type_name = _free(chance, table), chance.choice(list(VALUES))
    default = literal(chance, type_name, null=False)
    constraint = chance.choice(["", f"DEFAULT {default}", f"NOT NULL DEFAULT {default}"])
    column = Column(name, type_name, constraint)
    if alone and table.who and chance.random() < 0.1:
        column = Column(name, "integer", "GENERATED ALWAYS AS (n + 1) STORED", written=False)
    table.columns.append(column)
    return f"ALTER TABLE {table.sql} ADD {column.sql}"


def _drop(chance: random.Random, table: Table, alone: bool) -> str:
    if not (victims := _victims(table, alone=True)):
        return _add(chance, table, alone)
    column = chance.choice(victims)
    statement = f"ALTER TABLE {table.sql} DROP {quoted(column.name)} CASCADE"
    table.columns.remove(column)
    if chance.random() < 0.3 and (column.written or alone):  # and another one gets its name
        again = Column(column.name, chance.choice(list(VALUES)))
        table.columns.append(again)
        return f"{statement}, ADD {again.sql}"
    return statement


def _rename_column(chance: random.Random, table: Table, alone: bool) -> str:
    if not (victims := _victims(table, alone=alone)):
        return _add(chance, table, alone)
    column, new = chance.choice(victims), _free(chance, table)
    statement = f"ALTER TABLE {table.sql} RENAME {quoted(column.name)} TO {quoted(new)}"
    _become(table, column, replace(column, name=new))
    if len(victims) > 1 and chance.random() < 0.3:  # two swap their names
        other = chance.choice([one for one in victims if one is not column])
        _become(table, other, replace(other, name=column.name))
        _become(
            table, next(one for one in table.columns if one.name == new), replace(column, name=other.name)
        )
        return (
            f"{statement}; ALTER TABLE {table.sql} RENAME {quoted(other.name)} TO {quoted(column.name)}; "
            f"ALTER TABLE {table.sql} RENAME {quoted(new)} TO {quoted(other.name)}"
        )
    return statement


def _become(table: Table, column: Column, other: Column) -> None:
    table.columns[table.columns.index(column)] = other


def _retype(chance: random.Random, table: Table, alone: bool) -> str:
    victims = [one for one in table.others() if one.type in CASTS and one.name != "n"]
    if not victims:
        return _add(chance, table, alone)
    column = chance.choice(victims)
    new = chance.choice(CASTS[column.type])
    name = quoted(column.name)
    _become(table, column, replace(column, type=new, constraint=""))
    # A default may not fit the new type.
    return f"ALTER TABLE {table.sql} ALTER {name} DROP DEFAULT, ALTER {name} TYPE {new} USING {name}::text::{new}"


def _rename(chance: random.Random, table: Table, alone: bool) -> str:
    old = table.sql
    table.name = chance.choice([f"{table.name[:20]}x", "moved", table.name[:1] + "y"])
    return f"ALTER TABLE {old} RENAME TO {quoted(table.name)}"


def _move(chance: random.Random, table: Table, alone: bool) -> str:
    old = table.sql
    table.schema = "elsewhere" if table.schema == "public" else "public"
    return f"ALTER TABLE {old} SET SCHEMA {table.schema}"


def _harmless(chance: random.Random, table: Table, alone: bool) -> str:
    """What changes no column, and may write the table anew."""
    choices = [
        f"ALTER TABLE {table.sql} SET (fillfactor = {chance.choice([20, 100])})",
        f"CREATE INDEX ON {table.sql} ({quoted(table.columns[0].name)})",
        f"COMMENT ON TABLE {table.sql} IS 'a table'",
        f"ALTER TABLE {table.sql} REPLICA IDENTITY FULL",
    ]
    if table.who:
        choices += [
            f"ALTER TABLE {table.sql} ADD CHECK (n <> 8) NOT VALID",
            f"ALTER TABLE {table.sql} ALTER n SET DEFAULT 5",
            f"ALTER TABLE {table.sql} ALTER n TYPE integer USING n",  # writes the table anew
        ]
    return chance.choice(choices)
