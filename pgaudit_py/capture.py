"""What is rendered for a table: its capture functions and triggers, and the proof of where they come from; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pgaudit_py._version import __version__
from pgaudit_py.models import Column, TableShape
from pgaudit_py.options import Options, Policy
from pgaudit_py.render import digest, render

TRIGGERS = ("00_pgaudit_py", "00_pgaudit_py_truncate")

FORMS = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
}
"""The settings under which values have one form, whatever the session says."""
SEARCH_PATH = "search_path=pg_catalog, pg_temp"


@dataclass(frozen=True, slots=True)
class AuditedTable:
    """What the templates know about a table."""

    oid: int
    schema_name: str
    table_name: str
    subject_type: str
    columns: tuple[Column, ...]
    """Those that are looked at."""
    key: tuple[str, ...]
    key_columns: tuple[Column, ...]
    snapshots: str
    context: str
    value_limit: int
    definer: str
    """The role that the functions run as: the owner of the log."""
    owner: str
    partitioned: bool
    partitions: tuple[tuple[str, str], ...]

    @property
    def long_keys(self) -> bool:
        """Whether a key may be too long for an index of the log."""
        return not all(column.short for column in self.key_columns)

    @property
    def large_values(self) -> bool:
        """Whether a value may be too large for the log."""
        return any(
            column.longest is None or column.longest > self.value_limit
            for column in self.columns
            if not column.redacted
        )

    @property
    def settings(self) -> list[str]:
        """The session settings that the values and keys depend on, sorted."""
        written = {name for column in self.columns for name in column.settings if not column.redacted}
        written |= {"quote_all_identifiers"} if self.partitioned else set()  # it names the partition
        return sorted(written.union(*(column.text_settings for column in self.key_columns)))

    @property
    def omitted(self) -> str | None:
        """What is not stored of a row, as JSON; None where all is."""
        names = [column.name for column in self.columns if column.redacted]
        names += [".".join((column.name, *path)) for column in self.columns for path in column.paths]
        return json.dumps({name: {"why": "redacted"} for name in names}) if names else None


@dataclass(frozen=True, slots=True)
class Rendered:
    """The SQL of one table, and the proof of where it comes from."""

    sql: str
    proof: str
    """SHA-256 of the functions' bodies and settings, as sql/functions/proof.sql reads them from the catalog."""


def function_names(tracked_id: int) -> dict[str, str]:
    """Name the functions of a tracked table: by its id, since oids do not survive a dump."""
    name = f"capture_{tracked_id}"
    return {"function": name, "truncate_function": f"{name}_truncate", "shape_function": f"{name}_shape"}


def render_capture(
    shape: TableShape,
    subject_type: str,
    options: Options,
    policies: Mapping[str, Policy],
    columns: Mapping[str, Mapping[str, Any]],
    *,
    tracked_id: int,
    shape_id: int,
    cluster: int | None,
    server_major: int,
) -> Rendered:
    """Render functions and triggers of a table.

    Args:
        shape: the table as it is, with the key that it is recorded by.
        subject_type: what its records are called.
        options: how it is audited.
        policies: what is kept of its columns, where that is not all.
        columns: as table_shape has them.
        tracked_id, shape_id: of the books in the database.
        cluster: which database cluster that is; None where nobody may know.
        server_major: 15 and later; newer servers tell an untouched large value by its address.
    """
    table = _audited(shape, subject_type, options, policies)
    names = function_names(tracked_id)
    body = render(
        "capture",
        table=table,
        setting=f"pgaudit_py.shape_{tracked_id}",
        shape_id=shape_id,
        shape_function=names["shape_function"],
        fingerprint=shape.fingerprint,
        server_major=server_major,
    )
    truncate_body = render(
        "capture_truncate",
        table=table,
        shape_function=names["shape_function"],
        truncate_rows=options.truncate_rows,
    )
    rendered_for = {
        "id": shape_id, "relation": shape.oid, "cluster": cluster, "fingerprint": shape.fingerprint,
        "columns": columns, "key": list(shape.key), "value_limit": options.value_limit,
    }  # fmt: skip
    shape_body = render("capture_shape", shape=json.dumps(rendered_for, sort_keys=True))
    settings = {name: FORMS[name] for name in table.settings}
    proof = prove((body, settings), (truncate_body, {}), (shape_body, {}))
    sql = render(
        "install",
        table=table,
        settings=settings,
        body=body,
        truncate_body=truncate_body,
        shape_body=shape_body,
        comment=f"pgaudit-py {__version__} functions:{proof}",
        **names,
    )
    return Rendered(sql, proof)


def _audited(
    shape: TableShape, subject_type: str, options: Options, policies: Mapping[str, Policy]
) -> AuditedTable:
    known = {column.name: policies.get(column.name, Policy()) for column in shape.columns}
    return AuditedTable(
        oid=shape.oid,
        schema_name=shape.schema_name,
        table_name=shape.table_name,
        subject_type=subject_type,
        columns=tuple(
            replace(column, redacted=known[column.name].redacted, paths=known[column.name].paths)
            for column in shape.columns
            if not known[column.name].excluded
        ),
        key=shape.key,
        key_columns=shape.key_columns,
        # Without a key there is no history to rebuild a row from.
        snapshots=options.snapshots if shape.key else "all",
        context=options.context,
        value_limit=options.value_limit,
        definer=shape.definer,
        owner=shape.owner,
        partitioned=shape.partitioned,
        partitions=shape.partitions,
    )


def prove(*functions: tuple[str, Mapping[str, str]]) -> str:
    """Sum up functions, each a body and the settings it pins besides the search_path; see sql/functions/proof.sql."""
    parts: list[str] = []
    for body, settings in functions:
        parts += [body, SEARCH_PATH, *(f"{name}={value}" for name, value in settings.items()), ""]
    return digest("\n".join(parts))


def proof_in(comment: str | None) -> str | None:
    """Read the proof that an installed function carries in its comment; None where it carries none, as of 0.1.0."""
    _, separator, proof = (comment or "").rpartition(" functions:")
    return proof if separator else None


def version_in(comment: str | None) -> str | None:
    """Read which version of this library rendered an installed function."""
    words = (comment or "").split()
    return words[1] if len(words) == 3 and words[0] == "pgaudit-py" else None


def strays(triggers: Sequence[str]) -> list[str]:
    """Name the triggers that call a table's functions under a name that is not ours."""
    return [name for name in triggers if name not in TRIGGERS]
