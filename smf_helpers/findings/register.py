"""Where writers register: one for each kind of result."""

from collections.abc import Callable, Iterator

from smf_helpers.findings.reading import Reading
from smf_helpers.registry import Registry
from smf_helpers.results.claims import Finding

WRITERS: Registry[Callable[[Reading], Iterator[Finding]]] = Registry("finding")
