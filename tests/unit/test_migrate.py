"""Files against ledger: what is to be run, and what is refused."""

from __future__ import annotations

import re

import pytest

from pgaudit_py.errors import SchemaConflict, SchemaTooNew
from pgaudit_py.migrate import Applied, MigrationPlan, library_files, plan
from pgaudit_py.resources import sql_names, sql_text

FILES = {"migrations/0001_initial.sql": "a", "functions/x.sql": "b", "functions/y.sql": "c"}


def applied(checksum: str, *, breaking: bool = False) -> Applied:
    return Applied(checksum, breaking, "9.9.9")


def test_everything_into_an_empty_database() -> None:
    assert plan(FILES, {}) == MigrationPlan(
        ("migrations/0001_initial.sql",), ("functions/x.sql", "functions/y.sql")
    )


def test_nothing_where_all_is_there() -> None:
    assert not plan(FILES, {name: applied(checksum) for name, checksum in FILES.items()})


def test_only_the_function_that_changed() -> None:
    ledger = {name: applied(checksum) for name, checksum in FILES.items()} | {
        "functions/y.sql": applied("old")
    }
    assert plan(FILES, ledger) == MigrationPlan((), ("functions/y.sql",))


def test_an_edited_migration_is_refused() -> None:
    with pytest.raises(SchemaConflict, match="0001_initial"):
        plan(FILES, {"migrations/0001_initial.sql": applied("edited")})


def test_a_newer_migration_is_lived_with_unless_it_breaks() -> None:
    ledger = {name: applied(checksum) for name, checksum in FILES.items()}
    assert not plan(FILES, ledger | {"migrations/0002_more.sql": applied("z")})
    with pytest.raises(SchemaTooNew, match=r"9\.9\.9"):
        plan(FILES, ledger | {"migrations/0002_more.sql": applied("z", breaking=True)})


def test_the_library_has_a_first_migration() -> None:
    assert next(iter(library_files())) == "migrations/0001_initial.sql"


@pytest.mark.parametrize("name", [*library_files(), *sql_names("queries")])
def test_statements_go_into_databases_of_every_encoding(name: str) -> None:
    """All that is not ASCII is in comments, where `migrate` may replace it; queries are sent as they are."""
    text = sql_text(name)
    if not name.startswith("queries/"):
        text = re.sub(r"--.*", "", text)
    assert text.isascii()
