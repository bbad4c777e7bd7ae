"""The sample clients: the same bytes every time, small, committed, and true to what was planted."""

from pathlib import Path

import pytest

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.ingest.sample import SAMPLES, Sample, make_sample
from tests.ingest.conftest import sample_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=list(SAMPLES))
def sample(request: pytest.FixtureRequest) -> Sample:
    return sample_of(request.param)


def test_the_committed_files_are_those_that_the_generator_makes(sample: Sample) -> None:
    folder = ROOT / "data" / "sample" / sample.name
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert on_disk == set(sample.files)
    assert [name for name in sorted(on_disk) if (folder / name).read_bytes() != sample.files[name]] == []


def test_another_seed_gives_other_people(sample: Sample) -> None:
    other = make_sample("pienpaja", 99)
    assert other.truth.factor_means != make_sample("pienpaja").truth.factor_means
    assert set(other.files) == set(make_sample("pienpaja").files)
    assert sample.truth.seed != 99


def test_the_samples_stay_under_three_megabytes() -> None:
    files = [path for path in (ROOT / "data" / "sample").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_the_planted_bottleneck_is_the_weakest_factor_of_the_last_wave() -> None:
    for name in ("northgrid", "kauppa"):
        truth = sample_of(name).truth
        last = truth.factor_means[list(truth.waves)[-1]]
        assert min(last, key=lambda factor: last[factor]) == truth.bottleneck
        assert set(last) == set(FACTOR_KEYS)


def test_the_link_rises_and_the_remedied_barrier_falls() -> None:
    truth = sample_of("northgrid").truth
    waves = list(truth.waves)
    rise = (
        truth.factor_means[waves[-1]]["learning_culture"] - truth.factor_means[waves[0]]["learning_culture"]
    )
    assert rise > 0.7
    barrier, _ = truth.remedied_barrier or ("", "")
    assert truth.barrier_shares[waves[0]][barrier] > 2 * truth.barrier_shares[waves[-1]][barrier]
    assert abs(truth.barrier_shares[waves[0]]["time"] - truth.barrier_shares[waves[-1]]["time"]) < 0.06


def test_adoption_grows_to_no_more_than_the_eligible() -> None:
    for name in ("northgrid", "kauppa"):
        diffusion = sample_of(name).truth.diffusion
        assert diffusion is not None
        assert 0.6 * diffusion.eligible < sum(diffusion.adopters) <= diffusion.eligible


@pytest.mark.parametrize("name", list(SAMPLES))
def test_the_params_of_a_sample_load_and_name_its_units(name: str) -> None:
    from smf_helpers.params import load_params

    params = load_params(str(ROOT / "params" / f"{name}.yml"))
    assert {unit.name: unit.headcount for unit in params.organisation.units} == sample_of(name).truth.units
    assert [wave.wave for wave in params.waves] == list(sample_of(name).truth.waves)
