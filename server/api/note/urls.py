from django.urls import path

from server.api.note import views

urlpatterns = [
    path("note/", views.Notes.as_view()),
    path("note/<str:pk>/", views.OneNote.as_view()),
    path("note/<str:pk>/uploadurl/", views.UploadUrl.as_view()),
    path("note/<str:pk>/uploadsuccess/", views.UploadSuccess.as_view()),
]
