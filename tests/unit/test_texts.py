"""The wording of all texts for users: no phrase that was replaced by a plain one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "streaming_app"

BANNED = re.compile(
    r"""
    \bfor\ good\b | \bso\ long\b | \bstands\b | \bcomes?\ of\ it\b | \bmay\ (?:not\ )?write\b | \bout\ of\ reach\b
    | \boff[ ]air\b | \boff\ the\ air\b | \bon\ (?:the\ )?air\b | \be-mail | \bkey[ -]frame | \bwho\ is\ signed
    | \bthink\ better\b | \bsame\ again\b | \bno\ such\ order\b | \bcatching\ its\ breath\b | \bis\ our\ fault\b
    | \bcannot\ reach\ its\ data\b | \bby\ itself\b | \bany\ more\b | \bin\ its\ place\b | \bTap\ for\ sound\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JS_COMMENT = re.compile(r"(?<![:\"'`])//[^\n]*|/\*.*?\*/", re.DOTALL)
_JS_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
_HTML_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


def _of_python(source: str) -> Iterator[str]:
    """Yield every string of a module, except docstrings."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def _texts() -> Iterator[tuple[str, str]]:
    for file in [*PACKAGE.rglob("*.*"), *(ROOT / "rtmp").glob("*.html")]:
        if file.suffix not in {".py", ".js", ".jsx", ".ts", ".tsx", ".html"}:
            continue
        source = file.read_text(encoding="utf-8")
        match file.suffix:
            case ".py":
                found = list(_of_python(source))
            case ".js" | ".jsx" | ".ts" | ".tsx":
                found = _JS_TEXT.findall(_JS_COMMENT.sub("", source))
            case _:
                found = [_HTML_TAG.sub(" ", source)]
        yield from ((str(file.relative_to(ROOT)), text) for text in found)


def test_no_text_has_a_phrase_that_was_replaced() -> None:
    texts = list(_texts())
    wrong = [f"{file}: {text.strip()}" for file, text in texts if BANNED.search(text) and " " in text.strip()]

    assert len(texts) > 1000
    assert wrong == []
