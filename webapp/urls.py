"""The URL map of the pages."""

from django.urls import path

from webapp.views import (
    chart,
    device,
    home,
    invitation,
    members,
    organisation,
    profile,
    project,
    security,
    upload,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("profile/", profile.profile, name="profile"),
    path("profile/security/", security.security, name="security"),
    path("profile/security/tokens/add/", security.add_token, name="token-add"),
    path("profile/security/tokens/end/", security.revoke_sign_ins, name="tokens-end"),
    path("profile/security/tokens/<uuid:token_id>/revoke/", security.revoke_token, name="token-revoke"),
    path("organisation/new/", organisation.new_organisation, name="org-new"),
    path("org/<slug:slug>/", organisation.organisation, name="org"),
    path("org/<slug:slug>/members/", members.members, name="org-members"),
    path("org/<slug:slug>/members/<slug:account_slug>/role/", members.change_role, name="org-role"),
    path("org/<slug:slug>/invitation/<uuid:invitation_id>/resend/", members.resend, name="org-resend"),
    path("org/<slug:slug>/invitation/<uuid:invitation_id>/withdraw/", members.withdraw, name="org-withdraw"),
    path("org/<slug:slug>/invitation/<str:secret>/accept/", invitation.invitation, name="org-invitation"),
    path("org/<slug:slug>/apikeys/", organisation.api_keys, name="org-apikeys"),
    path("org/<slug:slug>/apikeys/<uuid:key_id>/revoke/", organisation.revoke_api_key, name="org-key-revoke"),
    path("org/<slug:slug>/audit/", organisation.audit, name="org-audit"),
    path("project/<str:slug>/", project.project, name="project"),
    path("device/<str:slug>/", device.device, name="device"),
    path("device/<str:slug>/upload/", upload.upload, name="device-upload"),
    path("device/<str:slug>/stream/<str:stream_slug>/chart.json", chart.chart, name="chart"),
]
