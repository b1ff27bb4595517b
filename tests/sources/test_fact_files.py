"""Files of permission facts: every form of the language, and errors that point at the word that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError
from rbaclens.model.permission_facts import Clause, Party, Places
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.sources.fact_files import load_facts, read_facts

CATALOGUE = ResourceCatalogue()
OPS, CI = Party("group:ops", group="ops"), Party("sa:ci/deployer", user="system:serviceaccount:ci:deployer")
EXEC = Clause("create", "pods", "", "exec")


def one(text):
    """The one fact of a list item."""
    (fact,) = read_facts(f"- {text}\n".encode(), "f", CATALOGUE)
    return fact


@pytest.mark.parametrize(
    "text",
    [
        "only: [group:ops, sa:ci/deployer] can create pods/exec in prod",
        "only: [group:ops, sa:ci/deployer] can create pods/exec in prod   # a comment",
        "'only: [group:ops, sa:ci/deployer] can create pods/exec in prod'",
        "only group:ops, sa:ci/deployer can create pods/exec in prod",
        "only: group:ops, sa:ci/deployer can create pods/exec in prod",
        "only: 'group:ops', sa:ci/deployer can create pods/exec in prod",
        'only: "group:ops", "sa:ci/deployer" can create pods/exec in prod',
        "{only: [group:ops, sa:ci/deployer], can: create pods/exec in prod}",
        "fact: only group:ops, sa:ci/deployer can create pods/exec in prod",
        "only: >-\n    group:ops, sa:ci/deployer\n    can create pods/exec\n    in prod",
        "only group:ops, sa:ci/deployer can create po/exec in namespace prod",
    ],
)
def test_the_forms_mean_the_same(text):
    """A text, a text behind its first word, and a mapping are the same fact."""
    fact = one(text)
    assert (fact.kind, fact.parties, fact.clauses) == ("only", (OPS, CI), (EXEC,))
    assert fact.places == Places(False, ("prod",))


def test_text_id_and_why():
    """A fact has its words in one line, and may have an id and a reason."""
    fact = one("id: exec\n  why: >\n    too\n    mighty\n  only: [group:ops]\n  can: create pods/exec\n  except: [group:x, in dev]")
    assert fact.text == "only: [group:ops] can create pods/exec except group:x except in dev"
    assert (fact.id, fact.why, fact.name) == ("exec", "too mighty", "exec")
    assert fact.exempt == (Party("group:x", group="x"),)
    assert fact.places == Places(excluded=("dev",))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("get deploy", [Clause("get", "deployments", "apps", "")]),
        (
            "get, list deployments.apps, pods/log",
            [Clause(verb, *what) for what in (("deployments", "apps", ""), ("pods", "", "log")) for verb in ("get", "list")],
        ),
        ("get secrets/registry", [Clause("get", "secrets", "", "", ("registry",))]),
        ("get secrets named registry, db-*", [Clause("get", "secrets", "", "", ("registry", "db-*"))]),
        ("get pods/*", [Clause("get", "pods", "", None, only_subresources=True)]),
        ("'*' pods", [Clause("*", "pods", "", "")]),
        ("do anything to pods", [Clause(None, "pods", "", "")]),
        ("do anything", [Clause(None, None, None, None)]),
        ("get anything", [Clause("get", None, None, None)]),
        ("get *.apps", [Clause("get", None, "apps", None)]),
        ("patch */scale", [Clause("patch", None, None, "scale")]),
        ("escalate clusterroles", [Clause("escalate", "clusterroles", "rbac.authorization.k8s.io", "", namespaced=False)]),
        ("delete namespaces named shop", [Clause("delete", "namespaces", "", "", ("shop",), namespaced=False)]),
        (
            "get /metrics, /healthz/*",
            [Clause("get", path="/metrics", namespaced=False), Clause("get", path="/healthz/*", namespaced=False)],
        ),
        ("impersonate users/alice", [Clause("impersonate", "users", "", "", ("alice",), namespaced=False)]),
    ],
)
def test_what(text, clauses):
    """Verbs and things, in kubectl's words."""
    if text.startswith("'*'"):
        text, clauses = "* pods", [Clause(None, "pods", "", "")]
    assert list(one(f"nobody can {text}").clauses) == clauses


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", Places()),
        ("in all namespaces", Places()),
        ("in every namespace", Places()),
        ("in shop, prod-*", Places(False, ("shop", "prod-*"))),
        ("in namespaces shop, prod", Places(False, ("shop", "prod"))),
        ("at the cluster scope", Places(False, ("",))),
        ("in all namespaces except in kube-*", Places(excluded=("kube-*",))),
        ("in prod-* unless in prod-test, except group:ops", Places(False, ("prod-*",), excluded=("prod-test",))),
    ],
)
def test_where(text, places):
    """Namespaces by name, by glob, all of them, and without some."""
    assert one(f"nobody can get pods {text}").places == places


