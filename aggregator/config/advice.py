"""What is no error in config.toml, but probably not meant."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model import Problem
from aggregator.settings import Settings
from aggregator.verticals import categories_of


def warnings(settings: Settings) -> tuple[Problem, ...]:
    """Give what `broadsheet check` warns of, in the order of the tables; none names a line."""
    return tuple(
        Problem(file=str(settings.file), line=None, what=what, todo=todo)
        for what, todo in _doubts(settings)
    )


def _doubts(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.site.contact is None:
        yield (
            "[site] has no 'contact'",
            "add an e-mail or web address, so that the publishers you pull from can reach you",
        )
    sources = tuple(source for source in settings.sources if source.enabled)
    if not sources and not settings.seeds_folder.is_dir():
        yield "there is nothing to pull: no source, and no seeds folder", "add a [[sources]] table"
    served = {vertical for source in sources for vertical in source.verticals}
    for vertical in settings.verticals:
        if not (vertical.name in served or categories_of(vertical) or vertical.keywords):
            yield (
                f"[verticals.{vertical.name}] can hardly be filled",
                "give it categories or keywords, or name it in the 'verticals' of a source",
            )
