"""The saved page in a real browser: everything drawn, nothing asked for, readable by everybody."""

import os
import shutil
import subprocess

import pytest
from planted import planted_release

from smf_helpers.figures import FIGURES
from smf_helpers.report import share_scripts, write_html

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium on this machine: apt-get install chromium."),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
READY = "html[data-ready]"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for language in ("en", "fi"):
        made[language] = write_html(planted_release(language), folder / f"{language}.html")
    made["shared"] = write_html(planted_release(), folder / "shared.html", assets="shared")
    share_scripts(folder)
    return made


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def opened(browser, file, width=1440, scheme="light"):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(90_000)
    page.heard, page.asked = [], []
    page.on("console", lambda message: page.heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(file.as_uri(), timeout=90_000)
    page.wait_for_selector(READY, state="attached")
    return page


@pytest.mark.parametrize("kind", ["en", "shared"])
def test_every_figure_is_drawn_without_an_error_and_without_a_request(browser, files, kind):
    page = opened(browser, files[kind])
    assert page.evaluate("document.documentElement.dataset.ready") == "yes"
    assert page.heard == []
    own = files[kind].as_uri()
    allowed = (own, "data:", "blob:", files[kind].parent.as_uri() + "/_assets/")
    assert [url for url in page.asked if not url.startswith(allowed)] == []
    plots = page.locator(".plot")
    assert plots.count() == page.locator(".plot .main-svg:first-child").count() >= 18
    assert page.locator("figure.plate").count() == len(FIGURES)
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.plot')].filter(p => !p.querySelector('.scatterlayer .trace, .barlayer .trace')).length"
        )
        == 0
    )
    assert page.locator(".what-if-place input[type=range]").count() >= 1
    page.close()


@pytest.mark.parametrize(("kind", "width"), [("en", 390), ("fi", 390), ("en", 1920)])
def test_nothing_sticks_out_sideways(browser, files, kind, width):
    page = opened(browser, files[kind], width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    form = "upright" if width < 720 else "lying"
    assert page.locator(f"svg.cycle.{form}").is_visible()
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(browser, files, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, files["en"], width, scheme)
    found = Axe().run(page)
    serious = [
        (each["id"], each["nodes"][0]["target"], each["nodes"][0].get("failureSummary", "")[:200])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.close()


def test_figures_follow_the_readers_choice_of_light_and_dark(browser, files):
    page = opened(browser, files["en"])
    colour = "getComputedStyle(document.querySelector('.plot .ytick text, .plot .xtick text')).fill"
    light = page.evaluate(colour)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-mode=dark]", state="attached")
    assert page.evaluate(colour) != light
    page.close()


def test_the_contents_and_the_tables_are_reached_by_keyboard(browser, files):
    page = opened(browser, files["en"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.contents') !== null")
    summary = page.locator("details.behind summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.behind").first.locator("table").first.is_visible()
    page.close()


@pytest.mark.skipif(not os.environ.get("SMF_FULL"), reason="The printed page is checked when SMF_FULL=1.")
def test_the_printed_page_has_every_section_and_the_same_bytes_each_time(tmp_path):
    from pypdf import PdfReader

    from smf_helpers.report import write_print

    one = write_print(planted_release(), tmp_path / "one.pdf")
    two = write_print(planted_release(), tmp_path / "two.pdf")
    assert one.read_bytes() == two.read_bytes()
    text = "".join(page.extract_text() for page in PdfReader(one).pages)
    for words in ("In one minute", "Data and method", "Glossary", "holds the flow back"):
        assert words in text


def test_a_machine_without_a_browser_is_told_what_to_do(monkeypatch, tmp_path):
    from smf_helpers.errors import SMFError
    from smf_helpers.report import print_pdf

    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SMFError, match=r"P002.*Install Chromium"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")


def test_a_browser_that_cannot_print_is_an_error_with_a_remedy(monkeypatch, tmp_path):
    from smf_helpers.errors import SMFError
    from smf_helpers.report import print_pdf

    def broken(*_arguments, **_more):
        raise subprocess.CalledProcessError(1, "chromium")

    monkeypatch.setattr(subprocess, "run", broken)
    with pytest.raises(SMFError, match=r"P001.*smf doctor"):
        print_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
