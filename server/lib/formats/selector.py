"""Which streams a streamer takes (report formats, part 1).

 15   14..12   11   10..0
+---+--------+----+--------+
| r | type   | s  | number |     number 7ff: all of that type; otherwise the code of one stream
+---+--------+----+--------+
r s: 0 0 user, 0 1 system, 1 0 user and the reboot stream, 1 1 user and system
"""

from typing import Final

REBOOT_STREAM: Final = 0x5C00
_ALL: Final = 0x7FF
_NOT_A_QUERY: Final = 0xFFFF  # of dictionary reports; wider ones are of virtual devices


def takes(selector: int, lid: int) -> bool:
    """Whether a streamer with this selector takes readings of this stream."""
    if selector >= _NOT_A_QUERY:
        return True
    if selector & _ALL != _ALL:
        return selector == lid
    if (selector ^ lid) & 0x7000:
        return False
    wants_both, wants_system = bool(selector & 0x8000), bool(selector & 0x0800)
    is_system = bool(lid & 0x0800)
    if wants_both and not wants_system:
        return not is_system or lid == REBOOT_STREAM
    return wants_both or wants_system == is_system
