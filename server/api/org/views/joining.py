"""How people join an organisation: by invitation, or by the domain of their address."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.org.serializers import joining as serializers
from server.api.org.serializers.members import MembershipOutput
from server.api.org.views.orgs import managed_org, org_of
from server.api.targets import ListView
from server.apps.accounts.models import Invitation, Role
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request
from server.apps.accounts.selectors.orgs import domain_of, domains_of, invitation_of, pending_invitations_of
from server.apps.accounts.services.invitations import (
    accept_invitation,
    delete_invitation,
    invite,
    resend_invitation,
)
from server.apps.accounts.services.orgs import add_domain, remove_domain, verify_domain
from server.core.errors import Forbidden
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import parsed


class Invite(APIView):
    @extend_schema(request=serializers.InviteInput, responses={201: serializers.InvitationOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Mail an invitation link to an address; it is valid for 14 days. An address that was
        invited before gets a new link, and the old one ends.
        """
        org = managed_org(request, slug)
        data = parsed(serializers.InviteInput, request)
        invitation = invite(
            org=org,
            email=data["email"],
            role=Role(data["role"]),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(serializers.InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)


class Pending(ListView[Invitation]):
    serializer_class = serializers.InvitationOutput
    pagination_class = LargePages

    @extend_schema(responses=serializers.InvitationOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Invitations that were not accepted, including expired ones."""
        return self.page(pending_invitations_of(managed_org(request, slug)), serializers.InvitationOutput)


class OnePending(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, invitation_id: UUID) -> Response:
        """Revoke an invitation: its link ends."""
        org = managed_org(request, slug)
        delete_invitation(
            invitation=invitation_of(org, invitation_id),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Resend(APIView):
    @extend_schema(request=None, responses=serializers.InvitationOutput)
    def post(self, request: Request, slug: str, invitation_id: UUID) -> Response:
        """Send an invitation again, with a new link that is valid for another 14 days."""
        org = managed_org(request, slug)
        invitation = resend_invitation(
            invitation=invitation_of(org, invitation_id),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(serializers.InvitationOutput(invitation).data)


class Accept(APIView):
    @extend_schema(request=serializers.AcceptInput, responses=MembershipOutput)
    def post(self, request: Request) -> Response:
        """Accept an invitation with the secret of its link, as the owner of the invited address."""
        secret = parsed(serializers.AcceptInput, request)["secret"]
        membership = accept_invitation(secret=secret, by=actor_of(request))
        return Response(MembershipOutput(membership).data)


class Domains(APIView):
    @extend_schema(responses=serializers.DomainOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The organisation's domains, as a plain list. People with an address of a verified domain
        join by themselves."""
        domains = domains_of(managed_org(request, slug))
        return Response(serializers.DomainOutput(domains, many=True).data)

    @extend_schema(request=serializers.DomainInput, responses={201: serializers.DomainOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Add a domain. People can join by it once staff have verified it."""
        org = managed_org(request, slug)
        data = parsed(serializers.DomainInput, request)
        domain = add_domain(
            org=org,
            name=data["name"],
            default_role=Role(data["default_role"]),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(serializers.DomainOutput(domain).data, status=status.HTTP_201_CREATED)


class Domain(APIView):
    @extend_schema(request=serializers.VerifyInput, responses=serializers.DomainOutput)
    def patch(self, request: Request, slug: str, domain_id: UUID) -> Response:
        """Set whether the domain is verified as the organisation's. Staff only, with `?staff=1`."""
        if not is_staff_request(request):
            raise Forbidden("Restricted Access")
        domain = domain_of(org_of(request, slug), domain_id)
        verified = parsed(serializers.VerifyInput, request)["verified"]
        domain = verify_domain(domain=domain, verified=verified, by=actor_of(request))
        return Response(serializers.DomainOutput(domain).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, domain_id: UUID) -> Response:
        """Remove a domain; people who joined by it stay."""
        domain = domain_of(managed_org(request, slug), domain_id)
        remove_domain(domain=domain, by=actor_of(request), staff=is_staff_request(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
