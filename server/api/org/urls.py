from django.urls import path

from server.api.org.views import holdings, joining, keys, members, orgs
from server.core.rest.views import LIST

urlpatterns = [
    path("org/", orgs.Orgs.as_view(LIST)),
    path("org/<slug:slug>/", orgs.OneOrg.as_view()),
    path("org/<slug:slug>/membership/", members.Membership.as_view()),
    path("org/<slug:slug>/members/", members.Members.as_view()),
    path("org/<slug:slug>/members/<str:user>/", members.Member.as_view()),
    path("org/<slug:slug>/register/", members.Register.as_view()),
    path("org/<slug:slug>/invite/", joining.Invite.as_view()),
    path("org/<slug:slug>/pending/", joining.Pending.as_view()),
    path("org/<slug:slug>/pending/<uuid:invitation_id>/", joining.OnePending.as_view()),
    path("org/<slug:slug>/pending/<uuid:invitation_id>/resend/", joining.Resend.as_view()),
    path("org/<slug:slug>/domains/", joining.Domains.as_view()),
    path("org/<slug:slug>/domains/<uuid:domain_id>/", joining.Domain.as_view()),
    path("org/<slug:slug>/apikeys/", keys.ApiKeys.as_view()),
    path("org/<slug:slug>/apikeys/<uuid:key_id>/", keys.ApiKey.as_view()),
    path("org/<slug:slug>/message/", orgs.Message.as_view()),
    path("org/<slug:slug>/audit/", orgs.Audit.as_view()),
    path("invitation/accept/", joining.Accept.as_view()),
    path("org/<slug:slug>/extra/", holdings.OrgExtra.as_view()),
    path("org/<slug:slug>/projects/", holdings.OrgProjects.as_view()),
    path("org/<slug:slug>/devices/", holdings.OrgDevices.as_view()),
    path("org/<slug:slug>/archives/", holdings.OrgArchives.as_view()),
]
