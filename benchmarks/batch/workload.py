"""The clients and the notebook of the benchmark: real work of an analyst, made from a seed."""

import json
from collections.abc import Sequence
from pathlib import Path

ROWS, FITS, DRAWS, FIGURES = 5_000, 50, 2_000, 8

CELLS = [
    'folder: str = ""',
    "import numpy as np\nimport pandas as pd\nimport plotly.graph_objects as go\n"
    "from scipy.optimize import curve_fit\nfrom IPython.display import display",
    "answers = pd.read_csv(f'{folder}/answers.csv')\nposts = pd.read_csv(f'{folder}/posts.csv')",
    "answers.describe()",
    "posts.groupby('channel').agg(posts=('post', 'count'), reach=('reach', 'sum'))",
    "by_unit = answers.groupby(['unit', 'wave'])['value'].agg(['mean', 'std', 'count'])\nby_unit",
    "wide = answers.pivot_table(index='unit', columns='item', values='value')\nwide.round(2)",
    "def curve(t, top, gain, rate):\n    return top - gain * np.exp(-rate * t)",
    "t = np.arange(12.0)\nrng = np.random.default_rng(1)\nfits = []\n"
    f"for n in range({FITS}):\n"
    "    y = curve(t, 4, 2, 0.3) + rng.normal(0, 0.1, 12)\n"
    "    fits.append(curve_fit(curve, t, y, p0=(4, 2, 0.2), bounds=(0, [10, 10, 5]))[0])\n"
    "fits = pd.DataFrame(fits, columns=['top', 'gain', 'rate'])\nfits.describe()",
    "values = answers['value'].to_numpy(float)\n"
    f"draws = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range({DRAWS})])\n"
    "pd.DataFrame({'low': [np.quantile(draws, 0.025)], 'high': [np.quantile(draws, 0.975)]})",
    "answers.groupby('item')['value'].mean().to_frame()",
    "shown = [go.Figure(go.Scatter(x=posts['day'][:1000], y=posts['reach'][:1000], mode='markers'), "
    "layout={'title': f'Reach {n}'}) for n in range(4)]\nfor figure in shown:\n    display(figure)",
    "more = [go.Figure(go.Bar(x=list(wide.index), y=wide.iloc[:, n])) for n in range(3)]\n"
    "for figure in more:\n    display(figure)",
    "last = go.Figure(go.Heatmap(z=wide.to_numpy()))\nlast",
    "f'{len(answers)} answers, {len(posts)} posts'",
]


def make_clients(folder: Path, n: int) -> list[Path]:
    """Write n clients' files and give their folders."""
    import numpy as np  # late: most modes need neither, and their start-up is counted
    import pandas as pd

    made = []
    for client in range(n):
        rng = np.random.default_rng(client)
        home = folder / "data" / f"client-{client:05d}"
        home.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(
            {
                "unit": rng.choice([f"unit {u}" for u in range(12)], ROWS),
                "wave": rng.choice(["w1", "w2"], ROWS),
                "item": rng.choice([f"q{i}" for i in range(16)], ROWS),
                "value": rng.integers(1, 6, ROWS),
            }
        ).to_csv(home / "answers.csv", index=False)
        pd.DataFrame(
            {
                "post": np.arange(ROWS),
                "channel": rng.choice(["a", "b", "c"], ROWS),
                "day": np.arange(ROWS) % 365,
                "reach": rng.lognormal(5, 1, ROWS).round(),
            }
        ).to_csv(home / "posts.csv", index=False)
        made.append(home)
    return made


def make_notebook(folder: Path, sources: Sequence[str] = CELLS, name: str = "workload") -> Path:
    """Write the notebook whose cells are the workload."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": ["parameters"] if place == 0 else []},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(sources)
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}))
    return path


def charts_of(notebook: Path) -> list[str]:
    """Give the JSON of every chart in an executed notebook, comparable."""
    found = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            chart = output.get("data", {}).get("application/vnd.plotly.v1+json")
            if chart is not None:
                found.append(comparable({"data": chart["data"], "layout": chart["layout"]}))
    return found


def comparable(chart: dict) -> str:
    """Give a chart's JSON without the template, which only decorates."""
    layout = {name: value for name, value in chart["layout"].items() if name != "template"}
    return json.dumps({"data": chart["data"], "layout": layout}, sort_keys=True)
