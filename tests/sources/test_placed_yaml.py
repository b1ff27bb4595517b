"""Values that know where they stand, each text down to its characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError
from rbaclens.sources.placed_yaml import placed_documents

STYLES = """\
# a comment
folded: >-
   foo bar
     more == 'x'

   end
literal: |2
    one é
    two three
single: 'it''s ''x'' end
  and on'
plain: one
  two   three
flow: [x, {deep: "hello"}]
"""


def texts(node):
    """Every text below a node."""
    if isinstance(node.value, str):
        yield node
    elif isinstance(node.value, list | dict):
        for one in node.value.values() if isinstance(node.value, dict) else node.value:
            yield from texts(one)


def read_back(node, source):
    """What stands in the source at the place of each character that is no space."""
    lines = source.split("\n")
    places = [node.place(number) for number, char in enumerate(node.value) if not char.isspace()]
    return "".join(lines[at.line - 1][at.column - 1] for at in places)


def squeezed(text):
    return "".join(text.split())


def test_characters_in_every_style():
    """Folding, indentation and doubled quotes are counted."""
    (document,) = placed_documents(STYLES.encode(), "f.yaml")
    found = list(texts(document))
    assert len(found) == 6
    for one in found:
        assert read_back(one, STYLES) == squeezed(one.value)


def test_escapes_stand_where_they_begin():
    """A character that is written as an escape stands at its backslash."""
    (document,) = placed_documents(b'a: "x\\u0041\\n\\"y \\\n   z"\n', "f.yaml")
    node = document.value["a"]
    assert node.value == 'xA\n"y z'
    assert [node.place(number).column for number in (0, 1, 3, 4)] == [5, 6, 14, 16]
    assert (node.place(6).line, node.place(6).column) == (2, 4)
    assert node.place(7).column == 5


def test_documents_keys_and_kinds():
    """Places count over all documents; keys have places of their own; merges are followed."""
    first, second = placed_documents(b"a: 1\n---\nbase: &b {x: yes}\nown: {<<: *b, z: }\n", "f.yaml")
    assert (first.value["a"].kind, first.at.line) == ("the number 1", 1)
    own = second.value["own"]
    assert (own.value["x"].kind, own.value["x"].at.line, own.value["z"].kind) == ("the boolean true", 3, "nothing")
    assert (own.keys["z"].line, own.keys["z"].column, second.kind) == (4, 15, "a mapping")
    (json,) = placed_documents(b'{"a": ["b"]}', "f.json")
    assert (json.value["a"].kind, json.value["a"].value[0].place(0).column) == ("a list", 9)


@pytest.mark.parametrize(("text", "line"), [(b"a: [", 2), (b"a: 1\na: 2\n", 2), (b"a: !x 1\n", 1), (b"a: &a [*a]\n", 1)])
def test_broken_yaml(text, line):
    """An error with its line, also for keys that stand twice."""
    with pytest.raises(PolicyFileError) as caught:
        placed_documents(text, "f.yaml")
    assert caught.value.line == line


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab '&|é()=\"", min_size=1, max_size=12), min_size=1, max_size=4), st.sampled_from(["|", ">-", "'"]))
def test_any_text_is_found_again(lines, style):
    """Whatever the lines, each character is found where it was written."""
    lines = [f"x{line.strip()}" for line in lines]
    if style == "'":
        quoted = [line.replace("'", "''") for line in lines]
        source = "a: '" + "\n   ".join(quoted) + "'\n"
    else:
        source = f"a: {style} # why\n" + "".join(f"   {line}\n" for line in lines)
    (document,) = placed_documents(source.encode(), "f.yaml")
    assert read_back(document.value["a"], source) == squeezed(document.value["a"].value)
