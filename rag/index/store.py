"""Articles and passages in SQLite: written once, then read-only.

One connection serves all threads of an open index, behind a lock. Texts go in and out as values of
prepared statements, never as SQL.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.types import DOUBTFUL_BELOW, Article, Passage

FILE = "articles.sqlite"
_MAX_DOUBTFUL = 20
_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    path TEXT NOT NULL, language TEXT NOT NULL, date TEXT, source TEXT, authors TEXT NOT NULL,
    headings TEXT NOT NULL, title_inferred INTEGER NOT NULL, url TEXT, pages TEXT NOT NULL,
    copies TEXT NOT NULL, confidence REAL NOT NULL);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles(number),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, heading TEXT, digest TEXT NOT NULL);
CREATE INDEX passage_article ON passages(article);
CREATE INDEX passage_digest ON passages(digest);
"""
_ARTICLE = (
    "id, title, text, path, language, date, source, authors, headings, title_inferred, url, "
    "pages, copies, confidence"
)


def write_store(
    folder: Path, articles: Sequence[Article], passages: Sequence[Passage], digests: Sequence[str]
) -> None:
    """Write all articles, and all passages in the order of their numbers, with content digests."""
    connection = sqlite3.connect(folder / FILE)
    try:
        connection.executescript(_SCHEMA)
        connection.executemany(
            f"INSERT INTO articles VALUES ({','.join('?' * 15)})",
            ((number, *_to_row(article)) for number, article in enumerate(articles)),
        )
        numbers = {article.id: number for number, article in enumerate(articles)}
        connection.executemany(
            "INSERT INTO passages VALUES (?,?,?,?,?,?)",
            (
                (number, numbers[p.article_id], p.start, p.end, p.heading, digest)
                for number, (p, digest) in enumerate(zip(passages, digests, strict=True))
            ),
        )
        connection.commit()
    finally:
        connection.close()


def _meets(
    date_from: str | None, date_to: str | None, source: str | None, language: str | None
) -> tuple[str, list[str]]:
    """The SQL condition on an article `a` that every given filter is met, and its values."""
    conditions, values = ["1"], []
    for condition, value in (
        ("a.date >= ?", date_from),
        ("a.date <= ?", date_to),
        ("instr(lower(a.source), lower(?)) > 0", source),
        ("a.language = ?", language),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    return " AND ".join(conditions), values


class Store:
    """Read access to one generation's articles and passages."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        address = (folder / FILE).absolute().as_uri() + "?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._article = lru_cache(maxsize=512)(self._load_article)

    def articles(self) -> Iterator[Article]:
        """Every article in the order it was read."""
        (count,) = self._rows("SELECT count(*) FROM articles")[0]
        for start in range(0, count, 256):
            for row in self._rows(
                f"SELECT {_ARTICLE} FROM articles WHERE number >= ? AND number < ? ORDER BY number",
                (start, start + 256),
            ):
                yield _from_row(row)

    def article(self, article_id: str) -> Article:
        """One article by id; KeyError if there is none."""
        rows = self._rows("SELECT number FROM articles WHERE id = ?", (article_id,))
        if not rows:
            raise KeyError(article_id)
        return self._article(rows[0][0])

    def passages(self, numbers: Sequence[int]) -> list[tuple[Article, Passage]]:
        """The passages with these numbers, in the order asked, each with its article."""
        found: dict[int, tuple[int, int, int, str | None]] = {}
        for start in range(0, len(numbers), 500):
            part = [int(n) for n in numbers[start : start + 500]]
            marks = ",".join("?" * len(part))
            for number, *rest in self._rows(
                'SELECT number, article, start, "end", heading FROM passages '
                f"WHERE number IN ({marks})",
                part,
            ):
                found[number] = (rest[0], rest[1], rest[2], rest[3])
        result = []
        for n in numbers:
            article_number, start, end, heading = found[int(n)]
            article = self._article(article_number)
            result.append(
                (article, Passage(article.id, start, end, article.text[start:end], heading))
            )
        return result

    def newest(
        self,
        count: int,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
    ) -> tuple[list[int], int]:
        """The first passages of the newest articles that meet the filters, and how many do in all.

        The filters are those of `matching_passages`; undated articles come last.
        """
        condition, values = _meets(date_from, date_to, source, language)
        rows = self._rows(
            "SELECT min(p.number), count(*) OVER () FROM passages p "
            f"JOIN articles a ON a.number = p.article WHERE {condition} "
            "GROUP BY a.number ORDER BY a.date DESC, a.number LIMIT ?",
            (*values, count),
        )
        return [number for number, _ in rows], rows[0][1] if rows else 0

    def matching_passages(
        self,
        date_from: str | None,
        date_to: str | None,
        source: str | None,
        language: str | None,
    ) -> list[int]:
        """Numbers of the passages whose article meets every filter that is given.

        Dates are inclusive; an article without a date meets no date filter. `source` matches as
        part of the article's source, case ignored.
        """
        condition, values = _meets(date_from, date_to, source, language)
        return [
            row[0]
            for row in self._rows(
                "SELECT p.number FROM passages p JOIN articles a ON a.number = p.article "
                f"WHERE {condition} ORDER BY p.number",
                values,
            )
        ]

    def digests(self) -> dict[str, int]:
        """Each passage's content digest and its number."""
        return dict(self._rows("SELECT digest, number FROM passages"))

    def summary(self) -> dict[str, Any]:
        """Counts by language and source, the first and last date, and what was read with doubt."""
        first, last = self._rows("SELECT min(date), max(date) FROM articles")[0]
        doubtful = self._rows(
            "SELECT path, confidence, title FROM articles WHERE confidence < ? "
            "ORDER BY confidence, number",
            (DOUBTFUL_BELOW,),
        )
        return {
            "languages": dict(
                self._rows("SELECT language, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC")
            ),
            "sources": dict(
                self._rows(
                    "SELECT source, count(*) FROM articles WHERE source IS NOT NULL "
                    "GROUP BY 1 ORDER BY 2 DESC, 1"
                )
            ),
            "first_date": first,
            "last_date": last,
            "doubtful_count": len(doubtful),
            "doubtful": tuple(doubtful[:_MAX_DOUBTFUL]),
        }

    def _load_article(self, number: int) -> Article:
        return _from_row(
            self._rows(f"SELECT {_ARTICLE} FROM articles WHERE number = ?", (number,))[0]
        )

    def _rows(self, statement: str, values: Iterable[Any] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, tuple(values)).fetchall()


def _to_row(article: Article) -> tuple[Any, ...]:
    return (
        article.id,
        article.title,
        article.text,
        article.path,
        article.language,
        article.date,
        article.source,
        json.dumps(article.authors, ensure_ascii=False),
        json.dumps(article.headings, ensure_ascii=False),
        int(article.title_inferred),
        article.url,
        json.dumps(article.pages),
        json.dumps(article.copies, ensure_ascii=False),
        article.confidence,
    )


def _from_row(row: Sequence[Any]) -> Article:
    id_, title, text, path, language, date, source, authors, headings, inferred, url = row[:11]
    pages, copies, confidence = row[11:]
    return Article(
        id=id_,
        title=title,
        text=text,
        path=path,
        language=language,
        date=date,
        source=source,
        authors=tuple(json.loads(authors)),
        headings=tuple((start, heading) for start, heading in json.loads(headings)),
        title_inferred=bool(inferred),
        url=url,
        pages=tuple((start, page) for start, page in json.loads(pages)),
        copies=tuple(json.loads(copies)),
        confidence=confidence,
    )
