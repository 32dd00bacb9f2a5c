"""A step over many tensors, cut into blocks that any thread may take: the source that the runtime's machine code is of.

A step with sums over elements takes several phases: each of the first adds up, for every block, its share of some
totals; the last one computes the new values. In between, whoever drives them adds the shares. What is known of all
elements of a tensor is computed anew for every block, which costs next to nothing and needs no memory of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from symopt.language import Program

from .errors import LoweringError
from .lowering import lower
from .nodes import FLOAT64, TOTALS, Assign, Lowered, Op, Pass, is_total
from .printing import SHAPES, Printer, about, print_expression

#: Sums over a block's elements are kept apart, so that a machine adds several at once, and added up at its end.
LANES = 128

#: What the table starts with, each one word: addresses and counts; see ``symopt.runtime.tables``.
WORDS = (
    "blocks", "block_count", "counter", "tensors", "steps", "hypers", "totals", "shares", "scratch", "scratch_bytes",
    "all_elements",
)  # fmt: skip

_HEAD = """\
import numpy as np
from numba import carray, njit, types

from symopt.codegen.pointers import bool_at, float32_at, float64_at, take, uint64_at

TABLE = types.CPointer(types.uint64)
"""

_DRIVER = '''
@njit([types.void(TABLE, types.int64)], error_model="numpy")
def run_{phase}(table, worker):
    """{what} of every row of ``blocks`` that no other worker has taken."""
    words = carray(table, ({words},))
    counter = uint64_at(words[{counter}])
    count = words[{block_count}]
    all_elements = np.float64(words[{all_elements}])
    while True:
        number = take(counter)
        if number >= count:
            break
        block = carray(uint64_at(words[{blocks}] + number * np.uint64({block_bytes})), ({block_width},))
        tensor = carray(uint64_at(words[{tensors}] + block[0] * np.uint64({tensor_bytes})), ({tensor_width},))
        steps = carray(float64_at(words[{steps}] + block[0] * np.uint64(8)), (1,))
        hypers = carray(float64_at(words[{hypers}] + tensor[1] * np.uint64({hyper_bytes})), ({hyper_width},))
        totals = carray(float64_at(words[{totals}] + block[0] * np.uint64({total_bytes})), ({total_width},))
        shares = carray(float64_at(words[{shares}] + number * np.uint64({total_bytes})), ({total_width},))
        scratch = words[{scratch}] + np.uint64(worker) * words[{scratch_bytes}]
{further}        block_{phase}({arguments})
'''


def print_blocks(lowered: Lowered) -> str:
    """The source of a module with ``run_0(table, worker)``, ``run_1`` and so on: the phases of one step, in order.

    A row of ``blocks`` is a tensor's number, the block's number of elements, and where they begin in x, g and each
    state. Where there are states of which a tensor has one value, the last phase stores them, and its rows are one
    for each tensor; the one before it stores x and the other states. A rule that takes tensors as matrices has one
    phase, and a tensor is one block. Raises LoweringError for such a rule with a sum over all tensors.
    """
    printer = _Matrices(lowered) if lowered.has_matrices else _Blocks(lowered)
    phases = [printer.phase(number) for number in range(printer.phases)]
    return f"{about(lowered)}\n{_HEAD}\n" + "\n".join(phases)


def phases_source(program: Program, dtype: str = "float32") -> str:
    """The generated source that ``symopt.Optimizer`` runs ``program`` by, on arrays of ``dtype``.

    Raises LoweringError where a line has no machine operation, and for rows and columns beside a sum over all tensors.
    """
    return print_blocks(lower(program, dtype))


def phase_count(lowered: Lowered) -> int:
    """How many functions ``run_0`` ... there are."""
    return 1 if lowered.has_matrices else len(lowered.passes) + 1 + bool(lowered.scalar_stores)


def totals_of(lowered: Lowered) -> list[list[tuple[str, str]]]:
    """For each phase that adds up: the fold ("sum", "max") and what it is over ("tensor", "all"), in order."""
    return (
        []
        if lowered.has_matrices
        else [
            [TOTALS[line.value.op] for line in loop.element if is_total(line) and isinstance(line.value, Op)]
            for loop in lowered.passes
        ]
    )


class _Blocks(Printer):
    """The functions of the phases. ``totals`` and ``shares`` have a place for every total of the step."""

    def __init__(self, lowered: Lowered) -> None:
        super().__init__(lowered)
        self.few = [array for array, _ in lowered.scalar_loads]
        self.many = [array for array in lowered.arrays if array not in self.few]
        names = [line.name for loop in lowered.passes for line in loop.element if is_total(line)]
        self.place = {name: place for place, name in enumerate(dict.fromkeys(names))}
        self.names |= {"size()": "elements", "size_all()": "all_elements"}
        self.phases = phase_count(lowered)

    def phase(self, number: int) -> str:
        """The function of one block, and the one that takes the blocks."""
        passes = self.lowered.passes
        finishes = number > len(passes)
        arrays = self.few if finishes else [*self.many, *self.few]
        told = ["elements", "all_elements", *self.lowered.scalars]
        work = ["totals", "shares", "lanes"] if number < len(passes) else ["totals"]
        body = self.stores() if finishes else self.shares(passes[number]) if number < len(passes) else self.update()
        lines = "\n".join([*self.known(passes if finishes else passes[:number]), *body])
        head = f'\n@njit(error_model="numpy")\ndef block_{number}({", ".join([*arrays, *work, *told])}):\n'
        return head + textwrap.indent(lines, "    ") + "\n\n" + self.driver(number, arrays, work, finishes)

    def driver(self, number: int, arrays: list[str], work: list[str], finishes: bool) -> str:
        """The loop over blocks, or over tensors."""
        dtype = self.lowered.dtype
        elements = [f"carray({dtype}_at(block[{2 + n}]), (block[1],))" for n in range(len(self.many))]
        single = [f"carray({dtype}_at(tensor[{3 + n}]), (1,))" for n in range(len(self.few))]
        width = max(len(self.place), 1) * LANES
        what = "The single states" if finishes else "The new values" if "shares" not in work else "The shares"
        further = [f"lanes = carray(float64_at(scratch), ({width},))"] if "lanes" in work else []
        return self.loop_over_blocks(number, what, further, [*([] if finishes else elements), *single, *work])

    def loop_over_blocks(self, number: int, what: str, further: list[str], arguments: list[str]) -> str:
        """The function that takes blocks, with these arguments of the block's function before what it is told."""
        given = [f"hypers[{n}]" for n in range(len(self.lowered.scalars) - 1)]
        told = ["np.float64(tensor[0])", "all_elements", "steps[0]", *given]
        widths = {"block": 2 + len(self.many), "tensor": 3 + len(self.few), "hyper": max(len(given), 1)}
        widths |= {"total": max(len(self.place), 1)}
        return _DRIVER.format(
            phase=number,
            what=what,
            words=len(WORDS),
            further="".join(f"        {line}\n" for line in further),
            arguments=", ".join([*arguments, *told]),
            **{word: place for place, word in enumerate(WORDS)},
            **{f"{name}_width": width for name, width in widths.items()},
            **{f"{name}_bytes": 8 * width for name, width in widths.items()},
        )

    def known(self, passes: Iterable[Pass]) -> list[str]:
        """All that is known before the elements are looked at."""
        lines = [*self.loads(), *map(self.line, self.lowered.step)]
        for loop in passes:
            names = [line.name for line in loop.element if is_total(line)]
            lines += [*(f"{name} = totals[{self.place[name]}]" for name in names), *map(self.line, loop.scalars)]
        return lines

    def shares(self, loop: Pass) -> list[str]:
        """A block's share of the totals of a pass."""
        starts, ends, kept = list[str](), list[str](), dict[str, str]()
        for line in loop.element:
            if is_total(line) and isinstance(line.value, Op):
                kept[line.name] = lane = f"{line.name}_lanes"
                place, sums = self.place[line.name], TOTALS[line.value.op][0] == "sum"
                starts.append(f"{lane} = lanes[{place * LANES}:{(place + 1) * LANES}]")
                starts.append(f"{lane}[:] = {'0.0' if sums else '-np.inf'}")
                ends += _fold(lane, sums, f"shares[{place}]")
        body = [*(f"{variable} = {array}[i]" for array, variable in loop.loads)]
        body += [self._lane(line, kept) for line in loop.element]
        heads = (f"for start in range(0, x.size, {LANES}):", f"for lane in range(min({LANES}, x.size - start)):")
        return [*starts, *self.nest(heads, ["i = start + lane", *body]), *ends]

    def _lane(self, line: Assign, kept: dict[str, str]) -> str:
        if line.name not in kept or not isinstance(line.value, Op):
            return self.line(line)
        term, lane = print_expression(line.value.args[0], self.names), f"{kept[line.name]}[lane]"
        sums = TOTALS[line.value.op][0] == "sum"
        return f"{lane} += {term}" if sums else f"{lane} = np.maximum({lane}, {term})"

    def update(self) -> list[str]:
        """The last loop over elements."""
        lowered = self.lowered
        return self.loop("element", lowered.loads, lowered.element, lowered.stores)


