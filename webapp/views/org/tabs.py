"""The pages in the navigation of an organisation, in order. A new page is a module with its view, a
URL and a row."""

from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from server.apps.accounts.models import Account, Org, OrgMembership
from server.apps.accounts.selectors.accounts import membership_in, org_for
from server.apps.accounts.selectors.orgs import is_last_owner
from server.core.errors import Forbidden

MANAGES: Final = "can_manage_org_and_projects"


@dataclass(frozen=True, slots=True)
class OrgTab:
    url_name: str
    label: str
    permission: str = ""
    """A permission of the role matrix, without which the page is neither listed nor opened; empty
    for all members."""


TABS: Final = (
    OrgTab("org", "About"),
    OrgTab("org-members", "Members", permission="can_manage_users"),
    OrgTab("org-apikeys", "API keys", permission=MANAGES),
    OrgTab("org-audit", "Audit trail", permission=MANAGES),
)


@dataclass(frozen=True, slots=True)
class OrgVisit:
    """The organisation on a page, and what its reader may do with it."""

    org: Org
    membership: OrgMembership | None
    tab: OrgTab

    def may(self, permission: str) -> bool:
        return self.membership is not None and self.membership.may(permission)

    def may_open(self, tab: OrgTab) -> bool:
        return not tab.permission or self.may(tab.permission)

    def context(self) -> dict[str, object]:
        """Returns the variables that every page of an organisation needs."""
        return {
            "org": self.org,
            "membership": self.membership,
            "is_last_owner": self.membership is not None and is_last_owner(self.membership),
            "tab": self.tab,
            "tabs": [tab for tab in TABS if self.may_open(tab)],
            "now": timezone.now(),
        }


def visit_org(user: Account, slug: str, url_name: str) -> OrgVisit:
    """Returns the visit. Raises NotFound for a stranger, and Forbidden for a member who may not
    open this page."""
    org = org_for(user, slug)
    tab = next(tab for tab in TABS if tab.url_name == url_name)
    visit = OrgVisit(org, membership_in(user, org), tab)
    if not visit.may_open(tab):
        raise Forbidden()
    return visit
