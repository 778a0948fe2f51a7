"""The URL map of the pages."""

from django.urls import path

from webapp.views import home, project, recipient
from webapp.views.device import changing_key, chart, repairing, upload, watching
from webapp.views.device.page import device
from webapp.views.org import about, api_keys, audit, invitation, members
from webapp.views.profile import security
from webapp.views.profile.page import profile
from webapp.views.staff import dead, index, jobs, mails, schedule, worker
from webapp.views.staff import security as staff_security

urlpatterns = [
    path("", home.home, name="home"),
    path("profile/", profile, name="profile"),
    path("profile/security/", security.security, name="security"),
    path("profile/security/tokens/add/", security.add_token, name="token-add"),
    path("profile/security/tokens/end/", security.revoke_sign_ins, name="tokens-end"),
    path("profile/security/tokens/<uuid:token_id>/revoke/", security.revoke_token, name="token-revoke"),
    path("profile/security/sessions/end/", security.end_other_sessions, name="sessions-end"),
    path("profile/security/sessions/<slug:ref>/end/", security.end_one_session, name="session-end"),
    path("organisation/new/", about.new_organisation, name="org-new"),
    path("org/<slug:slug>/", about.organisation, name="org"),
    path("org/<slug:slug>/members/", members.members, name="org-members"),
    path("org/<slug:slug>/members/<slug:account_slug>/role/", members.change_role, name="org-role"),
    path("org/<slug:slug>/members/<slug:account_slug>/remove/", members.remove, name="org-remove"),
    path("org/<slug:slug>/leave/", members.leave, name="org-leave"),
    path("org/<slug:slug>/invitation/<uuid:invitation_id>/resend/", members.resend, name="org-resend"),
    path("org/<slug:slug>/invitation/<uuid:invitation_id>/withdraw/", members.withdraw, name="org-withdraw"),
    path("org/<slug:slug>/invitation/<str:secret>/accept/", invitation.invitation, name="org-invitation"),
    path("org/<slug:slug>/apikeys/", api_keys.api_keys, name="org-apikeys"),
    path("org/<slug:slug>/apikeys/<uuid:key_id>/revoke/", api_keys.revoke_api_key, name="org-key-revoke"),
    path("org/<slug:slug>/audit/", audit.audit, name="org-audit"),
    path("recipient/<str:token>/", recipient.confirm, name="recipient-confirm"),
    path("recipient/<str:token>/unsubscribe/", recipient.unsubscribe, name="recipient-unsubscribe"),
    path("project/<str:slug>/", project.project, name="project"),
    path("device/<str:slug>/", device, name="device"),
    path("device/<str:slug>/key/", changing_key.change_key, name="device-key"),
    path("device/<str:slug>/report-key/", changing_key.store_key, name="device-report-key"),
    path("device/<str:slug>/health/", watching.watch, name="device-health"),
    path("device/<str:slug>/repair/<slug:kind>/plan/", repairing.plan, name="device-repair-plan"),
    path(
        "device/<str:slug>/repair/<uuid:repair_id>/carry-out/",
        repairing.run,
        name="device-repair-run",
    ),
    path("device/<str:slug>/repair/<uuid:repair_id>/undo/", repairing.undo, name="device-repair-undo"),
    path(
        "device/<str:slug>/repair/<uuid:repair_id>/discard/", repairing.discard, name="device-repair-discard"
    ),
    path("device/<str:slug>/upload/", upload.upload, name="device-upload"),
    path("device/<str:slug>/stream/<str:stream_slug>/chart.json", chart.chart, name="chart"),
    path("staff/", index.index, name="staff"),
    path("staff/worker/", worker.worker, name="staff-worker"),
    path("staff/worker/pause/", worker.pause, name="staff-pause"),
    path("staff/worker/resume/", worker.resume, name="staff-resume"),
    path("staff/worker/dead/", dead.dead, name="staff-dead"),
    path("staff/worker/log/", jobs.log, name="staff-log"),
    path("staff/worker/job/<str:message_id>/", jobs.job, name="staff-job"),
    path("staff/worker/schedule/", schedule.schedule, name="staff-schedule"),
    path("staff/security/", staff_security.events, name="staff-security"),
    path("staff/mail/", mails.mails, name="staff-mails"),
    path("staff/mail/<str:name>/<int:place>/", mails.mail, name="staff-mail"),
]
