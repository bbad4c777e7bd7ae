"""``python -m smf_helpers`` is the command ``smf``."""

from smf_helpers.cli import main

if __name__ == "__main__":
    main()
