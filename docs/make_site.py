"""Make the documentation site from the same files that the repository shows: README, guides, params, results.

Run: ``make docs``. Writes ``site/``, which opens by a double-click: no server, no network, no script.
"""

import html
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import mistune

ROOT = Path(__file__).parents[1]
SOURCES = ("README.md", "docs/*.md", "params/README.md", "benchmarks/results/*.md", "CHANGELOG.md")
IN_MENU = ("README.md", "docs/", "params/", "CHANGELOG.md")
STYLE = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")


def page_of(source: str) -> str:
    """Give the page that a source becomes.

    >>> page_of("README.md"), page_of("docs/for-trainers.md")
    ('index.html', 'docs/for-trainers.html')
    """
    return "index.html" if source == "README.md" else source.removesuffix(".md") + ".html"


class Renderer(mistune.HTMLRenderer):
    """Lead links from source to source over to their pages; what is no page of the site stays words."""

    def __init__(self, source: str, sources: list[str]) -> None:
        super().__init__(escape=False)
        self._folder, self._sources = (ROOT / source).parent, sources

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Write a link."""
        parts = urlsplit(url)
        if parts.scheme or not parts.path:
            return super().link(text, url, title)
        target = (self._folder / parts.path).resolve().relative_to(ROOT).as_posix()
        if target not in self._sources:
            return text
        up = "../" * len(self._folder.relative_to(ROOT).parts)
        return super().link(
            text, up + page_of(target) + (f"#{parts.fragment}" if parts.fragment else ""), title
        )


def make_site(out: Path) -> list[Path]:
    """Write the site below `out` and give its pages."""
    sources = [path.relative_to(ROOT).as_posix() for glob in SOURCES for path in sorted(ROOT.glob(glob))]
    texts = {source: (ROOT / source).read_text(encoding="utf-8") for source in sources}
    titles = {
        source: found[1] if (found := re.search(r"^# (.+)", text, re.MULTILINE)) else source
        for source, text in texts.items()
    }
    made = []
    for source, text in texts.items():
        up = "../" * source.count("/")
        menu = "".join(
            f'<a href="{up}{page_of(one)}"{" aria-current=page" if one == source else ""}>{html.escape(titles[one])}</a>'
            for one in sources
            if one.startswith(IN_MENU)
        )
        body = mistune.create_markdown(renderer=Renderer(source, sources), plugins=["table"])(text)
        made.append(out / page_of(source))
        made[-1].parent.mkdir(parents=True, exist_ok=True)
        made[-1].write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{html.escape(titles[source])}</title><style>{STYLE}</style><nav>{menu}</nav><main>{body}</main></html>\n",
            encoding="utf-8",
        )
    shutil.copytree(ROOT / "docs" / "pictures", out / "docs" / "pictures", dirs_exist_ok=True)
    return made


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    print(f"{len(make_site(folder))} pages: {folder / 'index.html'}")
