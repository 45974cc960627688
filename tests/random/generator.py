"""Random programs, out of a seed and without a database."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.random import values
from tests.random.alterations import alter
from tests.random.program import OWNER, Do, Program, Step
from tests.random.schema import WRITER, Table, creation, make_table
from tests.random.statements import Writes, write

SESSIONS = (1, 2, 3, 4)
ISOLATIONS = ("READ COMMITTED",) * 5 + ("REPEATABLE READ", "REPEATABLE READ", "SERIALIZABLE")


def generate(seed: int, server_major: int, *, size: int = 10) -> Program:
    """Make a program.

    Args:
        seed: makes it what it is.
        server_major: what it may use.
        size: how many times one session, or several of them at once, do something.
    """
    chance = random.Random(seed)
    return tuple(_Program(chance, server_major).steps(size))


@dataclass
class _Program:
    chance: random.Random
    server_major: int
    tables: list[Table] = field(default_factory=list)
    before: list[list[Table]] = field(default_factory=list)  # to go back to, where a transaction is given up
    actors: int = 0
    old_snapshot: bool = False  # whether the transaction may be older than what others committed

    def steps(self, size: int) -> Iterator[Step]:
        yield from self._set_up()
        acts = [self._alone, self._together, self._maintain]
        for _ in range(size):
            (act,) = self.chance.choices(acts, [10, 6, 4])
            yield from act()
            yield Step(OWNER, "settle")

    # --- tables -----------------------------------------------------------------------------

    def _set_up(self) -> Iterator[Step]:
        for number in range(self.chance.choice([1, 1, 2, 3])):
            table = make_table(self.chance, number, self.server_major)
            for statement in creation(self.chance, table, self.tables):
                yield Step(OWNER, "sql", statement)
            self.tables.append(table)
        older = self.chance.random() < 0.5
        if older:
            for _ in range(6):
                yield Step(OWNER, "sql", Writes(self.chance, self.tables).inserts_missing()[0])
        for table in self.tables:
            yield self._install(table, older=older)

    def _install(self, table: Table, *, older: bool) -> Step:
        options: dict[str, object] = {"snapshots": self.chance.choice(["changes", "changes", "all"])}
        # Of rows that are older than the trail a TRUNCATE that does not record them would leave nothing known.
        options["truncate_rows"] = 1000 if older else self.chance.choice([0, 3, 1000])
        if "unique" in table.traits:
            options["key"] = table.key
        return Step(OWNER, "install", table.sql, json.dumps(options))

    # --- transactions -----------------------------------------------------------------------

    def _alone(self) -> Iterator[Step]:
        """One session, while nobody else has a transaction open."""
        session = self.chance.choice(SESSIONS)
        if self.chance.random() < 0.15:  # each statement for itself
            yield from (Step(session, "sql", one) for one in self._writes())
            return
        yield from self._transaction(session, self.chance.choice([1, 1, 2, 3, 4]), alone=True)

    def _together(self) -> Iterator[Step]:
        """Two to four sessions, a step of each in turn, in random order."""
        sessions = self.chance.sample(SESSIONS, self.chance.choice([2, 2, 3, 4]))
        left = {one: list(self._transaction(one, self.chance.randint(1, 3), alone=False)) for one in sessions}
        while left:
            session = self.chance.choice(list(left))
            yield left[session].pop(0)
            if not left[session]:
                del left[session]

    def _transaction(self, session: int, size: int, *, alone: bool) -> Iterator[Step]:
        self.before.append(copy.deepcopy(self.tables))
        isolation = self.chance.choice(ISOLATIONS)
        self.old_snapshot = isolation != "READ COMMITTED" and not alone
        yield self._begin(session, isolation)
        if self.chance.random() < 0.08:
            yield Step(session, "sql", "SET LOCAL lock_timeout = '4ms'")
        guarded = self.chance.random() < 0.6
        writer = self.chance.random() < 0.15
        if writer:
            yield Step(session, "sql", f"SET LOCAL ROLE {WRITER}")
        for _ in range(size):
            yield from self._part(session, guarded=guarded, alone=alone and not writer)
        self.old_snapshot = False
        yield from self._end(session)

    def _begin(self, session: int, isolation: str) -> Step:
        statement = f"BEGIN ISOLATION LEVEL {isolation}"
        if self.chance.random() < 0.3:
            return Step(session, "begin", statement)
        self.actors += 1
        actor = f"actor-{self.actors}"
        return Step(session, "begin", f"{statement}; SELECT pgaudit_py.set_actor('{actor}')", actor)

    def _end(self, session: int) -> Iterator[Step]:
        before = self.before.pop()
        if self.chance.random() < 0.12:
            self.tables = before
            yield Step(session, "rollback", "ROLLBACK")
            return
        yield Step(session, "commit", "COMMIT")

    def _part(self, session: int, *, guarded: bool, alone: bool) -> Iterator[Step]:
        """Some statements; perhaps an alteration, a savepoint that is given up, a restore."""
        do: Do = "guarded" if guarded else "sql"
        lot = self.chance.random()
        if lot < (0.2 if alone else 0.05):
            yield from self._altered(session, alone=alone)
        elif lot < 0.3 and alone:
            yield self._restore(session)
        elif lot < 0.42:
            before = copy.deepcopy(self.tables)
            yield Step(session, "sql", "SAVEPOINT mine")
            yield from self._part(session, guarded=guarded, alone=alone)
            if self.chance.random() < 0.7:
                self.tables = before
                yield Step(session, "sql", "ROLLBACK TO mine")
        elif lot < 0.47:
            yield self._copy(session)
        else:
            yield from (Step(session, do, one) for one in self._writes())

    def _writes(self) -> list[str]:
        return write(self.chance, self.tables, truncates=not self.old_snapshot)

    def _copy(self, session: int) -> Step:
        table = self.chance.choice(self.tables)
        names = [*table.key, *(["n"] if table.who else [])]
        lines = []
        for _ in range(self.chance.choice([1, 3])):
            keys = [values.KEY_VALUES[type_name] for type_name in table.key_types]
            plain = [[one.strip("'") for one in some if "(" not in one] for some in keys]
            lines.append(
                "\t".join([*(self.chance.choice(some) for some in plain), *(["7"] if table.who else [])])
            )
        columns = ", ".join(map(values.quoted, names))
        data = "\n".join(line.replace("\\", "\\\\") for line in lines)
        return Step(session, "copy", f"COPY {table.sql} ({columns}) FROM STDIN;\n{data}\n\\.")

    def _altered(self, session: int, *, alone: bool) -> Iterator[Step]:
        table = self.chance.choice(self.tables)
        yield Step(session, "guarded", alter(self.chance, table, alone=alone))
        if alone and self.chance.random() < 0.4:
            yield Step(session, "sync", table.sql)

    def _restore(self, session: int) -> Step:
        table = self.chance.choice(self.tables)
        return Step(session, "restore", table.subject_type, f"{self.chance.random():.4f}")

    # --- what is done between transactions --------------------------------------------------

    def _maintain(self) -> Iterator[Step]:
        table = self.chance.choice(self.tables)
        lot = self.chance.random()
        if lot < 0.35:
            yield Step(OWNER, "sql", alter(self.chance, table, alone=True))
        elif lot < 0.6:
            yield Step(OWNER, "sync")
        elif lot < 0.75 and table.key:
            yield Step(OWNER, "baseline", table.subject_type, self.chance.choice(["", "again"]))
        else:
            yield Step(OWNER, "sql", f"VACUUM {self.chance.choice(['', 'FULL '])}{table.sql}")
