from django.urls import path

from server.api.changes import views as changes_views

urlpatterns = [
    path("operation/", changes_views.Operations.as_view()),
    path("pid/", changes_views.Pid.as_view()),
]
