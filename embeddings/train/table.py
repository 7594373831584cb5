"""The table: one vector a token, trained by contrast, through the mean and through late
interaction.

The mean vectors of a pair are pulled together against the other pairs of a large batch (InfoNCE
both ways; van den Oord 2018). In the second stage, batches through the mean alternate with batches
through the score that retrieval uses: each query token's best match in the passage, squared and
weighted by the query token's length (MaxSim, Khattab and Zaharia 2020, on static vectors). Only the
rows of a batch are touched: they are gathered, and Adam moves just them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy.sparse import csr_matrix

from embeddings.train.pairs import Ids, PairSet, Rows, sampling_weights

MEAN_SCALE = 20.0  # 1 / temperature
LATE_SCALE = 25.0


@dataclass(frozen=True, slots=True)
class Batch:
    """One kind of batch: pairs, tokens of the first and the second text, Adam's rate."""

    pairs: int
    first_tokens: int
    second_tokens: int
    rate: float


@dataclass(frozen=True, slots=True)
class Stage:
    """`steps` batches through the mean, each followed by `late_steps` through late interaction."""

    steps: int
    mean: Batch
    late_steps: int
    late: Batch


_LATE = Batch(128, 24, 56, 0.002)
STAGES = (
    Stage(1600, Batch(2048, 48, 48, 0.01), 0, _LATE),
    Stage(2700, Batch(2048, 48, 48, 0.003), 3, _LATE),
)


class RowAdam:
    """Adam (Kingma and Ba 2015) on the rows of a batch alone; moments of other rows stand still."""

    def __init__(self, table: torch.Tensor) -> None:
        self.table = table
        self.first = torch.zeros_like(table)
        self.second = torch.zeros_like(table)
        self.step = 0

    def update(self, rows: torch.Tensor, grad: torch.Tensor, rate: float) -> None:
        """Move `table[rows]` against `grad` (n_rows, dim)."""
        self.step += 1
        first = self.first[rows].mul_(0.9).add_(grad, alpha=0.1)
        second = self.second[rows].mul_(0.999).addcmul_(grad, grad, value=0.001)
        self.first[rows] = first
        self.second[rows] = second
        scale = rate * (1 - 0.999**self.step) ** 0.5 / (1 - 0.9**self.step)
        self.table[rows] -= scale * first / (second.sqrt() + 1e-8)


class BestMatch(torch.autograd.Function):
    """For each token of one side, its best match among the tokens of each text of the other side.

    The matrix of all similarities is made once, without gradient; the gradient flows through the
    winners alone, so going back costs a weighted gather instead of two more matrix products.
    """

    @staticmethod
    def forward(
        ctx: Any, best: torch.Tensor, where: torch.Tensor, one: torch.Tensor, other: torch.Tensor
    ) -> torch.Tensor:
        """(n, m) `best` similarities of tokens `one` (n, dim) to `other[where]`, `where` (n, m)."""
        ctx.save_for_backward(where, one, other)
        return best

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[None, None, torch.Tensor, torch.Tensor]:
        where, one, other = ctx.saved_tensors
        to_one = F.embedding_bag(where, other, per_sample_weights=grad.contiguous(), mode="sum")
        order = where.flatten().argsort()
        counts = torch.bincount(where.flatten(), minlength=len(other))
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)[:-1]])
        to_other = F.embedding_bag(
            order // where.shape[1],
            one,
            starts,
            per_sample_weights=grad.flatten()[order],
            mode="sum",
        )
        return None, None, to_one, to_other


def train(
    sets: list[PairSet],
    vocabulary: int,
    dim: int,
    seed: int,
    say: Callable[[str], None],
    checkpoint: Callable[[str, np.ndarray], None],
    stages: tuple[Stage, ...] = STAGES,
) -> np.ndarray:
    """The trained table, (vocabulary, dim) float32; row 0, the unknown token, is zero.

    `checkpoint(name, table)` is called after each stage and each tenth of it. The result is the
    mean
    of the last fifth of the last stage.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = torch.randn(vocabulary, dim) * (0.1 / dim**0.5)
    averaged, snapshots = torch.zeros_like(table), 0
    chances = sampling_weights(sets)
    for number, stage in enumerate(stages, 1):
        optimiser = RowAdam(table)
        began = time.time()
        losses: list[tuple[float, float]] = []
        for step in range(stage.steps):
            decay = min(1.0, (step + 1) / 100) * max(0.02, 1 - step / stage.steps)
            loss = mean_step(optimiser, _draw(sets, chances, stage.mean, rng), stage.mean, decay)
            late = [
                late_step(optimiser, _draw(sets, chances, stage.late, rng), stage.late, decay)
                for _ in range(stage.late_steps)
            ]
            losses.append((loss, float(np.mean(late)) if late else 0.0))
            if (step + 1) % 100 == 0:
                mean_loss, late_loss = np.mean(losses, axis=0)
                say(
                    f"stage {number} step {step + 1}/{stage.steps}: mean {mean_loss:.3f} "
                    f"late {late_loss:.3f}, {(time.time() - began) / (step + 1):.2f} s a step"
                )
                losses = []
            last = number == len(stages) and step >= 0.8 * stage.steps
            if last and (step + 1) % max(1, stage.steps // 50) == 0:
                averaged += table
                snapshots += 1
            if (step + 1) % max(1, stage.steps // 10) == 0:
                checkpoint(f"stage{number}", table.numpy())
    result = (averaged / snapshots).numpy()
    result[0] = 0.0
    return np.asarray(result, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Pairs of one source: (ids, owner of each) of both sides, and which pairs share a text."""

    sides: tuple[tuple[Ids, Rows], tuple[Ids, Rows]]
    same: torch.Tensor


