"""What the words of a stream are worth, and what kind of rows they make."""

import numpy as np
from numpy.typing import NDArray

from server.apps.streams import store
from server.apps.streams.services.streams import StreamWriter
from server.lib.formats.packets import BEGIN, END


def values_of(
    writer: StreamWriter, words: NDArray[np.uint32]
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Value (NaN: none) and Kind of each word. The words of packets are no numbers of their own."""
    kind = np.full(len(words), store.Kind.NUM, dtype=np.uint8)
    if writer.is_encoded:
        kind[:] = store.Kind.PACKET
        kind[words == BEGIN] = store.Kind.PACKET_BEGIN
        kind[words == END] = store.Kind.PACKET_END
        return np.full(len(words), np.nan), kind
    if writer.numbers_events:
        kind[:] = store.Kind.EVENT_NUMBER
    elif writer.conversion.kind == "ITR":
        kind[:] = store.Kind.ITR
    return writer.conversion.to_value(words), kind