def test_labels():
    """A label selector is what kubectl takes for -l."""
    places = one("nobody can get pods in namespaces labelled env=prod,tier in (a, b) except in x").places
    assert [(term.key, term.operator, term.values) for term in places.labels] == [("env", "=", ("prod",)), ("tier", "in", ("a", "b"))]
    assert (places.label_text, places.excluded) == ("env=prod, tier in (a, b)", ("x",))


@pytest.mark.parametrize(
    "text", ["nobody but group:ops can get pods", "nobody except group:ops can get pods", "nobody can get pods unless group:ops"]
)
def test_exceptions(text):
    """Whom a fact is not about."""
    assert one(text).exempt == (OPS,)


def test_components():
    """The cluster's own components count where a fact says so."""
    assert one("nobody can get pods, counting components").count_components
    assert not one("nobody can get pods").count_components


def test_quotes():
    """A name in quotes may hold anything, and is never a keyword."""
    fact = one("everyone in \"group:my team\" can get pods in 'named'")
    assert fact.parties == (Party("group:my team", group="my team"),)
    assert fact.places.patterns == ("named",)


def test_notes():
    """What is legal and looks wrong is said."""
    assert one("nobody can list pods/log").notes == ("the API server does not serve list on pods/log (it serves get)",)


def test_several_documents():
    """Each document holds facts; places count lines of the file."""
    text = b"facts:\n- nobody can get pods\n---\n- nobody can get nodes\n--- # one alone\nallow: bob get pods\n"
    assert [fact.at.line for fact in read_facts(text, "f", CATALOGUE)] == [2, 4, 6]


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("nobody cna get pods", (1, 10), 'expected "can", found "cna"'),
        ("somebody can get pods", (1, 3), "expected allow, deny, only, nobody or everyone"),
        ("allow: bob gett pods", (1, 14), 'unknown verb "gett"'),
        ("allow: bob get podz", (1, 18), 'unknown resource "podz"'),
        ("allow: 'bob get podz'", (1, 19), 'unknown resource "podz"'),
        ("allow:\n    bob get podz", (2, 13), 'unknown resource "podz"'),
        ("only: [group:ops, sa:x] can get pods", (1, 21), '"sa:x" does not say'),
        ("only: [group:ops, bob can get pods", (2, 1), "not valid YAML"),
        ("allow: bob get pods in x in y", (1, 28), '"in" is said twice'),
        ("allow: bob get pods named x named y", (1, 31), '"named" is said twice'),
        ("allow: bob get pods web-0", (1, 23), "expected in, named, except"),
        ("allow: bob get pods in", (1, 25), "found the end of the fact"),
        ("allow: bob get pods/nope/x", (1, 18), "neither TYPE/NAME"),
        ("allow: bob get secrets/x named y", (1, 18), "the name is given twice"),
        ("nobody can escalate clusterroles in shop", (1, 36), "cluster-scoped"),
        ("nobody can get namespaces in shop", (1, 29), "cluster-scoped"),
        ("nobody can get /metrics in shop", (1, 27), "a path stands in no namespace"),
        ("nobody can get /metrics except in shop", (1, 27), "a path stands in no namespace"),
        ("nobody can get /metrics named x", (1, 27), "a path has no name"),
        ("nobody can get /a*b", (1, 18), "only at the end of a path"),
        ("nobody can get /a?x=1", (1, 18), "query string"),
        ("everyone in bob can get pods", (1, 15), "expected a group"),
        ("everyone can get pods", (1, 12), 'expected "in"'),
        ("nobody can get pods in all namespaces except kube-system", (1, 48), "could be a user or a namespace"),
        ("deny: bob get pods except alice", (1, 29), "nobody to except"),
        ("deny: bob get pods counting components", (1, 22), "components always count"),
        ("nobody can get pods in namespaces labelled a=b=c", (1, 46), "label selector"),
        ("nobody can get pods in namespaces labelled except in x", (1, 46), "expected a label selector"),
        ("nobody can get pods, in x", (1, 24), "expected a resource or a path"),
        ("allow: bob get 'pods", (1, 18), "the quote ' is never closed"),
        ("{allow: bob get pods, deny: bob get pods}", (1, 25), "are two facts"),
        ("id: x", (1, 3), "a fact needs one statement"),
        ("{allow: bob get pods, because: x}", (1, 25), 'a fact has no "because"'),
        ("allow: bob get pods\n  allow: bob get pods", (2, 3), '"allow" stands twice'),
        ("allow: {bob: x}", (1, 10), "expected a text, not a mapping"),
        ("allow:", (1, 9), "expected a text, not nothing"),
        ("[x]", (1, 3), "expected a fact, not a list"),
        ("do: x", (1, 3), 'a fact has no "do"'),
        ("nobody can do everything", (1, 17), 'expected "anything"'),
        ("nobody can get pods at the node", (1, 30), 'expected "cluster"'),
    ],
)
def test_errors_point_at_the_word(text, where, message):
    """File, line and column of what is wrong, and what was expected there."""
    with pytest.raises(PolicyFileError) as caught:
        one(text)
    assert message in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.column) == ("f", *where)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no facts"),
        ("facts: []", "holds no facts"),
        ("facts: x", "expected a list of facts"),
        ("facts: []\nother: 1", 'beside "facts" there is no place for "other"'),
        ("- {id: a, fact: nobody can get pods}\n- {id: a, fact: nobody can get pods}", 'the id "a" is taken by the fact on line 1'),
        ("x", "expected a list of facts, not a text"),
    ],
)
def test_files_that_are_no_facts(text, message):
    """A file without facts would pass whatever the policy says: it is refused."""
    with pytest.raises(PolicyFileError, match=message):
        read_facts(text.encode(), "f", CATALOGUE)


def test_stdin_and_missing_files(tmp_path):
    """A file, standard input, or an error that says which file."""
    (fact,) = load_facts("-", CATALOGUE, stdin=lambda: b"- nobody can get pods")
    assert str(fact.at) == "-:1"
    with pytest.raises(PolicyFileError, match=r"nope\.yaml: cannot be read"):
        load_facts(str(tmp_path / "nope.yaml"), CATALOGUE)


WORDS = [
    "nobody",
    "only:",
    "allow",
    "can",
    "get",
    "pods",
    "in",
    "except",
    "group:a",
    "[",
    "]",
    ",",
    "named",
    "/x*",
    "'",
    '"',
    "all",
    "namespaces",
    "*",
    "labelled",
    "a=b",
    "{",
    ":",
    "- ",
    "\n",
    "facts:",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_nonsense_is_refused_plainly(text):
    """Whatever the words are, they are facts or a PolicyFileError."""
    try:
        read_facts(f"- {text}".encode(), "f", CATALOGUE)
    except PolicyFileError as error:
        assert error.file == "f"
