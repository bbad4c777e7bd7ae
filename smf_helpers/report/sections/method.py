"""Data and method, made from what ran; and the glossary."""

import re
from typing import Any

from smf_helpers.figures import Reader
from smf_helpers.figures.vocabulary import GRADES
from smf_helpers.report.blocks import Block, claims, figure, heading, prose, table
from smf_helpers.report.chapters import chapter
from smf_helpers.results.publication import Mark

PACKAGES = ("numpy", "pandas", "papermill", "plotly", "scipy", "smf-workbook")
"""Names that are written as their makers write them."""

COUNTS = re.compile(r"\w+ \d+(?:, \w+ \d+)*")
"""Names with a number each, such as the attacks that were tried."""

TERMS = (
    ("Factor", "One of the eight key success factors on the double cycle."),
    (
        "Double cycle",
        "The internal (strategy) and the external (implementation) cycle, joined by the link: learning and building a culture.",
    ),
    ("Bottleneck", "The weakest factor, the one that holds the flow round the double cycle back."),
    ("Flow", "How well the factors of a cycle work together; a weak link holds back everything."),
    ("Wave", "A round of asking the same questions."),
    (
        "95 % interval",
        "If the same measurement were made again and again, intervals made in this way would hold the true value 95 times in 100.",
    ),
    ("n", "The people, posts or intervals behind a number; small groups are given as bands."),
    ("Champions", "People who participate eagerly and answer others."),
    ("Bystanders", "People who do the bare minimum."),
    ("Barrier", "A named reason for holding back, such as lack of time."),
    ("Development path", "From no use through own use and use with colleagues to use with customers."),
    ("Adopter", "A person who has begun to take part, by the rule in the client's parameters."),
    (
        "Intervention",
        "Something the organisation did, with a date and a scope: a policy, an owner, a training.",
    ),
    ("Forecast", "Where the fitted curve goes if nothing changes; its band holds what is likely."),
    (
        "Progress ratio",
        "The factor by which a measure changes with each doubling of experience; 1 is no learning.",
    ),
    (
        "Not shown (confidentiality)",
        "The number could tell about a small group, alone or together with others.",
    ),
    ("Not enough to say", "There are too few data, or they do not settle the question."),
)


@chapter("data", "Data and method", "What came in, what ran, what is not here, and who is protected how.")
def data(reader: Reader) -> list[Block]:
    """Give the data behind the report and what was done with them."""
    release = reader.release
    return [
        *claims(reader, "data"),
        table(reader, "waves"),
        _sources(reader),
        figure(reader, "reliability"),
        *([table(reader, "missing_methods")] if reader.rows("missing_methods") else []),
        heading(reader.text("Who is protected, and how")),
        prose(
            reader.text(
                "No group of fewer than {minimum} people is shown, nor any from which such a group could be worked out; "
                "numbers are rounded before they leave the house, and an attacker's methods were tried on all of them together.",
                minimum=release.minimum,
            )
        ),
        _pairs(reader, reader.text("Audit of this release"), dict(release.audit)),
        heading(reader.text("What ran")),
        prose(
            reader.text(
                "Every number of this page can be made again from the inputs and parameters below; "
                "smf verify does so and says whether it comes out the same."
            )
        ),
        _pairs(reader, reader.text("Run"), dict(release.method)),
    ]


def _sources(reader: Reader) -> Block:
    """Give the input files, a row each, with every table that came of it."""
    files: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in reader.rows("sources"):
        files.setdefault((str(row["file"]), str(row["digest"])), []).append(row)
    whole = table(reader, "sources")
    heads = (
        ("File", False),
        ("Format", False),
        ("Rows in", True),
        ("What came of it", False),
        ("Notes", False),
        ("Digest", False),
    )
    return {
        **whole,
        "columns": [{"name": reader.text(name), "about": "", "numeric": n} for name, n in heads],
        "rows": [
            [
                file,
                reader.label(rows[0]["format"]),
                reader.count(rows[0]["rows_in"]),
                " · ".join(
                    f"{reader.label(row['table'])} {reader.count(row['rows_out'])}" for row in _told(rows)
                ),
                reader.finished(next((row["notes"] for row in rows if row["notes"]), "")),
                digest,
            ]
            for (file, digest), rows in files.items()
        ],
        "note": reader.finished(found.note) if (found := reader.table("sources")) else "",
    }


def _begun(text: str) -> str:
    return text.strip()[:1].upper() + text.strip()[1:]


def _named(reader: Reader, key: str) -> str:
    name = reader.label(key)
    return name if key in PACKAGES else name[:1].upper() + name[1:]


def _said(reader: Reader, value: str) -> str:
    if COUNTS.fullmatch(value):
        pairs = (part.rsplit(" ", 1) for part in value.split(", "))
        return ", ".join(f"{reader.text(word)} {reader.language.number(int(n), 0)}" for word, n in pairs)
    return reader.text(value) if value.replace(" ", "").isalpha() else value


def _told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the tables of a file whose rows are told; those of a file that tells none, all the same."""
    return [row for row in rows if not isinstance(row["rows_out"], Mark)] or rows


def _pairs(reader: Reader, title: str, found: dict[str, str]) -> Block:
    return {
        "kind": "table",
        "name": "pairs",
        "title": title,
        "columns": [
            {"name": reader.text("What"), "about": "", "numeric": False},
            {"name": reader.text("Value"), "about": "", "numeric": False},
        ],
        "rows": [[_named(reader, key), _said(reader, value)] for key, value in found.items()],
        "note": "",
        "reason": reader.text("Nothing was recorded."),
    }


@chapter("glossary", "Glossary", "The words of this report.")
def glossary(reader: Reader) -> list[Block]:
    """Give the words of the report and the grades of its claims."""
    grades = [reader.text(text).partition(":") for text in GRADES.values()]
    terms = [(reader.text(term), reader.text(about)) for term, about in TERMS]
    return [
        {
            "kind": "terms",
            "items": [
                {"term": term, "about": about}
                for term, about in sorted(
                    [*terms, *((word, _begun(rest)) for word, _, rest in grades)],
                    key=lambda each: each[0].casefold(),
                )
            ],
        }
    ]