def _draw(
    sets: list[PairSet], chances: np.ndarray, batch: Batch, rng: np.random.Generator
) -> _Drawn:
    pairs = sets[rng.choice(len(sets), p=chances)]
    chosen = rng.choice(len(pairs), size=min(batch.pairs, len(pairs)), replace=False)
    first, second = pairs.first, pairs.second
    if pairs.symmetric and rng.random() < 0.5:
        first, second = second, first
    keys = (first.keys[chosen], second.keys[chosen])
    same = (keys[0][:, None] == keys[0]) | (keys[1][:, None] == keys[1])
    return _Drawn(
        (
            first.take(chosen, batch.first_tokens, rng),
            second.take(chosen, batch.second_tokens, rng),
        ),
        torch.from_numpy(same).fill_diagonal_(False),
    )


def mean_step(optimiser: RowAdam, drawn: _Drawn, batch: Batch, decay: float) -> float:
    """One batch through the mean vectors; its loss.

    A mean is a sparse matrix times the rows, and its gradient the transposed one times theirs.
    """
    (first, _), (second, _) = drawn.sides
    rows, local = np.unique(np.concatenate([first, second]), return_inverse=True)
    vectors = optimiser.table[torch.from_numpy(rows)].numpy()
    size = len(drawn.same)
    averages = [
        _averaging(ids, owners, size, len(rows))
        for ids, (_, owners) in zip(
            (local[: len(first)], local[len(first) :]), drawn.sides, strict=True
        )
    ]
    means = [torch.from_numpy(matrix @ vectors).requires_grad_() for matrix in averages]
    one, other = (F.normalize(mean, dim=1) for mean in means)
    loss = _contrast(MEAN_SCALE * one @ other.T, drawn.same)
    loss.backward()  # type: ignore[no-untyped-call]
    grad = sum(
        matrix.T.tocsr() @ mean.grad.numpy()  # type: ignore[union-attr]
        for matrix, mean in zip(averages, means, strict=True)
    )
    optimiser.update(
        torch.from_numpy(rows),
        torch.from_numpy(np.asarray(grad, dtype=np.float32)),
        batch.rate * decay,
    )
    return float(loss.detach())


def late_step(optimiser: RowAdam, drawn: _Drawn, batch: Batch, decay: float) -> float:
    """One batch through late interaction; its loss."""
    queries, passages = (_pad(ids, owners, len(drawn.same)) for ids, owners in drawn.sides)
    used = torch.cat([queries.flatten(), passages.flatten()])
    rows, local = torch.unique(used, return_inverse=True)  # the first row is -1, no token
    leaf = optimiser.table[rows[1:]].requires_grad_()
    sides = (local - 1).split([queries.numel(), passages.numel()])
    scores = late_scores(leaf, sides[0].view(queries.shape), sides[1].view(passages.shape))
    loss = _contrast(LATE_SCALE * scores, drawn.same)
    loss.backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    optimiser.update(rows[1:], leaf.grad, batch.rate * decay)
    return float(loss.detach())


def late_scores(leaf: torch.Tensor, queries: torch.Tensor, passages: torch.Tensor) -> torch.Tensor:
    """Late interaction of every query with every passage, (n_queries, n_passages).

    `queries` and `passages` are (texts, tokens) rows of `leaf`, -1 where a text has ended;
    element = Σ |q| max(0, max_p cos(q, p))² / Σ |q|.
    """
    texts = len(passages)
    flat, lengths = [], []
    for side in (queries, passages):
        there = side >= 0
        vectors = F.embedding(side.clamp(min=0).flatten(), leaf)
        length = vectors.norm(dim=1, keepdim=True)
        flat.append(vectors / (length + 1e-6) * there.flatten()[:, None])
        lengths.append(length.view(side.shape) * there)
    with torch.no_grad():
        similar = flat[0] @ flat[1].T
        best, where = similar.view(len(flat[0]), texts, -1).max(dim=2)
        where += torch.arange(texts) * passages.shape[1]
    matched = BestMatch.apply(best, where, flat[0], flat[1])  # type: ignore[no-untyped-call]
    squared = matched.clamp(min=0).square().view(len(queries), -1, texts)
    weights = lengths[0] / lengths[0].sum(dim=1, keepdim=True).clamp(min=1e-6)
    return torch.einsum("bt,btm->bm", weights, squared)


def _contrast(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """InfoNCE along rows and columns; pairs that share a text are no negatives."""
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def _averaging(ids: Rows, owners: Rows, texts: int, rows: int) -> csr_matrix:
    """(texts, rows) sparse matrix that turns rows into the mean of each text's tokens."""
    lengths = np.bincount(owners, minlength=texts)
    behind = np.concatenate([[0], np.cumsum(lengths)])
    return csr_matrix(((1 / lengths)[owners].astype(np.float32), ids, behind), shape=(texts, rows))


def _pad(ids: Ids, owners: Rows, texts: int) -> torch.Tensor:
    """(texts, longest + 1) token ids, -1 where a text has ended."""
    lengths = np.bincount(owners, minlength=texts)
    column = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    padded = np.full((texts, int(lengths.max()) + 1), -1)
    padded[owners, column] = ids
    return torch.from_numpy(padded)
