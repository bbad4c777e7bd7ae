"""Keys: HKDF and HMAC by the letter, different for every client, never shown."""

import base64
import hashlib
import hmac
import pickle
import stat

import pytest

from smf_helpers.errors import PrivacyError
from smf_helpers.privacy.keys import (
    EXAMPLE,
    ClientKey,
    Secret,
    check_same_key,
    client_key,
    create_secret,
    create_secret_file,
    load_secret,
    rekey,
)

ONE = Secret(bytes(range(32)))
TWO = Secret(bytes(range(1, 33)))


def hkdf(secret, salt, info):
    """RFC 5869 written out: extract, then one block of expand."""
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def test_the_client_key_and_pseudonym_follow_the_rfc():
    key = hkdf(bytes(range(32)), b"smf/v1", b"acme")
    digest = hmac.new(key, b"anna@example.org", hashlib.sha256).digest()
    made = client_key("acme", ONE)
    assert made.pseudonym("Anna@example.org ") == base64.b32encode(digest).decode()[:26]
    assert made.kid == hashlib.sha256(key).hexdigest()[:8]


def test_nobody_can_be_linked_across_clients_or_secrets():
    keys = [client_key("acme", ONE), client_key("beta", ONE), client_key("acme", TWO)]
    assert len({key.pseudonym("12") for key in keys}) == len({key.kid for key in keys}) == 3


@pytest.mark.parametrize("variant", ["ANNA", " anna\t", "ａｎｎａ", "Anna"])
def test_variants_of_an_id_are_one_person(variant):
    assert client_key("acme", ONE).pseudonym(variant) == client_key("acme", ONE).pseudonym("anna")


def test_secrets_do_not_show_themselves():
    key = client_key("acme", ONE)
    for thing in (ONE, key):
        assert bytes(range(32)).hex() not in repr(thing)
        with pytest.raises(TypeError):
            pickle.dumps(thing)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "K001"),
        ("short", "K002"),
        (base64.b64encode(b"x" * 31).decode(), "K002"),
        ("not base64!" * 6, "K002"),
        (EXAMPLE, "K003"),
        (base64.b64encode(b"a" * 32).decode(), "K003"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_quoted(text, code):
    with pytest.raises(PrivacyError, match=code) as caught:
        load_secret({"SMF_SECRET": text})
    assert not text or text not in str(caught.value)


def test_a_made_secret_is_accepted_from_the_environment_and_from_a_private_file(tmp_path):
    load_secret({"SMF_SECRET": create_secret()})
    path = create_secret_file(tmp_path / "private" / "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    assert create_secret_file(path).read_text() == before
    by_file = client_key("acme", load_secret({}, path))
    assert by_file.kid == client_key("acme", load_secret({"SMF_SECRET_FILE": str(path)})).kid


def test_waves_under_different_keys_are_not_linked_silently():
    check_same_key("aaaa", "aaaa", "w2")
    check_same_key("aaaa", "", "w2")
    with pytest.raises(PrivacyError, match="K010"):
        check_same_key("aaaa", "bbbb", "w2")


def test_a_rotation_needs_both_secrets():
    old, new = client_key("acme", ONE), client_key("acme", TWO)
    people = {person: old.pseudonym(person) for person in ("anna", "ben")}
    turned = rekey(people, old, new)
    assert turned[old.pseudonym("ben")] == new.pseudonym("ben")
    with pytest.raises(PrivacyError, match="K011"):
        rekey(people, ClientKey(bytes(32)), new)
