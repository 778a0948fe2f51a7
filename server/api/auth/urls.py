from django.urls import path

from server.api.auth import views

urlpatterns = [
    path("auth/login/", views.Login.as_view()),
    path("auth/logout/", views.Logout.as_view()),
    path("auth/api-jwt-auth/", views.JwtAuth.as_view()),
    path("auth/api-jwt-verify/", views.JwtVerify.as_view()),
    path("auth/api-jwt-refresh/", views.JwtRefresh.as_view()),
    path("auth/user-info/", views.UserInfo.as_view()),
    path("auth/token/", views.Tokens.as_view()),
    path("auth/password/reset/", views.PasswordReset.as_view()),
]
