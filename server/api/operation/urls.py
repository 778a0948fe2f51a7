from django.urls import path

from server.api.operation import views

urlpatterns = [
    path("operation/", views.Operations.as_view()),
    path("pid/", views.Pid.as_view()),
]
