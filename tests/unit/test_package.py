"""What `import pgaudit_py` offers, and what it costs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import pgaudit_py
from pgaudit_py.resources import sql_names, sql_text

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", pgaudit_py.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(pgaudit_py, name) is not None
    assert name in dir(pgaudit_py)


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        pgaudit_py.nonsense  # noqa: B018


def test_restore_is_a_function_whatever_was_imported() -> None:
    assert callable(pgaudit_py.restore)


def test_importing_loads_no_driver() -> None:
    code = "import sys, pgaudit_py; print([m for m in ('psycopg', 'jinja2', 'click', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_lowest_versions_are_those_that_are_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: wants for name, wants in project["optional-dependencies"].items() if name != "dev"}
    wanted = {
        # An extra of a package has the package's own version: psycopg[binary] is psycopg-binary.
        re.sub(r"\[(\w+)\]", r"-\1", requirement).replace(">=", "==")
        for requirement in sum(extras.values(), project["dependencies"])
    }
    pinned = {
        line
        for line in (ROOT / "constraints-lowest.txt").read_text().splitlines()
        if not line.startswith("#")
    }
    assert {line.lower() for line in wanted} <= {line.removesuffix(".0") for line in pinned} | pinned


def test_every_function_has_its_own_file() -> None:
    for name in sql_names("functions"):
        text = sql_text(name)
        function = name.removeprefix("functions/").removesuffix(".sql")
        assert text.startswith("-- "), name
        assert text.count("CREATE OR REPLACE FUNCTION") == 1, name
        assert f"CREATE OR REPLACE FUNCTION pgaudit_py.{function}(" in text, name


def test_queries_mean_the_same_under_any_search_path() -> None:
    for name in sql_names("queries"):
        text = sql_text(name)
        code = re.sub(r"--.*|'[^']*'|%\(\w+\)s|=>|::[\w.\[\]]+", "", text)
        if "Runs under the pinned search_path" not in text:
            assert not re.search(r"[-+*/<>=~!@#%^&|?]", re.sub(r"SELECT (\w\.)?\*", "", code)), (
                f"{name} has an operator"
            )
            called = set(re.findall(r"([\w.]+)\(", code)) - {"coalesce", "extract", "AS"}
            assert all(function.startswith(("pgaudit_py.", "pg_catalog.")) for function in called), name
