"""The parts of a SARIF 2.1.0 file that an audit uses, as structs that are written as they stand."""

from __future__ import annotations

from typing import Any

import msgspec


class _Struct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    pass


class Message(_Struct, frozen=True):
    """A text; ``markdown`` is the same for those who show it."""

    text: str
    markdown: str | None = None


class Artifact(_Struct, frozen=True):
    """A file, by its relative name."""

    uri: str
    uri_base_id: str | None = None


class Region(_Struct, frozen=True):
    """Line and column, from 1."""

    start_line: int
    start_column: int


class Physical(_Struct, frozen=True):
    """A place in a file."""

    artifact_location: Artifact
    region: Region | None = None


class Logical(_Struct, frozen=True):
    """An object of the cluster."""

    fully_qualified_name: str
    kind: str | None = None


class Place(_Struct, frozen=True):
    """A place, with what is there."""

    id: int | None = None
    physical_location: Physical | None = None
    logical_locations: tuple[Logical, ...] | None = None
    message: Message | None = None


class Suppression(_Struct, frozen=True):
    """Why a result does not count."""

    kind: str
    status: str
    justification: str


class Result(_Struct, frozen=True, kw_only=True):
    """One finding; its places are written already."""

    rule_id: str
    rule_index: int
    level: str
    rank: float
    message: Message
    locations: tuple[msgspec.Raw, ...]
    related_locations: msgspec.Raw | None = None
    partial_fingerprints: dict[str, str]
    baseline_state: str | None = None
    suppressions: tuple[Suppression, ...] | None = None
    properties: dict[str, Any]


class Configuration(_Struct, frozen=True):
    """A rule's usual level."""

    level: str


class Descriptor(_Struct, frozen=True):
    """One rule."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    properties: dict[str, Any]
    help_uri: str | None = None


class Driver(_Struct, frozen=True):
    """The program."""

    name: str
    semantic_version: str
    rules: tuple[Descriptor, ...]


class Tool(_Struct, frozen=True):
    """The program that made the report."""

    driver: Driver


class Notification(_Struct, frozen=True):
    """Something to know about the run itself."""

    level: str
    message: Message


class Invocation(_Struct, frozen=True):
    """How the run went."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Run(_Struct, frozen=True):
    """One audit."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    column_kind: str
    results: tuple[Result, ...]


class Log(_Struct, frozen=True):
    """The whole file."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[Run, ...]
