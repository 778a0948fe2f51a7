from server.apps.streams.models.stream import StreamId
from server.apps.streams.models.unit import VarType, VarTypeInputUnit, VarTypeOutputUnit
from server.apps.streams.models.variable import StreamVariable, VariableTemplate

__all__ = [
    "StreamId",
    "StreamVariable",
    "VarType",
    "VarTypeInputUnit",
    "VarTypeOutputUnit",
    "VariableTemplate",
]
