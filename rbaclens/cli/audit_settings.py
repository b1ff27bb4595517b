"""Where the audit's settings come from: ``rbaclens.toml``, ``audit.yaml`` beside the policies, and files named on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rbaclens.errors import PolicyFileError

if TYPE_CHECKING:
    from rbaclens.audit.settings import Settings

TOML = "rbaclens.toml"
YAML = "audit.yaml"
_MANIFEST = re.compile(r"^(?:apiVersion|kind):", re.MULTILINE)


def load_settings(named: str | None, files: tuple[str, ...]) -> Settings:
    """The settings of the file named, or of those found, the ones nearest to the policies on top. Raises PolicyFileError."""
    from rbaclens.audit.settings import Settings

    found = Settings()
    if named is not None:
        return _read(named, _text(named))
    for path in _found(files):
        text = _text(path)
        # A manifest may have that name too: the API server's audit policy, or roles of auditors.
        if not _MANIFEST.search(text):
            found = _read(path, text).over(found)
    return found


def _found(files: tuple[str, ...]) -> Iterator[str]:
    if Path(TOML).is_file():
        yield TOML
    variable = os.environ.get("RBACLENS_POLICIES")
    folders = files or tuple(part for part in (variable or "").split(os.pathsep) if part) or ("policies",)
    for folder in dict.fromkeys(folders):
        path = Path(folder) / YAML
        if folder != "-" and path.is_file():
            yield str(path)


def _text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise PolicyFileError(f"cannot be read: {words}", file=path) from None


def _read(path: str, text: str) -> Settings:
    from rbaclens.audit.settings import read_settings

    if path.endswith(".toml"):
        data = _toml(text, path)
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[audit.waivers]]"]
        return read_settings(data.get("audit"), path, lines)
    data, lines = _yaml(text, path)
    return read_settings(data, path, lines)


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
