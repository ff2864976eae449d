"""Reading plan files: from a path or text to a checked, compiled family; and the families that are shipped.

Owns the sequence of steps and the content hash. Raises PlanFileError with every problem found.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib import resources
from pathlib import Path as FilePath

from faregate.core.sale import Cohort
from faregate.core.wildcard import matches
from faregate.planfile.catalogue import Catalogue
from faregate.planfile.checks import check_family
from faregate.planfile.compiler import Misfit, compile_ends, compile_plan, compile_rates
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.document_base import Bilingual
from faregate.planfile.document_limits import PoolDocument, WindowDocument
from faregate.planfile.family import Family, ModelEntry, Plan, Price
from faregate.planfile.figure_checks import check_figures
from faregate.planfile.model_lists import expand
from faregate.planfile.problem import PlanFileError, Problem
from faregate.planfile.templates import apply_templates
from faregate.planfile.trade_compiler import compile_trade
from faregate.planfile.validation import validate
from faregate.planfile.values import Names, OnSale, Part, Reference
from faregate.planfile.written import Written
from faregate.planfile.yaml_tree import Tree, decode, display_name, read_tree


def load_family(source: FilePath | str | bytes, *, file: str | None = None) -> Family:
    """The family in ``source``: a path, or the text or bytes of a file that errors call ``file``.

    Raises PlanFileError with all problems; OSError when the path cannot be read.
    """
    if isinstance(source, FilePath):
        name = file or display_name(source)
        text = decode(source.read_bytes(), name)
    else:
        name = file or "<text>"
        text = decode(source, name) if isinstance(source, bytes) else source
    return _load(text, name)


@lru_cache(maxsize=1)
def shipped_files() -> tuple[FilePath, ...]:
    """Paths of the plan files in this package, by name."""
    folder = FilePath(str(resources.files("faregate") / "plans"))
    return tuple(sorted(folder.glob("*.yaml")))


@lru_cache(maxsize=1)
def shipped_families() -> tuple[Family, ...]:
    """Every family in this package, by file name."""
    return tuple(load_family(path, file=f"plans/{path.name}") for path in shipped_files())


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """The catalogue of the shipped families."""
    return Catalogue(shipped_families())


def _load(text: str, file: str) -> Family:
    tree = read_tree(text, file)
    problems = apply_templates(tree)
    document, wrong_shapes = validate(tree)
    if document is None:
        raise PlanFileError([*problems, *wrong_shapes])
    problems += check_family(tree, document)
    if not problems:
        problems += check_figures(tree, document)
    if problems:
        raise PlanFileError(problems)
    return _compile(tree, document)


def _compile(tree: Tree, document: FamilyDocument) -> Family:
    written = Written(tree.file, lambda: document)
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for name, plan in document.plans.items():
        try:
            compiled = _plan(written, name, plan)
        except Misfit as misfit:
            problems.append(tree.problem(misfit.path, "misfit", misfit.what, misfit.mend))
            continue
        plans[compiled.id] = compiled
    if problems:
        raise PlanFileError(problems)
    return Family(
        id=document.family,
        version=document.version,
        names=_names(document.names),
        plans=plans,
        content_hash=content_hash(tree),
        source=Reference(document.source.document, None, document.source.as_of),
        sale=_sale(document),
        one_of={id: tuple(names) for id, names in document.one_of.items()},
        written=written,
        rates=compile_rates(document),
    )


def _sale(document: FamilyDocument) -> OnSale:
    sale, cohort, former = document.sale, document.cohort, document.former
    return OnSale(
        (sale.since or 0) if sale is not None else 0,
        sale.until if sale is not None else None,
        Cohort(cohort.keep, cohort.bought_before) if cohort is not None else None,
        Cohort(former.keep, former.bought_before) if former is not None else None,
    )


def _names(names: Bilingual) -> Names:
    return Names(names.en, names.zh)


def _part(part: WindowDocument | PoolDocument) -> Part:
    return Part(_names(part.names) if part.names is not None else None, part.known, part.source)


def _plan(written: Written, name: str, plan: PlanDocument) -> Plan:
    document = written.document
    terms = compile_plan(document, name)
    low, high = compile_ends(document, name) or (None, None)
    models = tuple(
        ModelEntry(item.id, item.status == "available", _names(item.names) if item.names is not None else None)
        for item in expand(plan.models, document.models)
    )
    return Plan(
        id=terms.plan,
        names=_names(plan.names),
        terms=terms,
        prices=tuple(
            Price(
                price.id,
                price.amount.amount,
                price.amount.unit,
                None if price.period == "none" else price.period,
                price.renews,
                tuple(price.pay_with),
                price.known,
                price.source,
            )
            for price in plan.prices
        ),
        models=models,
        windows={id: _part(window) for id, window in plan.windows.items()},
        pools={id: _part(pool) for id, pool in plan.pools.items()},
        trade=compile_trade(document, name),
        written=written,
        low_terms=low,
        high_terms=high,
        stand_in=plan.stand_in or _offered(document.stand_in, models),
        sources={key: Reference(each.title, each.url, each.as_of) for key, each in document.sources.items()},
    )


def _offered(model: str | None, models: tuple[ModelEntry, ...]) -> str | None:
    """``model`` when one of ``models`` matches it, so that a family's stand-in holds where it is offered."""
    offered = model is not None and any(entry.available and matches(entry.id, model) for entry in models)
    return model if offered else None


def content_hash(tree: Tree) -> str:
    """``sha256:…`` of the data once templates are applied: comments, layout and the order of keys do not count.

    The order of lists does. Any other change, also of a text or of ``1`` into ``1.0``, is another content.
    """
    canonical = json.dumps(tree.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
