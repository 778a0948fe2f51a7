"""Repairs of what a device brought: planned, applied once, undone. What each kind changes is in a file of its own."""

from server.apps.lifecycle.services.repairs.carrying_out import carry_out_repair, start_repair
from server.apps.lifecycle.services.repairs.checking_rollups import check_rollups
from server.apps.lifecycle.services.repairs.forgetting import forget_old_repairs, forget_repairs_of_device
from server.apps.lifecycle.services.repairs.kinds import is_undoable
from server.apps.lifecycle.services.repairs.planning import discard_repair, plan_repair
from server.apps.lifecycle.services.repairs.undoing import carry_out_undo, start_undo

__all__ = [
    "carry_out_repair",
    "carry_out_undo",
    "check_rollups",
    "discard_repair",
    "forget_old_repairs",
    "forget_repairs_of_device",
    "is_undoable",
    "plan_repair",
    "start_repair",
    "start_undo",
]
