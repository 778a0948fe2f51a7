from django.urls import path

from server.api.file import views

urlpatterns = [
    path("file/upload/", views.FileUpload.as_view()),
    path("file/<uuid:file_id>/", views.File.as_view()),
    path("s3file/sign/", views.SignPolicy.as_view()),
]
