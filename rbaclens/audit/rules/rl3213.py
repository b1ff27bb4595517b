"""RL3213: virtual verbs on objects that nobody asks about."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.rules import PolicyRule

_RBAC = "rbac.authorization.k8s.io"
_ROLES = ((_RBAC, ("roles", "clusterroles")),)
_SIGNERS = (("certificates.k8s.io", ("signers",)),)
# RL3214 looks at the groups of what is impersonated.
_IDENTITIES = tuple((group, ("users", "groups", "serviceaccounts", "uids", "userextras")) for group in ("", "authentication.k8s.io"))
_OBJECTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "bind": _ROLES,
    "escalate": _ROLES,
    "impersonate": _IDENTITIES,
    "approve": _SIGNERS,
    "sign": _SIGNERS,
    "attest": _SIGNERS,
    "use": (("policy", ("podsecuritypolicies",)), ("extensions", ("podsecuritypolicies",))),
}


def _check(context: Context) -> Iterator[Flaw]:
    closed = {one.group for one in api_resources()} | {"extensions", "*"}
    for role, number, rule in context.rules_naming("verbs", _OBJECTS.__contains__):
        # Elsewhere these verbs may mean something: use on security context constraints, approve on another's signers.
        if not rule.resources or not closed.issuperset(rule.api_groups):
            continue
        for position, verb in enumerate(rule.verbs):
            objects = _OBJECTS.get(verb)
            if objects is None or _is_asked(rule, objects):
                continue
            right = " and ".join(dict.fromkeys(name for _, names in objects for name in names))
            yield Flaw(
                on=role,
                steps=("rules", number, "verbs", position),
                key=(verb, *sorted(rule.resources)),
                message=f"{verb} is asked about {right} only, never about {', '.join(rule.resources)}{_groups(rule)}.",
            )


def _is_asked(rule: PolicyRule, objects: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    """Whether the rule names an object of the verb: one is enough, as a rule is the product of its lists."""
    if any(entry.startswith("*") for entry in rule.resources):
        return True
    mains = {entry.partition("/")[0] if entry.startswith("userextras/") else entry for entry in rule.resources}
    return any((group in rule.api_groups or "*" in rule.api_groups) and not mains.isdisjoint(names) for group, names in objects)


def _groups(rule: PolicyRule) -> str:
    names = [group for group in rule.api_groups if group]
    return f" ({', '.join(names)})" if names else ""


RULE = CheckRule(
    id="RL3213",
    title="Virtual verb on the wrong object",
    condition="A rule names bind, escalate, impersonate, approve, sign, attest or use, and no resource that the verb is asked about.",
    gives="The verb grants nothing there, while a reader takes it for the dangerous form, or for the harmless one.",
    fix="Remove the verb; where it is needed, grant it on the right resource, limited by resourceNames.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
