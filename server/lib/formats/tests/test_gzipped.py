"""Unpacking gzip: whole, within its limit, and stopped as soon as a check says so."""

import gzip
import random

import pytest

from server.lib.formats.gzipped import NotGzip, NotWhole, TooLarge, unpack

NOISE = random.Random(1).randbytes(300_000)


@pytest.mark.parametrize("data", [b"", b"x", b"ab" * 100_000, NOISE], ids=["empty", "one", "even", "noise"])
def test_what_was_compressed_comes_back(data: bytes) -> None:
    assert unpack(gzip.compress(data), max_bytes=len(data)) == data


@pytest.mark.parametrize("data", [b"ab" * 100_000, NOISE], ids=["even", "noise"])
def test_more_than_the_limit_is_refused(data: bytes) -> None:
    with pytest.raises(TooLarge):
        unpack(gzip.compress(data), max_bytes=len(data) - 1)


def test_something_else_is_no_gzip() -> None:
    with pytest.raises(NotGzip):
        unpack(b"plain text", max_bytes=100)


@pytest.mark.parametrize("cut", [0, 5, 10, 40, -1])
def test_a_cut_file_names_its_end(cut: int) -> None:
    data = gzip.compress(NOISE)[:cut]

    with pytest.raises(NotWhole) as caught:
        unpack(data, max_bytes=len(NOISE))

    assert caught.value.offset == len(data)


def test_what_follows_it_is_named_by_its_place() -> None:
    data = gzip.compress(b"one")

    with pytest.raises(NotWhole) as caught:
        unpack(data + b"two", max_bytes=100)

    assert caught.value.offset == len(data)


def test_a_check_that_raises_ends_it_early() -> None:
    seen = []

    def check(part: bytes) -> None:
        seen.append(len(part))
        if sum(seen) > 200_000:
            raise MemoryError

    with pytest.raises(MemoryError):
        unpack(gzip.compress(b"[]," * 2_000_000), max_bytes=10_000_000, check=check)

    assert sum(seen) < 300_000
