"""Choose a client by name."""

from typing import Any

from smf_helpers.params import project_root


def client_names() -> list[str]:
    """Give the names of the clients under ``params/``, in order."""
    return sorted(path.stem for path in (project_root() / "params").glob("*.yml"))


def client_chooser(client: str = "") -> Any:
    """Give a drop-down of the clients; what is chosen is its ``.value``.

    Parameters
    ----------
    client : the one chosen at first; the first by name where it is unknown or empty.
    """
    import ipywidgets

    names = client_names()
    start = client if client in names else next(iter(names), None)
    return ipywidgets.Dropdown(options=names, value=start, description="Client")
