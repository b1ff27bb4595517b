"""The permissions that nodes of a graph stand for: what one entry of a rule names, in one scope; a star stays a star."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.authorizers.matching import ALL, rule_allows, rule_touches
from rbaclens.graph.model import Node
from rbaclens.index.permissions import HeldRule
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule


class Permission(msgspec.Struct, frozen=True):
    """One entry of a rule in one scope; ``path`` is empty for a resource. Which verbs somebody has on it, an edge says."""

    scope: str
    api_group: str = ""
    resource: str = ""
    names: tuple[str, ...] = ()
    path: str = ""
    with_subresources: bool = False

    def rule(self, verbs: tuple[str, ...]) -> PolicyRule:
        """The same as a policy rule."""
        if self.path:
            return PolicyRule(verbs=verbs, non_resource_urls=(self.path,))
        return PolicyRule(verbs, (self.api_group,), (self.resource,), self.names)

    def allows(self, verbs: tuple[str, ...], request: Request) -> bool:
        """Whether somebody who has ``verbs`` on it may make the request."""
        if request.path is None:
            if self.path or self.scope not in (EVERYWHERE, request.namespace):
                return False
            if self.with_subresources:
                request = msgspec.structs.replace(request, subresource="")
        return rule_allows(self.rule(verbs), request)

    def touches(self, verbs: tuple[str, ...], pattern: Pattern) -> bool:
        """Whether it allows some request that ``pattern`` stands for, whatever the scope."""
        if self.with_subresources and pattern.is_resource:
            pattern = msgspec.structs.replace(pattern, subresource="")
        return rule_touches(self.rule(verbs), pattern)

    @property
    def label(self) -> str:
        """What people read: ``pods/log in shop``, ``deployments.apps everywhere``."""
        if self.path:
            return self.path
        group = f".{self.api_group}" if self.api_group else ""
        names = f" named {', '.join(self.names)}" if self.names else ""
        return f"{self.resource}{group}{names} {where(self.scope)}"

    @property
    def node(self) -> Node:
        """The node that stands for it."""
        if self.path:
            return Node(f"path:{self.path}", "permission", self.label, {"path": self.path, "scope": self.scope})
        attributes: dict[str, str | int | float | bool] = {
            "api_group": self.api_group,
            "resource": self.resource,
            "scope": self.scope,
            "names": ", ".join(self.names),
        }
        if self.with_subresources:
            attributes["with_subresources"] = True
        return Node(f"may:{self.key}", "permission", self.label, attributes)

    @property
    def key(self) -> str:
        """What tells it from every other permission."""
        names = "[" + ",".join(self.names) + "]" if self.names else ""
        return f"{self.scope}:{self.api_group}:{self.resource}{'/**' if self.with_subresources else ''}{names}"


def where(scope: str) -> str:
    """A scope in words."""
    if scope == EVERYWHERE:
        return "everywhere"
    return f"in {scope}" if scope else "at the cluster scope"


def cells(held: HeldRule) -> Iterator[Permission]:
    """The permissions that a held rule consists of."""
    rule = held.rule
    for url in dict.fromkeys(rule.non_resource_urls):
        if url:
            yield Permission(EVERYWHERE, path=url)
    if rule.non_resource_urls:
        return
    for group in (ALL,) if ALL in rule.api_groups else tuple(dict.fromkeys(rule.api_groups)):
        for resource in (ALL,) if ALL in rule.resources else tuple(dict.fromkeys(rule.resources)):
            yield Permission(held.scope, group, resource, rule.resource_names, "", held.with_subresources)


def verbs_of(rule: PolicyRule) -> tuple[str, ...]:
    """The verbs of a rule, in order, each once; a star stands for all of them."""
    return (ALL,) if ALL in rule.verbs else tuple(sorted(set(rule.verbs)))
