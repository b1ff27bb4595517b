"""CustomResourceDefinitions to API resources."""

from __future__ import annotations

import json

from rbaclens.model.resources import ApiSubresource
from rbaclens.sources import assemble, read_manifests

NAMES = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]}
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


def resources(spec, version="v1"):
    one = {"apiVersion": f"apiextensions.k8s.io/{version}", "kind": "CustomResourceDefinition", "metadata": {"name": "x"}, "spec": spec}
    return assemble(read_manifests(json.dumps(one).encode(), "f").objects, bootstrap=False).resources


def test_every_served_version():
    """One resource for each served version, the preferred one first: stable before beta before alpha, higher before lower."""
    versions = [{"name": name, "served": name != "v3"} for name in ("v1alpha1", "v1beta2", "v1", "v2", "v3", "v1beta10", "next")]
    found = resources({"group": "example.com", "names": NAMES, "scope": "Namespaced", "versions": versions})
    assert [one.version for one in found] == ["v2", "v1", "v1beta10", "v1beta2", "v1alpha1", "next"]
    assert [one.preferred for one in found] == [True, False, False, False, False, False]
    first = found[0]
    assert (first.group, first.resource, first.kind, first.singular) == ("example.com", "widgets", "Widget", "widget")
    assert (first.short_names, first.categories, first.namespaced, first.verbs) == (("wd",), ("all",), True, VERBS)
    assert first.subresources == ()


def test_subresources_by_version():
    """status and scale are there where they are declared."""
    versions = [
        {"name": "v1", "served": True, "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas"}}},
        {"name": "v1beta1", "served": True, "subresources": {"status": {}}},
        {"name": "v1alpha1", "served": True, "subresources": {"scale": None}},
    ]
    found = resources({"group": "g", "names": {"plural": "widgets", "kind": "Widget"}, "scope": "Cluster", "versions": versions})
    some = ("get", "patch", "update")
    assert found[0].subresources == (ApiSubresource("status", "Widget", some), ApiSubresource("scale", "Scale", some))
    assert found[1].subresources == (ApiSubresource("status", "Widget", some),)
    assert found[2].subresources == ()
    assert (found[0].singular, found[0].namespaced) == ("widget", False)


def test_v1beta1():
    """The old form may give a single version and its subresources at the top."""
    spec = {"group": "g", "names": NAMES, "version": "v1", "subresources": {"status": {}}}
    (found,) = resources(spec, "v1beta1")
    assert (found.version, found.namespaced, len(found.subresources)) == ("v1", True, 1)
    spec["versions"] = [{"name": "v1", "served": True}, {"name": "v2", "served": False}]
    assert [one.version for one in resources(spec, "v1beta1")] == ["v1"]
    assert resources({}) == ()
