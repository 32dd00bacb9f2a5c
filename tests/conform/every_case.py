"""Check every case, each in a process of its own: what is said, whether it is right, and how many are.

Run as ``python -m tests.conform.every_case [numpy|torch|planted|correct] [NAME...]``.
"""

import sys
import time
from importlib import import_module

import symopt
from symopt.conform.isolated import TargetError, isolated
from symopt.conform.variants import find_variant

LISTS = {
    "numpy": ("discrepancies", "CASES"),
    "torch": ("discrepancies_torch", "TORCH_CASES"),
    "planted": ("planted", "PLANTED"),
    "correct": ("correct", "CORRECT"),
}
LONGEST = 60  # seconds


def cases(kind):
    """The cases of a kind."""
    module, name = LISTS[kind]
    return getattr(import_module(f"tests.conform.{module}"), name)


def judged(kind, number):
    """What is said of a case, in words, and whether its verdict, its witness and its term are right."""
    from tests.conform.judging import assert_really_differs, names_the_difference

    case = cases(kind)[number]
    started = time.process_time()
    found = symopt.check(case.step, case.rule)
    seconds = time.process_time() - started
    said = f"{found.verdict} {found.scope} {found.difference} {found.reason} ({seconds:.1f} s)"
    if kind == "correct":
        return said, found.verdict == "conforms", found.scope == "all steps", True
    holds = found.witness is not None
    if holds and kind != "torch" and len(found.witness.x) == 1:
        try:
            assert_really_differs(case.step, find_variant(case.rule), found)
        except AssertionError:
            holds = False
    return said, found.verdict == "differs", holds, found.nearest is not None and names_the_difference(case, found)


def main(kind, *words):
    """Print a line for each case, and the figures."""
    counts = [0, 0, 0, 0]
    for number, case in enumerate(cases(kind)):
        if words and not any(word in case.name for word in words):
            continue
        try:
            said, *right = isolated(judged, kind, number, timeout=LONGEST)
        except TargetError as error:
            said, right = str(error), [False, False, False]
        counts = [a + b for a, b in zip(counts, (1, *right), strict=True)]
        marks = "".join("+" if good else "-" for good in right)
        print(f"{marks} {case.name}: {said}", flush=True)
    print(
        *("{} cases, {} of the right verdict, {} with a true witness or proof, {} with the right term".format(*counts),)
    )


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["numpy"]))
