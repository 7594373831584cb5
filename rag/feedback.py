"""What readers said of answers: kept in `INDEX/feedback.sqlite`, and made questions for `eval`.

A verdict is kept with what was asked and what was quoted, so that it still tells something when the
index has changed. Nothing is learnt from it here. Texts go in and out as values of prepared
statements, never as SQL; several threads and processes may write.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rag.config import DEFAULT_INDEX, MAX_COMMENT_CHARS, MAX_QUESTION_CHARS
from rag.errors import FeedbackError, InputError
from rag.files import write_whole
from rag.index.generation import FEEDBACK, current_generation
from rag.text import detect_language
from rag.types import Answer

_VERSION: Final = 1
_WAIT: Final = 30.0  # seconds for another writer
_COLUMNS: Final = (
    "time, question, history, verdict, comment, abstained, confidence, citations, generation, user"
)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS verdicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, answer TEXT UNIQUE NOT NULL, time TEXT NOT NULL,
    question TEXT NOT NULL, history TEXT NOT NULL, verdict INTEGER NOT NULL, comment TEXT NOT NULL,
    abstained INTEGER NOT NULL, confidence REAL NOT NULL, citations TEXT NOT NULL,
    generation TEXT NOT NULL, user TEXT)
"""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of a judged answer: where it stood in which article."""

    article_id: str
    title: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer and what a reader said of it: `verdict` is 1 or -1, `time` UTC and ISO."""

    id: int
    time: str
    question: str
    history: tuple[str, ...]
    verdict: int
    comment: str
    abstained: bool
    confidence: float
    citations: tuple[Quoted, ...]
    generation: str
    user: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON-ready values."""
        citations = [asdict(citation) for citation in self.citations]
        return {**asdict(self), "history": list(self.history), "citations": citations}


class Feedback:
    """The verdicts on the answers of one index. Opening it touches nothing on disk."""

    def __init__(self, index_dir: str | Path = DEFAULT_INDEX) -> None:
        self._folder = Path(index_dir)
        self._path = self._folder / FEEDBACK

    def record(
        self,
        answer: Answer,
        verdict: int,
        comment: str = "",
        history: Sequence[str] = (),
        user: str | None = None,
    ) -> int:
        """Keep a verdict; its id. A later one of the same user on the same answer replaces it.

        Args:
            verdict: 1 or -1.
            comment: what is longer than `config.MAX_COMMENT_CHARS` is cut.
            history: the questions before it, as they were asked.
            user: who says so, where that is known.

        Raises:
            InputError: the verdict is neither 1 nor -1.
            MissingIndexError: there is no index in the folder.
            FeedbackError: it cannot be kept.
        """
        if verdict not in (1, -1):
            raise InputError(f"the verdict is {verdict!r}: give 1 or -1")
        current_generation(self._folder)
        question = _storable(answer.question, MAX_QUESTION_CHARS)
        earlier = [_storable(asked, MAX_QUESTION_CHARS) for asked in history if asked.strip()]
        by = None if user is None else _storable(user, MAX_COMMENT_CHARS)
        key = json.dumps([by, question, earlier, answer.generation])
        citations = [
            Quoted(c.article.id, c.article.title, c.start, c.end, c.quote) for c in answer.citations
        ]
        values = (
            hashlib.blake2b(key.encode(), digest_size=16).hexdigest(),
            datetime.now(UTC).isoformat(timespec="seconds"),
            question,
            json.dumps(earlier),
            int(verdict),
            _storable(comment.strip(), MAX_COMMENT_CHARS),
            int(answer.abstained),
            float(answer.confidence),
            json.dumps([asdict(citation) for citation in citations]),
            answer.generation,
            by,
        )
        replaced = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))
        with self._open(write=True) as connection:
            connection.execute(
                f"INSERT INTO verdicts (answer, {_COLUMNS}) VALUES ({','.join('?' * 11)}) "
                f"ON CONFLICT(answer) DO UPDATE SET {replaced}",
                values,
            )
            found = connection.execute("SELECT id FROM verdicts WHERE answer = ?", values[:1])
            return int(found.fetchone()[0])

    def rows(self) -> list[Judged]:
        """Every verdict, oldest first.

        Raises:
            MissingIndexError: there is no index in the folder.
            FeedbackError: they cannot be read.
        """
        if not self._path.exists():
            current_generation(self._folder)
            return []
        with self._open() as connection:
            found = connection.execute(f"SELECT id, {_COLUMNS} FROM verdicts ORDER BY time, id")
            return [_judged(row) for row in found]

    def export(self, path: str | Path) -> int:
        """Write the answers that were found right as a question file for `eval`; how many.

        A good answer becomes a question whose evidence is what was quoted, a good refusal one that
        has no answer. Of a question that was judged several times, the latest verdict counts. A
        bad answer becomes none: nobody said what would be right. An earlier file is replaced.

        Raises:
            MissingIndexError: there is no index in the folder.
            FeedbackError: the verdicts cannot be read.
            InputError: the file cannot be written.
        """
        latest = {(row.question, row.history): row for row in self.rows()}
        good = [row for row in latest.values() if row.verdict > 0]
        questions = [_exported(row) for row in good if row.abstained or row.citations]
        lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions]
        try:
            write_whole(Path(path).expanduser(), "".join(lines).encode())
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise InputError(f"{path} cannot be written ({why}): name another file") from error
        return len(lines)

    @contextmanager
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work, which is kept if nothing is raised."""
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT)) as connection:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version not in (0, _VERSION):
                    raise FeedbackError(
                        f"{self._path} was written by another version ({version}, this one reads "
                        f"{_VERSION}): move it away, and a new one is begun"
                    )
                if version == 0:
                    # Who comes at the same moment finds it busy, and then it is done.
                    with suppress(sqlite3.OperationalError):
                        connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(_SCHEMA)
                    connection.execute(f"PRAGMA user_version = {_VERSION}")
                    connection.commit()
                if write:
                    connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        except (sqlite3.OperationalError, sqlite3.InterfaceError) as error:
            raise FeedbackError(
                f"{self._path} cannot be used ({error}): check its permissions and the disk"
            ) from error
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as error:
            raise FeedbackError(
                f"{self._path} is damaged ({error}): move it away, and a new one is begun"
            ) from error


def _storable(text: str, limit: int) -> str:
    """The beginning of a text; half characters, which no database takes, become "?"."""
    return text[:limit].encode(errors="replace").decode()


def _judged(row: Sequence[Any]) -> Judged:
    id_, time, question, history, verdict, comment, abstained, confidence, citations, *rest = row
    return Judged(
        id=id_,
        time=time,
        question=question,
        history=tuple(json.loads(history)),
        verdict=verdict,
        comment=comment,
        abstained=bool(abstained),
        confidence=confidence,
        citations=tuple(Quoted(**values) for values in json.loads(citations)),
        generation=rest[0],
        user=rest[1],
    )


def _exported(row: Judged) -> dict[str, Any]:
    """A line of a question file; `data/README.md` of the project has the form."""
    titles = list(dict.fromkeys(citation.title for citation in row.citations))
    return {
        "id": f"feedback-{row.id}",
        "lang": detect_language(row.question),
        "question": row.question,
        "answerable": not row.abstained,
        "evidence": list(dict.fromkeys(citation.quote for citation in row.citations)),
        "article_title": titles[0] if titles else None,
        "kind": "near-miss" if row.abstained else "feedback",
        "history": list(row.history),
        "comment": row.comment,
    }
