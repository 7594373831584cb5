"""The table: one vector a token, trained by contrast, first through the mean, then through late
interaction.

Stage 1 pulls the mean vectors of a pair together against the other pairs of a large batch (InfoNCE
both ways; van den Oord 2018). Stage 2 adds the score that retrieval uses: each query token's best
match in the passage, squared and weighted by the query token's length (MaxSim, Khattab and Zaharia
2020, on static vectors). Only the rows of a batch are touched: they are gathered, and Adam moves
just them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from embeddings.train.pairs import PairSet, Side, sampling_weights

MEAN_SCALE = 20.0  # 1 / temperature
LATE_SCALE = 25.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of training; lengths in tokens."""

    steps: int
    batch: int
    rate: float
    first_tokens: int
    second_tokens: int
    late: bool
    factors: dict[str, float]


STAGES = (
    Stage(2600, 2048, 0.01, 48, 64, False, {}),
    Stage(
        5600,
        128,
        0.002,
        24,
        56,
        True,
        {
            "dictionary": 0.25,
            "synthetic/glossary": 0.5,
            "synthetic/news": 2.0,
            "qa": 3.0,
            "titled": 1.5,
        },
    ),
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
    for number, stage in enumerate(stages, 1):
        chances = sampling_weights(sets, stage.factors)
        optimiser = RowAdam(table)
        began, losses, hits = time.time(), [], []
        for step in range(stage.steps):
            pairs = sets[rng.choice(len(sets), p=chances)]
            chosen = rng.choice(len(pairs), size=min(stage.batch, len(pairs)), replace=False)
            loss, hit, rows, grad = _step(table, pairs, chosen, stage, rng)
            warm = min(1.0, (step + 1) / 100)
            optimiser.update(rows, grad, stage.rate * warm * max(0.02, 1 - step / stage.steps))
            losses.append(loss)
            hits.append(hit)
            if (step + 1) % 100 == 0:
                rate = (time.time() - began) / (step + 1)
                say(
                    f"stage {number} step {step + 1}/{stage.steps}: loss {np.mean(losses):.3f} "
                    f"right {np.mean(hits):.3f}, {rate:.2f} s a step"
                )
                losses, hits = [], []
            last = number == len(stages) and step >= 0.8 * stage.steps
            if last and (step + 1) % max(1, stage.steps // 50) == 0:
                averaged += table
                snapshots += 1
            if (step + 1) % max(1, stage.steps // 10) == 0:
                checkpoint(f"stage{number}", table.numpy())
    result = (averaged / snapshots).numpy()
    result[0] = 0.0
    return np.asarray(result, dtype=np.float32)


def _step(
    table: torch.Tensor, pairs: PairSet, chosen: np.ndarray, stage: Stage, rng: np.random.Generator
) -> tuple[float, float, torch.Tensor, torch.Tensor]:
    """Loss, share of right choices, the rows used and their gradient."""
    first, second = (
        _pad(side, chosen, limit, rng)
        for side, limit in ((pairs.first, stage.first_tokens), (pairs.second, stage.second_tokens))
    )
    rows, local = torch.unique(torch.cat([first.flatten(), second.flatten()]), return_inverse=True)
    leaf = table[rows].requires_grad_()
    sides = (local[: first.numel()].view(first.shape), local[first.numel() :].view(second.shape))
    masks = (first > 0, second > 0)
    same = torch.from_numpy(
        (pairs.first.keys[chosen][:, None] == pairs.first.keys[chosen])
        | (pairs.second.keys[chosen][:, None] == pairs.second.keys[chosen])
    ).fill_diagonal_(False)
    means = [
        F.normalize(_bag(leaf, side, mask), dim=1) for side, mask in zip(sides, masks, strict=True)
    ]
    loss, hit = _contrast(MEAN_SCALE * means[0] @ means[1].T, same)
    if stage.late:
        scores = late_scores(leaf, sides, masks)
        for score in scores:
            late_loss, hit = _contrast(LATE_SCALE * score, same)
            loss = loss + late_loss
    loss.backward()  # type: ignore[no-untyped-call]
    grad = leaf.grad
    assert grad is not None
    if int(rows[0]) == 0:  # padding
        rows, grad = rows[1:], grad[1:]
    return float(loss.detach()), hit, rows, grad


def late_scores(
    leaf: torch.Tensor,
    sides: tuple[torch.Tensor, torch.Tensor],
    masks: tuple[torch.Tensor, torch.Tensor],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Late interaction of every first with every second text, and of every second with every first.

    `sides` are (batch, tokens) rows of `leaf`, `masks` true where there is a token. Both results
    are
    (batch, batch), first texts along the rows; element = Σ |q| max(0, max_p cos(q, p))² / Σ |q|.
    """
    flat, lengths = [], []
    for side, mask in zip(sides, masks, strict=True):
        vectors = F.embedding(side.flatten(), leaf)
        length = vectors.norm(dim=1, keepdim=True)
        flat.append(vectors / (length + 1e-6) * mask.flatten()[:, None])
        lengths.append(length.view(side.shape) * mask)
    results = []
    with torch.no_grad():
        similar = flat[0] @ flat[1].T
        texts = sides[0].shape[0]
        by_second = similar.view(len(flat[0]), texts, -1).max(dim=2)
        by_first = similar.view(texts, -1, len(flat[1])).max(dim=1)
        winners = (
            (by_second[0], by_second[1] + torch.arange(texts) * sides[1].shape[1]),
            (by_first[0].T, (by_first[1] + torch.arange(texts)[:, None] * sides[0].shape[1]).T),
        )
    for one, (best, where) in enumerate(winners):
        matched = BestMatch.apply(best, where.contiguous(), flat[one], flat[1 - one])  # type: ignore[no-untyped-call]
        squared = matched.clamp(min=0).square().view(texts, -1, texts)
        weights = lengths[one] / lengths[one].sum(dim=1, keepdim=True).clamp(min=1e-6)
        results.append(torch.einsum("bt,btm->bm", weights, squared))
    return results[0], results[1].T


def _contrast(logits: torch.Tensor, same: torch.Tensor) -> tuple[torch.Tensor, float]:
    """InfoNCE along rows and columns; pairs that share a text are no negatives."""
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(len(logits))
    hit = float((logits.argmax(dim=1) == target).float().mean())
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2, hit


def _bag(leaf: torch.Tensor, side: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean vector of each text, (batch, dim)."""
    flat = side[mask]
    starts = torch.cat([torch.zeros(1, dtype=torch.long), mask.sum(dim=1).cumsum(0)[:-1]])
    return F.embedding_bag(flat, leaf, starts, mode="mean")


def _pad(side: Side, chosen: np.ndarray, limit: int, rng: np.random.Generator) -> torch.Tensor:
    """(batch, longest) token ids, 0 where a text has ended."""
    rows = [side.row(int(i), limit, rng) for i in chosen]
    padded = np.zeros((len(rows), max(len(row) for row in rows)), dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return torch.from_numpy(padded)
