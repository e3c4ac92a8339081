"""The Jinja environment of templates: they can print, and do nothing else.

On top of Jinja's immutable sandbox: values are plain (`record.py`), no attribute of any Python object can be reached,
only macros, `loop` and `range` can be called, filters are a closed list (`filters.py`), escaping cannot be switched
off, every text, number and list that a template makes is bounded (`limits.py`), and files come only from the given
partials. A fact without a value is an error where it would be printed, unless `default` says what to print instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jinja2 import BaseLoader, Environment, Template, TemplateNotFound, nodes, pass_context  # noqa: TID251  part of the door
from jinja2.environment import TemplateModule  # noqa: TID251  part of the door
from jinja2.exceptions import SecurityError, TemplateAssertionError, TemplateSyntaxError  # noqa: TID251  part of the door
from jinja2.filters import FILTERS as JINJA_FILTERS  # noqa: TID251  part of the door
from jinja2.lexer import Token, TokenStream  # noqa: TID251  part of the door
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference  # noqa: TID251  part of the door
from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: TID251  part of the door
from jinja2.tests import TESTS as JINJA_TESTS  # noqa: TID251  part of the door
from jinja2.visitor import NodeTransformer  # noqa: TID251  part of the door

from nurture_cli.message import filters, limits, values
from nurture_cli.message.piece import Piece
from nurture_cli.message.record import Record

_LOOP_NAMES = frozenset(
    ("index", "index0", "revindex", "revindex0", "first", "last", "length", "cycle", "changed", "depth", "depth0",
     "previtem", "nextitem")
)  # fmt: skip
_TEST_NAMES = (
    "defined", "undefined", "boolean", "true", "false", "integer", "float", "number", "string", "in", "==", "eq",
    "equalto", "!=", "ne", ">", "gt", "greaterthan", ">=", "ge", "<", "lt", "lessthan", "<=", "le",
)  # fmt: skip
# Put into the tree by `_Rewriting`; of no use to a template.
_EACH, _PART, _BOUNDED, _TIMED = "_each", "_part", "_bounded", "_timed"

GLOBALS: dict[str, object] = {"range": limits.capped_range}

Ready = Callable[[str], Piece | None]  # a partial by name, made ready for the kind of text


@pass_context
def _printable(_: Context, value: Any) -> Any:
    # It takes the context so that Jinja cannot apply it to constants before rendering, when they are text already.
    return values.printable(value)


class _Partials(BaseLoader):
    """Gives out the partials; no template can reach another file."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:  # noqa: ARG002
        piece = self._ready(template)
        if piece is None:
            raise TemplateNotFound(template)
        return piece.text, None, None


