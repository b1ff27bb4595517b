"""RL2305: grants to anonymous callers."""

import pytest
from audit_rules import account, binding, found, grant, group, role, rule, urls, user

NOBODY = group("system:unauthenticated")
ANONYMOUS = user("system:anonymous")


@pytest.mark.parametrize("subject", [NOBODY, ANONYMOUS])
@pytest.mark.parametrize("namespace", ["", "shop"])
def test_both_names_in_both_scopes(subject, namespace):
    """The group and the user."""
    (one,) = found("RL2305", grant("get", "configmaps", namespace=namespace, to=subject))
    assert (one.severity.title, one.scopes, one.principal.name) == ("Critical", (namespace or "*",), subject["name"])


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "configmaps", to=user("system:unauthenticated")),
        grant("get", "configmaps", to=group("system:anonymous")),
        grant("get", "configmaps", to=account("anonymous", "shop")),
        grant("get", "configmaps", names="cluster-info", namespace="kube-public", to=ANONYMOUS),
        [binding("again", NOBODY, role="system:public-info-viewer")],
        [binding("dangling", NOBODY, role="nothing-there")],
        [role("metrics", urls("get", "/metrics")), binding("metrics", NOBODY, role="metrics", namespace="shop")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other subjects, what the API server and kubeadm give anyway, and what gives nothing."""
    assert found("RL2305", objects) == ()


@pytest.mark.parametrize("place", [{"names": "other", "namespace": "kube-public"}, {"names": "cluster-info", "namespace": "shop"}])
def test_kubeadms_exception_is_narrow(place):
    """Only the one object in kube-public is meant for everybody."""
    assert found("RL2305", grant("get", "configmaps", to=ANONYMOUS, **place))


@pytest.mark.parametrize(
    ("path", "severity"), [("/healthz", "Info"), ("/livez/*", "Info"), ("/version", "Info"), ("/metrics", "Critical"), ("*", "Critical")]
)
def test_health_and_version_are_a_note(path, severity):
    """A probe without login is common, and harmless by itself."""
    (one,) = found("RL2305", role("probe", urls("get", path)), binding("probe", ANONYMOUS, role="probe"))
    assert one.severity.title == severity


def test_a_role_of_the_api_server_with_something_added():
    """The name of a shipped binding excuses nothing; what was added to its role is found, and has no patch."""
    wider = role("system:public-info-viewer", urls("get", "/healthz"), rule("list", "nodes"))
    (one,) = found("RL2305", wider, binding("system:public-info-viewer", NOBODY, role="system:public-info-viewer"))
    assert (one.patch, [grant.rule_index for grant in one.evidence], one.severity.title) == (None, [1], "Critical")
