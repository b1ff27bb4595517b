"""RL1702: writing validating webhooks."""

import pytest
from audit_rules import found, grant

GROUP = "admissionregistration.k8s.io"
RESOURCE = "validatingwebhookconfigurations"


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
@pytest.mark.parametrize("group", [GROUP, "*"])
def test_every_writing_verb_counts(verb, group):
    """Making one, replacing one and changing one are equally bad; wildcards mean them too."""
    (one,) = found("RL1702", grant(verb, RESOURCE, group))
    assert (one.severity.title, str(one.principal), one.scopes) == ("High", "user:mallory", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch delete deletecollection", RESOURCE, GROUP),
        grant("Create", RESOURCE, GROUP),
        grant("create", RESOURCE, "example.com"),
        grant("create", RESOURCE),
        grant("create", f"{RESOURCE}/*", GROUP),
        grant("create", f"{RESOURCE}/status", GROUP),
        grant("create", RESOURCE, GROUP, names="one"),
        grant("*", "*", "*", namespace="kube-system"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group, subresource or scope, and a create that is limited to names, which never matches."""
    assert found("RL1702", objects) == ()


def test_named_ones_are_a_level_less():
    """Those that a grant names can be changed, and only those."""
    (one,) = found("RL1702", grant("update", RESOURCE, GROUP, names="one"))
    assert (one.severity.title, "limited to one" in one.message) == ("Medium", True)
