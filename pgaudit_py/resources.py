"""Where sql/ and templates/ lie: under the installed package, or beside it in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


@cache
def sql_text(name: str) -> str:
    """Return the text of a file of sql/.

    Args:
        name: its path there: "queries/activity.sql".

    Raises:
        FileNotFoundError: there is no such file.
    """
    return (_folder("sql") / name).read_text(encoding="utf-8")


def sql_names(folder: str) -> list[str]:
    """List the files of a folder of sql/, sorted: ["migrations/0001_initial.sql", …]."""
    return sorted(f"{folder}/{path.name}" for path in (_folder("sql") / folder).glob("*.sql"))


def template_folder() -> Path:
    """Return the folder that templates are named from."""
    return _folder("templates")
