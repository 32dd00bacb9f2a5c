"""Rocq as a second judge: a certificate as a self-contained file, and coqc's word on it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from symopt.language import SymoptError

from .certificate import Certificate, Statement
from .normal import Rejected
from .rocq_proofs import proof_script
from .rocq_terms import Unsupported, statement_to_rocq

#: The axioms on which Rocq's own real numbers rest.
ALLOWED = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Hypothes[ie]s|Variables?|Context|Declare|Unset|Set|Load"
    r"|Require|Import|Export|Notation|Infix|Definition|Fixpoint|Lemma|Theorem|Qed|Defined|Abort|Ltac|Module|Section|End"
    r"|Open|Close|Scope|Opaque|Transparent|Coercion|Canonical|Instance|Bypass|Drop|Cd|Print|Redirect|bypass_check)\b"
)
#: What a certificate that the checker would reject may raise here.
ILL_FORMED = (
    Rejected,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    StopIteration,
)
THEOREM = "judged"
"""The name of the theorem in every file."""


@dataclass(frozen=True)
class RocqResult:
    """What coqc said of one certificate; ``reason`` is empty where it was accepted.

    Neither accepted nor rejected is what the translation does not cover, and what takes coqc too long.
    """

    accepted: bool
    assumptions: tuple[str, ...]
    output: str
    seconds: float
    reason: str = ""
    rejected: bool = False


def prelude() -> str:
    """The definitions and lemmas that every file starts with."""
    return files(__package__).joinpath("prelude.v").read_text(encoding="utf-8")


def theorem_text(statement: Statement, refuted: bool = False) -> str:
    """The theorem's statement: the statement shown to the user, or its negation."""
    said = statement_to_rocq(statement)
    return f"Theorem {THEOREM} :\n~ ({said}).\n" if refuted else f"Theorem {THEOREM} :\n{said}.\n"


def to_rocq(certificate: Certificate) -> str:
    """A self-contained Rocq file that proves the certificate's statement, or that it does not hold.

    Raises Unsupported for what the translation does not cover.
    """
    try:
        script = proof_script(certificate)
    except ILL_FORMED as error:
        raise Unsupported(f"no proof script: {error}") from error
    return _opening(certificate) + script + "\n" + ENDING


LISTING = f"Print Assumptions {THEOREM}.\n"
ENDING = f"Qed.\n{LISTING}"


def _opening(certificate: Certificate) -> str:
    return f"{prelude()}\n{theorem_text(certificate.statement, certificate.proof is None)}Proof.\n"


def flaw(text: str, certificate: Certificate) -> str:
    """Why a file does not state the certificate's statement and prove it honestly; empty where it does."""
    opening = _opening(certificate)
    if not text.startswith(opening):
        return "the file does not state the statement"
    if not text.endswith(ENDING):
        return "the file does not end with its proof"
    found = FORBIDDEN.search(text[len(opening) : -len(ENDING)])
    return f"the proof says {found.group()}" if found else ""


def find_coqc() -> str:
    """The path of coqc. Raises SymoptError where it is not installed."""
    coqc = shutil.which("coqc")
    if coqc is None:
        raise SymoptError("coqc is not on the PATH; it is part of Rocq (the package coq of Debian and Homebrew)")
    return coqc


def run_rocq(certificate: Certificate, directory: Path | str | None = None, timeout: float = 300) -> RocqResult:
    """Write the certificate's file, and run coqc on it; the file stays in ``directory``, if one is given.

    Accepted only where coqc succeeds, the file states the statement itself, its proof declares nothing, and it
    rests on no axioms but those of Rocq's real numbers. Raises SymoptError where coqc is not installed.
    """
    try:
        text = to_rocq(certificate)
    except Unsupported as error:
        return RocqResult(False, (), "", 0.0, f"not supported: {error}")
    return run_text(text, certificate, directory, timeout)


def run_text(
    text: str, certificate: Certificate, directory: Path | str | None = None, timeout: float = 300
) -> RocqResult:
    """Judge a file as a proof of the certificate's statement, as ``run_rocq`` does."""
    wrong = flaw(text, certificate)
    if wrong:
        return RocqResult(False, (), "", 0.0, wrong, rejected=True)
    if directory is not None:
        whole = Path(directory) / f".{THEOREM}.v.new"
        whole.write_text(text, encoding="utf-8")
        whole.replace(Path(directory) / f"{THEOREM}.v")
    return _coqc(text, timeout)


