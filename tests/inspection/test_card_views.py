"""The pages of score cards: what they show, who gets in, and that nothing that is sent to them breaks or is lost."""

from __future__ import annotations

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from shengce.inspection import cards
from shengce.inspection.card_files import as_yaml
from shengce.inspection.models import ScoreCardVersion
from shengce.inspection.urls import urlpatterns
from shengce.language.inspection import card_from_data
from tests.inspection.card_world import POLITE, RUDE, card_data, published, score, talk_of

KEY = cards.key_of("greeting")
EDITORS = ("inspector", "executive")
READERS = ("manager_a", "rep_a1", *EDITORS)
READ = ("cards", "card", "version", "download")


@pytest.fixture
def draft(world):
    return cards.open_draft(published(world.inspector).card, by=world.inspector)


@pytest.fixture
def editor(client, world):
    client.force_login(world.inspector)
    return client


def content(version):
    return card_from_data(ScoreCardVersion.objects.get(pk=version.pk).data)


def address(name, version, key=KEY):
    given = {
        "pk": version.pk if "drafts" in _route(name) else version.card_id,
        "number": 1,
        "key": key,
    }
    return reverse(f"inspection:{name}", kwargs={k: v for k, v in given.items() if f":{k}>" in _route(name)})


def _route(name):
    return next(str(p.pattern) for p in urlpatterns if p.name == name)


def form_data(**changes):
    fields = {
        "name_zh": "问候",
        "name_en": "Greeting",
        "section": "opening",
        "points": "10",
        "kind": "said",
        "phrases": "您好\n你好",
        "by": "rep",
        "within_first_s": "20",
        "applies": "always",
    }
    return fields | changes


def seen(version, identifier="greeting"):
    return cards.fingerprint_of(next(c for c in content(version).criteria if c.id == identifier))


@pytest.mark.parametrize("name", [p.name for p in urlpatterns])
def test_who_gets_in(client, world, draft, name):
    """Every address as every role, and as nobody."""
    url = address(name, draft)
    before = list(ScoreCardVersion.objects.values())
    for user in (None, *(u for u in world.users if u.username not in EDITORS)):
        if user is None:
            client.logout()
        else:
            client.force_login(user)
        allowed = user is not None and user.username in (*READERS, "manager_b", "rep_a2", "rep_b1", "rep_b2")
        for method in (client.get, client.post):
            status = method(url).status_code
            if user is None:
                assert status == 302
            elif name in READ and allowed:
                assert status in (200, 405)
            else:
                assert status in (403, 405), (user.username, method, status)
    assert list(ScoreCardVersion.objects.values()) == before


@pytest.mark.parametrize("name", [p.name for p in urlpatterns])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_for_an_editor(client, world, draft, name, language):
    talk_of(world.rep_a1)
    for user in (world.inspector, world.executive):
        client.force_login(user)
        assert client.get(address(name, draft), headers={"accept-language": language}).status_code in (
            200,
            302,
            405,
        )


def test_drafts_are_shown_to_editors_only(client, world, draft):
    for user, shown in ((world.inspector, True), (world.rep_a1, False)):
        client.force_login(user)
        page = client.get(reverse("inspection:cards")).content.decode()
        assert (reverse("inspection:draft", args=[draft.pk]) in page) == shown
    assert client.get(reverse("inspection:version", args=[draft.card_id, 2])).status_code == 404
    assert client.get(reverse("inspection:download", args=[draft.card_id, 2])).status_code == 404


def test_samples_play_only_within_the_scope(client, world):
    version = published(world.inspector)
    own, foreign = talk_of(world.rep_a1, POLITE), talk_of(world.rep_b1, RUDE)
    for talk in (own, foreign):
        score(talk, version)
    pages = {}
    for user in (world.manager_a, world.inspector):
        client.force_login(user)
        pages[user.username] = client.get(reverse("inspection:card", args=[version.card_id])).content.decode()
    link = reverse("web:conversation_audio", args=[foreign.pk])
    assert reverse("web:conversation_audio", args=[own.pk]) in pages["manager_a"]
    assert link not in pages["manager_a"] and link in pages["inspector"]


def test_from_a_new_card_to_one_in_force(editor, world):
    answer = editor.post(reverse("inspection:new"), {"name": "回访评分表"})
    draft = ScoreCardVersion.objects.get()
    assert answer.url == reverse("inspection:draft", args=[draft.pk])
    editor.post(reverse("inspection:add_section", args=[draft.pk]), {"zh": "收尾", "en": "End"})
    editor.post(
        reverse("inspection:new_criterion", args=[draft.pk]),
        form_data(name_zh="再见", name_en="", section="end"),
    )
    assert [c.section for c in content(draft).criteria] == ["opening", "end"]
    fingerprint = cards.fingerprint_of(content(draft))
    answer = editor.post(
        reverse("inspection:publish", args=[draft.pk]), {"fingerprint": fingerprint}, follow=True
    )
    assert "「您好」" not in answer.content.decode()  # the marks come from the style sheet
    assert "再见" in answer.content.decode()
    assert ScoreCardVersion.objects.get().published_at is not None


