"""Proof: a quote of any engine and rulebook version recomputes from what is stored, or what differs is named."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import fields, frozen

from repaircore.domain.errors import DomainError
from repaircore.domain.pricing.engine import CompiledRulebook, price
from repaircore.domain.pricing.facts import Facts
from repaircore.domain.pricing.quote import Priced, Quote
from repaircore.domain.pricing.quoting import compiled_of, validity
from repaircore.domain.pricing.receipt import receipt_hash
from repaircore.domain.pricing.rules import Rulebook

Pricing = Callable[[CompiledRulebook, Facts], Priced]

# How each engine that ever gave out quotes computes. An engine whose ways are a part of a later one's shares its function.
ENGINES: Mapping[str, Pricing] = {"1": price}


@frozen(kw_only=True)
class Verification:
    """What recomputing a quote gave. `matches` also means that the stored result is the recomputed one.

    `differs` names what is not as it was given out: parts of the result (`total`, `lines/0`), `valid_until`,
    `engine_version`, `rulebook_version`, or `inputs`: the facts, the rulebook's content or the receipt itself, which one
    hash cannot tell apart.
    """

    matches: bool
    receipt_hash: str
    recomputed_hash: str
    differs: tuple[str, ...] = ()


def verify(
    quote: Quote, rulebook: Rulebook | CompiledRulebook, *, others: Iterable[Rulebook | CompiledRulebook] = ()
) -> Verification:
    """Recompute the quote by its engine from its stored facts and the rulebook of its version.

    `others` are rulebooks to look for when it was made by another one. A rulebook or engine that cannot price it matches
    nothing and has no recomputed hash.
    """
    compiled = compiled_of(rulebook)
    priced = _recomputed(quote, compiled, quote.engine_version)
    if priced is None:
        return _answer(quote, "", _traced(quote, compiled, others) or _cannot(quote))
    found = _hashed(quote, compiled, priced, quote.engine_version)
    if found == quote.receipt_hash:
        wrong = (*_different(quote.priced, priced), *_held(quote, compiled))
        return _answer(quote, found, wrong)
    cause = _traced(quote, compiled, others) or ("inputs",)
    return _answer(quote, found, (*cause, *_different(quote.priced, priced)))


def rulebook_missing(quote: Quote) -> Verification:
    """Answer for a quote whose rulebook version was never published: nothing can be recomputed."""
    return _answer(quote, "", ("rulebook_version",))


def _answer(quote: Quote, recomputed: str, differs: tuple[str, ...]) -> Verification:
    return Verification(
        matches=not differs, receipt_hash=quote.receipt_hash, recomputed_hash=recomputed, differs=differs
    )


def _cannot(quote: Quote) -> tuple[str, ...]:
    return ("inputs",) if quote.engine_version in ENGINES else ("engine_version",)


def _recomputed(quote: Quote, compiled: CompiledRulebook, engine: str) -> Priced | None:
    pricing = ENGINES.get(engine)
    try:
        return pricing(compiled, quote.facts) if pricing else None
    except DomainError:
        return None


def _hashed(quote: Quote, compiled: CompiledRulebook, priced: Priced, engine: str) -> str:
    return receipt_hash(
        facts=quote.facts,
        rulebook_version=compiled.rulebook.version,
        rulebook_hash=compiled.content_hash,
        engine_version=engine,
        priced=priced,
    )


def _traced(quote: Quote, compiled: CompiledRulebook, others: Iterable[Rulebook | CompiledRulebook]) -> tuple[str, ...]:
    """Look for the engine or rulebook that gives the receipt after all."""
    if _gives_receipt(quote, compiled, (engine for engine in ENGINES if engine != quote.engine_version)):
        return ("engine_version",)
    if any(_gives_receipt(quote, compiled_of(other), ENGINES) for other in others):
        return ("rulebook_version",)
    return ()


def _gives_receipt(quote: Quote, compiled: CompiledRulebook, engines: Iterable[str]) -> bool:
    return any(
        priced is not None and _hashed(quote, compiled, priced, engine) == quote.receipt_hash
        for engine in engines
        for priced in [_recomputed(quote, compiled, engine)]
    )


def _different(stored: Priced, priced: Priced) -> Iterator[str]:
    for part in fields(Priced):
        one, other = getattr(stored, part.name), getattr(priced, part.name)
        if one == other:
            continue
        if not isinstance(one, tuple) or len(one) != len(other):
            yield part.name
            continue
        yield from (
            f"{part.name}/{index}" for index, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1
        )


def _held(quote: Quote, compiled: CompiledRulebook) -> Iterator[str]:
    """Hold the end of the validity against what was agreed, or the rulebook's: it is promised, though not in the receipt."""
    agreed = quote.facts.override
    until = agreed.expires_at if agreed else quote.created_at + validity(compiled.rulebook, quote.facts.urgency)
    if quote.valid_until != until:
        yield "valid_until"
