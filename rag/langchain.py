"""Wenbao as a retriever of LangChain: `from rag.langchain import WenbaoRetriever`.

Turns hits into documents, nothing else. Importing `rag` does not import this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, PrivateAttr

import rag
from rag.config import DEFAULT_INDEX, DEFAULT_K, MAX_K


class WenbaoRetriever(BaseRetriever):
    """The passages nearest to a question, best first.

    A document's `page_content` is the passage, its `id` is made of the article's id and the
    passage's place; `metadata` holds `article_id`, `title`, `date`, `source`, `path`, `url`,
    `start`, `end` (offsets into the article's text), `page` and `score` (0..1).

    `index` is an index folder, where a rebuild is taken up between two questions, or an open
    `rag.Index`, which stays as it is. Filters as in `rag.Index.retrieve`.

    Raises:
        rag.WenbaoError: when asked: the index cannot be served, or the question or a filter is
            malformed.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    index: str | Path | rag.Index = DEFAULT_INDEX
    k: int = Field(default=DEFAULT_K, ge=1, le=MAX_K)
    date_from: str | None = None
    date_to: str | None = None
    source: str | None = None
    language: Literal["zh", "en"] | None = None

    _opened: rag.Index | None = PrivateAttr(default=None)

    def _newest(self) -> rag.Index:
        if isinstance(self.index, rag.Index):
            return self.index
        opened = self._opened.refresh() if self._opened else rag.open_index(self.index)
        self._opened = opened
        return opened

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        hits = self._newest().retrieve(
            query,
            self.k,
            date_from=self.date_from,
            date_to=self.date_to,
            source=self.source,
            language=self.language,
        )
        return [_document(hit) for hit in hits]


def _document(hit: rag.Hit) -> Document:
    article = hit.article
    return Document(
        id=f"{article.id}:{hit.start}-{hit.end}",
        page_content=hit.text,
        metadata={
            "article_id": article.id,
            "title": article.title,
            "date": article.date,
            "source": article.source,
            "path": article.path,
            "url": article.url,
            "start": hit.start,
            "end": hit.end,
            "page": hit.page,
            "score": hit.score,
        },
    )
