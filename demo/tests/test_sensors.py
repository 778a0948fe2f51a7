"""What the devices measure is plausible, repeats itself, and fits its word."""

from itertools import pairwise

import pytest

from demo.noise import drift, fraction
from demo.sensors import HISTORY_STEP_S, KINDS, LIVE_STEP_S, Moment, Quantity
from demo.tests.factories import NOW_S

DAY_S = 86400
QUANTITIES = [
    pytest.param(quantity, id=f"{kind.name}-{quantity.stream:04x}")
    for kind in KINDS.values()
    for quantity in kind.quantities
]


def measured(quantity: Quantity, *, seed: int = 7, days: int = 6, step_s: int = HISTORY_STEP_S) -> list[int]:
    counters: dict[str, float] = {}
    times = range(NOW_S, NOW_S + days * DAY_S, step_s)
    return [quantity.measure(Moment(at, at - step_s, seed, counters)) for at in times]


def quantity_of(kind: str, stream: int) -> Quantity:
    return next(quantity for quantity in KINDS[kind].quantities if quantity.stream == stream)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_raw_word_has_32_bits_and_is_not_always_the_same(quantity: Quantity) -> None:
    words = measured(quantity)

    assert all(-(2**31) <= word < 2**32 for word in words)
    assert len(set(words)) > 10


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_same_moment_measures_the_same(quantity: Quantity) -> None:
    assert measured(quantity, days=1) == measured(quantity, days=1)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_periods_are_whole_multiples_of_the_steps(quantity: Quantity) -> None:
    assert quantity.live_every_s % LIVE_STEP_S == 0
    assert quantity.history_every_s % HISTORY_STEP_S == 0


def test_a_meter_never_runs_backwards_and_always_runs_a_little() -> None:
    volume = measured(quantity_of("water-meter", 0x5001))

    assert volume == sorted(volume)
    assert 200 < volume[-1] - volume[0] < 50_000  # liters in six days


def test_more_water_flows_in_the_morning_than_at_night() -> None:
    flow = measured(quantity_of("water-meter", 0x5002), days=10)
    by_hour = [0] * 24
    for index, word in enumerate(flow):
        by_hour[(NOW_S + index * HISTORY_STEP_S) // 3600 % 24] += word

    assert by_hour[7] > 5 * by_hour[2] > 0


def test_soil_dries_until_it_is_watered() -> None:
    percent = [word * 100 / 4095 for word in measured(quantity_of("soil-temp", 0x5003))]

    steps = [after - before for before, after in pairwise(percent)]
    assert sum(step < 0 for step in steps) > sum(step > 0 for step in steps)
    assert max(steps) > 5
    assert 15 < min(percent) < max(percent) < 50


def test_air_is_warmer_in_the_afternoon_than_before_dawn() -> None:
    celsius = [word / 1000 - 273.15 for word in measured(quantity_of("soil-temp", 0x500F))]
    by_hour: dict[int, list[float]] = {}
    for index, degrees in enumerate(celsius):
        by_hour.setdefault((NOW_S + index * HISTORY_STEP_S) // 3600 % 24, []).append(degrees)

    assert sum(by_hour[15]) > sum(by_hour[3])
    assert 0 < min(celsius) < max(celsius) < 45


def test_a_cold_box_stays_cold_but_for_the_times_it_is_opened() -> None:
    celsius = [word / 100 for word in measured(quantity_of("shipping-logger", 0x5023), days=30)]

    warm = sum(degrees > 8 for degrees in celsius)
    assert 0 < warm < len(celsius) / 20


def test_shocks_are_rare_and_the_pace_of_measuring_does_not_change_them() -> None:
    peak = quantity_of("shipping-logger", 0x5025)

    slow = [word for word in measured(peak, days=5) if word > 40]
    fast = [word for word in measured(peak, days=5, step_s=10) if word > 40]

    assert sorted(slow) == sorted(fast)
    assert 1 <= len(slow) < 20


def test_noise_is_spread_over_its_whole_range() -> None:
    numbers = [fraction(3, at) for at in range(2000)]

    assert 0 <= min(numbers) < 0.01
    assert 0.99 < max(numbers) < 1
    assert 0.45 < sum(numbers) / len(numbers) < 0.55


def test_a_drift_has_no_jumps() -> None:
    line = [drift(5, at, 100) for at in range(1000)]

    assert all(-1 <= point <= 1 for point in line)
    assert max(abs(after - before) for before, after in pairwise(line)) < 0.04
