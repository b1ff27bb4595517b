"""What the rules of a policy name: a resource that only a rule knows is known all the same."""

from __future__ import annotations

import msgspec

from rbaclens.model.policy import PolicySet


class Mentions(msgspec.Struct, frozen=True):
    """Resource name to the API groups it is mentioned with; (group, resource) to its subresources; all verbs.

    Group and resource may be ``*`` here, exactly as the rule has them.
    """

    resources: dict[str, tuple[str, ...]]
    children: dict[tuple[str, str], frozenset[str]]
    verbs: frozenset[str]

    @classmethod
    def of(cls, policy: PolicySet) -> Mentions:
        """Everything that the RBAC rules and ABAC lines of ``policy`` name."""
        verbs: set[str] = set()
        pairs: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        for role in policy.roles:
            for rule in role.rules:
                verbs.update(rule.verbs)
                pairs.add((rule.api_groups, rule.resources))
        pairs.update(((line.api_group,), (line.resource,)) for line in policy.abac or ())
        groups: dict[str, set[str]] = {}
        children: dict[tuple[str, str], set[str]] = {}
        for api_groups, resources in pairs:
            for combined in resources:
                resource, _, subresource = combined.partition("/")
                groups.setdefault(resource, set()).update(api_groups)
                if subresource:
                    for group in api_groups:
                        children.setdefault((group, resource), set()).add(subresource)
        groups.pop("", None)
        groups.pop("*", None)
        return cls(
            {name: tuple(sorted(found)) for name, found in groups.items()},
            {key: frozenset(found) for key, found in children.items()},
            frozenset(verbs),
        )

    def resolve(self, resource: str, group: str | None) -> tuple[str, str] | None:
        """Group and explanation for a resource that a rule mentions (in ``group``, if one is given), else ``None``."""
        groups = self.resources.get(resource, ())
        if group is not None:
            return (group, "named by a rule") if group in groups or "*" in groups else None
        concrete = [g for g in groups if g != "*"]
        if concrete:
            others = f" (also in the groups {', '.join(concrete[1:])})" if len(concrete) > 1 else ""
            return concrete[0], "named by a rule" + others
        return ("", "named by a rule for every API group") if groups else None

    def subresources(self, group: str, resource: str) -> frozenset[str]:
        """The subresources that rules mention for a resource, by name or through ``*``."""
        keys = ((g, r) for g in (group, "*") for r in (resource, "*"))
        return frozenset[str]().union(*(self.children.get(key, frozenset()) for key in keys)) - {"*"}
