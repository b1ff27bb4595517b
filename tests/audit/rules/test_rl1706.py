"""RL1706: writing custom resource definitions."""

from audit_shapes import WritesClusterObjects


class TestCustomResourceDefinitions(WritesClusterObjects):
    ID = "RL1706"
    GROUP = "apiextensions.k8s.io"
    RESOURCE = "customresourcedefinitions"
    LEVEL = "High"
    NAMED = "Medium"
