"""A release opened as a report: its sections, each of which shows itself in a notebook.

In a notebook a section sends its blocks one by one, each as JSON of our own (which the exporter turns into
the page) together with a plain fallback that JupyterLab can show: text, a table, a plotly figure.
"""

from pathlib import Path
from typing import Any

from smf_helpers.figures import Reader, palettes, sketch
from smf_helpers.figures.plate import Plate
from smf_helpers.report import sections as _sections  # noqa: F401  (registers the sections)
from smf_helpers.report.blocks import Block, claims, figure, prose, table
from smf_helpers.report.chapters import CHAPTERS, SIDE_BY_SIDE, Chapter
from smf_helpers.report.fallback import as_text, in_lab, titled
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.released import Release

ALWAYS = ("minute", "data")
"""Sections that stand in every report: the answers, and what they rest on."""

MIME = "application/vnd.smf.section+json"
PLOTLY = "application/vnd.plotly.v1+json"


class Exhibit:
    """Some blocks of a report; they show themselves when they stand last in a cell."""

    def __init__(self, blocks: list[Block], reader: Reader) -> None:
        self.blocks, self.reader = blocks, reader

    def __repr__(self) -> str:
        first = as_text(self.blocks[0]) if self.blocks else "nothing"
        return f"{type(self).__name__}({first!r}, {len(self.blocks)} blocks)"

    def bundles(self) -> list[dict[str, Any]]:
        """Give one bundle of MIME types a block."""
        return [self._bundle(block) for block in self.blocks]

    def _bundle(self, block: Block) -> dict[str, Any]:
        bundle: dict[str, Any] = {MIME: block, "text/plain": as_text(block)}
        brand = self.reader.release.brand
        if block["kind"] == "figure" and block["shape"] == "plot":
            bundle[PLOTLY] = titled(block, palettes(brand)["light"])
        else:
            bundle["text/html"] = in_lab(block, brand)
        return bundle

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        for bundle in self.bundles():
            publish_display_data(bundle)


class Section(Exhibit):
    """One section of a report; shows itself when it stands last in a cell."""

    def __init__(self, chapter: Chapter, reader: Reader) -> None:
        self.chapter = chapter
        self.title = reader.text(chapter.title)
        lead = {
            "kind": "section",
            "key": chapter.key,
            "title": self.title,
            "lead": reader.text(chapter.lead),
        }
        super().__init__([lead, *chapter.make(reader)], reader)

    def __repr__(self) -> str:
        return f"Section({self.chapter.key!r}, {len(self.blocks)} blocks)"


class Report:
    """A release as a report.

    Parameters
    ----------
    release : what passed the gate.

    Attributes
    ----------
    sections : keys of the sections, in reading order.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.reader = Reader(release)
        compared = any(CATALOGUE[name].section == "portfolio" for name in release.tables)
        self._chapters = SIDE_BY_SIDE if compared else CHAPTERS

    @property
    def sections(self) -> list[str]:
        """Keys of the sections that the client wants, in reading order; some are always there."""
        wanted = self.release.sections
        return [key for key in self._chapters if not wanted or key in (*ALWAYS, *wanted)]

    def section(self, key: str) -> Exhibit:
        """Give one section; nothing where the client does not want it.

        Raises
        ------
        ModelError : there is no section of that name; the nearest one is named.
        """
        made = Section(self._chapters[key], self.reader)
        return made if key in self.sections else Exhibit([], self.reader)

    def figure(self, name: str) -> Exhibit:
        """Give one figure with its headline, or the reason why it cannot be drawn.

        Raises
        ------
        ModelError : there is no figure of that name; the nearest one is named.
        """
        return Exhibit([figure(self.reader, name)], self.reader)

    def claims(self, section: str) -> Exhibit:
        """Give the findings of a section, each with its evidence, grade and remedy."""
        found = claims(self.reader, section)
        return Exhibit(found or [prose(self.reader.text("Nothing can be said here yet."))], self.reader)

    def table(self, name: str) -> Exhibit:
        """Give one published table as a reader sees it."""
        return Exhibit([table(self.reader, name)], self.reader)

    def __repr__(self) -> str:
        return f"Report({self.release.client!r}, {len(self._chapters)} sections)"


def open_report(release: Release | str | Path) -> Report:
    """Open a release as a report.

    Parameters
    ----------
    release : a release, or the path of its file.

    Raises
    ------
    SMFError : the file cannot be read as a release.
    """
    if isinstance(release, Release):
        return Report(release)
    from smf_helpers import release as released

    return Report(released.open_release(release))


def open_portfolio(release: str | Path = "") -> Report:
    """Open what may be told about several clients side by side.

    Parameters
    ----------
    release : file of one page, as `smf report` writes them; by default the clients of this project, whose
        releases lie under ``private/releases``, are compared now.
    """
    if release:
        return open_report(release)
    from smf_helpers.params import project_root
    from smf_helpers.release import compare_releases, open_release

    kept = sorted((project_root() / "private" / "releases").glob("*.json"))
    compared, _ = compare_releases([open_release(path) for path in kept])
    return Report(next(iter(compared.values())))


def drawn(block: Block) -> str:
    """Give the drawing of a figure block as SVG or table."""
    return sketch(Plate(name=block["name"], headline="", shape="drawing", drawing=block["drawing"]))
