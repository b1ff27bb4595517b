"""From one text to its policy objects: JSON or YAML, single objects and lists, each with where it stands."""

from __future__ import annotations

import re
from pathlib import PurePath

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Origin, Step
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.model.policy import Notice
from rbaclens.sources import text, wire
from rbaclens.sources.builders import Builder, Objects
from rbaclens.sources.files import SETTINGS
from rbaclens.sources.kinds import ABAC_GROUP, FORMS, KINDS, SNAPSHOT_GROUP, Kind, split_api_version
from rbaclens.sources.positions import SourceText
from rbaclens.sources.text import Chunk

_YAML_ENDINGS = (".yaml", ".yml")
_MAX_LISTS = 8
_EXPECTED = "expected a Kubernetes object with apiVersion and kind"
_RBAC_KINDS = frozenset(kind for group, kind in KINDS if group == RBAC_GROUP)

_decode_policy = msgspec.json.Decoder(wire.Policy).decode
_decode_header = msgspec.json.Decoder(wire.Header).decode
_decode_bare_header = msgspec.json.Decoder(wire.BareHeader).decode


class Reading(msgspec.Struct):
    """What one text held."""

    text: SourceText
    objects: Objects


def read_manifests(data: bytes, name: str, *, explicit: bool = True) -> Reading:
    """The objects of a text (UTF-8, as ``text.to_utf8`` gives it) that is called ``name``.

    What the API server would refuse to store is left out with a notice.

    Kinds that are no policy are passed over. A document that is no Kubernetes object at all is an error in a text that was
    named (``explicit``) and a notice in one that was only found. Raises ``PolicyFileError``.
    """
    reader = _Reader(SourceText(name, data, []), explicit)
    try:
        reader.read()
        # Templates write YAML; what a program wrote as JSON is taken at its word.
        if not all(chunk.json for chunk in reader.source.chunks) and text.has_template(data):
            reader.refuse_templates()
    except PolicyFileError as error:
        if not text.has_template(data):
            raise
        raise _template(error) from error
    return Reading(reader.source, reader.objects)


def _header(data: bytes | msgspec.Raw) -> wire.Header:
    try:
        return _decode_header(data)
    except msgspec.ValidationError as error:
        if "`$.items" not in str(error):
            raise
        # Only what calls itself a list must have a list of items.
        bare = _decode_bare_header(data)
        if (bare.kind or "").endswith("List"):
            raise
        return wire.Header(bare.api_version, bare.kind)


def _template(error: PolicyFileError) -> PolicyFileError:
    message = "looks like a Helm template that is not rendered; run helm template first"
    return PolicyFileError(
        message,
        "rbaclens reads what `helm template` prints, also from standard input (-f -)",
        file=error.file,
        document=error.document,
        line=error.line,
        column=error.column,
    )


