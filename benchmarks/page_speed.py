"""How long a reader waits, in a real browser: first paint, first answer text, all of the answer.

    python -m benchmarks.page_speed [--chromium PATH] [--runs 5]

The page is served over the sample articles by this process; each run is a fresh browser profile.
First paint is the browser's own `first-contentful-paint`; the answer is timed from the Enter key to
the first quote on the page, and to the sources beside it. The server has answered nothing before
but what it asks itself when it starts. What is measured against: paint 2 s, first text 1 s.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

import rag
import ui

ARTICLES = Path(__file__).resolve().parent.parent / "data" / "articles"
QUESTION = "What did the carbon meeting decide?"
PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    times: dict[str, list[float]] = {"first paint": [], "first text": [], "all of it": []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        rag.build_index([ARTICLES], folder)
        desk = ui.Desk(folder)
        page = ui.build(desk)
        _, url, _ = page.launch(prevent_thread_lock=True, **ui.launch_options(desk))
        desk.warm()
        browser = playwright.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
        for _ in range(args.runs):
            tab = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
            tab.goto(url)
            tab.wait_for_selector(".wb-masthead")
            tab.wait_for_function("document.documentElement.dataset.user !== undefined")
            tab.wait_for_function(f"({PAINT})() > 0")
            times["first paint"].append(tab.evaluate(PAINT) / 1000)
            tab.fill("#wb-question textarea", QUESTION)
            began = time.perf_counter()
            tab.press("#wb-question textarea", "Enter")
            tab.wait_for_selector("#wb-turns .wb-quote")
            times["first text"].append(time.perf_counter() - began)
            tab.wait_for_selector("#wb-turns .wb-tools")
            times["all of it"].append(time.perf_counter() - began)
            tab.context.close()
        browser.close()
        page.close()
    for name, seconds in times.items():
        print(f"{name:12s} {statistics.median(seconds):6.2f} s   slowest {max(seconds):.2f} s")


if __name__ == "__main__":
    main()
