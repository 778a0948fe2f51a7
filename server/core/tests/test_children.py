"""How long a parent waits before it starts a child again that died."""

from server.core.children import FIRST_RESPAWN_S, HEALTHY_AFTER_S, LONGEST_RESPAWN_S, Child


def die(child: Child, *, after_s: float) -> float:
    """Returns the delay of the next start."""
    child.started_s = child.start_at_s
    return child.record_death(child.started_s + after_s)


def test_a_child_that_dies_again_and_again_is_started_later_each_time() -> None:
    child = Child()

    delays = [die(child, after_s=1) for _ in range(12)]

    assert delays[:3] == [FIRST_RESPAWN_S * 2, FIRST_RESPAWN_S * 4, FIRST_RESPAWN_S * 8]
    assert delays[-1] == LONGEST_RESPAWN_S


def test_a_child_that_lived_long_is_started_soon() -> None:
    child = Child()
    for _ in range(12):
        die(child, after_s=1)

    assert die(child, after_s=HEALTHY_AFTER_S + 1) == FIRST_RESPAWN_S


def test_a_life_counts_as_long_only_after_its_minute() -> None:
    child = Child()

    assert die(child, after_s=HEALTHY_AFTER_S) == FIRST_RESPAWN_S * 2


def test_the_next_start_is_after_the_delay() -> None:
    child = Child(started_s=10)

    delay = child.record_death(now=15)

    assert child.start_at_s == 15 + delay
