"""Names of resources and verbs, as kubectl and authorization know them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.errors import UnknownNameError, UsageError
from rbaclens.facts.resources import api_resources
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource, ApiSubresource
from rbaclens.model.rules import PolicyRule
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.requests.verbs import SPECIAL_VERBS, STANDARD_VERBS, is_known_verb

CATALOGUE = ResourceCatalogue()
HERE = Origin("policy.yaml")


def catalogue_of(*rules, resources=(), abac=None):
    role = Role("ClusterRole", "", "r", rules, HERE)
    return ResourceCatalogue(PolicySet(roles=(role,), resources=resources, abac=abac))


def rule(verbs="get", groups=("",), resources=("pods",)):
    return PolicyRule(verbs=tuple(verbs.split()), api_groups=tuple(groups), resources=tuple(resources))


@pytest.mark.parametrize(
    ("text", "group", "version", "combined", "namespaced"),
    [
        ("pods", "", "v1", "pods", True),
        ("pod", "", "v1", "pods", True),
        ("Pod", "", "v1", "pods", True),
        ("PODS", "", "v1", "pods", True),
        ("po", "", "v1", "pods", True),
        ("pods.", "", "v1", "pods", True),
        ("pods.v1.", "", "v1", "pods", True),
        ("nodes", "", "v1", "nodes", False),
        ("deployments", "apps", "v1", "deployments", True),
        ("deploy", "apps", "v1", "deployments", True),
        ("deployments.apps", "apps", "v1", "deployments", True),
        ("deployment.apps", "apps", "v1", "deployments", True),
        ("deploy.apps", "apps", "v1", "deployments", True),
        ("deployments.v1.apps", "apps", "v1", "deployments", True),
        ("deploy.v1.apps", "apps", "v1", "deployments", True),
        ("Deployment.v1.apps", "apps", "v1", "deployments", True),
        ("HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers", True),
        ("horizontalpodautoscalers.v1.autoscaling", "autoscaling", "v1", "horizontalpodautoscalers", True),
        ("hpa.v1.autoscaling", "autoscaling", "v2", "horizontalpodautoscalers", True),
        ("hpa.autosc", "autoscaling", "v2", "horizontalpodautoscalers", True),
        ("storageclass.storage", "storage.k8s.io", "v1", "storageclasses", False),
        ("roles.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "roles", True),
        ("roles.v1.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "roles", True),
        ("events", "", "v1", "events", True),
        ("ev", "", "v1", "events", True),
        ("events.events.k8s.io", "events.k8s.io", "v1", "events", True),
        ("crds", "apiextensions.k8s.io", "v1", "customresourcedefinitions", False),
        ("csr", "certificates.k8s.io", "v1", "certificatesigningrequests", False),
        ("leasecandidates", "coordination.k8s.io", "v1beta1", "leasecandidates", True),
        ("pods/log", "", "v1", "pods/log", True),
        ("po/exec", "", "v1", "pods/exec", True),
        ("deploy/scale", "apps", "v1", "deployments/scale", True),
        ("deployments.apps/scale", "apps", "v1", "deployments/scale", True),
        ("serviceaccounts/token", "", "v1", "serviceaccounts/token", True),
        ("csr/approval", "certificates.k8s.io", "v1", "certificatesigningrequests/approval", False),
        ("csr/selfnodeclient", "certificates.k8s.io", "v1", "certificatesigningrequests/selfnodeclient", False),
        ("pods/*", "", "v1", "pods/*", True),
        ("*", "", "*", "*", None),
        ("*.apps", "apps", "*", "*", None),
        ("*.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "*", "*", None),
        ("*.*", "*", "*", "*", None),
        ("pods.*", "*", "*", "pods", None),
        ("*/scale", "", "*", "*/scale", None),
        ("users", "", "v1", "users", False),
        ("groups", "", "v1", "groups", False),
        ("users.authentication.k8s.io", "authentication.k8s.io", "v1", "users", False),
        ("serviceaccounts", "", "v1", "serviceaccounts", True),
        ("uids", "authentication.k8s.io", "v1", "uids", False),
        ("userextras/scopes", "authentication.k8s.io", "v1", "userextras/scopes", False),
        ("userextras/example.com/scopes", "authentication.k8s.io", "v1", "userextras/example.com/scopes", False),
        ("signers", "certificates.k8s.io", "*", "signers", False),
        ("pods.metrics.k8s.io", "metrics.k8s.io", "v1beta1", "pods", True),
        ("resourceclaims/driver", "resource.k8s.io", "v1", "resourceclaims/driver", True),
    ],
)
def test_every_way_to_name_a_resource(text, group, version, combined, namespaced):
    """Plural, singular, kind, short name, group, version, subresource, wildcard and the names of authorization alone."""
    found = CATALOGUE.resolve(text)
    assert (found.group, found.version, found.combined, found.namespaced, found.known) == (group, version, combined, namespaced, True)


@pytest.mark.parametrize(
    "subresource", ["stats", "metrics", "log", "checkpoint", "statusz", "configz", "pods", "healthz", "proxy", "status"]
)
def test_the_kubelet_subresources_of_nodes_are_known(subresource):
    """The kubelet asks for nodes/SUBRESOURCE that no discovery has (ESC-66)."""
    assert CATALOGUE.resolve(f"nodes/{subresource}").combined == f"nodes/{subresource}"


@pytest.mark.parametrize(
    ("text", "how"),
    [("pods", "plural"), ("pod", "singular"), ("Pod", "kind"), ("po", "short name"), ("*.apps", "wildcard")],
)
def test_it_says_by_what_a_name_was_recognised(text, how):
    """The explanation of an answer can say how a word was read."""
    assert CATALOGUE.resolve(text).how == how


@pytest.mark.parametrize("item", api_resources(), ids=lambda r: f"{r.resource}.{r.version}.{r.group}")
def test_every_served_resource_is_found_by_its_full_name(item):
    """TYPE.version.group finds exactly that version, TYPE.group the preferred one, and each subresource is known."""
    found = CATALOGUE.resolve(f"{item.resource}.{item.version}.{item.group}")
    assert (found.group, found.version, found.resource) == (item.group, item.version, item.resource)
    if item.preferred:
        assert CATALOGUE.resolve(item.resource, group=item.group).version == item.version
        assert CATALOGUE.of_kind(f"{item.group}/{item.version}".lstrip("/"), item.kind).resource == item.resource
    for sub in item.subresources:
        assert CATALOGUE.has_subresource(found, sub.name)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("deploymets", "deployments.apps"),
        ("Po", "pods"),
        ("SVC", "services"),
        ("podss", "pods"),
        ("confgmap", "configmaps"),
        ("deployments.foo", "deployments.apps"),
        ("deployments.v1beta1.apps", "deployments.apps"),
        ("pods.apps", "pods"),
        ("Uid", "uids.authentication.k8s.io"),
        ("pods/logs", "pods/log"),
        ("pods/Exec", "pods/exec"),
        ("all", "deployments.apps"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest_names(text, nearest):
    """Nothing is guessed: what was probably meant is only offered."""
    with pytest.raises(UnknownNameError) as caught:
        CATALOGUE.resolve(text)
    assert nearest in caught.value.nearest
    assert caught.value.help


def test_an_unknown_name_far_from_everything_has_no_nearest():
    """No suggestion is better than a silly one."""
    with pytest.raises(UnknownNameError) as caught:
        CATALOGUE.resolve("zzzzqqqq")
    assert caught.value.nearest == ()


@pytest.mark.parametrize(
    ("text", "group", "resource", "subresource"),
    [
        ("widgets", "", "widgets", ""),
        ("widgets.example.com", "example.com", "widgets", ""),
        ("Widgets.example.com", "example.com", "Widgets", ""),
        ("pods/logs", "", "pods", "logs"),
        ("widgets/status", "", "widgets", "status"),
    ],
)
def test_force_takes_an_unknown_name_as_written(text, group, resource, subresource):
    """Core group unless one is written, and the answer knows that the name is unknown."""
    found = CATALOGUE.resolve(text, force=True)
    assert (found.group, found.resource, found.subresource, found.known) == (group, resource, subresource, False)


@pytest.mark.parametrize("text", ["", "/log", "pods/", ".", ".apps"])
def test_half_a_name_is_a_usage_error(text):
    """A slash needs something on both sides."""
    with pytest.raises(UsageError):
        CATALOGUE.resolve(text)


def test_a_group_given_twice_must_agree():
    """The group may come from an option; a name that says another is refused."""
    assert CATALOGUE.resolve("events", group="events.k8s.io").group == "events.k8s.io"
    assert CATALOGUE.resolve("events.events.k8s.io", group="events.k8s.io").group == "events.k8s.io"
    with pytest.raises(UsageError, match="is in the API group"):
        CATALOGUE.resolve("deployments.apps", group="batch")
    with pytest.raises(UnknownNameError):
        CATALOGUE.resolve("deployments", group="")


@pytest.mark.parametrize(
    ("text", "subresource", "combined", "name"),
    [
        ("pods", "", "pods", ""),
        ("pods/log", "", "pods/log", ""),
        ("pods/my-pod", "", "pods", "my-pod"),
        ("pods/my-pod", "log", "pods/log", "my-pod"),
        ("pods/log", "log", "pods/log", ""),
        ("pods/log", "exec", "pods/exec", "log"),
        ("deploy/web", "scale", "deployments/scale", "web"),
        ("pods", "log", "pods/log", ""),
        ("users/arn:aws:iam::1:user/alice", "", "users", "arn:aws:iam::1:user/alice"),
        ("signers/example.com/signer", "", "signers", "example.com/signer"),
    ],
)
def test_behind_a_slash_stands_a_known_subresource_or_a_name(text, subresource, combined, name):
    """TYPE/SUBRESOURCE where one is known, else TYPE/NAME; an explicit subresource leaves the slash to the name."""
    found, got = CATALOGUE.resolve_target(text, subresource=subresource)
    assert (found.combined, got) == (combined, name)


def test_type_name_and_subresource_in_one_word_are_refused():
    """pods/web-0/log is no form of kubectl's; the error says what to write."""
    with pytest.raises(UsageError) as caught:
        CATALOGUE.resolve_target("pods/web-0/log")
    assert caught.value.help == "write pods/log web-0"


