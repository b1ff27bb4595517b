"""Workload controllers: what makes pods, of which only the pods' specification is kept."""

from __future__ import annotations

import msgspec

from rbaclens.model.api_struct import ApiStruct, Metadata, Nullable
from rbaclens.model.workloads import PodSpec


class PodTemplate(ApiStruct, frozen=True):
    """What the pods of a controller look like."""

    spec: Nullable[PodSpec] = PodSpec()


class TemplateSpec(ApiStruct, frozen=True):
    """A specification that holds a pod template."""

    template: Nullable[PodTemplate] = PodTemplate()


class JobTemplate(ApiStruct, frozen=True):
    """The jobs of a CronJob."""

    spec: Nullable[TemplateSpec] = TemplateSpec()


class CronJobSpec(ApiStruct, frozen=True):
    """The specification of a CronJob."""

    job_template: Nullable[JobTemplate] = JobTemplate()


class Controller(ApiStruct, frozen=True):
    """An object from which a controller makes pods."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[TemplateSpec] = TemplateSpec()

    @property
    def pods(self) -> PodSpec:
        """What its pods ask for."""
        return self.spec.template.spec


class Deployment(Controller, frozen=True):
    """A Deployment."""


class DaemonSet(Controller, frozen=True):
    """A DaemonSet: a pod on every node."""


class StatefulSet(Controller, frozen=True):
    """A StatefulSet."""


class ReplicaSet(Controller, frozen=True):
    """A ReplicaSet."""


class ReplicationController(Controller, frozen=True):
    """A ReplicationController."""


class Job(Controller, frozen=True):
    """A Job."""


class CronJob(ApiStruct, frozen=True):
    """A CronJob."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[CronJobSpec] = CronJobSpec()

    @property
    def pods(self) -> PodSpec:
        """What its pods ask for."""
        return self.spec.job_template.spec.template.spec


TOKEN_SECRET = "kubernetes.io/service-account-token"
BOOTSTRAP_SECRET = "bootstrap.kubernetes.io/token"


class SecretObject(msgspec.Struct, frozen=True):
    """That a Secret is there, and of which type; ``account`` names the service account whose token it holds. Never what is in it."""

    namespace: str
    name: str
    type: str
    account: str = ""
