"""Paths through several techniques, and what stands behind each step."""

import msgspec
from attack_paths import ADMIN, finder, shipped, way
from audit_rules import RBAC, account, binding, grant, group, plain, policy_of, role, rule, user

from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.graph.attack.technique import Fact
from rbaclens.index.engine import Engine

DEPLOYER = account("deployer", "ci")


def ci():
    """A developer who may make pods in ci, where an account may bind any role."""
    return [
        *grant("create", "pods", namespace="ci", to=user("dev"), name="developers"),
        role("binder", rule("bind", "clusterroles", RBAC), rule("create", "clusterrolebindings", RBAC)),
        binding("binder", DEPLOYER, role="binder"),
    ]


def test_two_hops():
    """A pod runs as the account, and the account binds cluster-admin."""
    assert way(policy_of(ci()), "user:dev") == ["CREATE_POD_AS_SA", "BIND_CLUSTER"]


def test_steps_name_grants_and_commands():
    """Each step has the grants that allow it and a command about its own target."""
    (path,) = finder(policy_of(ci())).cheapest(("user:dev",), (ADMIN,))
    first, second = path.steps
    assert (path.cost, first.target, second.target) == (3, "sa:ci/deployer", ADMIN)
    assert [grant.binding.name for grant in first.grants] == ["developers"]
    assert [grant.rule_index for grant in second.grants] == [0, 1]
    assert "-n ci" in first.request and "deployer" in first.request


def test_each_grant_is_needed():
    """Without any one of the grants on the only path there is none."""
    policy = policy_of(ci())
    for missing in ("developers", "binder"):
        left = tuple(one for one in policy.bindings if one.name != missing)
        assert way(msgspec.structs.replace(policy, bindings=left), "user:dev") == []


def test_halves_of_two_identities_do_not_mix():
    """One account may bind and another may write bindings: whoever gets only one of them gets nowhere."""
    halves = [
        *grant("bind", "clusterroles", RBAC, to=account("one", "ci"), name="one"),
        *grant("create", "clusterrolebindings", RBAC, to=account("two", "ci"), name="two"),
        *grant("create", "pods", namespace="ci", to=user("dev"), name="developers"),
    ]
    assert way(policy_of(halves), "user:dev") == []


def test_groups_come_together():
    """What one holds by name and what one holds by a group count together."""
    halves = [
        *grant("bind", "clusterroles", RBAC, to=user("dev"), name="one"),
        *grant("create", "clusterrolebindings", RBAC, to=group("system:authenticated"), name="two"),
    ]
    assert way(policy_of(halves), "user:dev") == ["BIND_CLUSTER"]


def test_members_have_what_their_group_has():
    """A path that starts at a group is one of its known members too."""
    policy = policy_of(grant("*", "*", "*", to=group("admins")))
    assert way(policy, "user:eve", identities={"eve": ("admins",)}) == ["MEMBER_OF", "HOLDS_EVERYTHING"]
    assert way(policy, "user:eve") == []


def test_a_role_limited_to_a_name():
    """Whoever may bind one role has, with all that they had, what that role says, and no more."""
    bind = [rule("bind", "clusterroles", RBAC, "editor"), rule("create", "clusterrolebindings", RBAC)]
    harmless = [role("binder", *bind), binding("binder", user("dev"), role="binder"), role("editor", rule("get", "pods"))]
    assert way(policy_of(harmless), "user:dev") == []
    editor = role("editor", rule("escalate update", "clusterroles", RBAC))
    assert way(policy_of([*harmless[:2], editor]), "user:dev") == ["BIND_CLUSTER", "ESCALATE_CLUSTERROLE"]
    half = role("editor", rule("escalate", "clusterroles", RBAC))
    rest = grant("update", "clusterroles", RBAC, to=user("dev"), name="rest")
    assert way(policy_of([*harmless[:2], half, *rest]), "user:dev") == ["BIND_CLUSTER", "ESCALATE_CLUSTERROLE"]


def test_names_meet_existing_accounts_only():
    """A token for one name reaches that account where it is, and nothing else."""
    objects = [
        *grant("create", "serviceaccounts/token", names="deployer", namespace="ci", to=user("dev")),
        plain("ServiceAccount", "deployer", "ci"),
        plain("ServiceAccount", "other", "ci"),
        *grant("*", "*", "*", to=account("other", "ci"), name="all"),
    ]
    assert way(policy_of(objects), "user:dev", "sa:ci/deployer") == ["TOKEN_REQUEST"]
    assert way(policy_of(objects), "user:dev") == []


def test_alternatives_are_different_and_in_order():
    """Several ways, the cheapest first, none twice, and none in circles."""
    objects = [*ci(), *grant("create", "serviceaccounts/token", namespace="ci", to=user("dev"), name="tokens")]
    paths = finder(policy_of(objects)).alternatives("user:dev", (ADMIN,), 5)
    techniques = [tuple(step.hop.technique.id for step in path.steps) for path in paths]
    assert techniques[0] == ("TOKEN_REQUEST", "BIND_CLUSTER")
    assert [path.cost for path in paths] == sorted(path.cost for path in paths)
    nodes = [tuple(step.target for step in path.steps) for path in paths]
    assert all(len(set(one)) == len(one) for one in nodes)


def test_bootstrap_reaches_through_the_control_plane_only():
    """Pods in kube-system run as the control plane's own controllers, one of which may write any role."""
    policy = policy_of(grant("create", "pods", namespace="kube-system", to=user("dev")))
    assert way(policy, "user:dev")[0] == "CREATE_POD_AS_SA"


def test_shortest_and_cheapest():
    """One costly step goes before two cheap ones where steps count, and after them where cost does."""
    objects = [
        *grant("create", "serviceaccounts/token", namespace="ci", to=user("dev"), name="tokens"),
        *grant("impersonate", "groups users", to=account("deployer", "ci"), name="speaker"),
        *grant("get", "nodes/proxy", to=user("dev"), name="proxy"),
        *grant("patch", "nodes/status", to=user("dev"), name="status"),
    ]
    builder = AttackBuilder(Engine(policy_of(objects)), shipped())
    ways = {}
    for shortest in (False, True):
        (path,) = PathFinder(builder, shortest=shortest).cheapest(("user:dev",), (ADMIN,))
        ways[shortest] = [step.hop.technique.id for step in path.steps if not isinstance(step.hop.technique, Fact)]
    assert ways == {False: ["TOKEN_REQUEST", "IMPERSONATE_GROUP"], True: ["NODE_PROXY_REDIRECT_SELF"]}