def test_a_name_that_is_taken_is_told(editor, draft):
    answer = editor.post(reverse("inspection:new"), {"name": draft.card.name})
    assert answer.status_code == 422


def test_editing_copying_and_removing_a_criterion(editor, draft):
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    answer = editor.post(url, form_data(points="7", fingerprint=seen(draft)))
    assert answer.status_code == 302 and content(draft).criteria[0].points == 7
    answer = editor.post(reverse("inspection:copy_criterion", args=[draft.pk, KEY]))
    assert editor.get(answer.url).status_code == 200
    editor.post(reverse("inspection:remove_criterion", args=[draft.pk, KEY]), {"fingerprint": seen(draft)})
    assert [c.id for c in content(draft).criteria] == ["greeting-2", "end", "abuse"]


def test_both_changes_are_shown_and_the_second_save_is_a_decision(editor, draft):
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    old = seen(draft)
    editor.post(url, form_data(phrases="甲方的话", fingerprint=old))
    answer = editor.post(url, form_data(phrases="乙方的话", fingerprint=old))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "甲方的话" in page and "乙方的话" in page
    assert content(draft).criteria[0].when.wording.phrases == ("甲方的话",)
    again = answer.context["fingerprint"]
    assert editor.post(url, form_data(phrases="乙方的话", fingerprint=again)).status_code == 302
    assert content(draft).criteria[0].when.wording.phrases == ("乙方的话",)


def test_a_try_between_does_not_turn_a_conflict_into_an_overwrite(editor, world, draft):
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    old = seen(draft)
    editor.post(url, form_data(phrases="甲方的话", fingerprint=old))
    answer = editor.post(url, form_data(phrases="乙方的话", fingerprint=old, **{"try": "1"}))
    kept = answer.context["fingerprint"]
    assert editor.post(url, form_data(phrases="乙方的话", fingerprint=kept)).status_code == 409


def test_what_was_typed_for_a_removed_criterion_can_be_added_anew(editor, draft):
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    old = seen(draft)
    editor.post(reverse("inspection:remove_criterion", args=[draft.pk, KEY]), {"fingerprint": old})
    answer = editor.post(url, form_data(phrases="没有丢", fingerprint=old))
    assert answer.status_code == 422
    assert "没有丢" in answer.content.decode()
    assert reverse("inspection:new_criterion", args=[draft.pk]) in answer.content.decode()


def test_a_criterion_is_tried_before_it_is_saved(editor, world, draft):
    talk_of(world.rep_a1, POLITE), talk_of(world.rep_a1, RUDE)
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    before = content(draft)
    for headers in ({}, {"HX-Request": "true"}):
        data = form_data(phrases="爱买不买", fingerprint=seen(draft), **{"try": "1"})
        answer = editor.post(url, data, headers=headers)
        row = answer.context["row"]
        assert (row.after.met, row.before.met, row.changed) == (1, 1, 2)
        assert "data-audio" in answer.content.decode()
    assert content(draft) == before


def test_the_whole_draft_is_tried(editor, world, draft):
    talk_of(world.rep_a1, POLITE), talk_of(world.rep_b1, RUDE)
    url = reverse("inspection:try", args=[draft.pk])
    for headers in ({}, {"HX-Request": "true"}):
        assert editor.get(url, headers=headers).context["trial"].tried == 2
    assert editor.get(url, {"talks": "1"}).context["trial"].tried == 1


@pytest.mark.parametrize("talks", ["0", "-1", "1e9", "999999999999", "１２", "²", "", "x", "\x00"])
def test_a_strange_number_of_talks(editor, draft, talks):
    assert editor.get(reverse("inspection:try", args=[draft.pk]), {"talks": talks}).status_code == 200


def test_export_edit_import(editor, draft):
    page = editor.get(reverse("inspection:download", args=[draft.card_id, 2]))
    data = yaml.safe_load(page.content)
    data["criteria"][0]["points"] = 3
    file = SimpleUploadedFile("card.yaml", as_yaml(data).encode())
    url = reverse("inspection:import", args=[draft.pk])
    fingerprint = cards.fingerprint_of(content(draft))
    assert editor.post(url, {"file": file, "fingerprint": fingerprint}).status_code == 302
    assert content(draft).criteria[0].points == 3
    assert content(draft).version == 2


