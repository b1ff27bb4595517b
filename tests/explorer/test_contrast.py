"""Colours: every pair of text and ground reaches WCAG AA in both themes."""

import re

import pytest

from rbaclens.explorer import page as explorer_page

CSS = explorer_page._HERE / "assets" / "css"
SEVERITIES = ("critical", "high", "medium", "low", "info")
TEXT = (
    *((ink, ground) for ink in ("ink", "soft", "accent", "warn") for ground in ("bg", "panel")),
    *((ink, "code") for ink in ("ink", "soft")),
    *(("ink", ground) for ground in ("accent-soft", "unknown-soft", "yes-soft", "no-soft")),
    *((one, f"{one}-soft") for one in ("yes", "no", "unknown")),
    *((f"severity-{one}", f"severity-{one}-soft") for one in SEVERITIES),
    *((one, f"{one}-soft") for one in ("accent",)),
    ("panel", "accent"),
)
"""Text and what it stands on: 4.5 to 1."""
SHAPES = (
    *(("line-strong", ground) for ground in ("bg", "panel")),
    *(("focus", ground) for ground in ("bg", "panel", "code")),
    *((f"kind-{one}", "bg") for one in ("subject", "group", "binding", "role", "rule", "line", "fold", "missing")),
    ("accent", "panel"),
)
"""Borders of fields, focus, and shapes that mean something: 3 to 1."""


def colours(theme: str) -> dict[str, str]:
    """Name to colour of a theme."""
    light = re.search(r":root \{(.*?)\n\}", (CSS / "base.css").read_text("utf-8"), re.DOTALL)
    assert light is not None
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light[1]))
    return (
        found if theme == "light" else {**found, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", (CSS / "dark.css").read_text("utf-8")))}
    )


def luminance(colour: str) -> float:
    """The relative luminance that WCAG defines."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    """4.5 to 1 for text."""
    known = colours(theme)
    assert [
        (ink, ground, round(contrast(known[ink], known[ground]), 2)) for ink, ground in TEXT if contrast(known[ink], known[ground]) < 4.5
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_can_be_seen(theme: str) -> None:
    """3 to 1 for what is not text."""
    known = colours(theme)
    assert [
        (one, ground, round(contrast(known[one], known[ground]), 2)) for one, ground in SHAPES if contrast(known[one], known[ground]) < 3
    ] == []


def test_the_dark_theme_has_every_colour() -> None:
    """No colour of the light theme is left over in the dark one."""
    dark = (CSS / "dark.css").read_text("utf-8")
    assert [name for name in colours("light") if f"--{name}:" not in dark] == []
