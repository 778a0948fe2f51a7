from django.urls import path

from server.api.dt import views
from server.core.rest.views import DETAIL, LIST

urlpatterns = [
    path("component/", views.Components.as_view(LIST)),
    path("component/<str:slug>/", views.Components.as_view(DETAIL)),
    path("dt/", views.DeviceTemplates.as_view(LIST)),
    path("dt/<str:slug>/", views.DeviceTemplates.as_view(DETAIL)),
    path("dt/<str:slug>/slot/", views.Slots.as_view()),
    path("pt/", views.ProjectTemplates.as_view(LIST)),
    path("pt/<str:slug>/", views.ProjectTemplates.as_view(DETAIL)),
]
