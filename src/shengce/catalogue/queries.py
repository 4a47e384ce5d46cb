"""What is sold and against whom, read for the whole house."""

from __future__ import annotations

from functools import lru_cache

from shengce.catalogue.models import Competitor, Product
from shengce.language.lexicon import Entry, Lexicon

Names = tuple[tuple[str, tuple[str, ...]], ...]


def current_lexicon() -> Lexicon:
    """The names of all active products and competitors, compiled. Two queries; compiled again only after a change."""
    return _compiled(_names(Product), _names(Competitor))


def _names(model: type[Product] | type[Competitor]) -> Names:
    rows = model.objects.filter(active=True).order_by("pk").values_list("name", "aliases")
    return tuple(
        (name, tuple(alias for alias in aliases if isinstance(alias, str))) for name, aliases in rows
    )


@lru_cache(maxsize=2)
def _compiled(products: Names, competitors: Names) -> Lexicon:
    return Lexicon([Entry(*names) for names in products], [Entry(*names) for names in competitors])
