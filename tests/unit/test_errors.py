"""The tree of errors, and how the server's become ours."""

import re
from pathlib import Path
from types import SimpleNamespace

import psycopg.errors
import pytest

from pgaudit_py import errors
from pgaudit_py.errors import PgAuditError, from_database

ROOT = Path(__file__).parents[2]


class ServerError(Exception):
    """What from_database sees of a driver's error."""

    def __init__(self, sqlstate: object, message: str | None = None, hint: str | None = None) -> None:
        super().__init__("ERROR:  " + str(message))
        self.sqlstate = sqlstate
        self.diag = SimpleNamespace(message_primary=message, message_hint=hint)


def every_class() -> list[type[PgAuditError]]:
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PgAuditError)
    ]


def test_str_gives_the_problem_and_then_the_fix() -> None:
    error = PgAuditError("table posts has no key", hint="Name one with --key.")
    assert str(error) == "table posts has no key. Name one with --key."
    assert (error.message, error.hint) == ("table posts has no key", "Name one with --key.")


@pytest.mark.parametrize("message", ["it broke", "it broke."])
def test_message_and_hint_are_separated_by_one_full_stop(message: str) -> None:
    assert str(PgAuditError(message, hint="Mend it.")) == "it broke. Mend it."


def test_without_a_hint_the_message_stays_as_it_is() -> None:
    assert str(PgAuditError("it broke")) == "it broke"
    assert PgAuditError("it broke").hint is None


@pytest.mark.parametrize("kind", every_class())
def test_the_tree_is_flat_and_documented(kind: type[PgAuditError]) -> None:
    assert kind is PgAuditError or kind.__bases__ == (PgAuditError,)
    assert kind.__doc__


@pytest.mark.parametrize(("state", "kind"), errors.SQLSTATES.items())
def test_private_sqlstates_become_our_classes(state: str, kind: type[PgAuditError]) -> None:
    translated = from_database(ServerError(state, "no audit on posts", "Install it."))
    assert type(translated) is kind
    assert str(translated) == "no audit on posts. Install it."


def test_private_sqlstates_are_of_class_pg_and_each_has_a_class_of_its_own() -> None:
    assert all(state.startswith("PGA") and len(state) == 5 for state in errors.SQLSTATES)
    assert len(set(errors.SQLSTATES.values())) == len(errors.SQLSTATES)


@pytest.mark.parametrize(
    ("state", "message", "kind", "fix"),
    [
        ("42501", "permission denied for table posts", errors.PrivilegeMissing, "owner of the table"),
        (
            "42501",
            "permission denied for schema pgaudit_py",
            errors.PrivilegeMissing,
            "owner of schema pgaudit_py run `pgaudit-py grant`",
        ),
        ("42501", "permission denied for function activity", errors.PrivilegeMissing, "pgaudit-py grant"),
        ("42501", "permission denied for table activity_log", errors.PrivilegeMissing, "pgaudit-py grant"),
        ("42501", "permission denied for schema pgaudit_python", errors.PrivilegeMissing, "Connect as"),
        ("42501", "permission denied for database shop", errors.PrivilegeMissing, "GRANT CREATE ON DATABASE"),
        ("55P03", "canceling statement due to lock timeout", errors.LockNotAvailable, "Try again"),
        (
            "25006",
            "cannot execute INSERT in a read-only transaction",
            errors.ReadOnlyDatabase,
            "primary server",
        ),
        ("22021", 'invalid byte sequence for encoding "UTF8": 0xff', errors.OptionError, "LATIN1"),
        ("42P01", 'relation "pgaudit_py.x" does not exist', errors.NotMigrated, "pgaudit-py migrate"),
        ("42883", "function pgaudit_py.f() does not exist", errors.NotMigrated, "pgaudit-py migrate"),
    ],
)
def test_standard_sqlstates_get_a_fix(state: str, message: str, kind: type[PgAuditError], fix: str) -> None:
    translated = from_database(ServerError(state, message))
    assert type(translated) is kind
    assert translated.message == message
    assert fix in (translated.hint or "")


def test_the_private_sqlstates_are_those_that_the_sql_raises() -> None:
    texts = [path.read_text() for folder in ("sql", "templates") for path in (ROOT / folder).rglob("*.sql*")]
    assert set(errors.SQLSTATES) == set(re.findall(r"ERRCODE = '(PGA\d\d)'", "".join(texts)))


def test_every_class_is_raised_somewhere() -> None:
    files = [path for path in (ROOT / "pgaudit_py").rglob("*.py") if path.name != "errors.py"]
    texts = "".join(path.read_text() for path in files)
    by_the_database = {*errors.SQLSTATES.values(), errors.PrivilegeMissing, errors.NotMigrated,
                       errors.ReadOnlyDatabase}  # fmt: skip
    for kind in every_class():
        assert kind in by_the_database or re.search(rf"raise {kind.__name__}\(", texts), kind


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("3F000", 'schema "pgaudit_py" does not exist'),
        ("3F000", "Schema »pgaudit_py« existiert nicht"),
        ("42P01", 'relation "pgaudit_py.tracked_table" does not exist'),
        ("42P01", "Relation »pgaudit_py.tracked_table« existiert nicht"),
    ],
)
def test_a_database_without_the_schema(state: str, message: str) -> None:
    translated = from_database(ServerError(state, message))
    assert isinstance(translated, errors.NotMigrated)
    assert translated.message == "nothing is audited in this database yet"
    assert "pgaudit-py install" in (translated.hint or "")


def test_a_hint_of_the_server_is_kept_where_it_helps() -> None:
    translated = from_database(ServerError("42501", "permission denied", "Ask Alice."))
    assert translated is not None
    assert translated.hint == "Ask Alice."


def test_the_servers_advice_on_casts_is_not_passed_on_for_a_missing_function() -> None:
    translated = from_database(
        ServerError(
            "42883", "function pgaudit_py.f() does not exist", "You might need to add explicit type casts."
        )
    )
    assert translated is not None
    assert "casts" not in str(translated)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("nothing of a database"),
        ServerError(None, "no state"),
        ServerError(42501, "a number"),
        ServerError("23505", "duplicate key"),
        ServerError("42P01", 'relation "posts" does not exist'),
        ServerError("3F000", 'schema "shop" does not exist'),
    ],
)
def test_other_errors_are_left_alone(error: Exception) -> None:
    assert from_database(error) is None


def test_an_error_without_diagnostics_gives_its_own_text() -> None:
    error = ServerError("55P03")
    del error.diag
    translated = from_database(error)
    assert translated is not None
    assert translated.message == "ERROR:  None"


def test_psycopgs_errors_have_what_is_read_of_them() -> None:
    translated = from_database(psycopg.errors.LockNotAvailable("too slow"))
    assert isinstance(translated, errors.LockNotAvailable)
    assert translated.message == "too slow"
