from django.urls import path

from server.api.location import views

urlpatterns = [
    path("location/", views.Locations.as_view()),
    path("location/<str:pk>/", views.OneLocation.as_view()),
]
