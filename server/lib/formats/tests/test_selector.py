import pytest

from server.lib.formats.selector import takes


@pytest.mark.parametrize(
    ("selector", "taken", "left"),
    [
        (0x57FF, [0x5001], [0x5C00, 0x5800, 0x1001]),  # user outputs of old firmware
        (0xD7FF, [0x5001, 0x5C00], [0x5C01, 0x0E00]),  # the usual user streamer: reboots too
        (0x5FFF, [0x5C00, 0x5C08], [0x5001, 0x0E00]),  # the usual system streamer
        (0xDFFF, [0x5001, 0x5C00, 0x5C08], [0x1001]),  # all outputs
        (0x0FFF, [0x0E00], [0x0001, 0x5C00]),  # system storage: trip marks
        (0x5001, [0x5001], [0x5002, 0x5C00]),  # one stream
        (0xFFFF, [0x5001, 0x0E00], []),  # a dictionary's: not a query, so it may be anything
        (0x10000, [0x5001], []),  # virtual devices
    ],
)
def test_a_selector_takes_the_streams_it_stands_for(selector: int, taken: list[int], left: list[int]) -> None:
    assert [lid for lid in taken if not takes(selector, lid)] == []
    assert [lid for lid in left if takes(selector, lid)] == []
