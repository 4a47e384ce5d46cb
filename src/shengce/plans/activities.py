"""The kinds of spending: the firm's own list, which begins with what Chinese sales departments spend on."""

from __future__ import annotations

from django.db.models import QuerySet

from shengce.plans.models import Activity

NAMES = ("广告宣传", "展会", "促销", "走访差旅", "培训", "样品赠品", "业务招待", "渠道支持")


def activities() -> QuerySet[Activity]:
    """All of them, in order; where there are none at all, as in a database that was emptied, the first ones are written."""
    if not Activity.objects.exists():
        rows = [Activity(name=name, position=place) for place, name in enumerate(NAMES)]
        Activity.objects.bulk_create(rows, ignore_conflicts=True)
    return Activity.objects.all()
