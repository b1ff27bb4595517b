"""Hypothesis strategies for policies and requests: small alphabets, so that most requests meet some rule."""

from __future__ import annotations

from hypothesis import strategies as st

from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

NAMESPACES = ["a", "b"]
USERS = ["bob", "eve", "system:serviceaccount:a:sa", "system:serviceaccount:b:sa", "system:anonymous", "*", ""]
GROUPS = ["devs", "ops", "system:masters", "system:authenticated", "system:serviceaccounts", "system:serviceaccounts:a", "*"]
VERBS = ["get", "list", "create", "*", "", "GET"]
API_GROUPS = ["", "apps", "*"]
RESOURCES = ["pods", "secrets", "pods/log", "*/log", "*/*", "pods/*", "*", "", "deployments/scale", "*/scale"]
NAMES = ["", "x", "y", "*"]
PATHS = ["/healthz", "/healthz/*", "/healthz/etcd", "/*", "*", "/api**", "/api/v1", "", "/a*b"]
ROLE_NAMES = ["r0", "r1", "r2", "missing"]


def some(values, max_size=2):
    """A short list of distinct values, as a tuple."""
    return st.lists(st.sampled_from(values), max_size=max_size, unique=True).map(tuple)


rules = st.builds(
    PolicyRule,
    verbs=some(VERBS),
    api_groups=some(API_GROUPS),
    resources=some(RESOURCES, 3),
    resource_names=st.one_of(st.just(()), some(NAMES)),
    non_resource_urls=st.one_of(st.just(()), some(PATHS)),
)
subjects = st.builds(
    Subject,
    kind=st.sampled_from(["User", "Group", "ServiceAccount", "Robot"]),
    name=st.sampled_from([*USERS[:3], "sa", *GROUPS]),
    namespace=st.sampled_from(["", *NAMESPACES]),
)


@st.composite
def policies(draw, max_bindings=6):
    """A PolicySet of RBAC objects without two of the same name, and perhaps an ABAC file."""
    places = [("ClusterRole", "")] + [("Role", namespace) for namespace in NAMESPACES]
    roles = [
        Role(kind, namespace, name, tuple(draw(st.lists(rules, max_size=3))), Origin("roles"))
        for kind, namespace in places
        for name in ROLE_NAMES[:3]
        if draw(st.booleans())
    ]
    bindings = []
    for number in range(draw(st.integers(0, max_bindings))):
        namespace = draw(st.sampled_from(["", *NAMESPACES]))
        bindings.append(
            Binding(
                "RoleBinding" if namespace else "ClusterRoleBinding",
                namespace,
                f"b{number}",
                tuple(draw(st.lists(subjects, max_size=3))),
                RoleRef(draw(st.sampled_from(["Role", "ClusterRole", "ClusterRole", "Odd"])), draw(st.sampled_from(ROLE_NAMES))),
                Origin("bindings"),
            )
        )
    return PolicySet(tuple(roles), tuple(bindings), abac=draw(st.one_of(st.none(), abac_files)))


abac_lines = st.builds(
    AbacPolicy,
    origin=st.just(Origin("abac")),
    line=st.integers(1, 9),
    user=st.sampled_from(["", *USERS]),
    group=st.sampled_from(["", *GROUPS]),
    readonly=st.booleans(),
    api_group=st.sampled_from(API_GROUPS),
    resource=st.sampled_from(["", "*", "pods", "secrets"]),
    namespace=st.sampled_from(["", "*", *NAMESPACES]),
    non_resource_path=st.sampled_from(["", *PATHS]),
)
abac_files = st.lists(abac_lines, max_size=4).map(tuple)

identities = st.tuples(st.sampled_from(USERS), some(GROUPS, 3))


@st.composite
def requests(draw):
    """A resource request or a non-resource request by anybody."""
    user, groups = draw(identities)
    if draw(st.integers(0, 3)) == 0:
        return Request(draw(st.sampled_from(VERBS)), path=draw(st.sampled_from([*PATHS, "/apix", "/other"])), user=user, groups=groups)
    resource, _, subresource = draw(
        st.sampled_from(["pods", "pods/log", "secrets", "deployments/scale", "pods/*", "*", "", "nodes", "*/log"])
    ).partition("/")
    return Request(
        draw(st.sampled_from(VERBS)),
        resource,
        draw(st.sampled_from(["", "apps", "*", "other"])),
        subresource,
        draw(st.sampled_from(["", "a", "b", "c"])),
        draw(st.sampled_from([*NAMES, "z"])),
        None,
        user,
        groups,
    )