def _coqc(text: str, timeout: float) -> RocqResult:
    """What coqc says of a file that ends with the listing of what it rests on."""
    coqc = find_coqc()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{THEOREM}.v"
        path.write_text(text, encoding="utf-8")
        started = time.perf_counter()
        command = [coqc, "-q", "-o", str(Path(scratch) / f"{THEOREM}.vo"), str(path)]
        try:
            run = subprocess.run(  # noqa: S603 - in scratch, for coqc leaves caches where it runs
                command, cwd=scratch, capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return RocqResult(False, (), "", time.perf_counter() - started, f"coqc took more than {timeout:g} s")
        seconds = time.perf_counter() - started
    output = run.stdout + run.stderr
    if run.returncode:
        return RocqResult(False, (), output, seconds, "coqc rejects the proof", rejected=True)
    listings = SPOKEN.split(run.stdout)[1:]
    if len(listings) != 1:
        return RocqResult(False, (), output, seconds, "coqc names no assumptions", rejected=True)
    assumptions = _assumptions(listings[0])
    if not set(assumptions) <= ALLOWED:
        reason = "the proof rests on other axioms"
        return RocqResult(False, assumptions, output, seconds, reason, rejected=True)
    return RocqResult(True, assumptions, output, seconds)


SPOKEN = re.compile(r"^(?=Closed under the global context|Axioms:)", re.MULTILINE)
"""Where Print Assumptions begins to speak."""


def _assumptions(listing: str) -> tuple[str, ...]:
    """The names that Print Assumptions lists."""
    _, found, names = listing.partition("Axioms:\n")
    return tuple(line.split()[0] for line in names.splitlines() if line[:1].strip()) if found else ()


def judge_by_rocq(judgements: Iterable[Any], jobs: int | None = None) -> Iterator[tuple[Any, RocqResult | None]]:
    """Each judgement with coqc's word on its certificate, None without one; in order, ``jobs`` (all cores) at once.

    Several files are put to coqc as one, each in a module of its own after the one prelude; where that is not
    accepted, each of them alone. What several judgements state and prove alike is put to it once. Raises SymoptError
    where coqc is not installed.
    """
    find_coqc()
    whole = list(judgements)
    first: dict[Any, Any] = {}
    for judgement in whole:
        first.setdefault(_content(judgement), judgement)
    single, words = list(first.values()), dict[Any, RocqResult | None]()
    batches = [single[n : n + BATCH] for n in range(0, len(single), BATCH)]
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        found = zip(batches, pool.map(_judge_together, batches), strict=True)
        for judgement in whole:
            while _content(judgement) not in words:
                batch, results = next(found)
                words |= zip(map(_content, batch), results, strict=True)
            yield judgement, words[_content(judgement)]


def _content(judgement: Any) -> Any:
    """What Rocq is to judge; two proofs of one statement at different points are one."""
    certificate = judgement.certificate
    return judgement.name if certificate is None else (certificate.statement, certificate.proof or judgement.name)


BATCH = 24
"""Files put to coqc at once: the prelude takes it longer than most proofs."""


def _judge_together(batch: list[Any]) -> list[RocqResult | None]:
    texts = {}
    for place, judgement in enumerate(batch):
        with suppress(Unsupported, AttributeError):  # no certificate, or none that is covered: said one by one below
            text = to_rocq(judgement.certificate)
            texts[place] = "" if flaw(text, judgement.certificate) else text[len(prelude()) : -len(LISTING)]
    if len(texts) > 1 and all(texts.values()):
        result = _coqc(together(texts), 300)
        if result.accepted:
            share = replace(result, seconds=result.seconds / len(texts))
            return [share if n in texts else _word(judgement) for n, judgement in enumerate(batch)]
    return [_word(judgement) for judgement in batch]


def together(texts: Mapping[int, str]) -> str:
    """One file of several: what all the theorems together rest on is listed once, as that takes coqc over a second."""
    modules = "".join(f"Module file_{place}.\n{text}End file_{place}.\n" for place, text in texts.items())
    every = " ".join(f"(conj file_{place}.{THEOREM}" for place in texts)
    return f"{prelude()}\n{modules}Definition {THEOREM} := {every} I{')' * len(texts)}.\n{LISTING}"


def _word(judgement: Any) -> RocqResult | None:
    return run_rocq(judgement.certificate) if judgement.certificate else None
