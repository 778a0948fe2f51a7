from django.urls import path

from server.apps.streams.api import views

urlpatterns = [
    path("variable/", views.Variables.as_view({"get": "list"})),
    path("variable/<str:slug>/", views.Variables.as_view({"get": "retrieve"})),
    path("stream/", views.Streams.as_view({"get": "list"})),
    path("stream/<str:slug>/", views.Streams.as_view({"get": "retrieve"})),
    path("stream/<str:slug>/data/", views.StreamData.as_view()),
    path("data/", views.Data.as_view()),
]
