from server.apps.activity.models.change import Change
from server.apps.activity.models.operation import Operation

__all__ = ["Change", "Operation"]