class _Template(Template):
    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: Any, globals: Any) -> Template:
        # The compiled template finds these by name when `~` joins texts.
        namespace["str_join"] = values.joined_text
        namespace["markup_join"] = values.joined_markup
        return super()._from_namespace(environment, namespace, globals)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for one kind of text: with `html`, everything that is printed is escaped."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))
    template_class = _Template
    concat = staticmethod(limits.capped_concat)

    def __init__(self, ready: Ready, *, html: bool) -> None:
        super().__init__(
            autoescape=html,
            undefined=values.Unknown,
            finalize=_printable,
            optimized=False,
            loader=_Partials(ready),
            auto_reload=False,
            cache_size=-1,
        )
        self.globals = dict(GLOBALS)
        self.filters = filters.FILTERS | {
            "default": values.default,
            "d": values.default,
            "first": JINJA_FILTERS["first"],
            "last": JINJA_FILTERS["last"],
            "length": JINJA_FILTERS["length"],
            "count": JINJA_FILTERS["length"],
            "escape": values.escaped if html else values.as_is,
            "e": values.escaped if html else values.as_is,
            "date": pass_context(filters.date),
            "nl2br": values.with_breaks if html else values.as_is,
            _EACH: limits.paced,
            _PART: values.part,
            _BOUNDED: limits.bounded,
            _TIMED: limits.timed,
        }
        self.tests = {name: JINJA_TESTS[name] for name in _TEST_NAMES} | values.TESTS

    def get_template(self, *args: Any, **kwargs: Any) -> Template:
        """A partial that a template includes, extends or imports; it can do so more than once."""
        limits.check_time()
        return super().get_template(*args, **kwargs)

    def _tokenize(self, source: str, name: str | None, filename: str | None = None, *rest: Any) -> TokenStream:
        stream = super()._tokenize(source, name, filename, *rest)
        return TokenStream(_not_too_many(stream, name), name, filename)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        # Imported macros know `contact` and the like, as an included file does.
        for whole in tree.find_all(nodes.Import):
            whole.with_context = True
        for some in tree.find_all(nodes.FromImport):
            some.with_context = True
        _Rewriting(self).visit(tree)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`, where a template may see it."""
        kind = type(obj)
        if kind is Record:
            value = obj.values.get(attribute)
            if value is not None:
                return value
            return (values.MissingFact if attribute in obj.values else values.Unknown)(obj=obj, name=attribute)
        values.insist(obj)
        if kind is LoopContext and attribute in _LOOP_NAMES:
            return getattr(obj, attribute)
        if kind is TemplateReference:
            return obj[attribute]
        if kind is dict and attribute in obj:
            return obj[attribute]
        if kind is TemplateModule and isinstance(found := vars(obj).get(attribute), Macro | str | int):
            return found
        raise SecurityError(f"`.{attribute}` cannot be used here.\nTo change a text, use a filter: {{{{ … | upper }}}}")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`, where a template may see it."""
        if isinstance(obj, list | tuple | dict | str):
            try:
                return obj[argument]
            except (TypeError, LookupError):
                return values.Unknown("There is no such element here.")
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        values.insist(obj)
        raise SecurityError("Only lists and texts have elements by number.")

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call it."""
        if type(obj) in (Macro, LoopContext, BlockReference) or obj is limits.capped_range:
            return True
        return type(getattr(obj, "__self__", None)) is LoopContext

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  as in Jinja
        """Call a macro, `loop` or `range`."""
        limits.bounded((*args, *kwargs.values()))
        values.insist(__obj)
        if not __self.is_safe_callable(__obj):
            raise SecurityError("Only macros and `range` can be called here.")
        return __context.call(__obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """`left operator right`, for the intercepted operators."""
        return values.reckon(operator, left, right)


class _Rewriting(NodeTransformer):
    """Adds the watch to loops and the meter to slices; refuses what templates may not do."""

    def __init__(self, environment: Sandbox) -> None:
        self._environment = environment

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  named after the node
        node.iter = self._filter(node.iter, _EACH, [])
        return self.generic_visit(node)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802  named after the node
        node.expr = self._filter(node.expr, _TIMED, [])
        return self.generic_visit(node)

    def visit_List(self, node: nodes.List | nodes.Tuple | nodes.Dict) -> nodes.Node:  # noqa: N802  named after the node
        if isinstance(node, nodes.Tuple) and node.ctx != "load":
            return self.generic_visit(node)
        return self._filter(self.generic_visit(node), _BOUNDED, [])

    visit_Tuple = visit_Dict = visit_List  # noqa: N815  named after the nodes

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802  named after the node
        part = node.arg
        if not isinstance(part, nodes.Slice):
            return self.generic_visit(node)
        if part.step is not None:
            raise TemplateAssertionError("A part is `[from:to]`, without a step.", node.lineno)
        ends = [end or nodes.Const(None, lineno=node.lineno) for end in (part.start, part.stop)]
        return self.generic_visit(self._filter(node.node, _PART, ends))

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802  named after the node
        return self._named(node, "filter", self._environment.filters)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802  named after the node
        node.node = self._filter(node.node, _TIMED, [])
        return self._named(node, "test", self._environment.tests)

    def visit_EvalContextModifier(self, node: nodes.EvalContextModifier) -> nodes.Node:  # noqa: N802
        raise TemplateAssertionError("`autoescape` cannot be changed.", node.lineno)

    visit_ScopedEvalContextModifier = visit_EvalContextModifier  # noqa: N815  named after the node

    def visit_Include(self, node: nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport) -> nodes.Node:  # noqa: N802
        if not (isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)):
            raise TemplateAssertionError("Write the name of the file between quotation marks.", node.lineno)
        return self.generic_visit(node)

    visit_Extends = visit_Import = visit_FromImport = visit_Include  # noqa: N815  named after the nodes

    def _named(self, node: nodes.Filter | nodes.Test, what: str, known: Mapping[str, object]) -> nodes.Node:
        if node.name not in known:
            near = get_close_matches(node.name, [name for name in known if not name.startswith("_")], 1)
            suggestion = f"\nDid you mean `{near[0]}`?" if near else ""
            raise TemplateAssertionError(f"There is no {what} `{node.name}`.{suggestion}", node.lineno)
        return self.generic_visit(node)

    def _filter(self, node: nodes.Node, name: str, arguments: list[nodes.Expr]) -> nodes.Filter:
        made = nodes.Filter(node, name, arguments, [], None, None, lineno=node.lineno)
        made.set_environment(self._environment)
        return made


def _not_too_many(tokens: Iterator[Token], name: str | None) -> Iterator[Token]:
    for number, token in enumerate(tokens):
        if number == limits.MAX_TOKENS:
            words = f"The template is too large: more than {limits.MAX_TOKENS:,} names, signs and stretches of text."
            raise TemplateSyntaxError(words, token.lineno, name)
        yield token
