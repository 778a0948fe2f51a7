"""Kinds of slug made of more than one number: data block, variable, stream, streamer, stream
filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from server.lib.slugs.base import Slug
from server.lib.slugs.grammar import GROUP_BITS, Terms, check_fits, to_term
from server.lib.slugs.numbered import DEVICE_BITS, DEVICE_MASK

_PROJECT_GROUPS = 2
_PROJECT_BITS = _PROJECT_GROUPS * GROUP_BITS
# A block number in front of three groups of device number.
_DEVICE_GROUPS = 4


def _project_term(project: int) -> str:
    return to_term(project, _PROJECT_GROUPS)


def _device_term(device: int, block: int = 0) -> str:
    return to_term(block << DEVICE_BITS | device, _DEVICE_GROUPS)


def _variable_term(variable: int) -> str:
    return to_term(variable, 1)


@dataclass(frozen=True, slots=True)
class BlockSlug(Slug):
    """`b--0001-0000-0000-0081`: archive 1 of device 81.

    All four groups are needed. Written with the letter `d`, missing groups on the left are 0 as in
    the slug of a device.
    """

    PREFIX: ClassVar[str] = "b--"
    EXPECTED: ClassVar[str] = "b--0001-0000-0000-0081"

    device: int
    block: int

    def __post_init__(self) -> None:
        check_fits("device number", self.device, DEVICE_BITS)
        check_fits("block number", self.block, GROUP_BITS)

    @property
    def gid(self) -> str:
        return _device_term(self.device, self.block)

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="bd", count=1, expected=cls.EXPECTED)
        least = _DEVICE_GROUPS if terms.letter == "b" else 1
        number = terms.number(0, least=least, most=_DEVICE_GROUPS)
        return cls(device=number & DEVICE_MASK, block=number >> DEVICE_BITS)


@dataclass(frozen=True, slots=True)
class VariableSlug(Slug):
    """`v--0000-0007--5001`: project and local number. The project's first group may be missing;
    project 0 stands for all."""

    PREFIX: ClassVar[str] = "v--"
    EXPECTED: ClassVar[str] = "v--0000-0007--5001 or v--0007--5001"

    project: int
    variable: int

    def __post_init__(self) -> None:
        check_fits("project number", self.project, _PROJECT_BITS)
        check_fits("variable number", self.variable, GROUP_BITS)

    @property
    def gid(self) -> str:
        return f"{_project_term(self.project)}--{_variable_term(self.variable)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="v", count=2, expected=cls.EXPECTED)
        project = terms.number(0, least=1, most=_PROJECT_GROUPS)
        return cls(project=project, variable=terms.number(1, least=1, most=1))


@dataclass(frozen=True, slots=True)
class StreamSlug(Slug):
    """`s--0000-0007--0000-0000-0000-0081--5001`: project, device, variable.

    Missing groups on the left of project and device are 0, and so is an empty project. An archived
    stream has project 0 and its block number in the first group of the device; a stream of the
    project as a whole has device 0.
    """

    PREFIX: ClassVar[str] = "s--"
    EXPECTED: ClassVar[str] = "s--0000-0007--0000-0000-0000-0081--5001 or s--0007--0081--5001"

    project: int
    device: int
    variable: int
    block: int = 0

    def __post_init__(self) -> None:
        check_fits("project number", self.project, _PROJECT_BITS)
        check_fits("device number", self.device, DEVICE_BITS)
        check_fits("variable number", self.variable, GROUP_BITS)
        check_fits("block number", self.block, GROUP_BITS)

    @property
    def gid(self) -> str:
        device = _device_term(self.device, self.block)
        return f"{_project_term(self.project)}--{device}--{_variable_term(self.variable)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="s", count=3, expected=cls.EXPECTED)
        project = terms.number(0, least=1, most=_PROJECT_GROUPS) if terms.terms[0] else 0
        device = terms.number(1, least=1, most=_DEVICE_GROUPS)
        variable = terms.number(2, least=1, most=1)
        return cls(project, device & DEVICE_MASK, variable, block=device >> DEVICE_BITS)


@dataclass(frozen=True, slots=True)
class StreamerSlug(Slug):
    """`t--0000-0000-0000-0082--0001`: device and index of the streamer on it. There is no short
    form."""

    PREFIX: ClassVar[str] = "t--"
    EXPECTED: ClassVar[str] = "t--0000-0000-0000-0082--0001"

    device: int
    index: int

    def __post_init__(self) -> None:
        check_fits("device number", self.device, DEVICE_BITS)
        check_fits("streamer index", self.index, GROUP_BITS)

    @property
    def gid(self) -> str:
        return f"{_device_term(self.device)}--{to_term(self.index, 1)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="t", count=2, expected=cls.EXPECTED)
        return cls(device=_unarchived_device(terms, 0), index=terms.number(1, least=1, most=1))


@dataclass(frozen=True, slots=True)
class FilterSlug(Slug):
    """`f--0000-0007--0000-0000-0000-0081--5001` for one device, `f--0000-0007----5001` (device
    None) for a project."""

    PREFIX: ClassVar[str] = "f--"
    EXPECTED: ClassVar[str] = "f--0000-0007--0000-0000-0000-0081--5001 or f--0000-0007----5001"

    project: int
    device: int | None
    variable: int

    def __post_init__(self) -> None:
        check_fits("project number", self.project, _PROJECT_BITS)
        check_fits("device number", self.device or 0, DEVICE_BITS)
        check_fits("variable number", self.variable, GROUP_BITS)

    @property
    def gid(self) -> str:
        device = "" if self.device is None else _device_term(self.device)
        return f"{_project_term(self.project)}--{device}--{_variable_term(self.variable)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        terms = Terms.split(text, letters="f", count=3, expected=cls.EXPECTED)
        project = terms.number(0, least=_PROJECT_GROUPS, most=_PROJECT_GROUPS)
        device = _unarchived_device(terms, 1) if terms.terms[1] else None
        return cls(project=project, device=device, variable=terms.number(2, least=1, most=1))


def _unarchived_device(terms: Terms, at: int) -> int:
    """Return the number of a full device term. Raises SlugError for a data block's: it has no
    streamers and no filters."""
    number = terms.number(at, least=_DEVICE_GROUPS, most=_DEVICE_GROUPS)
    if number > DEVICE_MASK:
        raise terms.malformed()
    return number
