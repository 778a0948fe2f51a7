from django.urls import path

from server.apps.devices.api import views

urlpatterns = [
    path("project/", views.Projects.as_view({"get": "list"})),
    path("project/<str:id_or_slug>/", views.Projects.as_view({"get": "retrieve"})),
    path("device/", views.Devices.as_view({"get": "list"})),
    path("device/<str:slug>/", views.Devices.as_view({"get": "retrieve"})),
]
