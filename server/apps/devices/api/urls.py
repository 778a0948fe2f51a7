from django.urls import path

from server.apps.devices.api.views import devices

urlpatterns = [
    path("project/", devices.Projects.as_view({"get": "list"})),
    path("project/<str:id_or_slug>/", devices.Projects.as_view({"get": "retrieve"})),
    path("device/", devices.Devices.as_view({"get": "list"})),
    path("device/<str:slug>/", devices.Devices.as_view({"get": "retrieve"})),
]
