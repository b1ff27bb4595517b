"""RL1701: writing mutating webhooks."""

from audit_shapes import WritesClusterObjects


class TestMutatingWebhooks(WritesClusterObjects):
    ID = "RL1701"
    GROUP = "admissionregistration.k8s.io"
    RESOURCE = "mutatingwebhookconfigurations"
    LEVEL = "Critical"
    NAMED = "High"
