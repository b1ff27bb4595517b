"""What ``paths`` and ``blast-radius`` share: the analysis, and who is meant by a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.errors import UnknownNameError, UsageError

if TYPE_CHECKING:
    from rbaclens.analysis.shipped import Shipped
    from rbaclens.graph.attack.build import AttackBuilder
    from rbaclens.graph.attack.hops import HopGraph
    from rbaclens.index.engine import Engine

version_option = click.option("--kube-version", metavar="VERSION", help="The API server's version (default: 1.36).")


class Analysis:
    """The engine, what every cluster has, and what else the analysis of a command depends on."""

    def __init__(self, given: dict[str, Any]) -> None:
        authorizers = shared.take_authorizer_options(given)
        self.engine: Engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
        self.version = kube_version(given["kube_version"])
        self.identities: Mapping[str, tuple[str, ...]] = shared.load_identities(given).groups_by_user
        self.shipped: Shipped = shipped_policy()

    def builder(self) -> AttackBuilder:
        """A builder of the graph."""
        from rbaclens.graph.attack.build import AttackBuilder

        return AttackBuilder(self.engine, self.shipped, self.version, self.identities)


def kube_version(text: str | None) -> tuple[int, int]:
    """The version that ``--kube-version`` says, 1.36 without it. Raises UsageError."""
    from rbaclens.audit.settings import parse_version

    version = parse_version(text or "1.36")
    if version is None:
        raise UsageError(f'"{text}" is no Kubernetes version', "write it like 1.36")
    return version


def shipped_policy() -> Shipped:
    """What every cluster has."""
    from rbaclens.analysis.shipped import Shipped
    from rbaclens.sources import Objects, assemble

    return Shipped(assemble(Objects()))


def subject_node(word: str) -> str:
    """The id of the node of a subject as people write it."""
    from rbaclens.analysis.holder import Principal
    from rbaclens.requests.subjects import parse_subject

    if word.startswith(("pod:", "machine:")):
        return word
    who = parse_subject(word, exact_groups=True)
    return str(Principal.of_user(who.user) if who.user else Principal.of_group(who.groups[0]))


def known_node(graph: HopGraph, node: str, word: str) -> str:
    """The node, if anything leads from or to it. Raises UnknownNameError with the nearest ones."""
    from difflib import get_close_matches

    if node not in graph.number:
        near = tuple(get_close_matches(node, graph.ids, n=3, cutoff=0.6))
        message = f"{word} takes part in no attack path"
        raise UnknownNameError(message, f"nearest that do: {', '.join(near)}" if near else "its rights lead to nothing more", near)
    return node
