"""The pages that the staff's navigation lists, in order. A new one is a module with its view, a URL and a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from server.core.mail import mailbox


@dataclass(frozen=True, slots=True)
class StaffTab:
    url_name: str
    label: str
    is_listed: Callable[[], bool] = lambda: True


TABS: Final = (
    StaffTab("staff", "Installation"),
    StaffTab("staff-worker", "Worker"),
    StaffTab("staff-dead", "Dead letters"),
    StaffTab("staff-log", "Worker log"),
    StaffTab("staff-schedule", "Post a job"),
    StaffTab("staff-mails", "Mails", is_listed=mailbox.stores_mails),
)


def navigation(url_name: str) -> dict[str, object]:
    """What the base of every page of the staff's shows: the tabs, and which of them is open."""
    return {"tab": url_name, "tabs": [tab for tab in TABS if tab.is_listed()]}
