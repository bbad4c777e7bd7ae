"""How a format, a curve, a chart, a section or a finding is added in one place.

A room owns one `Registry`; a definition registers itself where it is written, and whoever needs the
kind asks the registry. Shared tests walk the registries, so a registered thing is a tested thing.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from smf_helpers.errors import ModelError

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """Named definitions of one kind, in the order in which they were registered.

    Parameters
    ----------
    kind : what is registered, in the singular, for messages.

    Examples
    --------
    >>> shapes = Registry[str]("shape")
    >>> shapes.add("round", "o")
    'o'
    >>> shapes["round"], list(shapes)
    ('o', ['round'])
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._known: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        """Register `thing` under `name` and hand it back; a name is given once."""
        if name in self._known:
            raise ModelError(f"The {self.kind} '{name}' is registered twice.")
        self._known[name] = thing
        return thing

    def register(self, name: str) -> Callable[[T], T]:
        """Register the decorated definition under `name`."""
        return lambda thing: self.add(name, thing)

    def __getitem__(self, name: str) -> T:
        if name in self._known:
            return self._known[name]
        near = get_close_matches(name, self._known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known: {', '.join(self._known)}."
        raise ModelError(f"There is no {self.kind} '{name}'.{hint}")

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