WIDGETS = ApiResource(
    "example.com",
    "v1",
    "widgets",
    "Widget",
    singular="widget",
    short_names=("wi", "po"),
    categories=("all",),
    verbs=("get", "list"),
    subresources=(ApiSubresource("status", "Widget", ("get",)),),
)


def test_custom_resources_stand_behind_the_built_in_ones():
    """A custom resource is found by all its names; a short name that is taken means the earlier group."""
    catalogue = catalogue_of(resources=(WIDGETS,))
    assert {str(catalogue.resolve(text)) for text in ("widgets", "widget", "Widget", "wi", "po.example.com", "wi.v1.example.com")} == {
        "widgets.example.com"
    }
    assert str(catalogue.resolve("po")) == "pods"
    assert str(catalogue.resolve("widgets/status")) == "widgets.example.com/status"
    assert "widgets.example.com" in [str(r) for r in catalogue.category("all")]
    assert catalogue.of_kind("example.com/v1", "Widget").resource == "widgets"
    assert catalogue.of_kind("example.com/v2", "Widget") is None
    assert catalogue.check_verb("watch", catalogue.resolve("widgets")) == (
        "the API server does not serve watch on widgets (it serves get, list)",
    )


def test_the_policy_may_redefine_what_a_built_in_resource_serves():
    """Discovery of a real cluster is right where it differs from the facts, and keeps the order."""
    mine = ApiResource("", "v1", "pods", "Pod", singular="pod", verbs=("get",))
    catalogue = catalogue_of(resources=(mine,))
    assert catalogue.served_verbs(catalogue.resolve("pods")) == ("get",)
    assert [r.resource for r in catalogue.resources].count("pods") == 1


