from server.apps.streams.models.alias import StreamAlias, StreamAliasTap
from server.apps.streams.models.archive import DataBlock, DataMask
from server.apps.streams.models.note import StreamNote
from server.apps.streams.models.stream import StreamId
from server.apps.streams.models.unit import (
    VarType,
    VarTypeDecoder,
    VarTypeInputUnit,
    VarTypeOutputUnit,
    VarTypeSchema,
)
from server.apps.streams.models.variable import DisplayWidgetTemplate, StreamVariable, VariableTemplate

__all__ = [
    "DataBlock",
    "DataMask",
    "DisplayWidgetTemplate",
    "StreamAlias",
    "StreamAliasTap",
    "StreamId",
    "StreamNote",
    "StreamVariable",
    "VarType",
    "VarTypeDecoder",
    "VarTypeInputUnit",
    "VarTypeOutputUnit",
    "VarTypeSchema",
    "VariableTemplate",
]
