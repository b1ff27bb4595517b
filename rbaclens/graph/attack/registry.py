"""Every technique, in the order of the catalogue. A technique's module is imported when the graph is built."""

from __future__ import annotations

from importlib import import_module

from rbaclens.graph.attack.technique import Fact, Technique

TECHNIQUES = (
    # structure
    "MEMBER_OF",
    "SYSTEM_MASTERS",
    "ANY_OF_ALL",
    "USES_ACCOUNT",
    # pods and workloads
    "CREATE_POD_AS_SA",
    # credentials and identity
    "TOKEN_REQUEST",
    # RBAC and certificates
    "HOLDS_EVERYTHING",
    "BIND_CLUSTER",
    "ESCALATE_CLUSTERROLE",
)


def load_technique(name: str) -> Technique | Fact:
    """The technique of an id."""
    found = import_module(f"rbaclens.graph.attack.techniques.{name.lower()}").TECHNIQUE
    assert isinstance(found, (Technique, Fact))  # noqa: S101
    return found


def load_techniques(version: tuple[int, int]) -> tuple[Technique | Fact, ...]:
    """The techniques that work on an API server of this version, in order."""
    return tuple(one for one in map(load_technique, TECHNIQUES) if one.since <= version <= one.until)
