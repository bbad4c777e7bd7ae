"""One family of errors: what was found and where, what was expected, what to do.

Everything that a user can cause is an `SMFError`. The facts are attributes, the sentence is made
here, and a message never quotes a respondent's words, name or id.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with an input, and what to do about it.

    Attributes
    ----------
    code : code of the catalogue of bad inputs, such as ``S104``.
    where : place as a user can find it: ``file``, ``file:line`` or ``file|sheet!cell``.
    what : what is wrong, a sentence without respondent's words.
    remedy : what to do, a sentence in the imperative.
    severity : ``error`` stops the run, ``warning`` and ``note`` are told.
    """

    code: str
    where: str
    what: str
    remedy: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        return " ".join(part for part in (self.code, self.where + ":", self.what, self.remedy) if part)


class SMFError(Exception):
    """The root of every error that a user can cause; carries one fault or many."""

    def __init__(self, *faults: Fault | str) -> None:
        self.faults: tuple[Fault, ...] = tuple(
            fault if isinstance(fault, Fault) else Fault(code="E000", where="smf", what=fault)
            for fault in faults
        )
        super().__init__(self.faults)

    def __str__(self) -> str:
        shown = [str(fault) for fault in self.faults[:MAX_LINES]]
        left = len(self.faults) - len(shown)
        return "\n".join([*shown, f"… and {left} more of the same kind."] if left else shown)


class ParamsError(SMFError, ValueError):
    """A client's YAML cannot be used as it stands."""


class InputError(SMFError, ValueError):
    """A file of a client cannot be read truthfully."""


class TableError(SMFError, ValueError):
    """A canonical table breaks its declared schema."""


class ModelError(SMFError, ValueError):
    """A model was asked for something that has no meaning (an unknown family, unequal lengths)."""


class PrivacyError(SMFError):
    """A release would expose somebody, or the gate's own records are not in order."""


class SecretError(PrivacyError):
    """The secret for pseudonyms is missing or unfit, or another one than before: nobody is exposed."""


class BatchError(SMFError, RuntimeError):
    """The batch as a whole cannot run (locked folder, unusable target)."""


def raise_errors(kind: type[SMFError], faults: Iterable[Fault]) -> None:
    """Raise `kind` with every fault whose severity is ``error``; do nothing when there is none."""
    found = [fault for fault in faults if fault.severity == "error"]
    if found:
        raise kind(*found)
