"""The door to Jinja: reads, compiles, renders and looks into template text, and says where it is wrong.

`sandbox.py` (what templates may do) and `values.py` (how values behave) are behind this door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import TracebackType
from typing import NamedTuple

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError, meta, nodes  # noqa: TID251  the door
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError  # noqa: TID251  the door
from jinja2.runtime import Context  # noqa: TID251  the door
from markupsafe import Markup

from nurture_cli.message import limits
from nurture_cli.message.failure import Flaw, RenderError
from nurture_cli.message.filters import WrongUse
from nurture_cli.message.piece import Piece
from nurture_cli.message.sandbox import GLOBALS, Sandbox
from nurture_cli.message.values import NO_POWERS

_OPENS = {"variable_begin": "{{", "block_begin": "{%"}
_CLOSES = {"variable_end": "}}", "block_end": "%}"}

Variables = dict[str, object]


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}`: its inside, the line on which it begins, the first word of a statement."""

    inside: str
    line: int
    word: str | None  # None for `{{ … }}`

    @property
    def text(self) -> str:
        """The tag as it is written, with a line break that only gives it a line of its own."""
        return f"{{{{\n{self.inside}}}}}" if self.word is None else f"{{%\n{self.inside}%}}"


class NameFound(NamedTuple):
    """A name that a template looks up, such as `contact.first_name`, and the line of the text."""

    name: str
    line: int


class Compiled:
    """A piece that is ready to be rendered many times."""

    def __init__(self, template: Template | None, piece: Piece, templates: Templates) -> None:
        self._template = template
        self._templates = templates
        self.piece = piece

    def render(self, variables: Variables) -> str:
        """The text for one contact; raises RenderError with the place. To be called inside `limits.Limited`."""
        template = self._template
        if template is None:
            return self.piece.text
        try:
            # A context of our own: Jinja's `new_context` takes three times as long, for globals that never change.
            context = Context(template.environment, GLOBALS | variables, template.name, template.blocks)
            return limits.capped_concat(template.root_render_func(context))
        except Exception as error:
            limits.calm()
            raise self._templates.explained(error, self.piece) from None


class Templates:
    """The templates of one kind of text: with `html`, everything that is printed is escaped.

    `ready` gives a partial by its name, made ready for this kind of text, or None; `known` are the names there are.
    """

    def __init__(self, ready: Callable[[str], Piece | None], known: tuple[str, ...], *, html: bool) -> None:
        self._ready = ready
        self._known = known
        self._sandbox = Sandbox(ready, html=html)

    def compile(self, piece: Piece) -> Compiled:
        """Make a piece ready; raises RenderError with the place."""
        if "{" not in piece.text and len(piece.text) <= limits.MAX_CHARACTERS:
            return Compiled(None, piece, self)
        sandbox = self._sandbox
        try:
            code = sandbox.compile(piece.text)
            template = sandbox.template_class.from_code(sandbox, code, sandbox.make_globals(None))
        except Exception as error:
            limits.calm()
            raise self.explained(error, piece) from None
        return Compiled(template, piece, self)

    def explained(self, error: Exception, piece: Piece) -> RenderError:
        """The error as a sentence with the place in the user's file."""
        if isinstance(error, RenderError):
            return error
        at, line = piece, 1
        if isinstance(error, TemplateSyntaxError):
            at, line = self._piece(error.name) or piece, error.lineno
        else:
            for template, number in _frames(error.__traceback__):
                at, line = self._piece(template.name) or piece, template.get_corresponding_lineno(number)
        reason, words = self._words(error)
        words, _, hint = words.partition("\n")
        return RenderError(reason, words, hint or None, place=at.place(line))

    def _piece(self, name: str | None) -> Piece | None:
        return self._ready(name) if name else None

    def _words(self, error: Exception) -> tuple[Flaw, str]:
        match error:
            case UndefinedError():
                return Flaw.UNDEFINED_VARIABLE, str(error)
            case limits.TooLong():
                return (
                    Flaw.TOO_LONG,
                    f"A text grows over {limits.MAX_CHARACTERS:,} characters, or a number too large.",
                )
            case MemoryError():
                return Flaw.TOO_LONG, "The text needs more memory than there is."
            case limits.TooSlow():
                return Flaw.TOO_SLOW, f"The template takes longer than {limits.MAX_SECONDS:g} second."
            case RecursionError() | SyntaxError():  # Python's compiler has limits, too
                return Flaw.TEMPLATE_ERROR, "The template is nested too deeply, or calls itself without end."
            case TemplateNotFound():
                near = get_close_matches(str(error.name), self._known, 1)
                return Flaw.TEMPLATE_ERROR, (
                    f"There is no file `{error.name}` to include; it must be in templates/ itself, with a name that "
                    "begins with `_`." + (f"\nDid you mean `{near[0]}`?" if near else "")
                )
            case TemplateSyntaxError():
                return Flaw.TEMPLATE_ERROR, _words_of(error)
            case SecurityError() | WrongUse():
                return Flaw.TEMPLATE_ERROR, str(error)
            case ZeroDivisionError():
                return Flaw.TEMPLATE_ERROR, "The template divides by zero."
            case TypeError() | TemplateError():  # their words speak of types and names, never of values
                return Flaw.TEMPLATE_ERROR, _sentence(str(error))
            case _:
                return Flaw.TEMPLATE_ERROR, f"The template cannot be used ({type(error).__name__})."