class _Matrices(_Blocks):
    """The one phase of a rule with rows and columns: a kernel's body whose own arrays lie in a worker's scratch memory.

    Arrays with a value for each row are laid from its start on, those with one for each column from its end back.
    """

    def __init__(self, lowered: Lowered) -> None:
        super().__init__(lowered)
        if any(over == "all" for loop in lowered.passes for over in _overs(loop)):
            raise LoweringError(f"{lowered.program.name}: rows and columns beside a sum over all tensors")
        self.names = {name: text for name, text in self.names.items() if name != "size()"}
        self.made = {"row": 0, "column": 0}

    def phase(self, number: int) -> str:
        """The function of a tensor, and the one that takes tensors."""
        told = ["scratch", "scratch_end", "elements", "all_elements", *self.lowered.scalars]
        head = f'\n@njit(error_model="numpy")\ndef block_0({", ".join([*self.many, *self.few, *told])}):\n'
        dtype, kinds = self.lowered.dtype, self.lowered.kinds
        shapes = {"row": "(rows, 1)", "column": "(1, columns)", "once": "(1, 1)"}
        elements = [f"carray({dtype}_at(block[{2 + n}]), (rows, columns))" for n in range(len(self.many))]
        single = [
            f"carray({dtype}_at(tensor[{3 + n}]), {shapes[kinds.get(array, 'once')]})"
            for n, array in enumerate(self.few)
        ]
        further = ["columns = tensor[2]", "rows = tensor[0] // columns"]
        ends = ["scratch", f"scratch + words[{WORDS.index('scratch_bytes')}]"]
        driver = self.loop_over_blocks(0, "The new values", further, [*elements, *single, *ends])
        return head + textwrap.indent("\n".join(self.body()), "    ") + "\n\n" + driver

    def filled(self, name: str, kind: str, start: str) -> list[str]:
        """An array in scratch memory that holds what a fold starts from."""
        return [f"{name} = {self.allocate(kind, FLOAT64)}", f"{name}[:, :] = {start}"]

    def allocate(self, kind: str, form: str) -> str:
        """Room in scratch memory for a value for each row or column."""
        self.made[kind] += 1
        if kind == "row":
            start = f"scratch + np.uint64({8 * (self.made[kind] - 1)}) * np.uint64(x.shape[0])"
        else:
            start = f"scratch_end - np.uint64({8 * self.made[kind]}) * np.uint64(x.shape[1])"
        return f"carray({form}_at({start}), {SHAPES[kind]})"


def scratch_of(lowered: Lowered) -> tuple[int, int, int]:
    """Words of scratch memory that a worker needs: in any case, for each row and for each column of a tensor."""
    printer = _Matrices(lowered) if lowered.has_matrices else _Blocks(lowered)
    if not isinstance(printer, _Matrices):
        return max(len(printer.place), 1) * LANES, 0, 0
    printer.body()
    return 0, printer.made["row"], printer.made["column"]


def _overs(loop: Pass) -> list[str]:
    return [TOTALS[line.value.op][1] for line in loop.element if is_total(line) and isinstance(line.value, Op)]


def _fold(lane: str, sums: bool, share: str) -> tuple[str, ...]:
    """Lanes folded in halves, so that the order is that of no machine."""
    pair = f"{lane}[lane] + {lane}[half + lane]" if sums else f"np.maximum({lane}[lane], {lane}[half + lane])"
    return (
        f"half = {LANES // 2}",
        "while half > 0:",
        "    for lane in range(half):",
        f"        {lane}[lane] = {pair}",
        "    half //= 2",
        f"{share} = {lane}[0]",
    )