class _Reader:
    def __init__(self, source: SourceText, explicit: bool) -> None:
        self.source = source
        self.file = source.name
        self.explicit = explicit
        self.objects = Objects()

    def read(self) -> None:
        data = self.source.data
        if not text.looks_like_json(data):
            self._read_chunks(list(text.yaml_documents(data)))
            return
        try:
            self._read_json(data)
        except (msgspec.DecodeError, RecursionError) as error:
            # JSON documents between --- lines, and YAML that starts as JSON does.
            if b"\n---" in data or self._ends_in(_YAML_ENDINGS):
                self._read_chunks(list(text.yaml_documents(data)))
            else:
                raise self._broken_json(error) from None

    def _ends_in(self, endings: tuple[str, ...]) -> bool:
        return self.file.lower().removesuffix(".gz").endswith(endings)

    def _read_json(self, data: bytes) -> None:
        try:
            header = _header(data)
        except (msgspec.DecodeError, RecursionError):
            self._read_chunks(list(text.json_documents(data)))
            return
        self.source.chunks = [Chunk(0, data, True)]
        self._read_document(data, header, 0)

    def _read_chunks(self, chunks: list[Chunk]) -> None:
        self.source.chunks = chunks
        if not chunks and self.explicit:
            self.objects.notices.append(Notice("holds no object", Origin(self.file)))
        for document, chunk in enumerate(chunks):
            data = chunk.data if chunk.json else self._from_yaml(chunk, document)
            if data is None:
                continue
            try:
                header = _header(data)
            except msgspec.ValidationError as error:
                if " - at " in str(error):
                    raise self._wrong_type(str(error), Origin(self.file, document)) from None
                self._no_object(Origin(self.file, document))
            else:
                self._read_document(data, header, document)

    def _from_yaml(self, chunk: Chunk, document: int) -> bytes | None:
        """A YAML document as JSON, which is how Kubernetes reads YAML; ``None`` for an empty one."""
        from rbaclens.sources.yaml_text import compose
        from rbaclens.sources.yaml_values import Constructor

        first_line = self.source.line_of(chunk.start)
        node = compose(chunk.data, self.file, document, first_line)
        value = None if node is None else Constructor(self.file, document, first_line).value(node)
        try:
            return None if value is None else msgspec.json.encode(value)
        except ValueError as error:
            raise self._error(f"not valid YAML: {error}", Origin(self.file, document)) from None

    def _read_document(self, data: bytes, header: wire.Header, document: int) -> None:
        origin = Origin(self.file, document)
        if not self.explicit and header.kind is None and header.api_version is None:
            self._no_object(origin)
        else:
            self._read_object(data, header, origin)

    def _no_object(self, origin: Origin) -> None:
        if self.explicit:
            raise self._error(_EXPECTED, origin)
        if PurePath(self.file).name != SETTINGS:
            self.objects.notices.append(Notice("no Kubernetes object: passed over", origin))

    def _read_object(self, data: bytes | msgspec.Raw, header: wire.Header, origin: Origin) -> None:
        """Add one object, or the items of a list, whichever ``header`` says that ``data`` is."""
        if not header.kind or not header.api_version:
            missing = "kind" if not header.kind else "apiVersion"
            raise self._error(f"{missing} is missing: {_EXPECTED}", origin)
        group, version = split_api_version(header.api_version)
        typed = header.kind.endswith("List") and (group, header.kind[:-4]) in KINDS
        try:
            if typed or (header.kind == "List" and not group):
                self._read_items(header, typed, origin)
                return
            if group == SNAPSHOT_GROUP:
                from rbaclens.sources import snapshot

                snapshot.read_head(data, header, origin, self.objects)
                self._read_items(header, False, origin)
                return
            kind = KINDS.get((group, header.kind))
            if kind is None:
                self._refuse_misnamed(group, header, origin)
                return
            build = kind.builder(version)
            if build is None:
                raise self._unknown_version(kind, header, origin)
            self._build(kind, build, data, origin)
        except msgspec.ValidationError as error:
            raise self._wrong_type(str(error), origin) from None

    def _build(self, kind: Kind, build: Builder, data: bytes | msgspec.Raw, origin: Origin) -> None:
        try:
            written = kind.decode(data)
        except msgspec.ValidationError as error:
            if kind.must_be_right:
                raise
            self.objects.notices.append(Notice(f"no {kind.kind} that an API server would take ({error}): passed over", origin))
        else:
            build(written, origin, self.objects)

    def _read_items(self, header: wire.Header, typed: bool, origin: Origin) -> None:
        """Add the items of a list; those of a ``typed`` list need not repeat what they are."""
        if len(origin.path) > _MAX_LISTS:
            raise self._error("too many lists within lists", origin)
        file, document, path, out = origin.file, origin.document, (*origin.path, "items"), self.objects
        for index, item in enumerate(header.items or ()):
            place = Origin(file, document, (*path, index))
            try:
                written = _decode_policy(item)
                build = FORMS[type(written), written.api_version]
            except (msgspec.ValidationError, KeyError):
                self._read_item(item, header if typed else None, place)
            else:
                build(written, place, out)

    def _read_item(self, item: msgspec.Raw, typed: wire.Header | None, origin: Origin) -> None:
        try:
            header = _header(item)
        except msgspec.ValidationError as error:
            raise self._wrong_type(str(error), origin) from None
        if typed:
            header.kind = header.kind or (typed.kind or "")[:-4]
            header.api_version = header.api_version or typed.api_version
        self._read_object(item, header, origin)

    def _unknown_version(self, kind: Kind, header: wire.Header, origin: Origin) -> PolicyFileError:
        known = ", ".join(f"{kind.group}/{version}" if kind.group else version for version in kind.versions)
        return self._error(f"no API server knows {kind.kind} in {header.api_version}: expected {known}", origin.child("apiVersion"))

    def _refuse_misnamed(self, group: str, header: wire.Header, origin: Origin) -> None:
        """Refuse what was meant as policy but is called so that no API server would take it; all else is passed over."""
        if group == RBAC_GROUP:
            known = ", ".join(sorted(_RBAC_KINDS))
            raise self._error(f"there is no kind {header.kind} in {group}: expected one of {known}", origin.child("kind"))
        if not group and header.kind in _RBAC_KINDS:
            raise self._error(f"there is no {header.kind} in {header.api_version}: expected {RBAC_GROUP}/v1", origin.child("apiVersion"))
        if group == ABAC_GROUP:
            raise self._error("an ABAC policy stands on one line of a file of its own, one policy a line", origin)

    def refuse_templates(self) -> None:
        """Refuse names with double braces: a template that happens to be valid YAML."""
        for role in self.objects.roles:
            self._refuse_template(role.origin, role.name, role.namespace)
        for binding in self.objects.bindings:
            names = [name for subject in binding.subjects for name in (subject.name, subject.namespace)]
            self._refuse_template(binding.origin, binding.name, binding.namespace, binding.role_ref.name, *names)

    def _refuse_template(self, origin: Origin, *names: str) -> None:
        if any("{{" in name for name in names):
            raise self._error("a name holds double braces", origin)

    def _error(self, message: str, origin: Origin) -> PolicyFileError:
        place = self.source.locate(origin)
        line, column = (place.line, place.column) if place.line else (None, None)
        return PolicyFileError(message, file=self.file, document=origin.document, line=line, column=column)

    def _wrong_type(self, words: str, origin: Origin) -> PolicyFileError:
        message, steps = _explain(words)
        return self._error(message, origin.child(*steps))

    def _broken_json(self, error: Exception) -> PolicyFileError:
        data = self.source.data
        match = re.search(r"\(byte (\d+)\)", str(error))
        offset = int(match[1]) if match else len(data) if "truncated" in str(error) else 0
        place = self.source.at(min(offset, len(data)))
        return PolicyFileError(f"not valid JSON: {_json_words(error)}", file=self.file, line=place.line, column=place.column)


def _json_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    words = re.sub(r" \(byte \d+\)", "", str(error)).removeprefix("JSON is malformed: ")
    return "the text ends in the middle of a value" if "truncated" in words else words


_WORDS = {"str": "a text", "int": "a number", "float": "a number", "bool": "true or false", "array": "a list", "object": "a mapping"}
_TYPES = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_PLACE = re.compile(r" - at (?:`?key`? in )?`\$([^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def _explain(error: str) -> tuple[str, tuple[Step, ...]]:
    """A decoder's message in plain words, and the path that it names."""
    place = _PLACE.search(error)
    path = place[1] if place else ""
    steps = tuple(step[1] if step[1] else int(step[2]) for step in _STEP.finditer(path))
    types = _TYPES.search(error)
    if types:
        wanted = [_WORDS.get(name, name) for name in types[1].split(" | ") if name != "null"]
        message = f"expected {' or '.join(dict.fromkeys(wanted))}, found {_WORDS.get(types[2], types[2])}"
    else:
        message = _PLACE.sub("", error)
    return (f"{path.removeprefix('.')}: {message}" if path else message), steps
