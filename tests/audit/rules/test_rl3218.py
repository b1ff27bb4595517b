"""RL3218: blanks, lists in one string, repetitions."""

import pytest
from audit_rules import found, given


def written(**lists):
    """A role whose rule has these lists."""
    return given({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]} | lists)


@pytest.mark.parametrize(
    "lists",
    [
        {"verbs": ["get,list"]},
        {"verbs": [" get"]},
        {"verbs": ["get list"]},
        {"verbs": ["get", ""]},
        {"resources": ["pods, services"]},
        {"resources": ["pods "]},
        {"apiGroups": ["apps,batch"]},
        {"apiGroups": [" "]},
        {"resourceNames": ["a,b"]},
        {"resourceNames": ["a "]},
    ],
)
def test_entries_that_match_nothing(lists):
    """Every comparison is of the whole text (X-03)."""
    (one,) = found("RL3218", written(**lists))
    assert one.severity.title == "Low" and one.patch is None


@pytest.mark.parametrize(
    "lists",
    [
        {},
        {"apiGroups": ["", "apps"]},
        {"resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["CN=ann, O=shop"]},
    ],
)
def test_right_entries_are_clean(lists):
    """The empty group is the core group; users have names of any form."""
    assert found("RL3218", written(**lists)) == ()


@pytest.mark.parametrize("lists", [{"verbs": ["get", "list", "get"]}, {"resources": ["pods", "pods"]}, {"resourceNames": ["a", "a"]}])
def test_repetitions_are_a_note(lists):
    """A repeated entry changes nothing, so that taking it out is safe."""
    (one,) = found("RL3218", written(**lists))
    assert one.score == 0 and one.patch is not None
