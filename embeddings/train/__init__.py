"""How the shipped bilingual table was made: sources → word list → tokenizer → table.

Run with `python -m embeddings.train --data DIR`. Needs the `train` extra; never imported when
questions are asked.
"""
