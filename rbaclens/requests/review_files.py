"""Every access review in a file: JSON lines, JSON or YAML documents, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from rbaclens.errors import LoadError, RequestError
from rbaclens.requests.review import Review, parse_review
from rbaclens.requests.review_objects import in_plain_words

Read = tuple[int, Review | RequestError]

_JSON_LINE = re.compile(rb'^\{[ \t]*"', re.M)
_JSON_ERRORS = (ValueError, RecursionError)


class _Listed(msgspec.Struct):
    kind: str = ""
    items: tuple[msgspec.Raw, ...] | None = None


_decode_list = msgspec.json.Decoder(_Listed).decode
_check_json = msgspec.json.Decoder(msgspec.Raw).decode


def reviews_from_file_text(data: bytes) -> Iterator[Read]:
    """The reviews in ``data`` in order, each with the line (from 1) that it, or its document, starts on.

    What cannot be read comes as the ``RequestError`` that says why, in its place; in JSON lines and between documents reading
    goes on behind it. Nothing is raised.
    """
    if _is_json_lines(data):
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
            if line and not line.isspace():
                yield number, _review(line)
    else:
        yield from _documents(data)


def _is_json_lines(data: bytes) -> bool:
    """Whether each line is a document of its own, judged so that a broken line spoils only itself."""
    # Plain searches of bytes: a regular expression takes longer over large input than reading the reviews.
    if data.startswith(b"---") or b"\n---" in data or not _JSON_LINE.search(data):
        return False
    try:
        _check_json(data)
    except _JSON_ERRORS:
        return True
    return False


def _review(raw: bytes) -> Review | RequestError:
    try:
        return parse_review(raw)
    except RequestError as error:
        return error


def _documents(data: bytes) -> Iterator[Read]:
    from rbaclens.sources.text import looks_like_json, to_utf8, yaml_documents

    try:
        text = to_utf8(data, "")
    except LoadError as error:
        yield error.line or 1, RequestError(error.message)
        return
    for number, chunk in enumerate(yaml_documents(text)):
        first = text.count(b"\n", 0, chunk.start)
        if looks_like_json(chunk.data):
            yield from _json_values(chunk.data, first + 1)
        else:
            yield from _yaml_value(chunk.data, number, first)


def _json_values(data: bytes, line: int) -> Iterator[Read]:
    """The reviews of JSON values that stand one after another; the first broken one ends them."""
    from rbaclens.sources.text import json_documents

    try:
        for value in json_documents(data):
            yield from _listed(value.data, line + data.count(b"\n", 0, value.start))
    except _JSON_ERRORS as error:
        yield line, RequestError(in_plain_words(error))


def _yaml_value(data: bytes, number: int, first: int) -> Iterator[Read]:
    from rbaclens.sources.yaml_text import compose
    from rbaclens.sources.yaml_values import Constructor

    try:
        node = compose(data, "", number, first)
        if node is None:
            return
        raw = msgspec.json.encode(Constructor("", number, first).value(node))
    except LoadError as error:
        yield error.line or first + 1, RequestError(error.message)
    except _JSON_ERRORS as error:
        yield first + 1, RequestError(in_plain_words(error))
    else:
        yield from _listed(raw, first + node.start_mark.line + 1)


def _listed(raw: bytes, line: int) -> Iterator[Read]:
    """The review in ``raw``, or those of a list's items."""
    try:
        found = _decode_list(raw)
    except _JSON_ERRORS:
        found = _Listed()
    if not found.kind.endswith("List") or found.items is None:
        yield line, _review(raw)
        return
    for index, item in enumerate(found.items):
        review = _review(bytes(item))
        if isinstance(review, RequestError):
            review = RequestError(f"items[{index}]: {review.message}", review.help)
        yield line, review
