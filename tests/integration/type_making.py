"""Types at random, made of others: arrays, composites, domains, enums, ranges, and any of these in one another."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

RANGED = [
    "integer", "bigint", "numeric", "text", "date", "timestamptz", "double precision", "interval", "bytea", "uuid", "inet",
    "boolean", "numeric[]", "text[]", "money", "timetz", "bit varying(10)",
]  # fmt: skip
"""Types whose values have an order."""
LABELS = ["", " ", "NULL", "a,b", "{}", '"', "'", "\\", "(", "\n", "日本 🙂", "select", "x" * 63]
ODD = ["a", "A b", 'q"uote', "select", "x,y", "null", "é", "{}", "a\\b", "$1", "%s", "%I"]
"""Names of the fields of composites."""


@dataclass(frozen=True)
class Made:
    """A type: its name as in SQL, and how one of its values is drawn, as an expression of just this type."""

    name: str
    value: Callable[[], str]
    nullable: bool = True
    """Whether NULL is one."""
    kind: str = "base"


def quote(text: str) -> str:
    """Write a text as a literal, whatever standard_conforming_strings says."""
    return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass
class Maker:
    """Makes types, each of some that were made before."""

    chance: random.Random
    values: dict[str, list[str]]
    statements: list[str] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)

    def make(self, count: int) -> Sequence[Made]:
        """Make some types; `statements` has what creates them."""
        ways = [
            self.array,
            self.array,
            self.composite,
            self.composite,
            self.domain,
            self.domain,
            self.enum,
            self.range,
        ]
        while len(self.made) < count:
            self.made.append(self.chance.choice(ways)())
        return self.made

    def some(self) -> Made:
        """One that is there already, or a built-in one."""
        if self.made and self.chance.random() < 0.5:
            return self.chance.choice(self.made)
        return self.builtin(self.chance.choice(sorted(self.values)))

    def builtin(self, name: str) -> Made:
        bare = name.partition(" COLLATE")[0]
        return Made(
            bare,
            lambda: f"(({self.chance.choice(self.values[name])})::{bare})",
            kind="array" if "[]" in name else "base",
        )

    def maybe(self, of: Made) -> str:
        """A value, or NULL where that is one."""
        return f"(NULL::{of.name})" if of.nullable and self.chance.random() < 0.25 else of.value()

    def name(self) -> str:
        return f'public."type {len(self.made)} \\"'

    def array(self) -> Made:
        """With one or two dimensions, that begin anywhere."""
        of = self.some()
        while of.kind == "array":
            of = self.some()
        name = f"{of.name}[]"

        def value() -> str:
            if self.chance.random() < 0.1:
                return f"('{{}}'::{name})"
            if self.chance.random() < 0.4:
                sizes = [self.chance.randint(1, 3) for _ in range(self.chance.randint(1, 3))]
                starts = [self.chance.randint(-3, 3) for _ in sizes]
                filled = f"array_fill({self.maybe(of)}, ARRAY{sizes}, ARRAY{starts})"
                return f"({filled})"
            return f"(ARRAY[{', '.join(self.maybe(of) for _ in range(self.chance.randint(1, 3)))}]::{name})"

        return Made(name, value, kind="array")

    def composite(self) -> Made:
        """With odd names of its fields; all of them may be NULL, which is not NULL itself."""
        fields = [self.some() for _ in range(self.chance.randint(1, 4))]
        names = self.chance.sample(ODD, len(fields))
        quoted = ['"' + one.replace('"', '""') + '"' for one in names]
        name = self.name()
        self.statements.append(
            f"CREATE TYPE {name} AS ({', '.join(f'{n} {of.name}' for n, of in zip(quoted, fields, strict=True))})"
        )

        def value() -> str:
            if all(of.nullable for of in fields) and self.chance.random() < 0.2:
                return f"(ROW({', '.join('NULL' for _ in fields)})::{name})"
            return f"(ROW({', '.join(self.maybe(of) for of in fields)})::{name})"

        return Made(name, value)

    def domain(self) -> Made:
        """Over anything; some are NOT NULL, some have a CHECK."""
        of = self.some()
        name = self.name()
        strict = self.chance.random() < 0.3
        check = self.chance.choice(["", " CHECK (num_nulls(VALUE) >= 0)"])
        self.statements.append(f"CREATE DOMAIN {name} AS {of.name}{' NOT NULL' if strict else ''}{check}")
        return Made(
            name,
            lambda: f"({of.value()}::{name})",
            nullable=of.nullable and not strict,
            kind="array" if of.kind == "array" else "domain",
        )

    def enum(self) -> Made:
        """With labels that need quoting somewhere."""
        labels = self.chance.sample(LABELS, 4)
        name = self.name()
        self.statements.append(f"CREATE TYPE {name} AS ENUM ({', '.join(quote(one) for one in labels)})")
        return Made(name, lambda: f"({quote(self.chance.choice(labels))}::{name})")

    def range(self) -> Made:
        """Or its multirange: empty, without bounds, with any bounds."""
        of = self.builtin(self.chance.choice(RANGED))
        name = self.name()
        multi = name.replace("type", "many")
        self.statements.append(
            f"CREATE TYPE {name} AS RANGE (subtype = {of.name}, multirange_type_name = {multi})"
        )
        is_multi = self.chance.random() < 0.5

        def one() -> str:
            if self.chance.random() < 0.15:
                return f"('empty'::{name})"
            first, last = self.maybe(of), self.maybe(of)
            bounds = self.chance.choice(["[]", "[)", "(]", "()"])
            # least() and greatest() pass NULL over: what is unbounded stays so by itself.
            if "NULL" in (first[1:5], last[1:5]):
                return f"({name}({first}, {last}, '{bounds}'))"
            return f"({name}(least({first}, {last}), greatest({first}, {last}), '{bounds}'))"

        def value() -> str:
            if is_multi:
                return f"({multi}({', '.join(one() for _ in range(self.chance.randint(0, 3)))}))"
            return one()

        return Made(multi if is_multi else name, value)
