import numpy as np
import pytest

from smf_helpers.errors import ModelError
from smf_helpers.measures.multiplicity import adjust


@pytest.mark.parametrize(("method", "peer"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_adjusted_values_equal_those_of_statsmodels(method, peer):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(2).random((50, 8)) ** 3
    for row in p:
        np.testing.assert_allclose(
            adjust(row, method), multitest.multipletests(row, method=peer)[1], rtol=1e-12
        )


def test_weights_share_out_the_error_budget():
    # Weighted Holm by hand: shares 1.6 and 0.8 0.8 0.8; p/share sorted, times the shares that are left.
    adjusted = adjust([0.02, 0.02, 0.004, 0.9], "holm", [2, 1, 1, 1])
    np.testing.assert_allclose(adjusted, [0.04, 0.04, 0.02, 0.9], rtol=1e-12)


def test_an_unknown_correction_is_refused():
    with pytest.raises(ModelError, match="holm, bh"):
        adjust([0.1], "none")
