from server.apps.activity.models.change import Change
from server.apps.activity.models.operation import Operation
from server.apps.activity.models.security import SecurityEvent

__all__ = ["Change", "Operation", "SecurityEvent"]
