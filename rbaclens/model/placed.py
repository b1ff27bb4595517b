"""A document whose every part knows where it stands, for what people write and get told about: custom rules."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.model.location import Location

Scalar = str | bool | int | float | None


class Placed(msgspec.Struct, frozen=True):
    """A scalar, a list or a mapping with text keys, and where it begins.

    ``keys`` are the places of a mapping's keys; ``spot`` says of a text where its character number n stands in the file.
    """

    value: Scalar | list[Placed] | dict[str, Placed]
    at: Location
    keys: dict[str, Location] = {}
    spot: Callable[[int], Location] | None = None

    def place(self, number: int) -> Location:
        """Where character ``number`` (from 0) of this text stands."""
        return self.spot(number) if self.spot is not None else self.at

    @property
    def kind(self) -> str:
        """What it is, in words."""
        value = self.value
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return f"the boolean {str(value).lower()}"
        if isinstance(value, (int, float)):
            return f"the number {value}"
        return {str: "a text", list: "a list", dict: "a mapping"}[type(value)]
