"""Data as JSON, JSON lines or YAML."""

from __future__ import annotations

from typing import Any

import msgspec


def render(data: Any, output: str) -> str:
    """``data`` in the format ``json`` (indented), ``jsonl`` (one line) or ``yaml``; without a final newline."""
    encoded = msgspec.json.encode(data)
    if output == "jsonl":
        return encoded.decode()
    if output == "json":
        return msgspec.json.format(encoded, indent=2).decode()
    import yaml

    return str(yaml.safe_dump(msgspec.to_builtins(data), sort_keys=False, allow_unicode=True, default_flow_style=False)).rstrip("\n")
