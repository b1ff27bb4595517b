"""MUTATING_WEBHOOK_TAMPER: a mutating webhook rewrites what others send, pods among it, and may be a server of the attacker.

It takes an endpoint that the API server reaches. A grant that is limited to one configuration serves as well: what it matches can be
changed with it.
"""

from __future__ import annotations

from rbaclens.analysis.capability import WRITE, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="MUTATING_WEBHOOK_TAMPER",
    title="have objects rewritten by a webhook of one's own",
    needs=may(WRITE, "mutatingwebhookconfigurations", "admissionregistration.k8s.io", cluster=True),
    leads_to=lambda case: (accounts(EVERYWHERE),),
    effect="every service account, whose pods come out rewritten",
    cost=3,
    request="kubectl apply -f -  # MutatingWebhookConfiguration with clientConfig.url",
    reference="https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
    any_name=("mutatingwebhookconfigurations",),
)
