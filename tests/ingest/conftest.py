"""What the tests of reading share: the samples, made once, and the place of the licensed real files."""

import hashlib
import os
from functools import cache
from pathlib import Path

import pytest

from smf_helpers.ingest.sample import Sample, make_sample

ROOT = Path(__file__).parents[2]
FIXTURES = Path(os.environ.get("SMF_FIXTURES", ROOT.parent / "shared" / "fixtures"))


@cache
def sample_of(name: str) -> Sample:
    """Make a sample once for all tests."""
    return make_sample(name)


@pytest.fixture
def fixtures() -> Path:
    """Folder of the real files; the test is skipped where they are absent."""
    if not FIXTURES.is_dir():
        pytest.skip("the licensed real files are not on this machine (SMF_FIXTURES)")
    return FIXTURES


@pytest.fixture
def pseudonym():
    """A keyed hash as the privacy room gives one."""
    return lambda raw: hashlib.sha256(b"key" + raw.encode()).hexdigest()[:16]
