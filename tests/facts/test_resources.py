"""The API resources that ship with the package."""

from rbaclens.facts.resources import api_resources


def test_the_facts_are_read_once_and_start_with_the_core_group():
    """Discovery order is kept, because a name in several groups means the first of them."""
    facts = api_resources()
    assert facts is api_resources()
    assert facts[0].group == ""
    groups = list(dict.fromkeys(item.group for item in facts))
    assert groups[0] == ""
    assert groups.index("apps") < groups.index("events.k8s.io")


def test_a_resource_carries_every_name_and_its_subresources():
    """Pods have plural, kind, singular, short name, category, scope, verbs and subresources with their verbs."""
    pods = next(item for item in api_resources() if item.resource == "pods")
    assert (pods.kind, pods.singular, pods.short_names, pods.categories, pods.namespaced) == ("Pod", "pod", ("po",), ("all",), True)
    assert "deletecollection" in pods.verbs
    assert {"exec", "log", "eviction", "status"} <= {sub.name for sub in pods.subresources}
    assert next(sub.verbs for sub in pods.subresources if sub.name == "exec") == ("create", "get")


def test_each_group_and_resource_has_at_most_one_preferred_version():
    """The preferred version of a group is one version."""
    preferred = [(item.group, item.resource) for item in api_resources() if item.preferred]
    assert len(preferred) == len(set(preferred))
    keys = [(item.group, item.version, item.resource) for item in api_resources()]
    assert len(keys) == len(set(keys))
