"""The command line, thin."""


def main() -> None:
    """Run the command `smf`."""
