"""The chat page as HTML: pure functions from `rag`'s values to strings.

markup   escaping, small pieces, an article with its marks
answer   an answer, its quotes and its sources
frame    masthead, first page, filters, notices
shelf    the articles of the index, what was uploaded and read
corpus   a timeline and a picture of all articles

`ui.py` wires them together with Gradio; `ui_assets/` has the page's style and behaviour.
"""
