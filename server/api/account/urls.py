from django.urls import path

from server.api.account import views
from server.core.rest.views import LIST

urlpatterns = [
    path("account/", views.Accounts.as_view(LIST)),
    path("account/<str:slug>/", views.OneAccount.as_view()),
    path("account/<str:slug>/set_password/", views.SetPassword.as_view()),
]
