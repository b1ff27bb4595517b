"""RL1209: impersonating users."""

import pytest
from audit_rules import account, found, given, grant, group, rule, user


def levels(*objects):
    """The levels of what mallory has."""
    return [one.severity.title for one in found("RL1209", *objects) if str(one.principal) == "user:mallory"]


@pytest.mark.parametrize("verb", ["impersonate", "*"])
@pytest.mark.parametrize("api_group", ["", "*"])
def test_the_verb_and_its_wildcard(verb, api_group):
    """Any user at all; the verb wildcard carries impersonate."""
    (one,) = found("RL1209", grant(verb, "users", api_group))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list create update", "users"),
        grant("impersonate", "serviceaccounts groups"),
        grant("impersonate", "users/*"),
        grant("impersonate", "users", "authentication.k8s.io"),
        grant("impersonate:user-info", "users", "authentication.k8s.io"),
        grant("impersonate", "roles clusterroles", "rbac.authorization.k8s.io"),
        grant("impersonate", "users", namespace="shop"),
        grant("*", "*", "*", namespace="kube-system"),
        grant("impersonate", "users", names="*"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, resource or group; users are asked about at the cluster scope, and a star is only a name."""
    assert found("RL1209", objects) == ()


@pytest.mark.parametrize("name", ["system:kube-controller-manager", "root", "minter", "nobody root"])
def test_privileged_names_count_in_full(name):
    """A user is privileged by what they may do in their own name."""
    power = [grant("*", "*", "*", to=user("root"), name="all"), grant("create", "serviceaccounts/token", to=user("minter"), name="mint")]
    assert levels(*power, grant("impersonate", "users", names=name)) == ["Critical"]


@pytest.mark.parametrize("name", ["lena", "nobody", "boss", "system:serviceaccount:shop:root"])
def test_harmless_names_are_clean(name):
    """Groups are not taken over, and a service account is not asked about among the users: it has nothing here."""
    others = [
        grant("get", "pods", to=user("lena"), name="read"),
        grant("*", "*", "*", to=group("bosses"), name="boss"),
        grant("*", "*", "*", to=account("root", "shop"), name="root"),
    ]
    assert levels(*others, grant("impersonate", "users", names=name)) == []


def test_unbound_role():
    """A role that nobody is bound to is judged in the same way."""
    (one,) = found("RL1209", given(rule("impersonate", "users", names="system:kube-controller-manager"))[0])
    assert (one.latent, one.severity.title) == (True, "Medium")
    assert found("RL1209", given(rule("impersonate", "users", names="lena"))[0]) == ()
