"""What every node may do, whatever runs on it: the rules of the ClusterRole ``system:node`` (NODE-30 to NODE-52).

This and the table of special cases in ``node`` are where feature gates show, each at its default in Kubernetes 1.36 (X-05):

* KubeletServiceAccountTokenForCredentialProviders is on: NODE-51 is here, and a node may get its pods' service accounts (NODE-19);
* AuthorizeNodeWithSelectors is on: nodes, pods and resource slices have rules of their own (NODE-22 to NODE-24), not NODE-27;
* PodCertificateRequest is off: NODE-52 is not here, there is no special case, so that every answer is no opinion (NODE-25),
  and pod certificate requests do not enter the graph (NODE-09);
* ClusterTrustBundle is off: NODE-50 is not here.
"""

from __future__ import annotations

from rbaclens.model.rules import PolicyRule


def _rule(verbs: str, group: str, resources: str) -> PolicyRule:
    return PolicyRule(verbs=tuple(verbs.split()), api_groups=(group,), resources=tuple(resources.split()))


# (rule id, rule). Those that NODE-53 calls shadowed are never reached from here, because the special cases go first; they
# are kept so that the list is the whole of system:node, as a binding of that role grants it.
STATIC_RULES: tuple[tuple[str, PolicyRule], ...] = (
    ("NODE-30", _rule("create", "authentication.k8s.io", "tokenreviews")),
    ("NODE-31", _rule("create", "authorization.k8s.io", "subjectaccessreviews localsubjectaccessreviews")),
    ("NODE-32", _rule("get list watch", "", "services")),
    ("NODE-33", _rule("create get list watch update patch", "", "nodes")),
    ("NODE-34", _rule("update patch", "", "nodes/status")),
    ("NODE-35", PolicyRule(verbs=("create", "update", "patch"), api_groups=("", "events.k8s.io"), resources=("events",))),
    ("NODE-36", _rule("get list watch create delete", "", "pods")),
    ("NODE-37", _rule("update patch", "", "pods/status")),
    ("NODE-37", _rule("create", "", "pods/eviction")),
    ("NODE-38", _rule("get list watch", "", "secrets configmaps")),
    ("NODE-39", _rule("get", "", "persistentvolumeclaims persistentvolumes")),
    ("NODE-40", _rule("get", "", "endpoints")),
    ("NODE-41", _rule("create get list watch", "certificates.k8s.io", "certificatesigningrequests")),
    ("NODE-42", _rule("get create update patch delete", "coordination.k8s.io", "leases")),
    ("NODE-43", _rule("get", "storage.k8s.io", "volumeattachments")),
    ("NODE-44", _rule("create", "", "serviceaccounts/token")),
    ("NODE-45", _rule("get update patch", "", "persistentvolumeclaims/status")),
    ("NODE-46", _rule("get watch list", "storage.k8s.io", "csidrivers")),
    ("NODE-47", _rule("get create update patch delete", "storage.k8s.io", "csinodes")),
    ("NODE-48", _rule("get list watch", "node.k8s.io", "runtimeclasses")),
    ("NODE-49", _rule("get", "resource.k8s.io", "resourceclaims")),
    ("NODE-49", _rule("deletecollection", "resource.k8s.io", "resourceslices")),
    ("NODE-51", _rule("get", "", "serviceaccounts")),
)
