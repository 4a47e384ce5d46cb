from django.urls import path

from shengce.web import views
from shengce.web.pages import cockpit, conversation, conversations, customer, health, my_day, search

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("welcome/", views.welcome, name="welcome"),
    path("theme/", views.theme, name="theme"),
    path("my-day/", my_day.my_day, name="my_day"),
    path("my-day/tasks/<int:pk>/done/", my_day.finish_task, name="finish_task"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    path("cockpit/table.csv", cockpit.cockpit_table, name="cockpit_table"),
    path("cockpit/alerts/<int:pk>/seen/", cockpit.alert_seen, name="alert_seen"),
    path("conversations/", conversations.conversations, name="conversations"),
    path("conversations/<int:pk>/", conversation.conversation, name="conversation"),
    path("conversations/<int:pk>/audio/", conversation.audio, name="conversation_audio"),
    path("conversations/<int:pk>/peaks/", conversation.peaks, name="conversation_peaks"),
    path("conversations/<int:pk>/turns/<int:turn>/", conversation.turn, name="turn"),
    path("conversations/<int:pk>/speakers/", conversation.speaker, name="speaker"),
    path("conversations/<int:pk>/link/", conversation.link, name="link_conversation"),
    path("facts/<int:pk>/<slug:answer>/", conversation.decide_fact, name="decide_fact"),
    path("customers/<int:pk>/", customer.customer, name="customer"),
    path("search/", search.search, name="search"),
    path("health/", health.health, name="health"),
]
