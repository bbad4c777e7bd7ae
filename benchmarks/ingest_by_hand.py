"""The same canonical tables, written by hand in pandas by somebody who knows each file: what reading really costs there.

No format is told, no row is checked, nothing is refused and no log is kept. `same` holds the result against ours, so that
neither side does less work than the other.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]
_WORDS = {
    "STAGE": {"A1": "none", "A2": "personal", "A3": "internal", "A4": "customer"},
    "ACC1": {"A1": "open", "A2": "restricted", "A3": "banned"},
}


def limesurvey(path: Path) -> Tables:
    """Turn answer codes into numbers, keep 'not shown' and 'skipped' apart, put the questions under each other."""
    wide = pd.read_csv(path, dtype={"token": "str"}, keep_default_na=False, na_values=[""])
    known = {f"A{n}": float(n) for n in range(1, 6)}
    parts = []
    for name in wide.columns[8:]:
        text, item, missing, said = wide[name], name, np.where(wide[name].isna(), "skipped", ""), None
        if name.startswith("BAR["):
            value, missing = text.notna().astype("float64"), ""
            item = "BAR_" + {"tooloverload": "tool_overload"}.get(name[4:-1], name[4:-1])
        elif name == "COM":
            value, said = np.nan, text
        elif text.dtype == "float64":
            value = text
        else:
            value, missing = text.map(known), np.where(text == "N/A", "not_asked", missing)
        if name in _WORDS:
            value, said = value - 1, text.map(_WORDS[name])
        parts.append(
            pd.DataFrame(
                {"respondent": wide["token"], "wave": path.stem, "item": item, "value": value, "text": said,
                 "missing": missing}
            )
        )  # fmt: skip
    responses = pd.concat(parts, ignore_index=True)
    people = wide[["token"]].rename(columns={"token": "respondent"}).assign(wave=path.stem)
    people["submitted_at"] = pd.to_datetime(wide["submitdate"], format="%Y-%m-%d %H:%M:%S", utc=True)
    return {"responses": responses, "respondents": people}


def people(path: Path) -> Tables:
    """Keep ids as text, read the days, yes and no."""
    rows = pd.read_csv(path, dtype="str")
    rows.columns = [
        "person",
        "alias_email",
        "name",
        "unit",
        "role",
        "joined_on",
        "left_on",
        "executive",
        "alias_token",
    ]
    for name in ("person", "alias_email", "unit", "role", "alias_token"):
        rows[name] = rows[name].str.strip()
    for name in ("joined_on", "left_on"):
        rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d")
    rows["executive"] = rows["executive"].map({"yes": True, "no": False}).astype("boolean")
    return {"people": rows.drop(columns="name").drop_duplicates("person").assign(state="active")}


def skills(path: Path) -> Tables:
    """Keep ids as text, read the day."""
    rows = pd.read_csv(path, dtype={"Employee number": "str"})
    rows.columns = ["learner", "skill", "at", "score", "source", "unit"]
    for name in ("learner", "skill", "source", "unit"):
        rows[name] = rows[name].str.strip()
    rows["at"] = pd.to_datetime(rows["at"], format="%Y-%m-%d")
    return {"skills": rows.dropna(subset=["at", "score"])}


def inbox(path: Path) -> Tables:
    """Read both times as UTC, yes and no, and leave out answers that came before their message."""
    rows = pd.read_csv(path, dtype={"Message ID": "str"})
    rows.columns = ["message", "channel", "at", "answered_at", "crisis"]
    for name in ("at", "answered_at"):
        rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d %H:%M:%S", utc=True)
    rows["crisis"] = rows["crisis"].map({"yes": True, "no": False}).astype("boolean")
    return {"messages": rows[~(rows["answered_at"] < rows["at"])]}


def posts(path: Path) -> Tables:
    """Keep ids as text, turn Pacific times into UTC, take the rows that have an id."""
    rows = pd.read_csv(path, dtype={"Post ID": "str", "Page ID": "str"})
    rows = rows[rows["Post ID"].notna()]
    made = rows[
        [
            "Post ID",
            "Post type",
            "Description",
            "Views",
            "Reach",
            "Reactions",
            "Comments",
            "Shares",
            "Total clicks",
        ]
    ]
    made.columns = [
        "post",
        "kind",
        "text",
        "impressions",
        "reach",
        "reactions",
        "comments",
        "shares",
        "clicks",
    ]
    local = pd.to_datetime(rows["Publish time"], format="%m/%d/%Y %H:%M")
    stamps = local.dt.tz_localize("America/Los_Angeles", ambiguous=True, nonexistent="shift_forward")
    made = made.assign(channel="facebook", published_at=stamps.dt.tz_convert("UTC"))
    return {"posts": made.drop_duplicates("post", keep="last")}


BY_HAND: Mapping[str, Callable[[Path], Tables]] = {
    "LimeSurvey wave": limesurvey, "people list": people, "skills list": skills, "inbox": inbox, "Facebook posts": posts,
}  # fmt: skip


def same(ours: Tables, hand: Tables) -> None:
    """Refuse to compare times where the tables differ: rows, texts, numbers, times, column by column."""
    for table, rows in hand.items():
        mine = ours[table]
        assert len(mine) == len(rows), (table, len(mine), len(rows))
        for name in rows:
            a, b = (_plain(frame[name]) for frame in (mine, rows))
            assert ((a == b) | (pd.isna(a) & pd.isna(b))).all(), (table, name)


def _plain(column: "pd.Series[Any]") -> np.ndarray:
    if isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
        return column.to_numpy(dtype="datetime64[us]")
    return column.astype(object).to_numpy()
