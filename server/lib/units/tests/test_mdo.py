from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lib.units import Mdo, UnitError

factors = st.integers(1, 10**9) | st.integers(-(10**9), -1)
mdos = st.builds(Mdo, factors, factors, st.floats(-1e6, 1e6))


def test_forward_multiplies_divides_and_adds() -> None:
    assert Mdo(9, 5, -459.67).forward(300.0) == pytest.approx(80.33)


def test_the_default_changes_nothing() -> None:
    assert Mdo().forward(12.5) == 12.5


@given(mdos, st.floats(-1e9, 1e9))
def test_reverse_undoes_forward(mdo: Mdo, value: float) -> None:
    there = mdo.forward(value)

    back = mdo.reverse(there)

    # What is lost is the rounding of the larger of offset and product, scaled back.
    lost = 8 * np.spacing(abs(there) + abs(mdo.offset)) * abs(mdo.divide / mdo.multiply)
    assert back == pytest.approx(value, rel=1e-12, abs=lost + 1e-300)


@given(mdos, st.lists(st.floats(-1e9, 1e9), max_size=20))
def test_an_array_goes_the_same_way_as_its_numbers(mdo: Mdo, values: list[float]) -> None:
    array = np.array(values, dtype=np.float64)

    assert mdo.forward(array).tolist() == [mdo.forward(value) for value in values]
    assert mdo.reverse(array).tolist() == [mdo.reverse(value) for value in values]


def test_a_huge_factor_does_not_overflow() -> None:
    assert Mdo(10**30).forward(np.array([2.0])).tolist() == [2e30]


def test_dividing_by_zero_is_refused_at_once() -> None:
    with pytest.raises(UnitError, match="'divide'"):
        Mdo(1, 0)


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), 10**400])
def test_a_factor_that_is_no_finite_number_is_refused(factor: float) -> None:
    with pytest.raises(UnitError, match="'multiply'"):
        Mdo(factor)


def test_there_is_no_way_back_from_zero() -> None:
    with pytest.raises(UnitError):
        Mdo(0).reverse(1.0)