def test_what_only_a_rule_mentions_is_known():
    """A policy about resources that nothing else describes can be asked about; the group comes from the rule."""
    catalogue = catalogue_of(
        rule(groups=("example.com",), resources=("gadgets", "gadgets/paint", "deployments")),
        rule(groups=("*",), resources=("things",)),
        rule(groups=("", "b.io"), resources=("mixed",)),
        rule(groups=("z.io", "a.io"), resources=("both",)),
        rule(groups=("apps",), resources=("*/polish",)),
        rule(groups=("*",), resources=("*", "*/*")),
    )
    gadgets = catalogue.resolve("gadgets")
    assert (gadgets.group, gadgets.namespaced, gadgets.known) == ("example.com", None, True)
    assert str(catalogue.resolve("gadgets/paint")) == "gadgets.example.com/paint"
    assert str(catalogue.resolve("deployments")) == "deployments.apps"
    assert str(catalogue.resolve("deployments.example.com")) == "deployments.example.com"
    assert str(catalogue.resolve("things")) == "things"
    assert str(catalogue.resolve("things.any.io")) == "things.any.io"
    assert str(catalogue.resolve("mixed")) == "mixed"
    assert catalogue.resolve("both").how == "named by a rule (also in the groups z.io)"
    assert str(catalogue.resolve("statefulsets/polish")) == "statefulsets.apps/polish"
    for unknown in ("gadget", "gadgets.apps", "pods/polish"):
        with pytest.raises(UnknownNameError):
            catalogue.resolve(unknown)


