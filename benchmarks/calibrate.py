"""Fit what turns evidence into a confidence, and write it where the model is.

    python -m benchmarks.calibrate DRCD NEWS --near NEWS

Each query of the BEIR folders is asked with its article among the hits and without it, and each
query of one folder is asked of the others, where nothing answers it. `--near FOLDER` adds the near
misses of `near-misses.jsonl`, which were written over that folder's first articles, and answerable
questions of the same style. Logistic regression on `rag.evidence.FEATURES`, one for a hit in the
question's language and one across; then the first folder alone sets slope and bias (Platt 1999),
so that there a confidence of 0.7 is right seven times in ten. The reliability table in the file is
five-fold: no query is judged by a fit that saw it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

import rag
from rag import evidence
from rag.evaluate.sets import read_beir
from rag.evaluate.statistics import auroc, calibration_error, estimate, reliability

NEAR = Path(__file__).parent / "near-misses.jsonl"
OUT = Path(__file__).parent.parent / "embeddings" / "bilingual" / "calibration.json"
FOLDS = 5
ANSWER_FROM = 0.2  # confidence from which a question is answered


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's evidence, whether it could be answered, and the group it is weighed in."""

    features: np.ndarray
    across: bool
    answerable: bool
    group: str
    question: str


def gather(folders: list[Path], near: Path | None, model: str) -> list[Asked]:
    """The evidence of every question, answerable and not."""
    asked: list[Asked] = []

    def ask(
        index: rag.Index, question: str, answerable: bool, group: str, without: frozenset[str]
    ) -> None:
        found = index.evidence(question, without)
        if found is not None:
            asked.append(Asked(*found, answerable, group, question))

    nothing: frozenset[str] = frozenset()
    sets = [read_beir(folder) for folder in folders]
    for number, beir in enumerate(sets):
        with tempfile.TemporaryDirectory() as temporary:
            rag.build_index(beir.corpus, temporary, model=model)
            index = rag.open_index(temporary)
            for other, one in enumerate(sets):
                for queries in one.queries.values():
                    for id_, text in queries.items():
                        if other == number:
                            gone = frozenset(one.relevant[id_])
                            ask(index, text, True, f"{number}", nothing)
                            ask(index, text, False, f"{number}", gone)
                        else:
                            ask(index, text, False, f"{number} off topic", nothing)
            if near == folders[number]:
                for line in NEAR.read_text(encoding="utf-8").splitlines():
                    row = json.loads(line)
                    for language in ("zh", "en"):
                        ask(index, row[f"ok_{language}"], True, "near", nothing)
                        ask(index, row[f"near_{language}"], False, "near", nothing)
    return asked


def fit(asked: list[Asked], ridge: float = 0.3) -> dict[str, Any]:
    """Weights and bias by language, then slope and bias by the first folder alone."""
    fitted: dict[str, Any] = {}
    for name, across in (("same", False), ("across", True)):
        part = [one for one in asked if one.across == across]
        x = np.array([one.features for one in part])
        y = np.array([one.answerable for one in part])
        groups = np.array([one.group for one in part])
        weight = np.zeros(len(part))
        for group in set(groups):  # each group counts the same
            weight[groups == group] = len(part) / len(set(groups)) / (groups == group).sum()
        middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
        model = LogisticRegression(C=ridge, max_iter=1000)
        model.fit((x - middle) / spread, y, sample_weight=weight)
        weights = model.coef_[0] / spread
        logits = x @ weights
        first = groups == "0"
        platt = LogisticRegression(C=1e6).fit(logits[first][:, None], y[first])
        fitted[name] = {
            "weights": [round(float(v * platt.coef_[0, 0]), 4) for v in weights],
            "bias": round(float(platt.intercept_[0]), 4),
        }
    return fitted


def out_of_fold(asked: list[Asked]) -> np.ndarray:
    """The confidence of each question by a fit that saw neither it nor its twin."""
    fold = np.array([hash_of(one.question) % FOLDS for one in asked])
    sure = np.zeros(len(asked))
    for number in range(FOLDS):
        fitted = fit([one for one, f in zip(asked, fold, strict=True) if f != number])
        for i in np.flatnonzero(fold == number):
            sure[i] = evidence.confidence(asked[i].features, asked[i].across, fitted)
    return sure


def figures(sure: np.ndarray, answerable: np.ndarray) -> str:
    """AUROC and calibration error in words."""
    found = [
        estimate(statistic(sure, answerable), len(sure)).value
        for statistic in (auroc, calibration_error)
    ]
    shown = ["-" if value is None else f"{value:.3f}" for value in found]
    return f"AUROC {shown[0]}, calibration error {shown[1]}"


def hash_of(text: str) -> int:
    """The same in every run."""
    return sum(ord(char) * (i + 1) for i, char in enumerate(text))


def main() -> None:
    """Gather, fit, write, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--near", type=Path)
    parser.add_argument("--model", default="bilingual")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    asked = gather(args.folders, args.near, args.model)
    sure = out_of_fold(asked)
    answerable = np.array([one.answerable for one in asked])
    for group in sorted({one.group for one in asked}):
        for across in (False, True):
            part = np.array([one.group == group and one.across == across for one in asked])
            refused, told = sure[part] < ANSWER_FROM, answerable[part]
            print(
                f"{group:14s} {'across' if across else 'same  '} n {part.sum():5d}  "
                f"{figures(sure[part], told)}  refused of the answerable "
                f"{refused[told].mean() if told.any() else 0:.2f}, of the others "
                f"{refused[~told].mean() if not told.all() else 0:.2f}"
            )
    first = np.array([one.group == "0" for one in asked])
    print(f"{args.folders[0].name}: {figures(sure[first], answerable[first])}")
    sides = (sure[first & answerable], sure[first & ~answerable])
    table = [bin_.to_dict() for bin_ in reliability(list(zip(*sides, strict=True)))]
    calibration = {
        "schema": 1,
        "features": list(evidence.FEATURES),
        **fit(asked),
        "answer_from": ANSWER_FROM,
        "fitted_on": [folder.name for folder in args.folders],
        "reliability": table,
    }
    text = json.dumps(calibration, indent=1, ensure_ascii=False) + "\n"
    args.out.write_text(text, encoding="utf-8")
    print(f"wrote {args.out.name}")


if __name__ == "__main__":
    main()
