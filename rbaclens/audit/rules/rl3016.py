"""RL3016: a binding to an identity of certificates or of cluster bootstrapping."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import NODE_PREFIX

_NAMES = {
    "kubernetes-admin": "the user of kubeadm's administrator certificate",
    "kubernetes-super-admin": "the user of kubeadm's break-glass certificate",
    "kube-apiserver-kubelet-client": "the user of the API server's certificate for kubelets",
    "kubelet-bootstrap": "the user with whose token nodes join the cluster",
    "kubelet": "the user of a certificate that nodes share",
}
_PREFIXES = {NODE_PREFIX: "a node", "system:bootstrap:": "a bootstrap token"}


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            what = _what(subject.name) if subject.kind == "User" else ""
            if what and not context.is_shipped_pair(binding, position):
                yield Flaw(
                    on=binding,
                    steps=("subjects", position, "name"),
                    key=(subject.name,),
                    principal=Principal.of_user(subject.name),
                    message=f"User {subject.name} is {what}: its credential lives long and cannot be withdrawn one by one.",
                )


def _what(user: str) -> str:
    if user in _NAMES or not user.startswith(tuple(_PREFIXES)):
        return _NAMES.get(user, "")
    return next(what for prefix, what in _PREFIXES.items() if user.startswith(prefix))


RULE = CheckRule(
    id="RL3016",
    title="Certificate or bootstrap identity bound",
    condition="A binding names a User such as kubernetes-admin, kubelet-bootstrap, system:node:NAME or system:bootstrap:ID.",
    gives="Whoever holds a copy of the certificate or token keeps these rights for as long as it is valid.",
    fix="Bind a service account, or a group of the identity provider, instead.",
    level="note",
    confidence="medium",
    check=_check,
    cis=("5.1.7",),
    owasp=("K09",),
)
