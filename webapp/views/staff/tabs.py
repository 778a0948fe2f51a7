"""The pages in the navigation of the staff pages, in order. A new page is a module with its view, a
URL and a row."""

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
    StaffTab("staff-security", "Security events"),
    StaffTab("staff-schedule", "Post a job"),
    StaffTab("staff-mails", "Mails", is_listed=mailbox.stores_mails),
)


def navigation(url_name: str) -> dict[str, object]:
    """Returns the variables of the base template: the tabs, and which one is open."""
    return {"tab": url_name, "tabs": [tab for tab in TABS if tab.is_listed()]}
