"""Rights that several techniques ask for."""

from __future__ import annotations

from rbaclens.analysis.capability import Expression, may

CONTROLLERS = "deployments daemonsets statefulsets replicasets replicationcontrollers jobs cronjobs deploymentconfigs"
"""The resources that stand for pods to be made, in words separated by spaces."""


def controllers(verbs: str) -> Expression:
    """Making or changing a controller that makes pods; of a job that is there, no verb changes the pods."""
    jobs = "cronjobs jobs" if verbs == "create" else "cronjobs"
    return (
        may(verbs, "deployments daemonsets statefulsets replicasets", "apps")
        | may(verbs, jobs, "batch")
        | may(verbs, "replicationcontrollers")
        | may(verbs, "deploymentconfigs", "apps.openshift.io")
    )


NEW_PODS = may("create", "pods") | controllers("create") | controllers("update patch")
"""Any way to have a pod made of one's own specification."""
READ_SECRETS = may("get list watch", "secrets")
WRITES_THAT_READ = may("patch delete deletecollection", "secrets")
"""Verbs that answer with the secret."""
