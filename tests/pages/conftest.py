import sys
from pathlib import Path

import pytest

from tests.pages.chromium import CHROMIUM, FLAGS

sys.path.append(str(Path(__file__).parents[1] / "report"))


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()
