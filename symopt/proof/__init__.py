"""Proofs of update-rule mathematics: search is untrusted, ``check`` decides."""

from .certificate import Certificate, Sequence, Statement, Verdict, show, show_relation
from .checker import check
from .claims import Axiom, Run, Step, axiom, every, one_step, statement, trajectory
from .normal import Rejected
from .prove import decide, prove
from .runs import equivalent, invariant
from .witness import show_value

__all__ = [
    "Axiom",
    "Certificate",
    "Rejected",
    "Run",
    "Sequence",
    "Statement",
    "Step",
    "Verdict",
    "axiom",
    "check",
    "decide",
    "equivalent",
    "every",
    "invariant",
    "one_step",
    "prove",
    "show",
    "show_relation",
    "show_value",
    "statement",
    "trajectory",
]
