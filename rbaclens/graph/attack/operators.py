"""Operators whose custom resources amount to more than they look: which resources, and what writing them leads to.

What an operator does for the author of a resource is its own documented behaviour, and is bounded here by what is known: ``pods`` run
under any account of the namespace, ``nodes`` are configured as root, ``policy`` is switched off; else the operator's own account acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Literal

import msgspec

from rbaclens.analysis.capability import WRITE, Expression, may
from rbaclens.graph.attack.footholds import ADMISSION_BYPASS, ANY_NODE, CLUSTER_ADMIN, account, accounts
from rbaclens.graph.attack.technique import Case

Effect = Literal["account", "pods", "nodes", "policy"]


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One operator. ``resources`` are its resources by API group, in words separated by spaces; ``also`` are other objects that
    steer it.

    ``accounts`` are the names of the service accounts under which it usually runs; ``admin`` says that it is cluster-admin where nobody
    made it less.
    """

    name: str
    resources: dict[str, str]
    effect: Effect = "account"
    accounts: tuple[str, ...] = ()
    admin: bool = False
    also: Expression | None = None

    @property
    def rights(self) -> Expression:
        """Writing some of its resources."""
        parts = [may(WRITE, resources, group) for group, resources in self.resources.items()]
        return reduce(or_, [*parts, self.also] if self.also is not None else parts)


