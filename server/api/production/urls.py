from django.urls import path

from server.api.production import views

urlpatterns = [
    path("key/", views.NewDeviceKey.as_view()),
    path("production/device/", views.ProductionDevices.as_view({"get": "list"})),
    path("production/device/create_virtual/", views.NewVirtualDevice.as_view()),
    path("production/device/<str:slug>/", views.ProductionDevices.as_view({"get": "retrieve"})),
]
