"""Synthetic clusters: the same arguments give the same bytes.

A namespace has 8 Roles, 14 RoleBindings (every other one to a ClusterRole) and 12 service accounts; ClusterRoles and
ClusterRoleBindings grow with the square root of the namespaces. 500 namespaces make about 11,500 objects.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

GROUP = "rbac.authorization.k8s.io"
BUILT_IN = {
    "": "pods secrets configmaps services serviceaccounts events endpoints persistentvolumeclaims"
    " pods/log pods/exec pods/portforward services/proxy",
    "apps": "deployments statefulsets daemonsets replicasets deployments/scale",
    "batch": "jobs cronjobs",
    "networking.k8s.io": "ingresses networkpolicies",
    GROUP: "roles rolebindings",
    "autoscaling": "horizontalpodautoscalers",
}
VERB_SETS = [
    "get list watch",
    "get",
    "get list watch create update patch delete deletecollection",
    "create update patch",
    "*",
    "get list watch create update patch delete",
]
VERBS = VERB_SETS[2].split()


class Cluster:
    """A cluster of ``namespaces`` namespaces and requests against it."""

    def __init__(self, namespaces: int, seed: int = 1) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.namespaces = [f"ns-{n}" for n in range(namespaces)]
        self.users = [f"user-{n}@example.com" for n in range(namespaces * 4)]
        self.teams = [f"team-{n}" for n in range(namespaces // 2 + 1)]
        root = int(namespaces**0.5)
        self.custom = {f"group{n}.example.com": f"widget{n}s gadget{n}s widget{n}s/status" for n in range(max(4, root))}
        self.cluster_roles = [f"clusterrole-{n}" for n in range(40 + root * 8)]
        self.cluster_bindings = [f"crb-{n}" for n in range(40 + root * 10)]

    def write(self, folder: Path, requests: int = 20_000) -> None:
        """``objects.json`` (one v1 List) and ``requests.jsonl`` (SubjectAccessReviews) into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "objects.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": self.objects()}) + "\n")
        with (folder / "requests.jsonl").open("w") as file:
            for _ in range(requests):
                review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": self.request()}
                file.write(json.dumps(review) + "\n")

    def objects(self) -> list[dict[str, Any]]:
        """All RBAC objects."""
        found = [self._cluster_role(name) for name in self.cluster_roles]
        found += [self._binding("ClusterRoleBinding", name, "", "ClusterRole") for name in self.cluster_bindings]
        for namespace in self.namespaces:
            found += [self._object("Role", f"role-{n}", namespace, rules=self._rules(5)) for n in range(8)]
            found += [self._binding("RoleBinding", f"rb-{n}", namespace, "ClusterRole" if n % 2 else "Role") for n in range(14)]
        return found

    def request(self) -> dict[str, Any]:
        """The spec of a SubjectAccessReview that has a fair chance to meet some rule."""
        r = self.random
        namespace = r.choice(self.namespaces)
        if r.random() < 0.5:
            user = f"system:serviceaccount:{namespace}:sa-{r.randrange(12)}"
            groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        else:
            user, groups = r.choice(self.users), [r.choice(self.teams), "system:authenticated"]
        spec: dict[str, Any] = {"user": user, "groups": groups}
        if r.random() < 0.03:
            return {**spec, "nonResourceAttributes": {"path": r.choice(["/metrics", "/healthz/etcd", "/logs"]), "verb": "get"}}
        rule = self._rule()
        resource, _, subresource = rule["resources"][0].partition("/")
        attributes = {"verb": r.choice(VERBS), "group": rule["apiGroups"][0], "resource": resource, "subresource": subresource}
        attributes["namespace"] = namespace if r.random() < 0.93 else ""
        attributes["name"] = f"name-{r.randint(0, 30)}" if r.random() < 0.4 else ""
        return {**spec, "resourceAttributes": {key: value for key, value in attributes.items() if value}}

    def _object(self, kind: str, name: str, namespace: str, **fields: Any) -> dict[str, Any]:
        metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
        return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, **fields}

    def _rule(self) -> dict[str, Any]:
        r = self.random
        pools = BUILT_IN if r.random() < 0.75 else self.custom
        group = r.choice(list(pools))
        pool = pools[group].split()
        rule = {"apiGroups": [group], "resources": r.sample(pool, min(len(pool), r.randint(1, 4))), "verbs": r.choice(VERB_SETS).split()}
        if r.random() < 0.12:
            rule["resourceNames"] = [f"name-{r.randint(0, 30)}" for _ in range(r.randint(1, 3))]
        if r.random() < 0.01:
            rule["resources"] = ["*"]
        return rule

    def _rules(self, most: int) -> list[dict[str, Any]]:
        return [self._rule() for _ in range(self.random.randint(1, most))]

    def _cluster_role(self, name: str) -> dict[str, Any]:
        rules = self._rules(12)
        if self.random.random() < 0.1:
            rules.append({"nonResourceURLs": ["/metrics", "/healthz/*"], "verbs": ["get"]})
        return self._object("ClusterRole", name, "", rules=rules)

    def _binding(self, kind: str, name: str, namespace: str, role_kind: str) -> dict[str, Any]:
        r = self.random
        role = r.choice(self.cluster_roles) if role_kind == "ClusterRole" else f"role-{r.randrange(8)}"
        subjects = [self._subject(namespace) for _ in range(r.randint(1, 4 if namespace else 3))]
        ref = {"apiGroup": GROUP, "kind": role_kind, "name": role}
        return self._object(kind, name, namespace, subjects=subjects, roleRef=ref)

    def _subject(self, namespace: str) -> dict[str, str]:
        r = self.random
        kind = r.choices(["ServiceAccount", "User", "Group"], [5, 3, 2])[0]
        if kind == "ServiceAccount":
            return {"kind": kind, "namespace": namespace or r.choice(self.namespaces), "name": f"sa-{r.randrange(12)}"}
        return {"apiGroup": GROUP, "kind": kind, "name": r.choice(self.users if kind == "User" else self.teams)}