def test_abac_lines_make_names_known_too():
    """An ABAC file about projects makes projects a resource that can be asked about."""
    line = AbacPolicy(HERE, 1, resource="projects", api_group="caribou.io")
    assert str(catalogue_of(abac=(line,)).resolve("projects")) == "projects.caribou.io"


def test_categories_are_kubectl_s_in_discovery_order():
    """What `kubectl get all` lists."""
    assert [r.resource for r in CATALOGUE.category("all")] == [
        "pods",
        "replicationcontrollers",
        "services",
        "daemonsets",
        "deployments",
        "replicasets",
        "statefulsets",
        "horizontalpodautoscalers",
        "cronjobs",
        "jobs",
    ]
    assert CATALOGUE.category("nothing") == ()


# --- verbs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["*", *STANDARD_VERBS, *SPECIAL_VERBS])
def test_standard_and_special_verbs_are_known(verb):
    """The verbs of requests, and those with a meaning beyond them (SSRR-11, ESC-75)."""
    CATALOGUE.check_verb(verb, CATALOGUE.resolve("*"))


@pytest.mark.parametrize(
    "verb",
    [
        "impersonate:user-info",
        "impersonate:associated-node",
        "impersonate:arbitrary-node",
        "impersonate:serviceaccount",
        "impersonate-on:user-info:list",
        "impersonate-on:associated-node:get",
        "impersonate-on:serviceaccount:escalate",
        "associated-node:update",
        "arbitrary-node:patch",
    ],
)
def test_the_verbs_with_colons_are_known(verb):
    """Constrained impersonation and device status (ESC-47c, ESC-58, ESC-75)."""
    assert is_known_verb(verb)


