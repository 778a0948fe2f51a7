"""The members of an organisation, and its invitations."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from server.apps.accounts.models import Account, Invitation, Org, Role
from server.apps.accounts.models.roles import GIVEN_ROLES
from server.apps.accounts.selectors.accounts import may, org_for, require
from server.apps.accounts.selectors.leaving import credentials_made_by
from server.apps.accounts.selectors.orgs import members_of, membership_of, pending_invitations_of
from server.apps.accounts.services import memberships
from server.apps.accounts.services.invitations import delete_invitation, invite, resend_invitation
from server.core.errors import Conflict, Forbidden, NotFound
from webapp.forms.org import InviteForm, RemovalForm, RoleForm
from webapp.views.org.tabs import OrgVisit, visit_org
from webapp.views.page import PageRequest, flash, page


@page
def members(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org-members")
    org = visit.org
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _send_invitation(request, org, form):
        return redirect("org-members", slug)
    context = visit.context() | {
        "form": form,
        "members": members_of(org),
        "invitations": pending_invitations_of(org),
        "roles": GIVEN_ROLES,
    }
    return render(request, "org/members.html", context, status=400 if form.errors else 200)


def _send_invitation(request: PageRequest, org: Org, form: InviteForm) -> bool:
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        invite(org=org, email=email, role=role, by=request.user)
    except Conflict as error:
        form.add_error("email", error.message)
    except Forbidden as error:
        form.add_error("role", error.message)
    else:
        messages.success(request, f"An invitation was sent to {email}.")
    return not form.errors


@page
@require_POST
def change_role(request: PageRequest, slug: str, account_slug: str) -> HttpResponse:
    org = org_for(request.user, slug)
    require(request.user, "can_manage_users", org)
    member, form = membership_of(org, account_slug), RoleForm(request.POST)
    name = member.user.get_full_name()
    if not form.is_valid():
        return redirect("org-members", slug)
    role = Role(form.cleaned_data["role"])
    done = (
        f"{name} has left the organisation." if role == Role.DEREGISTERED else f"{name} is now {role.label}."
    )
    flash(request, lambda: memberships.change_role(membership=member, role=role, by=request.user), done)
    if may(request.user, "can_manage_users", org):
        return redirect("org-members", slug)
    return redirect("home")  # users who have removed their own permission


@page
def remove(request: PageRequest, slug: str, account_slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org-members")
    member = membership_of(visit.org, account_slug)
    form, answer = _removal(request, visit, member.user)
    if answer is not None:
        return answer
    flash(
        request,
        lambda: memberships.change_role(
            membership=member, role=Role.DEREGISTERED, by=request.user, revoke_keys=form.revoke_keys
        ),
        f"{member.user.get_full_name()} has left the organisation.",
    )
    if may(request.user, "can_manage_users", visit.org):
        return redirect("org-members", slug)
    return redirect("home")  # users who have removed themselves


@page
def leave(request: PageRequest, slug: str) -> HttpResponse:
    visit = visit_org(request.user, slug, "org")
    form, answer = _removal(request, visit, request.user)
    if answer is not None:
        return answer
    flash(
        request,
        lambda: memberships.leave_org(org=visit.org, user=request.user, revoke_keys=form.revoke_keys),
        f"You are no longer a member of {visit.org.name}.",
    )
    return redirect("home")


def _removal(request: PageRequest, visit: OrgVisit, user: Account) -> tuple[RemovalForm, HttpResponse | None]:
    """Returns the form, and the page that asks, until it is answered."""
    made = credentials_made_by(user, visit.org)
    is_self = user == request.user
    form = RemovalForm(
        request.POST if request.method == "POST" else None,
        api_keys=made.api_keys,
        maker="you" if is_self else user.get_full_name(),
    )
    if form.is_valid():
        return form, None
    context = visit.context() | {
        "form": form,
        "made": made,
        "name": user.get_full_name(),
        "is_self": is_self,
    }
    return form, render(request, "org/removal.html", context, status=400 if form.errors else 200)


@page
@require_POST
def resend(request: PageRequest, slug: str, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = _invitation(request, slug, invitation_id)
    flash(
        request,
        lambda: resend_invitation(invitation=invitation, by=request.user),
        "A new link was sent; the previous one no longer works.",
    )
    return redirect("org-members", slug)


@page
@require_POST
def withdraw(request: PageRequest, slug: str, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = _invitation(request, slug, invitation_id)
    flash(
        request,
        lambda: delete_invitation(invitation=invitation, by=request.user),
        "The invitation was withdrawn.",
    )
    return redirect("org-members", slug)


def _invitation(request: PageRequest, slug: str, invitation_id: uuid.UUID) -> Invitation:
    org = org_for(request.user, slug)
    require(request.user, "can_manage_users", org)
    found = pending_invitations_of(org).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound()
    return found
