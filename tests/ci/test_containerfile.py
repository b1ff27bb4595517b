"""The Containerfile, as far as it can be judged without an engine (``tests/ci/installs.py`` runs its commands)."""

import json
import re

from composite_action import ROOT
from containerfile import copied, instructions, sent, stages

KNOWN = {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "ENTRYPOINT", "CMD"}


def test_instructions():
    """Only instructions that every engine knows, and every stage begins with an image of a fixed version."""
    assert {one.word for one in instructions()} <= KNOWN
    for stage in stages():
        image, *name = stage[0].rest.split()
        assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-\w+", image)
        assert name in ([], ["AS", "build"])
    assert stages()[0][0].rest.split()[0] == stages()[1][0].rest, "a virtual environment works with the Python that made it only"


def test_small_and_without_rights():
    """The last stage takes the finished environment only, runs nothing, and is nobody."""
    build, last = stages()
    assert [one.rest for one in last if one.word == "COPY"] == ["--from=build /opt/rbaclens /opt/rbaclens"]
    assert not [one for one in last if one.word == "RUN"]
    (user,) = [one.rest for one in last if one.word == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert all("--no-cache-dir" in one.rest for one in build if " install " in one.rest)


def test_starts_the_program():
    """The entry point is in exec form, and a program that is installed."""
    entry, default = (json.loads(one.rest) for one in stages()[-1] if one.word in ("ENTRYPOINT", "CMD"))
    assert f"{entry[0]} = rbaclens.cli:main" in (ROOT / "setup.cfg").read_text()
    assert default == ["--help"]


def test_context():
    """What is copied is there and is sent to the engine, and nothing else is."""
    sources = [source for source, _ in copied(stages()[0])]
    assert all((ROOT / source).exists() and sent(source) for source in sources)
    others = {one.name for one in ROOT.iterdir()} - set(sources)
    assert not [name for name in others if sent(name)]
