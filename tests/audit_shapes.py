"""Tests that several audit rules have in common. A rule's own test file makes a class of one of these, and says what is its own."""

import pytest
from audit_rules import RBAC, Data, found, given, grant, group, rule, user


class WritesClusterObjects:
    """Rules about who makes or changes objects of one cluster-scoped resource."""

    ID: str
    GROUP: str
    RESOURCE: str
    LEVEL: str
    NAMED: str

    @pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
    @pytest.mark.parametrize("any_group", [False, True])
    def test_every_writing_verb_counts(self, verb, any_group):
        """Making one, replacing one and changing one are equally bad; wildcards mean them too."""
        (one,) = found(self.ID, grant(verb, self.RESOURCE, "*" if any_group else self.GROUP))
        assert (one.severity.title, str(one.principal), one.scopes) == (self.LEVEL, "user:mallory", ("*",))

    @pytest.mark.parametrize(
        ("verbs", "subresource", "api_group", "names"),
        [
            ("get list watch delete deletecollection", "", "", ""),
            ("Create", "", "", ""),
            ("create", "", "example.com", ""),
            ("create", "/*", "", ""),
            ("create", "/status", "", ""),
            ("create", "", "", "one"),
        ],
    )
    def test_one_attribute_away_is_clean(self, verbs, subresource, api_group, names):
        """Another verb, group or subresource, and a create that is limited to names, which never matches."""
        assert found(self.ID, grant(verbs, self.RESOURCE + subresource, api_group or self.GROUP, names=names)) == ()

    def test_the_core_group_is_another(self):
        """Without a group the core group is meant."""
        assert found(self.ID, grant("create", self.RESOURCE)) == ()

    def test_a_rolebinding_gives_nothing(self):
        """Objects of the cluster are changed at the cluster scope."""
        assert found(self.ID, grant("*", "*", "*", namespace="kube-system")) == ()

    def test_named_ones_are_a_level_less(self):
        """Those that a grant names can be changed, and only those."""
        (one,) = found(self.ID, grant("update", self.RESOURCE, self.GROUP, names="one"))
        assert (one.severity.title, "limited to one" in one.message) == (self.NAMED, True)


class EscalatesRoles:
    """Rules about who may write rights into roles of one kind that he does not hold: ``escalate`` and a writing verb together."""

    ID: str
    RESOURCE: str
    OTHERS: str

    def writer(self, escalate: str = "escalate", change: str = "update", names: str = "", on: str = "", namespace: str = "") -> list[Data]:
        """Both halves, the first of them limited to names, the second to others."""
        return given(rule(escalate, self.RESOURCE, RBAC, names), rule(change, self.RESOURCE, RBAC, on), namespace=namespace)

    @pytest.mark.parametrize("change", ["create", "update", "patch", "*"])
    @pytest.mark.parametrize("escalate", ["escalate", "*"])
    def test_every_writing_verb_counts(self, escalate, change):
        """A role can be made, replaced or changed."""
        (one,) = found(self.ID, self.writer(escalate, change))
        assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("*",))

    def test_one_attribute_away_is_clean(self):
        """It takes both halves, on the roles themselves and in one person."""
        for objects in (
            grant("escalate", self.RESOURCE, RBAC),
            grant("create update patch", self.RESOURCE, RBAC),
            self.writer(change="get list delete deletecollection bind"),
            grant("escalate update", self.RESOURCE),
            grant("escalate update", f"{self.RESOURCE}/*", RBAC),
            grant("escalate update", self.OTHERS, RBAC),
            grant("escalate", self.RESOURCE, RBAC, name="a") + grant("update", self.RESOURCE, RBAC, to=user("other"), name="b"),
        ):
            assert found(self.ID, objects) == ()

    def test_two_bindings_come_together(self):
        """The union of what a principal holds counts, groups included."""
        first = grant("escalate", self.RESOURCE, RBAC, name="a")
        (one,) = found(self.ID, first, grant("patch", self.RESOURCE, RBAC, to=group("system:authenticated"), name="b"))
        assert len(one.evidence) == 2

    def test_a_named_escalate_serves_no_create(self):
        """When a role is made its name is not yet part of the check."""
        assert found(self.ID, self.writer(change="create", names="mine")) == ()
        assert found(self.ID, self.writer(change="create", names="mine", on="mine")) == ()

    @pytest.mark.parametrize(
        ("names", "on", "levels"), [("a", "a", ["High"]), ("a b", "b c", ["High"]), ("a", "", ["High"]), ("a", "b", [])]
    )
    def test_names_must_meet(self, names, on, levels):
        """Both halves by name: about the same role, and then a level less."""
        assert [one.severity.title for one in found(self.ID, self.writer(names=names, on=on))] == levels

    def test_unbound_role_by_name(self):
        """A role that nobody is bound to is judged in the same way."""
        assert [one.severity.title for one in found(self.ID, self.writer(names="a", on="a")[0])] == ["Medium"]
        assert found(self.ID, self.writer(names="a", on="b")[0]) == ()
