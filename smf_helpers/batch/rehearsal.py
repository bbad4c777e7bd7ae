"""What a library does only the first time in a process, done once in the zygote for all that it forks.

Classes made on demand, patterns compiled, workspaces of linear algebra, tables of validators: a notebook of a few
seconds spends a third of its time on them. Each rehearsal uses a library that the notebooks import anyway, on
numbers that mean nothing, and leaves nothing behind that a notebook could see.
"""

import io
import os
import sys
from collections.abc import Callable
from typing import Any, Final

_ROWS: Final = 60


def _pandas(pd: Any) -> None:
    text = "unit,wave,value,score\n" + "".join(f"u{n % 3},w{n % 2},{n % 5},{n / 7}\n" for n in range(_ROWS))
    read = pd.read_csv(io.StringIO(text))
    grouped = read.groupby(["unit", "wave"])["value"].agg(["mean", "std", "count"])
    wide = read.pivot_table(index="unit", columns="wave", values="score")
    named = read.groupby("unit").agg(rows=("value", "count"), top=("score", "max"))
    joined = read.merge(named.reset_index(), on="unit").sort_values(["unit", "score"])
    for shown in (read, read.describe(), grouped, wide.round(2), named, joined):
        shown.to_html()
        repr(shown)


def _optimize(optimize: Any) -> None:
    import numpy as np

    times = np.arange(12.0)
    values = 4 - 2 * np.exp(-0.3 * times) + 0.1 * np.sin(times)

    def curve(t: Any, top: float, gain: float, rate: float) -> Any:
        return top - gain * np.exp(-rate * t)

    optimize.curve_fit(curve, times, values, p0=(4, 2, 0.2))
    optimize.curve_fit(curve, times, values, p0=(4, 2, 0.2), bounds=(0, [10, 10, 5]))
    optimize.minimize(lambda theta: float(((curve(times, *theta) - values) ** 2).sum()), (4, 2, 0.2))


def _plotly(go: Any) -> None:
    line = list(range(5))
    column = sys.modules["pandas"].Series(line) if "pandas" in sys.modules else line
    traces = [
        go.Scatter(x=column, y=column, mode="lines+markers", name="a", line={"width": 2}),
        go.Bar(x=line, y=line, marker={"color": "#000"}),
        go.Heatmap(z=[line, line]),
    ]
    for trace in traces:
        figure = go.Figure(trace, layout={"title": "a", "xaxis": {"title": "b"}, "height": 400})
        figure.update_layout(margin={"l": 0})
        figure.to_json()
        figure._repr_mimebundle_()


def _kernel(kernelapp: Any) -> None:
    from ipykernel.zmqshell import ZMQInteractiveShell

    app = kernelapp.IPKernelApp()
    app.parse_command_line(["-f", "kernel.json", "--HistoryManager.enabled=False"])
    app.load_config_file()
    before = dict(os.environ)
    ZMQInteractiveShell(parent=app)  # tells programs below it of a terminal
    os.environ.clear()
    os.environ.update(before)


REHEARSALS: Final[dict[str, Callable[[Any], None]]] = {
    "pandas": _pandas,
    "scipy.optimize": _optimize,
    "plotly.graph_objects": _plotly,
    "ipykernel.kernelapp": _kernel,
}
"""Module → what is done with it once, where the zygote has imported it."""


def rehearse() -> None:
    """Rehearse with every module that this process has; one that refuses is left to whoever needs it."""
    for name, part in REHEARSALS.items():
        if name in sys.modules:
            try:
                part(sys.modules[name])
            except Exception:
                continue