_ARGO = "argocd"
GITOPS = (
    Family(
        name="Argo CD",
        resources={"argoproj.io": "applications applicationsets appprojects"},
        accounts=("argocd-application-controller",),
        admin=True,
        also=may("update patch", "configmaps", name="argocd-cm", namespace=_ARGO)
        | may("update patch", "configmaps", name="argocd-rbac-cm", namespace=_ARGO)
        | may("update patch", "secrets", name="argocd-secret", namespace=_ARGO),
    ),
    Family(
        name="Flux",
        resources={
            "kustomize.toolkit.fluxcd.io": "kustomizations",
            "helm.toolkit.fluxcd.io": "helmreleases",
            "source.toolkit.fluxcd.io": "gitrepositories ocirepositories buckets helmrepositories",
        },
        accounts=("kustomize-controller", "helm-controller"),
        admin=True,
    ),
)
OPERATORS = (
    Family(
        name="Argo Workflows",
        resources={"argoproj.io": "workflows cronworkflows workflowtemplates clusterworkflowtemplates sensors eventsources"},
        effect="pods",
    ),
    Family(
        name="Tekton",
        resources={
            "tekton.dev": "pipelineruns taskruns customruns",
            "triggers.tekton.dev": "eventlisteners triggers triggertemplates",
        },
        effect="pods",
    ),
    Family(
        name="cert-manager",
        resources={"cert-manager.io": "issuers clusterissuers certificates certificaterequests"},
        accounts=("cert-manager",),
    ),
    Family(
        name="External Secrets Operator",
        resources={"external-secrets.io": "externalsecrets clusterexternalsecrets pushsecrets secretstores clustersecretstores"},
        accounts=("external-secrets",),
    ),
    Family(
        name="Velero",
        resources={"velero.io": "restores backups schedules backupstoragelocations"},
        accounts=("velero", "velero-server"),
        admin=True,
    ),
    Family(
        name="Crossplane",
        resources={
            "pkg.crossplane.io": "providers functions configurations deploymentruntimeconfigs",
            "apiextensions.crossplane.io": "compositions compositeresourcedefinitions",
            "kubernetes.crossplane.io": "objects",
            "helm.crossplane.io": "releases",
        },
        accounts=("crossplane", "rbac-manager"),
        admin=True,
    ),
    Family(
        name="Operator Lifecycle Manager",
        resources={
            "operators.coreos.com": "subscriptions installplans catalogsources clusterserviceversions",
            "olm.operatorframework.io": "clusterextensions clustercatalogs",
        },
        accounts=("olm-operator-serviceaccount",),
        admin=True,
    ),
    Family(
        name="Kyverno",
        resources={"kyverno.io": "clusterpolicies policies clustercleanuppolicies policyexceptions globalcontextentries"},
        effect="policy",
    ),
    Family(
        name="Gatekeeper",
        resources={
            "templates.gatekeeper.sh": "constrainttemplates",
            "config.gatekeeper.sh": "configs",
            "mutations.gatekeeper.sh": "assign assignmetadata modifyset assignimage",
            "externaldata.gatekeeper.sh": "providers",
        },
        effect="policy",
    ),
    Family(
        name="Cluster API and Karpenter",
        resources={
            "cluster.x-k8s.io": "clusters machines machinedeployments",
            "bootstrap.cluster.x-k8s.io": "kubeadmconfigs kubeadmconfigtemplates",
            "karpenter.k8s.aws": "ec2nodeclasses",
            "karpenter.sh": "nodepools nodeclaims",
        },
        effect="nodes",
    ),
    Family(
        name="Open Cluster Management",
        resources={"work.open-cluster-management.io": "manifestworks", "rbac.open-cluster-management.io": "clusterpermissions"},
        accounts=("klusterlet-work-sa", "klusterlet"),
        admin=True,
    ),
    Family(
        name="Karmada, Rancher and Fleet",
        resources={
            "policy.karmada.io": "propagationpolicies clusterpropagationpolicies overridepolicies",
            "fleet.cattle.io": "gitrepos bundles",
            "management.cattle.io": "clusterroletemplatebindings globalrolebindings users tokens",
        },
        accounts=("fleet-agent", "rancher"),
        admin=True,
    ),
    Family(
        name="KubeVirt",
        resources={"kubevirt.io": "virtualmachines virtualmachineinstances"},
        accounts=("kubevirt-controller", "kubevirt-handler"),
    ),
    Family(
        name="resources with a pod template",
        resources={
            "serving.knative.dev": "services",
            "keda.sh": "scaledjobs",
            "argoproj.io": "rollouts",
            "batch.volcano.sh": "jobs",
            "sparkoperator.k8s.io": "sparkapplications scheduledsparkapplications",
            "ray.io": "rayclusters rayjobs rayservices",
            "jobset.x-k8s.io": "jobsets",
            "leaderworkerset.x-k8s.io": "leaderworkersets",
        },
        effect="pods",
    ),
    Family(
        name="Prometheus operator",
        resources={"monitoring.coreos.com": "prometheuses alertmanagers thanosrulers"},
        effect="pods",
    ),
    Family(
        name="node configuration",
        resources={
            "machineconfiguration.openshift.io": "machineconfigs kubeletconfigs containerruntimeconfigs machineconfigpools",
            "tuned.openshift.io": "tuneds",
        },
        effect="nodes",
    ),
    Family(
        name="OpenShift identity",
        resources={
            "config.openshift.io": "oauths authentications",
            "user.openshift.io": "users groups identities useridentitymappings",
            "oauth.openshift.io": "oauthclients oauthaccesstokens",
        },
        admin=True,
    ),
    Family(
        name="tenancy operators",
        resources={"hnc.x-k8s.io": "hierarchyconfigurations subnamespaceanchors", "capsule.clastix.io": "tenants"},
        accounts=("hnc-controller-manager", "capsule"),
    ),
    Family(
        name="Chaos Mesh and Litmus",
        resources={
            "chaos-mesh.org": "podchaos stresschaos networkchaos iochaos physicalmachinechaos schedules workflows",
            "litmuschaos.io": "chaosengines chaosexperiments",
        },
        accounts=("chaos-controller-manager", "chaos-daemon", "litmus"),
    ),
    Family(
        name="resources that become RBAC objects or charts",
        resources={
            "rbacmanager.reactiveops.io": "rbacdefinitions",
            "helm.cattle.io": "helmcharts helmchartconfigs",
            "core.oam.dev": "applications workflowstepdefinitions",
        },
        accounts=("rbac-manager", "kubevela-vela-core"),
        admin=True,
    ),
)


_RIGHTS = {family.name: family.rights for family in (*GITOPS, *OPERATORS)}


def rights(families: Iterable[Family]) -> Expression:
    """Writing some resource of some of the operators."""
    return reduce(or_, (_RIGHTS[family.name] for family in families))


def reached(case: Case, families: Iterable[Family]) -> Iterator[str]:
    """Where it leads to write what the actor may, for the operators that are there."""
    for family in families:
        if not case.world.api_groups.isdisjoint(family.resources) and case.holds(_RIGHTS[family.name]):
            yield from _effect(case, family)


def _effect(case: Case, family: Family) -> Iterator[str]:
    if family.effect == "pods":
        yield accounts(case.scope)
    elif family.effect == "nodes":
        yield ANY_NODE
    elif family.effect == "policy":
        yield ADMISSION_BYPASS
    else:
        known = [(namespace, name) for namespace, names in case.world.accounts.items() for name in family.accounts if name in names]
        yield from (account(*one) for one in sorted(known))
        if family.admin and not known:
            yield CLUSTER_ADMIN
