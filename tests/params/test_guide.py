"""The guide and the scaffold agree with the schema."""

from pathlib import Path

import pytest

from smf_helpers.errors import ParamsError
from smf_helpers.params import load_params
from smf_helpers.params.guide import params_guide, scaffold_client

ROOT = Path(__file__).parents[2]


def test_the_readme_of_params_is_what_the_schema_says() -> None:
    assert (ROOT / "params" / "README.md").read_text(encoding="utf-8") == params_guide()


def test_a_scaffold_can_be_loaded_as_it_is(tmp_path: Path) -> None:
    file, folder = scaffold_client("city-of-oulu", tmp_path)
    assert folder.is_dir()
    assert load_params(file).name == "City Of Oulu"


def test_a_scaffold_never_overwrites(tmp_path: Path) -> None:
    scaffold_client("acme", tmp_path)
    with pytest.raises(ParamsError, match="there already"):
        scaffold_client("acme", tmp_path)


@pytest.mark.parametrize("client", ["../x", "Acme", "con", "a" * 64, ""])
def test_an_unusable_client_id_makes_nothing(tmp_path: Path, client: str) -> None:
    with pytest.raises(ParamsError):
        scaffold_client(client, tmp_path)
    assert not list(tmp_path.iterdir())
