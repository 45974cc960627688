"""What the log must say, from what was seen: the tables after each commit, and who made it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import sql
from psycopg.rows import dict_row

from pgaudit_py import Audit
from pgaudit_py.records import HistoryEntry
from tests.conftest import Conn
from tests.random.copies import Copy, Mismatch, Row, array_of, same, text_of

TIMES = 6
"""How many times are asked about, of all that there are."""


@dataclass
class Oracle:
    """Looks at the tables while a program runs, and at the log afterwards."""

    conn: Conn  # in autocommit mode
    tables: dict[str, int] = field(default_factory=dict)  # what records are called: the table's oid
    keys: dict[str, list[int]] = field(default_factory=dict)  # and its key's columns by number
    first: dict[str, dict[int, str]] = field(
        default_factory=dict
    )  # and its columns' types, when it was installed
    types_seen: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    actors: dict[int, str] = field(default_factory=dict)  # by transaction
    after: dict[int, dict[str, Copy]] = field(default_factory=dict)
    quiet: list[tuple[datetime, dict[str, Copy]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.audit = Audit(self.conn)

    # --- while it runs ----------------------------------------------------------------------

    def installed(self, table: str, subject_type: str, key: tuple[str, ...]) -> None:
        found = self.conn.execute(
            """SELECT %(table)s::regclass::oid, (SELECT array_agg(a.attnum ORDER BY k.position)
                   FROM unnest(%(key)s::text[]) WITH ORDINALITY AS k(name, position)
                   JOIN pg_attribute AS a ON a.attrelid = %(table)s::regclass AND a.attname = k.name)""",
            {"table": table, "key": list(key)},
        ).fetchone()
        assert found
        self.tables[subject_type], self.keys[subject_type] = found[0], found[1] or []
        self.first[subject_type] = self._types_now(subject_type)
        self.settled()

    def committed(self, transaction: int | None, actor: str, *, others_run: bool) -> None:
        if transaction is not None:
            self.actors[transaction] = actor
        if self._altering():
            return
        self.verify()
        if transaction is not None and not others_run:
            self.after[transaction] = self.copies()

    def settled(self) -> None:
        """Nobody is writing: keep a copy of every table."""
        self.verify()
        (now,) = self.conn.execute("SELECT clock_timestamp()").fetchone() or (None,)
        assert now is not None
        self.quiet.append((now, self.copies()))

    def baselined(self, name: str) -> None:
        """After a baseline the log alone tells what each row is."""
        missing = self.conn.execute(
            """SELECT k.subject_id FROM unnest(%(keys)s::text[]) AS k(subject_id) WHERE NOT EXISTS (
                   SELECT FROM pgaudit_py.subject_lives(%(name)s, k.subject_id) AS v
                   JOIN pgaudit_py.activity_log AS l USING (id) WHERE l.operation IN ('I', 'S') AND v.life = (
                       SELECT max(life) FROM pgaudit_py.subject_lives(%(name)s, k.subject_id)))""",
            {"name": name, "keys": list(self._copy(name).rows)},
        )
        same(f"{name}: rows without a state of their own after a baseline", missing.fetchall(), [])

    def _altering(self) -> bool:
        """Whether a transaction that is open holds a table so that it cannot be read."""
        found = self.conn.execute(
            "SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation' AND granted"
        )
        return found.fetchone() is not None

    def verify(self) -> None:
        for name in self.tables:
            if problems := self.audit.verify_table(name):
                raise Mismatch(f"verify_table({name!r}): {problems}")

    def copies(self) -> dict[str, Copy]:
        return {name: self._copy(name) for name in self.tables}

    def _copy(self, name: str) -> Copy:
        oid = self.tables[name]
        columns = self.conn.execute(
            """SELECT attname, format_type(atttypid, atttypmod), attnum FROM pg_attribute
               WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v' ORDER BY attnum""",
            [oid],
        ).fetchall()
        for _, type_name, number in columns:
            self.types_seen[name][number].add(type_name)
        watched = self._watched(name)
        kept = [
            one
            for one in columns
            if watched.get(one[2]) == one[0] and self.first[name].get(one[2], one[1]) == one[1]
        ]
        texts = [text_of(sql.Identifier(column)) for column, _, _ in columns]
        read = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(texts), sql.SQL(self._place(name)))
        names = {number: column for column, _, number in columns}
        key = [names[number] for number in self.keys[name]]
        rows: dict[str, Row] = {}
        who = {}
        for position, values in enumerate(self.conn.execute(read)):
            row: Row = dict(zip((column for column, _, _ in columns), values, strict=True))
            parts = [str(row[part]) for part in key]
            subject_id = (parts[0] if len(parts) == 1 else array_of(parts)) if parts else str(position)
            rows[subject_id] = row
            if "who" in row:
                who[str(row["who"])] = subject_id
        types = {column: type_name for column, type_name, _ in kept}
        return Copy(types, {column: number for column, _, number in kept}, rows, who)

    def _place(self, name: str) -> str:
        (place,) = self.conn.execute("SELECT %s::regclass::text", [self.tables[name]]).fetchone() or ("",)
        return str(place)

    def _watched(self, name: str) -> dict[int, str]:
        """The columns as they were called, by number, when the table was last installed or synced."""
        found = self.conn.execute(
            """SELECT (e.value ->> 'attnum')::int, e.key FROM pgaudit_py.tracked_table AS t, LATERAL (
                   SELECT * FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = t.id ORDER BY s.id DESC LIMIT 1
               ) AS s, jsonb_each(s.columns) AS e WHERE t.subject_type = %s""",
            [name],
        )
        return dict(found.fetchall())

    # --- afterwards -------------------------------------------------------------------------

    def judge(self) -> None:
        """Look at all that the log says."""
        self.verify()
        broken = self.conn.execute("SELECT * FROM pgaudit_py.broken_laws()").fetchall()
        same("broken_laws()", broken, [])
        self._causers()
        for name in self.tables:
            if self.keys[name]:
                self._times(name)
                self._lives(name)

    def _causers(self) -> None:
        found = self.conn.execute("SELECT DISTINCT transaction_id, causer_id FROM pgaudit_py.activity_log")
        for transaction, causer in found.fetchall():
            same(f"the causer of transaction {transaction}", causer, self.actors.get(transaction) or None)

    def _keys_of(self, name: str) -> list[str]:
        found = self.conn.execute(
            """SELECT subject_id FROM pgaudit_py.activity_log WHERE subject_type = %(name)s AND subject_id IS NOT NULL
               UNION SELECT previous_subject_id FROM pgaudit_py.activity_log
               WHERE subject_type = %(name)s AND previous_subject_id IS NOT NULL""",
            {"name": name},
        )
        return sorted({key for (key,) in found} | set(self.quiet[-1][1][name].rows))

    def _times(self, name: str) -> None:
        """At some times when nobody was writing, each record is what it was."""
        times = [(at, copies[name]) for at, copies in self.quiet if name in copies]
        for at, copy in times[:: max(1, len(times) // TIMES)]:
            for key in self._keys_of(name):
                self._compare(name, f"{key} at {at}", copy, copy.rows.get(key), self._told_at(name, key, at))

    def _told_at(self, name: str, key: str, at: datetime) -> str | None:
        """The record as JSON text; None also where a TRUNCATE took, unrecorded, a row of which nothing is known."""
        try:
            found = self.conn.execute(
                "SELECT pgaudit_py.record_at(%s, %s, %s)::text", [name, key, at]
            ).fetchone()
        except Exception as error:
            if getattr(error, "sqlstate", None) in {"PGA05", "PGA06"}:
                return None
            raise
        return found[0] if found else None

    def _compare(self, name: str, what: str, copy: Copy, row: Row | None, state: str | None) -> None:
        """Compare a row with a state of the log, in the columns that were watched."""
        if row is None or state is None:
            same(f"{name}: {what}", state, row)
            return
        told = self._read_back(copy, state)
        types = self._types_now(name)
        known = {}
        for column, value in told.items():
            number = copy.numbers[column]
            # Of rows that nobody has written the log takes from the table what an ALTER made of them, or has what it was before.
            altered = len(self.types_seen[name][number] | {types.get(number, copy.types[column])}) > 1
            lasts = number in types and number in self.first[name]
            if not altered and (lasts or value is not None):
                known[column] = value
        same(f"{name}: {what}", known, {column: row[column] for column in known})

    def _types_now(self, name: str) -> dict[int, str]:
        types = """SELECT attnum, format_type(atttypid, atttypmod) FROM pg_attribute
                   WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped"""
        return dict(self.conn.execute(types, [self.tables[name]]).fetchall())

    def _read_back(self, copy: Copy, state: str) -> Row:
        """Read a state as values of the types that the columns had, and write these as the server does."""
        if not copy.types:
            return {}
        parts = []
        for name, type_name in copy.types.items():
            get = "s -> {}" if type_name == "jsonb" else "(s ->> {})::" + type_name
            parts.append(text_of(sql.SQL("(" + get + ")").format(sql.Literal(name))))
        query = sql.SQL("SELECT {} FROM (SELECT {}::jsonb) AS r(s)").format(
            sql.SQL(", ").join(parts), sql.Literal(state)
        )
        return dict(zip(copy.types, self.conn.execute(query).fetchone() or (), strict=True))

    def _lives(self, name: str) -> None:
        """Histories of all keys tell each life of a record in one way, and its state after each transaction."""
        by_who: dict[str, dict[int, HistoryEntry]] = defaultdict(dict)
        lives: dict[int, list[int]] = {}
        for key in self._keys_of(name):
            by_life = defaultdict(list)
            for entry in self._history(name, key):
                by_life[entry.life].append(entry)
            for entries in by_life.values():
                ids = [one.id for one in entries]
                for one in [entry.id for entry in entries if entry.operation != "T"]:  # which ends them all
                    same(f"{name} {key}: one life", ids, lives.setdefault(one, ids))
                if who := self._person(f"{name} {key}", entries):
                    by_who[who] |= {entry.id: entry for entry in entries}
            told = "SELECT id FROM pgaudit_py.history(%s, %s) WHERE operation <> 'T' AND pgaudit_py.version(id)::text IS DISTINCT FROM state::text"
            same(
                f"{name} {key}: versions unlike their history",
                self.conn.execute(told, [name, key]).fetchall(),
                [],
            )
            told_versions = "SELECT id FROM pgaudit_py.record_versions(%s, %s)"
            versions = [one for (one,) in self.conn.execute(told_versions, [name, key])]
            shown = [one.id for some in by_life.values() for one in some if one.operation != "T"]
            same(f"{name} {key}: versions", versions, shown)
        recorded = self.conn.execute(
            """SELECT id FROM pgaudit_py.activity_log
               WHERE subject_type = %s AND operation <> 'T' AND subject_id IS NOT NULL ORDER BY id""",
            [name],
        ).fetchall()
        same(f"{name}: what histories tell", sorted(lives), [one for (one,) in recorded])
        for who, entries_of in by_who.items():
            last = {entry.transaction_id: entry for entry in entries_of.values()}
            for transaction, entry in last.items():
                self._left(name, who, transaction, entry)

    def _history(self, name: str, key: str) -> list[HistoryEntry]:
        """The history of a key as the log has it; in Python a key means the live row's, where equal keys differ in writing."""
        with self.conn.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute("SELECT * FROM pgaudit_py.history(%s, %s)", [name, key])
            return [HistoryEntry.of(row) for row in found]

    def _person(self, what: str, entries: list[HistoryEntry]) -> str | None:
        """The constant that tells the record; None where the table has none."""
        who = {str(entry.state["who"]) for entry in entries if entry.state and "who" in entry.state}
        if len(who) > 1:
            raise Mismatch(f"the history of {what} mixes {who}")
        return who.pop() if who else None

    def _left(self, name: str, who: str, transaction: int, entry: HistoryEntry) -> None:
        """What a transaction left of a record is what the log says."""
        if transaction not in self.after or name not in self.after[transaction]:
            return
        copy = self.after[transaction][name]
        row = copy.rows[copy.who[who]] if who in copy.who else None
        what = f"record {who} after transaction {transaction}"
        if entry.operation in "DT":
            same(what, row, None)
            return
        found = self.conn.execute("SELECT pgaudit_py.version(%s)::text", [entry.id]).fetchone()
        self._compare(name, what, copy, row, found[0] if found else None)
