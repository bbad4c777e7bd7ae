"""How fast a picture follows a hand: in JupyterLab, on the wall, and with a room full of phones."""
