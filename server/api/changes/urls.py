from django.urls import path

from server.api.changes import views

urlpatterns = [
    path("changes/", views.Changes.as_view()),
]
