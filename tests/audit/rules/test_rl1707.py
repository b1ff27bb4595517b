"""RL1707: writing API services."""

from audit_shapes import WritesClusterObjects


class TestApiServices(WritesClusterObjects):
    ID = "RL1707"
    GROUP = "apiregistration.k8s.io"
    RESOURCE = "apiservices"
    LEVEL = "Critical"
    NAMED = "High"
