"""Words that two packages of `lib` name, since neither may know the other: they must mean the
same."""

from server.lib import formats, timeseries
from server.lib.formats import selector


def test_formats_and_timeseries_agree_on_their_words() -> None:
    assert (formats.NO_TIME, formats.NOT_GIVEN) == (timeseries.NO_TIME, timeseries.NOT_GIVEN)
    assert selector.REBOOT_STREAM == timeseries.REBOOT_STREAM
