"""The tabs of a device's page, in the order of its navigation. A new tab is a module for its
context, a template, and a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from webapp.views.device.health import health_context
from webapp.views.device.key import key_context
from webapp.views.device.overview import overview_context
from webapp.views.device.readings import readings_context
from webapp.views.device.repairs import repairs_context
from webapp.views.device.reports import reports_context
from webapp.views.device.visit import Context, DeviceVisit


@dataclass(frozen=True, slots=True)
class DeviceTab:
    name: str
    """The value of `?tab=` in the address."""
    label: str
    context: Callable[[DeviceVisit], Context]
    template: str
    permission: str = ""
    """A permission of the role matrix, without which the tab is neither listed nor opened; empty
    for none."""
    fragments: Mapping[str, str] = field(default_factory=dict)
    """Templates of the parts that an open page fetches again, by the id of their element."""

    def is_open_to(self, visit: DeviceVisit) -> bool:
        return not self.permission or visit.may(self.permission)


TABS: Final = (
    DeviceTab(
        name="overview",
        label="Values",
        context=overview_context,
        template="device/_overview.html",
        fragments={"latest": "device/_latest.html"},
    ),
    DeviceTab(
        name="readings",
        label="Readings",
        context=readings_context,
        template="device/_readings.html",
        fragments={"readings": "device/_reading_table.html"},
    ),
    DeviceTab(
        name="reports",
        label="Reports",
        context=reports_context,
        template="device/_reports.html",
        fragments={"reports": "device/_report_list.html"},
    ),
    DeviceTab(name="health", label="Health", context=health_context, template="device/_health.html"),
    DeviceTab(
        name="repair",
        label="Repair",
        context=repairs_context,
        template="device/_repairs.html",
        permission="can_modify_device",
    ),
    DeviceTab(
        name="key",
        label="Key",
        context=key_context,
        template="device/_key.html",
        permission="can_modify_device",
    ),
)


def tab_named(name: str) -> DeviceTab:
    """Returns the tab with this name, else the first."""
    return next((tab for tab in TABS if tab.name == name), TABS[0])
