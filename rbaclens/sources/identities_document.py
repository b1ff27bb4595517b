"""Identities as YAML or JSON: by user, by group, or an exported ``aws-auth`` ConfigMap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rbaclens.model.location import Origin
from rbaclens.sources import text
from rbaclens.sources.identities import SHAPES, Collector
from rbaclens.sources.positions import SourceText

_BY_USER, _BY_GROUP = "users", "groups"
_SECTIONS = frozenset({_BY_USER, _BY_GROUP})
_HEADER = frozenset({"apiVersion", "kind", "metadata"})
_NAME_KEYS = ("name", "user", "username")


def read_document(data: bytes, out: Collector) -> None:
    """Add the users and groups of YAML or JSON text; of several documents all count. Raises PolicyFileError."""
    source = out.places.source
    source.chunks = list(text.yaml_documents(data))
    for number in range(len(source.chunks)):
        origin = Origin(out.name, number)
        value = _value(source, number, out)
        if isinstance(value, dict) and value.get("kind") == "ConfigMap" and "apiVersion" in value:
            from rbaclens.sources.identities_aws import read_config_map

            read_config_map(value, origin, out)
        elif isinstance(value, dict):
            _mapping(value, origin, out)
        else:
            raise out.error(f"expected users and groups, not {kind(value)}", origin)


class _Object(dict[str, Any]):
    """A JSON object that knows a key which stood in it twice."""

    twice: str | None = None


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        made.twice = next(key for number, key in enumerate(keys) if key in keys[:number])
    return made


def _value(source: SourceText, number: int, out: Collector) -> Any:
    chunk = source.chunks[number]
    if chunk.json:
        try:
            return json.loads(chunk.data, object_pairs_hook=_object)
        except RecursionError:
            raise out.error("nested too deeply", Origin(out.name, number)) from None
    return yaml_value(chunk.data, out.name, number, source.line_of(chunk.start))


def yaml_value(data: bytes, name: str, number: int, first_line: int) -> Any:
    """The value of one YAML document, which starts on line ``first_line`` (from 0) of the file."""
    from rbaclens.sources.yaml_text import compose
    from rbaclens.sources.yaml_values import Constructor

    node = compose(data, name, number, first_line)
    return None if node is None else Constructor(name, number, first_line).value(node)


def _mapping(value: dict[str, Any], origin: Origin, out: Collector) -> None:
    """Under the headings ``users`` and ``groups``, or users straight away."""
    if not any(_is_heading(value, key) for key in _SECTIONS):
        _by_user(value, origin, out)
        return
    for key, item in members(value, origin, out):
        place = origin.child(key)
        if key == _BY_USER and isinstance(item, list):
            for number, entry in enumerate(item):
                _entry(entry, place.child(number), out)
        elif key == _BY_USER:
            _by_user(item, place, out)
        elif key == _BY_GROUP:
            _by_group(item, place, out)
        elif key not in _HEADER:
            raise out.error(f'beside "users" and "groups" there is no place for "{key}"', place)


def _is_heading(value: dict[str, Any], key: str) -> bool:
    """Whether ``users`` or ``groups`` is a heading, and not the name of a user: what it holds is more than names, or it is alone."""
    if key not in value:
        return False
    item = value[key]
    only_names = item is None or isinstance(item, str) or (isinstance(item, list) and all(isinstance(one, str) for one in item))
    return not only_names or value.keys() <= _SECTIONS | _HEADER


def _by_user(value: Any, origin: Origin, out: Collector) -> None:
    for user, groups in members(value, origin, out):
        place = origin.child(user)
        out.add(name(user, place, out), names(groups, place, out))


def _by_group(value: Any, origin: Origin, out: Collector) -> None:
    for group, users in members(value, origin, out):
        place = origin.child(group)
        name(group, place, out)
        for user, at in names(users, place, out):
            out.add(user, [(group, at)])


def _entry(value: Any, origin: Origin, out: Collector) -> None:
    known = dict(members(value, origin, out))
    unknown = [key for key in known if key not in (*_NAME_KEYS, "groups")]
    if unknown:
        raise out.error(f'a user has a name and groups, and nothing called "{unknown[0]}"', origin.child(unknown[0]))
    named = [key for key in _NAME_KEYS if key in known]
    if len(named) != 1:
        raise out.error("a user needs one name", origin)
    user = name(known[named[0]], origin.child(named[0]), out)
    out.add(user, names(known.get("groups"), origin.child("groups"), out))


def members(value: Any, origin: Origin, out: Collector) -> Iterator[tuple[str, Any]]:
    """The members of a mapping; raises PolicyFileError for anything else, and for a key that stands twice."""
    if not isinstance(value, dict):
        raise out.error(f"expected a mapping, not {kind(value)}", origin)
    if isinstance(value, _Object) and value.twice is not None:
        raise out.error(f'the key "{value.twice}" stands twice in this object', origin, "write each name once")
    yield from value.items()


def names(value: Any, origin: Origin, out: Collector) -> list[tuple[str, Origin]]:
    """A list of names, or a single one, each with its place."""
    if value is None:
        return []
    if isinstance(value, str):
        return [(name(value, origin, out), origin)]
    if not isinstance(value, list):
        raise out.error(f"expected a list of names, not {kind(value)}", origin)
    places = [origin.child(number) for number in range(len(value))]
    return [(name(item, place, out), place) for item, place in zip(value, places, strict=True)]


def name(value: Any, origin: Origin, out: Collector) -> str:
    """A name that is not empty; raises PolicyFileError for anything else."""
    if not isinstance(value, str):
        hint = "put a name that looks like something else in quotes" if isinstance(value, int | float) else SHAPES
        raise out.error(f"expected a name, not {kind(value)}", origin, hint)
    if not value:
        raise out.error("a name is empty", origin)
    return value


def kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
