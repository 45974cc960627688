"""Put sql/ and templates/ into the wheel, under the package; an editable install keeps looking at the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"] |= {"sql": "pgaudit_py/sql", "templates": "pgaudit_py/templates"}
