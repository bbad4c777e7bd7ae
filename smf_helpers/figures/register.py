"""Where a figure is added: one maker a figure, from a reader of the release to a plate."""

from collections.abc import Callable

from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.registry import Registry

Maker = Callable[[Reader], Plate]

FIGURES: Registry[Maker] = Registry("figure")
