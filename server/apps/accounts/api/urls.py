from django.urls import path

from server.apps.accounts.api import schema as schema  # to import it is to register it
from server.apps.accounts.api.views import signing

urlpatterns = [
    path("auth/login/", signing.Login.as_view()),
    path("auth/logout/", signing.Logout.as_view()),
    path("auth/api-jwt-auth/", signing.JwtAuth.as_view()),
    path("auth/api-jwt-verify/", signing.JwtVerify.as_view()),
    path("auth/api-jwt-refresh/", signing.JwtRefresh.as_view()),
    path("auth/user-info/", signing.UserInfo.as_view()),
    path("account/", signing.Accounts.as_view({"get": "list"})),
    path("org/", signing.Orgs.as_view({"get": "list"})),
    path("org/<slug:slug>/", signing.Orgs.as_view({"get": "retrieve"})),
]
