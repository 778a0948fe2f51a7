from django.urls import path

from server.api.data import views

urlpatterns = [
    path("data/", views.Data.as_view()),
    path("df/", views.Frame.as_view()),
]
