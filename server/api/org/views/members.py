"""The members of an organisation and their roles."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from server.api.org.serializers import members as serializers
from server.api.org.views.orgs import managed_org, org_of
from server.api.targets import ListView
from server.apps.accounts.models import OrgMembership, Role
from server.apps.accounts.selectors.accounts import actor_of, is_staff_request, org_for
from server.apps.accounts.selectors.orgs import members_of, membership_of, own_membership
from server.apps.accounts.services.memberships import change_role, leave_org, register_member
from server.core.errors import Forbidden, NotFound
from server.core.rest.pagination import LargePages
from server.core.rest.parsing import parsed, parsed_query


class Membership(APIView):
    @extend_schema(responses=serializers.MembershipOutput)
    def get(self, request: Request, slug: str) -> Response:
        """One's own membership: role and permissions."""
        own = own_membership(actor_of(request), org_of(request, slug), staff=is_staff_request(request))
        if own is None:
            raise NotFound()
        return Response(serializers.MembershipOutput(own).data)

    @extend_schema(parameters=[serializers.DepartureQuery], responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Leave the organisation. The last owner stays until somebody else is an owner."""
        revoke_keys = parsed_query(serializers.DepartureQuery, request)["revoke_keys"]
        leave_org(org=org_for(request.user, slug), user=actor_of(request), revoke_keys=revoke_keys)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Members(ListView[OrgMembership]):
    serializer_class = serializers.MembershipOutput
    pagination_class = LargePages

    @extend_schema(parameters=[serializers.MembersQuery], responses=serializers.MembershipOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The members of the organisation, in the order they joined. For those who manage
        people."""
        org = managed_org(request, slug)
        with_former = parsed_query(serializers.MembersQuery, request)["all"]
        return self.page(members_of(org, include_inactive=with_former), serializers.MembershipOutput)


class Member(APIView):
    @extend_schema(request=serializers.RoleInput, responses=serializers.MembershipOutput)
    def patch(self, request: Request, slug: str, user: str) -> Response:
        """Give a member another role, with its permissions; `00` deregisters. A role above your own
        can be neither given nor taken; the last owner stays. Who has left comes back by an
        invitation.
        """
        return self._change(request, slug, user, **parsed(serializers.RoleInput, request))

    @extend_schema(parameters=[serializers.DepartureQuery], responses={204: None})
    def delete(self, request: Request, slug: str, user: str) -> Response:
        """Deregister a member, who no longer sees anything of the organisation. They can be invited
        again. Their device tokens and invitations end."""
        query = parsed_query(serializers.DepartureQuery, request)
        self._change(request, slug, user, role=Role.DEREGISTERED, **query)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, slug: str, user: str, *, role: str, revoke_keys: bool) -> Response:
        org = managed_org(request, slug)
        changed = change_role(
            membership=membership_of(org, user),
            role=Role(role),
            by=actor_of(request),
            revoke_keys=revoke_keys,
            staff=is_staff_request(request),
        )
        return Response(serializers.MembershipOutput(changed).data)


class Register(APIView):
    @extend_schema(request=serializers.RegisterInput, responses={201: serializers.MembershipOutput})
    def post(self, request: Request, slug: str) -> Response:
        """Make a person with an account a member at once. Staff only, with `?staff=1`: others send
        an invitation, which the person accepts.
        """
        org = org_of(request, slug)
        if not is_staff_request(request):
            raise Forbidden("People join by invitation: POST org/{slug}/invite/.")
        data = parsed(serializers.RegisterInput, request)
        membership = register_member(
            org=org,
            user=data["user"],
            role=Role(data["role"]),
            by=actor_of(request),
            staff=is_staff_request(request),
        )
        return Response(serializers.MembershipOutput(membership).data, status=status.HTTP_201_CREATED)
