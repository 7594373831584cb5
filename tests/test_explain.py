"""Why a passage came back: the shares are those of the score, the words stand where it says."""

from __future__ import annotations

import pytest

import rag
from rag.explain import LEAST_SHOWN, signal_shares
from rag.types import Article, Hit

ARTICLE = Article("a", "题目", "正文。", "a.txt", "zh")


def found(index: rag.Index, question: str, title: str, history: tuple[str, ...] = ()) -> rag.Hit:
    """The best of a question's hits in the article whose title holds `title`."""
    hits = index.ask(question, history, k=20).hits
    return next(hit for hit in hits if title in hit.article.title)


def words(explanation: rag.Explanation) -> dict[str, tuple[str, str]]:
    return {word.word: (word.match, word.kind) for word in explanation.words}


def test_shares_are_each_signals_part_of_the_score() -> None:
    # 1.0, 1.2 and 1.5 count 3.7, the focus 0.625 of that: 6.0125 in all.
    values = {"dense": 0.5, "lexical": 0.25, "late": 0.4, "names": 0.0, "focus": 0.6}
    score = (0.5 + 1.2 * 0.25 + 1.5 * 0.4 + 2.3125 * 0.6) / 6.0125
    shares = {s.name: s for s in signal_shares(Hit(ARTICLE, 0, 3, "正文。", None, score, values))}
    assert list(shares) == ["focus", "late", "lexical", "dense"]  # the largest weight first
    assert shares["dense"].weight == pytest.approx(1 / 6.0125)
    assert shares["late"].share == pytest.approx(1.5 * 0.4 / 6.0125 / score)
    assert sum(s.share for s in shares.values()) == pytest.approx(1.0)


def test_names_count_where_the_score_shows_that_they_did() -> None:
    # With names 0.25 more counts 3.95, the focus 2.46875: 6.41875 in all.
    values = {"dense": 0.5, "lexical": 0.25, "late": 0.4, "names": 0.0, "focus": 0.6}
    score = (0.5 + 1.2 * 0.25 + 1.5 * 0.4 + 2.46875 * 0.6) / 6.41875
    shares = {s.name: s for s in signal_shares(Hit(ARTICLE, 0, 3, "正文。", None, score, values))}
    assert shares["names"].weight == pytest.approx(0.25 / 6.41875)
    assert shares["names"].share == 0.0


def test_a_hit_without_any_signal_has_no_shares() -> None:
    values = dict.fromkeys(("dense", "lexical", "late", "names", "focus"), 0.0)
    shares = signal_shares(Hit(ARTICLE, 0, 3, "正文。", None, 0.0, values))
    assert [s.share for s in shares] == [0.0] * 4


@pytest.mark.parametrize(
    "question",
    ["东堤农贸市场的摊位费是多少？", "Who chaired the CPPCC meeting?", "龙岗增加了多少学位？"],
)
def test_real_hits_add_up_and_every_match_stands_where_it_says(
    sample_index: rag.Index, question: str
) -> None:
    for hit in sample_index.ask(question).hits:
        explanation = sample_index.explain(question, hit)
        score = sum(s.weight * s.value for s in explanation.signals)
        assert score == pytest.approx(hit.score, abs=1e-5)
        assert sum(s.share for s in explanation.signals) == pytest.approx(1.0)
        for word in explanation.words:
            assert LEAST_SHOWN <= word.similarity <= 1.0
            if word.start is not None and word.end is not None:
                assert hit.start <= word.start < word.end <= hit.end
                assert hit.article.text[word.start : word.end] == word.match
            else:
                assert word.match in f"{hit.article.title}\n{hit.heading}"


def test_kinds_of_matches(sample_index: rag.Index) -> None:
    question = "How many school places did Longgang add in 2021, 18,700?"
    hit = found(sample_index, question, "一份成绩单")
    assert words(sample_index.explain(question, hit)) == {
        "school": ("学位", "translation"),
        "Longgang": ("龙岗", "name"),
        "add": ("增加", "translation"),
        "2021": ("2021", "number"),
        "18,700": ("1.87万", "number"),
    }


def test_a_chinese_name_is_one_match_not_three_characters(sample_index: rag.Index) -> None:
    question = "张礼卫要求什么？"
    hit = found(sample_index, question, "音乐学院")
    explanation = sample_index.explain(question, hit)
    assert words(explanation) == {"张礼卫": ("张礼卫", "same"), "要求": ("要求", "same")}
    assert all(word.similarity == 1.0 for word in explanation.words)


def test_function_words_are_left_out_and_what_nothing_matches_is_named(
    sample_index: rag.Index,
) -> None:
    question = "Which hippopotamus opened the night clinic with 777 nurses?"
    explanation = sample_index.explain(question, found(sample_index, question, "Night Clinic"))
    assert not {"Which", "the", "with"} & set(words(explanation))
    assert words(explanation)["clinic"] == ("clinic", "same")
    assert explanation.missing == ("hippopotamus", "777")


def test_a_follow_up_is_explained_with_what_it_takes_over(sample_index: rag.Index) -> None:
    history = ("东堤农贸市场有多少个摊位？",)
    hit = found(sample_index, "那车位呢？", "农贸市场", history)
    assert "农贸市场" not in words(sample_index.explain("那车位呢？", hit))
    assert "农贸市场" in words(sample_index.explain("那车位呢？", hit, history))


def test_an_explanation_is_json_ready(sample_index: rag.Index) -> None:
    hit = sample_index.ask("夜间门诊几点关门？").hits[0]
    values = sample_index.explain("夜间门诊几点关门？", hit).to_dict()
    assert list(values) == ["signals", "words", "missing"]
    assert set(values["signals"][0]) == {"name", "value", "weight", "share"}
    assert set(values["words"][0]) == {"word", "match", "start", "end", "similarity", "kind"}


def test_an_empty_question_is_refused(sample_index: rag.Index) -> None:
    hit = sample_index.ask("夜间门诊几点关门？").hits[0]
    with pytest.raises(rag.QuestionError, match="empty"):
        sample_index.explain("  ", hit)
