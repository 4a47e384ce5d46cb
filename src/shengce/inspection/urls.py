from django.urls import path

from shengce.inspection import draft_views, views

app_name = "inspection"
urlpatterns = [
    path("", views.cards, name="cards"),
    path("new/", views.new_card, name="new"),
    path("cards/<int:pk>/", views.card, name="card"),
    path("cards/<int:pk>/edit/", views.edit_card, name="edit"),
    path("cards/<int:pk>/versions/<int:number>/", views.version, name="version"),
    path("cards/<int:pk>/versions/<int:number>/card.yaml", views.download, name="download"),
    path("drafts/<int:pk>/", draft_views.draft, name="draft"),
    path("drafts/<int:pk>/try/", draft_views.try_draft, name="try"),
    path("drafts/<int:pk>/import/", draft_views.import_card, name="import"),
    path("drafts/<int:pk>/publish/", draft_views.publish, name="publish"),
    path("drafts/<int:pk>/discard/", draft_views.discard, name="discard"),
    path("drafts/<int:pk>/sections/add/", draft_views.add_section, name="add_section"),
    path("drafts/<int:pk>/sections/remove/", draft_views.remove_section, name="remove_section"),
    path("drafts/<int:pk>/criteria/new/", draft_views.new_criterion, name="new_criterion"),
    path("drafts/<int:pk>/criteria/<slug:key>/", draft_views.criterion, name="criterion"),
    path("drafts/<int:pk>/criteria/<slug:key>/copy/", draft_views.copy_criterion, name="copy_criterion"),
    path(
        "drafts/<int:pk>/criteria/<slug:key>/remove/", draft_views.remove_criterion, name="remove_criterion"
    ),
]
