"""RL3605: anonymous requests on every path."""

import pytest
from audit_rules import found

from rbaclens.audit.surroundings import Surroundings
from rbaclens.model.anonymous import AnonymousAccess


def _found(*access):
    return found("RL3605", surroundings=Surroundings(anonymous=AnonymousAccess(*access)))


@pytest.mark.parametrize(("access", "files"), [((True,), []), ((True, (), "authn.yaml"), ["authn.yaml"])])
def test_enabled_without_conditions(access, files):
    """By the flag or by a file, which is then shown."""
    (one,) = _found(*access)
    assert (one.severity.title, str(one.principal)) == ("Low", "group:system:unauthenticated")
    assert [place.origin.file for place in one.related] == files


@pytest.mark.parametrize("access", [(False,), (True, ("/livez",)), (False, (), "authn.yaml")])
def test_others_are_clean(access):
    """Turned off, or limited to paths."""
    assert _found(*access) == ()


def test_silent_when_nothing_is_known():
    """Without flag and file nothing is said, though the API server's own default is to let them in."""
    assert found("RL3605") == ()
