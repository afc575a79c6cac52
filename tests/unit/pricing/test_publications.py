"""Which rulebook is in force when."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve

from repaircore.domain.errors import NotFound
from repaircore.domain.pricing.publications import Draft, Publication, before, in_force
from tests.unit.pricing.shop import NEW_YEAR, NOON, rule, rulebook

OLD = rulebook(rule("b", "base set", 1))
NEW = evolve(OLD, version="2", effective_until=NOON + timedelta(days=1))
BOOKS = {"1": OLD, "2": NEW}


def publication(number: int, version: str, effective_from: datetime) -> Publication:
    """A publication of one of the two."""
    return Publication(number=number, version=version, effective_from=effective_from, published_at=NEW_YEAR)


PUBLISHED = [publication(1, "1", NEW_YEAR), publication(2, "2", NOON)]


def test_the_last_to_come_into_force() -> None:
    """Before it the one before; after its end the one before again; before all of them none."""
    days = [in_force(PUBLISHED, BOOKS, NOON + timedelta(days=each)).version for each in (-1, 0, 1)]

    assert days == ["1", "2", "1"]
    with pytest.raises(NotFound):
        in_force(PUBLISHED, BOOKS, NEW_YEAR - timedelta(seconds=1))


def test_two_for_the_same_moment() -> None:
    """The one published later."""
    again = publication(3, "1", NOON)

    assert in_force([*PUBLISHED, again], BOOKS, NOON) == again


def test_what_a_rollback_returns_to() -> None:
    """The last of another version, however often the current one was published."""
    again = publication(3, "2", NOON + timedelta(hours=1))

    assert before([*PUBLISHED, again], again).version == "1"
    with pytest.raises(NotFound, match="rulebook before '1'"):
        before(PUBLISHED, PUBLISHED[0])


def test_a_draft_is_its_content() -> None:
    """Where the rules were read from makes no other draft; another figure does."""
    draft = Draft.of(OLD, at=NOON, by="key_1")
    elsewhere = evolve(OLD, rules=tuple(evolve(each, place="x.toml:1") for each in OLD.rules))

    assert Draft.of(elsewhere, at=NEW_YEAR).id == draft.id
    assert Draft.of(NEW, at=NOON).id != draft.id
