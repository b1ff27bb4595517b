"""RL1702: writing validating webhooks."""

from audit_shapes import WritesClusterObjects


class TestValidatingWebhooks(WritesClusterObjects):
    ID = "RL1702"
    GROUP = "admissionregistration.k8s.io"
    RESOURCE = "validatingwebhookconfigurations"
    LEVEL = "High"
    NAMED = "Medium"
