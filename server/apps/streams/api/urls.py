from django.urls import path

from server.apps.streams.api.views import data

urlpatterns = [
    path("variable/", data.Variables.as_view({"get": "list"})),
    path("variable/<str:slug>/", data.Variables.as_view({"get": "retrieve"})),
    path("stream/", data.Streams.as_view({"get": "list"})),
    path("stream/<str:slug>/", data.Streams.as_view({"get": "retrieve"})),
    path("stream/<str:slug>/data/", data.StreamData.as_view()),
    path("data/", data.Data.as_view()),
]
