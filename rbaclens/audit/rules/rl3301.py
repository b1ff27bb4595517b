"""RL3301: an RBAC API version of the past."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, Patch, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import RBAC_GROUP, Binding, Role

_REMOVED = {"v1beta1": (1, 22), "v1alpha1": (1, 23)}
"""The first Kubernetes version that does not serve it any more; v1 is there since 1.8."""


def _check(context: Context) -> Iterator[Flaw]:
    versions = context.policy.written.versions
    for one in context.written_objects if versions else ():
        version = versions.get(one.origin)
        if version is None:
            continue
        removed = _REMOVED[version]
        gone = context.version >= removed
        words = f"not served any more since {removed[0]}.{removed[1]}" if gone else f"deprecated, and gone in {removed[0]}.{removed[1]}"
        yield Flaw(
            on=one,
            steps=("apiVersion",),
            message=f"{RBAC_GROUP}/{version} is {words}: {'the object cannot be applied' if gone else 'an upgrade needs v1'}.",
            score=None if gone else 0.0,
            patch=_patch(one, version),
        )


def _patch(one: Role | Binding, version: str) -> Patch | None:
    """Version v1; the subjects of a v1alpha1 binding are written otherwise, and need a look."""
    if version == "v1alpha1" and isinstance(one, Binding):
        return None
    return edit(one, f"write {RBAC_GROUP}/v1", Edit("replace", "/apiVersion", f"{RBAC_GROUP}/v1"))


RULE = CheckRule(
    id="RL3301",
    title="Old RBAC API version",
    condition="A role or binding is written in v1beta1 or v1alpha1: an error where the server no longer serves it, otherwise a note.",
    gives="The file cannot be applied: what is in the cluster is something else than what is reviewed.",
    fix="Write rbac.authorization.k8s.io/v1; subjects of v1alpha1 name their apiGroup there instead of an apiVersion.",
    level="error",
    check=_check,
    owasp=("K02",),
)