def _frames(trace: TracebackType | None) -> Iterator[tuple[Template, int]]:
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            yield template, trace.tb_lineno
        trace = trace.tb_next


def _words_of(error: TemplateSyntaxError) -> str:
    return _sentence(error.message or "This cannot be read.")


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if "\n" in words or words.endswith((".", "?")) else f"{words}."


# What Jinja and Python raise for texts that are not templates, or are monstrous.
_UNREADABLE = (TemplateSyntaxError, SyntaxError, RecursionError, MemoryError, ValueError, OverflowError)
_reader = Sandbox(lambda _name: None, html=False)


def mark_safe(text: str) -> str:
    """Rendered HTML, as a value that a layout prints without escaping it once more."""
    return Markup(text)


def tags(piece: Piece) -> tuple[str | Tag, ...]:
    """The text cut into data and tags, without the blanks that `-` removes and without comments.

    The inside of `{% raw %}` is data, in which each opening bracket became a tag that prints it.
    Raises RenderError with the place.
    """
    try:
        return tuple(_tags(piece.text))
    except TemplateSyntaxError as error:
        raise RenderError(Flaw.TEMPLATE_ERROR, _words_of(error), place=piece.place(error.lineno)) from None


def _tags(text: str) -> Iterator[str | Tag]:
    inside: list[str] = []
    begin, opened = 0, ""
    raw = False
    for line, kind, value in _reader.lex(text):
        if kind in _OPENS:
            begin, opened, inside = line, _OPENS[kind], []
        elif kind in _CLOSES:
            content = "".join(inside)
            yield Tag(content, begin, (content.split() or [""])[0] if opened == "{%" else None)
            opened = ""
        elif opened:
            inside.append(value)
        elif kind in ("raw_begin", "raw_end"):
            raw = kind == "raw_begin"
        elif kind == "data" and raw:
            yield from _quoted(value, line)
        elif kind == "data":
            yield value
    if opened:
        raise TemplateSyntaxError(f"This `{opened}` is never closed.", begin)


def _quoted(text: str, line: int) -> Iterator[str | Tag]:
    for number, part in enumerate(text.split("{")):
        if number:
            yield Tag(' "{" ', line, None)
        yield part


def syntax_error(text: str) -> tuple[int, str] | None:
    """The line and the words of the first mistake that keeps a text from being a template; None when it is one."""
    try:
        tree = _reader.parse(text)
        power = next(tree.find_all(nodes.Pow), None)
        if power is not None:
            raise TemplateSyntaxError(NO_POWERS, power.lineno)
        _reader.compile(tree)
    except TemplateSyntaxError as error:
        return error.lineno, _words_of(error)
    except _UNREADABLE:
        return 1, "The template is nested too deeply, or too large."
    return None


def uses(text: str) -> tuple[NameFound, ...]:
    """Every name that the text looks up, even in branches that are never taken; nothing when it is not a template."""
    try:
        tree = _reader.parse(text)
        free = meta.find_undeclared_variables(tree)
        return tuple(_uses(tree, free))
    except _UNREADABLE:
        return ()


def includes(text: str) -> tuple[NameFound, ...]:
    """Every file that the text includes, extends or imports; nothing when it is not a template."""
    try:
        tree = _reader.parse(text)
    except _UNREADABLE:
        return ()
    found: list[NameFound] = []
    for node in tree.find_all((nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)):
        name = getattr(node, "template", None)
        if isinstance(name, nodes.Const):
            found.append(NameFound(str(name.value), node.lineno))
    return tuple(found)


def _uses(node: nodes.Node, free: set[str]) -> Iterator[NameFound]:
    name = _dotted(node)
    if name is not None:
        if name.partition(".")[0] in free:
            yield NameFound(name, node.lineno)
        return
    for child in node.iter_child_nodes():
        yield from _uses(child, free)


def _dotted(node: nodes.Node) -> str | None:
    match node:
        case nodes.Name(ctx="load"):
            return str(node.name)
        case nodes.Getattr():
            inner, last = _dotted(node.node), node.attr
        case nodes.Getitem(arg=nodes.Const(value=str(last))):
            inner = _dotted(node.node)
        case _:
            return None
    return None if inner is None else f"{inner}.{last}"
