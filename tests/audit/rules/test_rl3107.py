"""RL3107: a service account with rights and without a workload."""

import pytest
from audit_rules import account, binding, found, plain, role, user

CI = [plain("ServiceAccount", "ci", "shop"), binding("ci", account("ci", "shop"), role="view", namespace="shop")]


def pod(name="web", service_account="web", namespace="shop"):
    """A running pod."""
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"serviceAccountName": service_account}}


def workload(kind, service_account, *steps, api_version="apps/v1", namespace="shop"):
    """A workload whose pod template is at ``steps``."""
    spec = {"template": {"spec": {"serviceAccountName": service_account}}}
    for step in reversed(steps):
        spec = {step: spec}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "w", "namespace": namespace}, "spec": spec}


def token(service_account, kind="kubernetes.io/service-account-token"):
    """A secret."""
    meta = {"name": "t", "namespace": "shop", "annotations": {"kubernetes.io/service-account.name": service_account}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": kind, "data": {"token": "c2VjcmV0"}}


@pytest.mark.parametrize("other", [pod(), pod(service_account=""), workload("Deployment", "web"), pod(service_account="ci", namespace="a")])
def test_nothing_uses_it(other):
    """A note at the account, with the binding beside it; the patch deletes that."""
    (one,) = found("RL3107", CI, other)
    assert (one.severity.title, str(one.principal), one.origin.path) == ("Info", "sa:shop/ci", ("items", 0))
    assert ("ClusterRole view" in one.message, one.patch.kind, len(one.related)) == (True, "RoleBinding", 1)


def test_several_bindings_are_one_finding():
    """All of them are shown, and no patch can change two objects."""
    (one,) = found("RL3107", CI, binding("more", account("ci", "shop"), role="edit"), pod())
    assert ("ClusterRole view, ClusterRole edit" in one.message, len(one.related), one.patch) == (True, 2, None)


def test_an_account_that_is_written_as_a_user():
    """It is the same account (RBAC-25)."""
    subject = user("system:serviceaccount:shop:ci")
    assert len(found("RL3107", CI[0], binding("b", subject, role="view"), pod())) == 1


@pytest.mark.parametrize(
    "use",
    [
        pod(service_account="ci"),
        workload("Deployment", "ci"),
        workload("DaemonSet", "ci"),
        workload("StatefulSet", "ci"),
        workload("ReplicaSet", "ci"),
        workload("ReplicationController", "ci", api_version="v1"),
        workload("Job", "ci", api_version="batch/v1"),
        workload("CronJob", "ci", "jobTemplate", "spec", api_version="batch/v1"),
        token("ci"),
    ],
)
def test_every_use_counts(use):
    """Pods, all workloads that make them, and tokens that do not expire."""
    assert found("RL3107", CI, pod(), use) == ()


@pytest.mark.parametrize("use", [token("ci", "Opaque"), token("other"), workload("Job", "ci", api_version="batch/v1", namespace="ops")])
def test_near_misses_are_no_use(use):
    """A secret of another type or account, and a workload of another namespace."""
    assert len(found("RL3107", CI, pod(), use)) == 1


@pytest.mark.parametrize(
    "objects",
    [
        [*CI],
        [*CI, token("other")],
        [CI[1], pod()],
        [CI[0], pod()],
        [CI[0], role("empty"), binding("b", account("ci", "shop"), role="empty"), pod()],
        [CI[0], binding("b", account("ci", "shop"), role="gone"), pod()],
        [plain("ServiceAccount", "default", "shop"), binding("b", account("default", "shop"), role="view"), pod()],
    ],
)
def test_others_are_clean(objects):
    """No pods known, no account of the name (RL3002), no binding, nothing that it gives, and the default account (RL2308)."""
    assert found("RL3107", objects) == ()