@pytest.mark.parametrize(
    "text",
    [
        "criteria: [",
        "- 1",
        "{}",
        "null",
        "a: *b",
        "a: &b [*b]",
        "\x07",
        "[" * 5000,
        "!!python/object/apply:os.system [ls]",
        as_yaml(card_data(criteria=[])),
        as_yaml(card_data(name="")),
        as_yaml(card_data(criteria=[card_data()["criteria"][0]] * 2)),
        as_yaml(card_data(criteria=[card_data()["criteria"][0] | {"points": "9" * 400}])),
        "id: x\nname: n\nsections: [{id: s, name: s}]\ncriteria: [{id: 0x" + "f" * 9000 + "}]",
    ],
)
def test_a_broken_import_comes_back_with_a_reason(editor, draft, text):
    before = content(draft)
    url = reverse("inspection:import", args=[draft.pk])
    for data in ({"text": text}, {"file": SimpleUploadedFile("a.yaml", text.encode())}):
        answer = editor.post(url, data | {"fingerprint": cards.fingerprint_of(before)})
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors()
        assert answer.context["form"]["text"].value() == text
    assert content(draft) == before


@pytest.mark.parametrize("sent", [b"\xff\xfe\x00", b"x" * (1024 * 1024 + 1)])
def test_a_file_that_is_no_text_or_too_large(editor, draft, sent):
    url = reverse("inspection:import", args=[draft.pk])
    answer = editor.post(url, {"file": SimpleUploadedFile("a.yaml", sent)})
    assert answer.status_code == 422 and answer.context["form"].errors


def test_an_import_over_somebody_elses_change_asks_first(editor, draft):
    url = reverse("inspection:import", args=[draft.pk])
    old = cards.fingerprint_of(content(draft))
    editor.post(reverse("inspection:add_section", args=[draft.pk]), {"zh": "新", "en": "new"})
    text = as_yaml(card_data())
    answer = editor.post(url, {"text": text, "fingerprint": old})
    assert answer.status_code == 422 and len(content(draft).sections) == 3
    again = answer.context["form"]["fingerprint"].value()
    assert editor.post(url, {"text": text, "fingerprint": again}).status_code == 302
    assert len(content(draft).sections) == 2


def test_a_thousand_criteria_on_every_page(editor, world, draft):
    many = [card_data()["criteria"][0] | {"id": f"c{i}", "name": f"第{i}项"} for i in range(1000)]
    fingerprint = cards.fingerprint_of(content(draft))
    card = card_from_data(card_data(criteria=many))
    cards.replace_draft(draft, card, by=world.inspector, fingerprint=fingerprint)
    talk_of(world.rep_a1)
    key = cards.key_of("c999")
    for name in ("draft", "try", "criterion", "import", "download"):
        assert editor.get(address(name, draft, key)).status_code == 200
    answer = editor.post(reverse("inspection:copy_criterion", args=[draft.pk, key]), follow=True)
    assert len(content(draft).criteria) == 1000
    assert "1000" in answer.content.decode()


def test_a_huge_post_is_refused_not_a_failure(editor, draft):
    url = reverse("inspection:criterion", args=[draft.pk, KEY])
    assert editor.post(url, form_data(phrases="话\n" * 2_000_000)).status_code == 400
    assert editor.post(url, form_data(phrases="话" * 70_000)).status_code == 422


def test_naughty_strings_through_the_pages(editor, world, draft, naughty_strings):
    add = reverse("inspection:new_criterion", args=[draft.pk])
    for text in naughty_strings[::12]:
        answer = editor.post(
            add, form_data(name_zh=text, name_en=text, note_zh=text, phrases=text, unless=text)
        )
        assert answer.status_code in (302, 422)
        sent = editor.post(reverse("inspection:add_section", args=[draft.pk]), {"zh": text, "en": text})
        assert sent.status_code in (302, 422)
        editor.post(reverse("inspection:remove_section", args=[draft.pk]), {"section": text})
        for answer in (
            editor.get(add, {"section": text}),
            editor.post(reverse("inspection:import", args=[draft.pk]), {"text": text}),
            editor.post(reverse("inspection:publish", args=[draft.pk]), {"fingerprint": text}),
        ):
            assert answer.status_code in (200, 302, 422)
    assert len(content(draft).criteria) > 10
    page = editor.get(reverse("inspection:draft", args=[draft.pk]))
    assert page.status_code == 200 and "<script>alert" not in page.content.decode()
    answer = editor.get(reverse("inspection:download", args=[draft.card_id, draft.number]))
    assert card_from_data(yaml.safe_load(answer.content)) == content(draft)


def test_the_list_takes_a_fixed_number_of_queries(editor, world, django_assert_max_num_queries):
    versions = [published(world.inspector) for _ in range(5)]
    for version in versions:
        score(talk_of(world.rep_a1), version)
    with django_assert_max_num_queries(8):
        assert len(editor.get(reverse("inspection:cards")).context["lines"]) == 5
    with django_assert_max_num_queries(14):
        editor.get(reverse("inspection:card", args=[versions[0].card_id]))
