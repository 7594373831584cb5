"""The training data made anew: downloads from the public repositories in `../sources.json`.

`web` fetches, `dictionaries`, `bilingual` and `chinese` read one format family each, `prepare`
cleans and writes. Nothing here trains, and nothing of an archive is ever unpacked or executed.
"""
