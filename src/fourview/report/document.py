"""One self-contained HTML text: styles and scripts inside, and nothing else let in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

_TEMPLATES = "templates"


def document(
    template: str, *, styles: Sequence[str], scripts: Sequence[str], values: Mapping[str, Any]
) -> str:
    """The page of a template, ready to be written as UTF-8.

    Args:
        styles, scripts: package files, joined in this order into one inline block each.
        values: what the template names; every text is escaped.
    """
    style, script = _joined(styles), _joined(scripts)
    page = _environment().get_template(template)
    text = page.render(
        **values, policy=_policy(style, script), style=Markup(style), script=Markup(script)
    )
    # a file name may hold bytes that are no text (lone surrogates); no encoder would write them
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def data_block(values: Any) -> Markup:
    """`values` as JSON that can end no script element."""
    return Markup(json.dumps(values, sort_keys=True, allow_nan=False).replace("<", "\\u003c"))


def path_in_link(name: str) -> str:
    """One folder's name as a segment of a relative link."""
    return quote(name, safe="", errors="surrogateescape")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fourview.report", _TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["probability"] = probability
    environment.filters["range_of"] = range_of
    environment.filters["plain"] = plain
    return environment


def _joined(names: Sequence[str]) -> str:
    folder = resources.files("fourview.report") / _TEMPLATES
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    # a parser turns CR LF into LF before it hashes a block
    return "\n".join(texts).replace("\r\n", "\n")


def _policy(style: str, script: str) -> Markup:
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return Markup(policy)  # only fixed words and digests; its quotes may stand in an attribute


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def probability(value: float | None) -> str:
    """Three digits; never 0 or 1 for what is neither."""
    if value is None:
        return "not read"
    if 0 < value < 0.0005:
        return "<0.001"
    if 0.9995 <= value < 1:
        return ">0.999"
    return f"{value:.3f}"


def range_of(ends: tuple[float, float] | None) -> str:
    """Lowest to highest, two digits each, and a dash for nothing."""
    return "–" if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"


def plain(value: Any) -> str:
    """A setting's value as people write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return " × ".join(plain(one) for one in value)
    return str(value)
