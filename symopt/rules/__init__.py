"""The catalog: every module in this folder states one rule under the module's own name."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from symopt.language import InputError, Rule, RuleError


def names() -> list[str]:
    """The catalog's rule names, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(rule: str | Rule, **options: object) -> Rule:
    """The rule of that name, or in ``path/to/file.py:rule``, or the Rule itself, with options set."""
    if isinstance(rule, str):
        rule = _from_file(rule) if ":" in rule else _from_catalog(rule)
    if not isinstance(rule, Rule):
        raise InputError(f"rule = {rule!r}: must be a catalog name, path/to/file.py:rule, or a Rule")
    return rule.with_options(**options)


def _from_catalog(name: str) -> Rule:
    if name not in names():
        raise InputError(f"unknown rule {name!r}; the catalog has: {', '.join(names())} (or give path/to/file.py:rule)")
    found = getattr(importlib.import_module(f"{__name__}.{name}"), name)
    if not isinstance(found, Rule):
        raise RuleError(f"symopt/rules/{name}.py states no rule called {name}")
    return found


def _from_file(spec: str) -> Rule:
    path, _, attribute = spec.rpartition(":")
    found = getattr(import_file(path), attribute, None)
    if not isinstance(found, Rule):
        raise InputError(f"rule = {spec!r}: {path} states no rule called {attribute!r}")
    return found


def import_file(path: str) -> ModuleType:
    """Import a user's own Python file, as pytest would; a fault in it is reported with its line."""
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        raise InputError(f"file = {path!r}: must be an existing .py file")
    name = f"symopt_user_{file.stem}_{sha256(str(file.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"file = {path!r}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(
            f"file = {path!r}: importing it raised {type(error).__name__}: {error}{_line(error, file)}"
        ) from error
    return module


def _line(error: BaseException, file: Path) -> str:
    frame, line = error.__traceback__, None
    while frame is not None:
        if Path(frame.tb_frame.f_code.co_filename) == file:
            line = frame.tb_lineno
        frame = frame.tb_next
    return f" (line {line})" if line else ""
