from django.urls import path

from server.api.ot import views
from server.core.rest.views import DETAIL, LIST

urlpatterns = [
    path("ot/", views.OrgTemplates.as_view(LIST)),
    path(
        "ot/<str:slug>/",
        views.OrgTemplates.as_view(DETAIL),
    ),
]
