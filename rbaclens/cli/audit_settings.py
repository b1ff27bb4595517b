"""Where the audit's settings and rules come from: ``rbaclens.toml``, ``audit.yaml`` beside the policies, files named, entry points."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rbaclens.errors import PolicyFileError

if TYPE_CHECKING:
    from rbaclens.audit.catalogue import Catalogue
    from rbaclens.audit.rule import Rule
    from rbaclens.audit.settings import Settings

TOML = "rbaclens.toml"
YAML = "audit.yaml"


def load_settings(named: str | None, files: tuple[str, ...], rule_files: tuple[str, ...] = ()) -> tuple[Settings, Catalogue]:
    """The settings of the file named, or of those found, the ones nearest to the policies on top; and all rules there are.

    ``rule_files`` are files of custom rules besides those that settings name. Raises PolicyFileError.
    """
    from rbaclens.audit.settings import Settings, custom_rule_files, read_settings

    read = [_read(path) for path in ([named] if named is not None else _found(files))]
    rules = [
        (str(Path(path).parent / one), f"{path} names it under customRules")
        for data, path, _ in read
        for one in custom_rule_files(data, path)
    ]
    catalogue = load_catalogue([*rules, *((one, "") for one in rule_files)])
    found = Settings()
    for data, path, lines in read:
        found = read_settings(data, path, lines, catalogue.ids).over(found)
    return found, catalogue


def load_catalogue(files: list[tuple[str, str]]) -> Catalogue:
    """The rules of the registry, of these files (each with who names it) and folders, and of entry points."""
    from rbaclens.audit.catalogue import BUILT_IN, Catalogue
    from rbaclens.audit.custom.plugins import plugin_rules

    plugins = tuple(plugin_rules())
    if not files and not plugins:
        return BUILT_IN
    found: list[Rule] = []
    seen: set[str] = set()
    for path, named_by in files:
        for name in _rule_files(path, named_by):
            real = os.path.realpath(name)
            if real not in seen:
                seen.add(real)
                found += _read_rules(name, named_by)
    return Catalogue.of([*found, *plugins])


def _rule_files(path: str, named_by: str) -> list[str]:
    """A file, or of a folder the files of rules that are in it."""
    folder = Path(path)
    if not folder.is_dir():
        return [path]
    found = sorted(str(one) for one in folder.iterdir() if one.suffix in (".yaml", ".yml", ".json") and one.is_file())
    if not found:
        raise PolicyFileError("holds no file of rules", named_by or "they end with .yaml, .yml or .json", file=path)
    return found


def _read_rules(path: str, named_by: str) -> tuple[Rule, ...]:
    from rbaclens.audit.custom.rules import read_rules
    from rbaclens.sources.placed_yaml import read_placed

    try:
        documents = read_placed(path)
    except PolicyFileError as error:
        error.help = error.help if error.line else named_by
        raise
    return read_rules(documents, path)


def _found(files: tuple[str, ...]) -> Iterator[str]:
    if Path(TOML).is_file():
        yield TOML
    variable = os.environ.get("RBACLENS_POLICIES")
    folders = files or tuple(part for part in (variable or "").split(os.pathsep) if part) or ("policies",)
    for folder in dict.fromkeys(folders):
        path = Path(folder) / YAML
        if folder != "-" and path.is_file():
            yield str(path)


def _read(path: str) -> tuple[Any, str, list[int]]:
    """The data of a settings file, its name, and the lines of its waivers."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise PolicyFileError(f"cannot be read: {words}", file=path) from None
    if path.endswith(".toml"):
        return _toml(text, path).get("audit"), path, []
    data, lines = _yaml(text, path)
    return data, path, lines


def _toml(text: str, path: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyFileError(f"is no TOML: {error}", file=path) from None


def _yaml(text: str, path: str) -> tuple[Any, list[int]]:
    """The one document of a YAML file, and the lines of its waivers."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        problem = getattr(error, "problem", None) or str(error)
        raise PolicyFileError(f"is no YAML: {problem}", file=path, line=line, column=column) from None
    lines: list[int] = []
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "waivers" and isinstance(value, yaml.SequenceNode):
            lines = [item.start_mark.line + 1 for item in value.value]
    return data, lines
