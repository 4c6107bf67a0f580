"""The list of docs/words.md that the code has: its types."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import storage.model
from docs.field_tables import as_cell


def type_lines() -> list[str]:
    """Return each type of storage.model with the first line of its docstring, module by module."""
    return [
        f"- **{found.__name__}**: {as_cell((found.__doc__ or '').partition(chr(10))[0])}"
        for module in model_modules()
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__ and not found.__name__.startswith("_")
    ]


def model_modules() -> list[ModuleType]:
    """Return the modules of storage.model."""
    names = [module.name for module in pkgutil.iter_modules(storage.model.__path__)]
    return [importlib.import_module(f"storage.model.{name}") for name in names]
