from django.urls import path

from server.apps.accounts.api import schema as schema  # to import it is to register it
from server.apps.accounts.api import views

urlpatterns = [
    path("auth/login/", views.Login.as_view()),
    path("auth/logout/", views.Logout.as_view()),
    path("auth/api-jwt-auth/", views.JwtAuth.as_view()),
    path("auth/api-jwt-verify/", views.JwtVerify.as_view()),
    path("auth/api-jwt-refresh/", views.JwtRefresh.as_view()),
    path("auth/user-info/", views.UserInfo.as_view()),
    path("account/", views.Accounts.as_view({"get": "list"})),
    path("org/", views.Orgs.as_view({"get": "list"})),
    path("org/<slug:slug>/", views.Orgs.as_view({"get": "retrieve"})),
]