@pytest.mark.parametrize(
    "verb",
    [
        "impersonate:",
        "impersonate:admin",
        "impersonate-on:user-info",
        "impersonate-on:user-info:*",
        "impersonate-on:x:get",
        "node:get",
        "Get",
        "",
    ],
)
def test_malformed_verbs_are_not_known(verb):
    """Matching is exact: a wildcard inside a verb is none (ESC-47k)."""
    assert not is_known_verb(verb)


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        ("GET", "did you mean get?"),
        ("lst", "did you mean list?"),
        ("deletcollection", "deletecollection"),
        ("impersonate:userinfo", "impersonate:user-info"),
        ("read", "get, list, watch"),
        ("view", "name of a ClusterRole"),
        ("edit", "name of a ClusterRole"),
        ("write", "create, update, patch, delete, deletecollection"),
        ("exec", "pods/exec"),
        ("post", "create"),
        ("PUT", "update"),
        ("zzz", "the usual verbs are get"),
    ],
)
def test_an_unknown_verb_is_an_error_that_says_what_was_meant(verb, hint):
    """Words that people use for verbs are explained, slips are corrected, never silently."""
    with pytest.raises(UnknownNameError) as caught:
        CATALOGUE.check_verb(verb, CATALOGUE.resolve("pods"))
    assert hint in caught.value.help


def test_force_and_rules_make_a_verb_acceptable():
    """A verb that a rule uses can be asked about; any other only with force."""
    pods = CATALOGUE.resolve("pods")
    assert CATALOGUE.check_verb("frobnicate", pods, force=True) == ()
    assert catalogue_of(rule(verbs="frobnicate")).check_verb("frobnicate", pods) == ()
    with pytest.raises(UnknownNameError) as caught:
        catalogue_of(rule(verbs="frobnicate")).check_verb("frobnicat", pods)
    assert caught.value.nearest == ("frobnicate",)
    with pytest.raises(UsageError):
        CATALOGUE.check_verb("", pods, force=True)


@pytest.mark.parametrize(
    ("verb", "target", "note"),
    [
        ("list", "pods/exec", "does not serve list on pods/exec (it serves create, get)"),
        ("deletecollection", "namespaces", "does not serve deletecollection on namespaces"),
        ("get", "selfsubjectreviews", "it serves create"),
        ("bind", "pods", "checks bind only on roles, clusterroles"),
        ("approve", "csr", "only on signers"),
        ("use", "pods", "nothing in the API server checks the verb use"),
    ],
)
def test_a_known_verb_where_it_means_nothing_is_noted(verb, target, note):
    """The question may be asked all the same: rules can grant what the server never asks (ESC-73, ESC-74)."""
    notes = CATALOGUE.check_verb(verb, CATALOGUE.resolve(target))
    assert len(notes) == 1
    assert note in notes[0]


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        ("get", "pods"),
        ("list", "nodes/stats"),
        ("escalate", "roles"),
        ("impersonate", "userextras/x"),
        ("approve", "signers"),
        ("bind", "*"),
    ],
)
def test_sensible_questions_have_no_notes(verb, target):
    """Nothing is said where there is nothing to say."""
    assert CATALOGUE.check_verb(verb, CATALOGUE.resolve(target)) == ()


def test_the_verbs_of_paths_are_http_methods():
    """GET and HEAD are get and head there; list can never be the verb of a path (RI-13, RI-35)."""
    for verb in ("get", "head", "post", "options", "*", "impersonate-on:user-info:head"):
        assert CATALOGUE.check_verb(verb, None) == ()
    assert "no request for a path has the verb list" in CATALOGUE.check_verb("list", None)[0]
    assert catalogue_of(rule(verbs="brew")).check_verb("brew", None) == ()
    with pytest.raises(UnknownNameError) as caught:
        CATALOGUE.check_verb("GET", None)
    assert caught.value.nearest == ("get",)


@given(st.text(max_size=30))
def test_no_text_brings_a_catalogue_down(text):
    """Whatever is written, the answer is a resource or one of our errors."""
    for force in (False, True):
        try:
            found, name = CATALOGUE.resolve_target(text, force=force)
        except UsageError:
            continue
        assert found.resource
        assert isinstance(name, str)


@given(st.text(min_size=1, max_size=20).filter(lambda s: "/" not in s and not s.startswith(".")))
def test_force_always_finds_something(text):
    """With force every word without a slash is a resource, unless nothing stands before the dot of its group."""
    assert CATALOGUE.resolve(text, force=True).resource
