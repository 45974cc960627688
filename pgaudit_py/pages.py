"""Make HTML out of the templates: another environment than the one for SQL, so that neither is taken for the other.

Here autoescaping is what its name says: values become text of the page, whatever markup they hold.
"""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pgaudit_py.resources import template_folder


def render_page(name: str, **variables: object) -> str:
    """Render a template of templates/dashboard.

    Args:
        name: the file's name without `.html.j2`.
        variables: what it needs; values are escaped.

    Returns:
        HTML.

    Raises:
        jinja2.UndefinedError: it uses a variable that was not given.
    """
    return _environment().get_template(f"dashboard/{name}.html.j2").render(variables)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
