"""Pseudonymous keys: the same person has the same key in every wave of one client, and nowhere else.

A key is a keyed hash of the person's id. Without the secret nobody can try a staff list against it, and
two clients' keys cannot be linked. Pseudonymous data remain personal data (GDPR, article 4(5)).

``k_client = HKDF-SHA256(secret, salt="smf/v1", info=client)``, and the pseudonym is the first 26 letters of
``base32(HMAC-SHA256(k_client, NFKC(casefold(strip(id)))))``.

References
----------
Krawczyk & Eronen 2010, RFC 5869, doi:10.17487/RFC5869.
Krawczyk, Bellare & Canetti 1997, RFC 2104, doi:10.17487/RFC2104.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from smf_helpers.errors import Fault, SecretError

VARIABLE: Final = "SMF_SECRET"
FILE_VARIABLE: Final = "SMF_SECRET_FILE"
SECRET_BYTES: Final = 32
SALT: Final = b"smf/v1"
PSEUDONYM_LENGTH: Final = 26
KID_LENGTH: Final = 8
EXAMPLE: Final = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"""The example of the documentation, which is no secret and is refused."""

_DISTINCT_BYTES: Final = 12


class Secret:
    """The consultant's secret; it never shows itself."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")

    def derive(self, client: str) -> bytes:
        """Derive the key of one client (HKDF-SHA256, one block)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=32, salt=SALT, info=client.encode()).derive(self._key)
        return bytes(derived)


class ClientKey:
    """One client's key: makes pseudonyms, and a short public name of itself.

    Parameters
    ----------
    key : 32 bytes derived from the secret.

    Examples
    --------
    >>> key = ClientKey(bytes(range(32)))
    >>> key.pseudonym(" Anna@Example.org ") == key.pseudonym("anna@example.org")
    True
    >>> len(key.pseudonym("anna@example.org")), key
    (26, ClientKey(630dcd29))
    """

    __slots__ = ("_key", "kid")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.kid = hashlib.sha256(key).hexdigest()[:KID_LENGTH]

    def __repr__(self) -> str:
        return f"ClientKey({self.kid})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a client's key is not written anywhere")

    def pseudonym(self, person: str) -> str:
        """Give the pseudonym of an id, a name or an address; spelling variants give the same."""
        plain = unicodedata.normalize("NFKC", person.strip().casefold()).encode()
        digest = hmac.digest(self._key, plain, "sha256")
        return base64.b32encode(digest).decode()[:PSEUDONYM_LENGTH]


def create_secret() -> str:
    """Make a new secret: 32 random bytes as base64 text, ready for ``SMF_SECRET``."""
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def create_secret_file(path: str | Path) -> Path:
    """Make a secret in a file that only its owner can read; an existing file is left as it is."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return target
    with os.fdopen(number, "w", encoding="ascii") as file:
        file.write(create_secret() + "\n")
    return target


def load_secret(env: Mapping[str, str] | None = None, file: str | Path | None = None) -> Secret:
    """Load the secret from ``SMF_SECRET``, or from a file (`file`, else ``SMF_SECRET_FILE``).

    Raises
    ------
    SecretError
        When there is none (K001), it is too short or not base64 (K002), or it is the documentation's
        example or otherwise no random secret (K003).
    """
    known = os.environ if env is None else env
    place, text = VARIABLE, known.get(VARIABLE, "").strip()
    source = file or known.get(FILE_VARIABLE)
    if not text and source:
        place = Path(source).name
        try:
            text = Path(source).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            text = ""
    if not text:
        raise _fault("K001", place, "There is no secret for pseudonyms.")
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SECRET_BYTES:
        raise _fault("K002", place, f"The secret is not base64 text of {SECRET_BYTES} random bytes or more.")
    if hmac.compare_digest(text, EXAMPLE) or len(set(key)) < _DISTINCT_BYTES:
        raise _fault("K003", place, "This is an example, not a secret.")
    return Secret(key)


def client_key(client: str, secret: Secret | None = None) -> ClientKey:
    """Give the key of a client, from the secret in the environment unless one is handed in.

    Raises
    ------
    SecretError
        See `load_secret`.
    """
    return ClientKey((secret or load_secret()).derive(client))


def check_same_key(kid: str, known: str, where: str) -> None:
    """Refuse to link waves whose pseudonyms were made with different keys.

    Raises
    ------
    SecretError
        When both are known and differ (K010); otherwise nobody would match, silently.
    """
    if kid and known and kid != known:
        raise SecretError(
            Fault(
                code="K010",
                where=where,
                what="The keys differ, so the waves cannot be linked.",
                remedy="Use the secret of the earlier waves, or type 'smf rekey' with both.",
            )
        )


def rekey(people: Mapping[str, str], old: ClientKey, new: ClientKey) -> dict[str, str]:
    """Give old pseudonym → new pseudonym, for a rotation of the secret.

    Parameters
    ----------
    people : raw id → pseudonym made with `old`; ids are needed, a pseudonym cannot be turned back.

    Raises
    ------
    SecretError
        When a pseudonym was not made with `old` (K011).
    """
    wrong = sum(old.pseudonym(person) != pseudonym for person, pseudonym in people.items())
    if wrong:
        raise SecretError(
            Fault(
                code="K011",
                where="rekey",
                what=f"{wrong} of {len(people)} pseudonyms were not made with the old secret.",
                remedy="Both secrets are needed: the old one and the new one.",
            )
        )
    return {pseudonym: new.pseudonym(person) for person, pseudonym in people.items()}


def _fault(code: str, place: str, what: str) -> SecretError:
    remedy = f"Make one with 'smf keys' and put it into {VARIABLE}."
    return SecretError(Fault(code=code, where=place, what=what, remedy=remedy))
