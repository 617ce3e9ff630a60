# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws pages of slirpway compare in headless Chromium and looks at them. Speaks TAP."""
import samples
from page_test import ENTER, SPACE, TAB, WIDTHS, run_tests


def test_charts(test):
    results = samples.sample()
    shown = samples.rows_shown(results)
    counted = [row for row in shown if row["valid"]]
    test.check("the sample is as the schema says", samples.schema_complaints(), "")
    test.draw("sample", results)
    test.check("nothing is said on the console", test.log(), [])
    test.check("nothing is loaded", test.browser.run(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"), [])
    test.check("a figure for each workload", test.number("#workloads figure"), len(results["workloads"]))
    test.check("a bar for each row that counts", test.number("#workloads .bar"), len(counted))
    test.check("a dot for each run of a path beside the host's",
               test.number("#workloads .dot"),
               sum(len(row["samples"]) for row in counted if row["path"] != "host"))
    test.check("a reason for each row that doesn't", test.number("#workloads .reason"),
               len(shown) - len(counted))
    test.check("a latency curve for each row with percentiles", test.number("#latency .chart .line"),
               sum(1 for row in counted if row["percentiles"]))
    test.check("processor time by party", test.number("#cpu .bar.party-engine") > 0)
    test.check("scaling over each thing that was varied",
               test.browser.run("return [...document.querySelectorAll('.group-title')].map((node) => node.textContent)"),
               ["MTU", "Round-trip time", "Congestion control", "Flows"])
    test.check("memory of each path but the host", test.number("#memory .chart text.tick ~ g.row"),
               len({row["path"] for row in counted if row["memory_bytes"]}))
    test.check("each figure says its congestion control", test.browser.run(
        "return [...document.querySelectorAll('figure')].filter((figure) =>"
        " !/congestion control/.test(figure.textContent)).length"), 0)
    test.check("each figure has its table", test.number("figure details table"), test.number("figure"))
    test.check("the verdict is there", test.text("#verdict .verdict p:last-child"), results["verdict"][-1])


def test_layout(test):
    test.draw("sample", samples.sample())
    for theme in ("light", "dark"):
        test.browser.theme(theme)
        for width in WIDTHS:
            test.browser.size(width, 900)
            where = f"at {width} pixels, {theme}"
            test.check(f"nothing is wider than the window {where}", test.ask("overflowing"), [])
            test.check(f"no texts of charts touch {where}", test.ask("clashingTexts"), [])
        test.check(f"texts and marks have contrast, {theme}", test.ask("faint"), [])
    test.check("all is labelled", test.ask("unlabelled"), [])
    test.browser.theme("light")
    test.browser.size(1280, 900)


def test_choices(test):
    test.draw("sample", samples.sample())
    test.browser.run("const list = document.getElementById('choose-congestion');"
                     "list.value = 'bbr'; list.dispatchEvent(new Event('change'));")
    test.browser.settle()
    drawn = ("return [...document.querySelectorAll('#workloads .conditions')].filter((line) =>"
             " line.textContent.includes('congestion control ' + arguments[0])).length")
    test.check("another congestion control is drawn", test.browser.run(drawn, "bbr"), 4)
    test.check("and what was measured with one only stays", test.browser.run(drawn, "cubic"), 6)
    test.browser.click("input[value=value]")
    test.browser.settle()
    test.check("figures instead of ratios", test.number("#workloads .reference"), 0)
    test.check("the host's runs are dots then", test.number("#workloads .row.series-host .dot") > 0)


def test_rows(test):
    results = samples.sample()
    test.draw("sample", results)
    lines = "#rows tbody tr:not(.below)"
    test.check("the first hundred rows", test.number(lines), 100)
    test.browser.click("#rows .content > button")
    test.check("all rows on request", test.number(lines), len(results["rows"]))
    test.check("rows that don't count are struck and say why",
               test.text("#rows tr.invalid + tr.reason"),
               "Not counted: " + next(row["why"] for row in results["rows"] if not row["valid"]))
    test.browser.run("document.querySelector('#search').focus()")
    test.browser.press("names")
    test.check("a search", test.number(lines), sum(1 for row in results["rows"] if row["workload"] == "names"))
    test.check("the command of a row", samples_command(test), next(
        row["command"] for row in results["rows"] if row["workload"] == "names"))


def samples_command(test):
    test.browser.click("#rows .toggle")
    return test.text("#rows .detail code")


def test_keyboard(test):
    test.draw("sample", samples.sample())
    test.browser.press(TAB)
    test.check("the first stop is the way past the navigation",
               test.browser.run("return document.activeElement.className"), "skip")
    test.browser.run("document.querySelector('.theme').focus()")
    test.browser.press(ENTER + ENTER)
    test.check("the theme's button", test.browser.run("return document.documentElement.dataset.theme"), "dark")
    test.check("the dark theme is dark", test.browser.run(
        "return getComputedStyle(document.body).backgroundColor"), "rgb(21, 24, 28)")
    test.browser.press(ENTER)
    test.browser.run("document.querySelectorAll('#rows th button')[7].focus()")
    test.browser.press(ENTER + ENTER)
    test.check("sorting by a heading", test.browser.run(
        "return document.activeElement.parentNode.getAttribute('aria-sort')"), "descending")
    test.browser.run("document.querySelector('#rows .toggle').focus()")
    test.browser.press(ENTER)
    test.check("the button of a row's details keeps the focus", test.browser.run(
        "return document.activeElement.getAttribute('aria-expanded')"), "true")
    test.browser.run("document.querySelector('figure summary').focus()")
    test.browser.press(SPACE)
    test.check("a figure's table opens", test.browser.run("return document.querySelector('figure details').open"))


def test_other_results(test):
    hostile = samples.hostile()
    for name, results in (("empty", samples.empty()), ("one path", samples.one_path()),
                          ("nothing counts", samples.nothing_counts()), ("broken", samples.broken()),
                          ("thousands of rows", samples.thousands_of_rows()),
                          ("pair", samples.pair()), ("hostile", hostile)):
        test.draw(name.replace(" ", "-"), results)
        for width in (360, 1280):
            test.browser.size(width, 900)
            test.check(f"{name}: nothing is wider than {width} pixels", test.ask("overflowing"), [])
            test.check(f"{name}: no texts of charts touch at {width} pixels", test.ask("clashingTexts"), [])
        test.check(f"{name}: nothing is said on the console", test.log(), [])
        test.check(f"{name}: the page is whole", test.number("#machine"), 1)
        if name == "pair":
            test.check("two panels in each figure", test.number("#workloads .chart"), 20)
            test.check("what changed is said", test.text("#changes tbody td:nth-child(3)"), "6.1.0")
        if name == "hostile":
            test.check("hostile texts ran nothing", test.browser.run("return window.injected === undefined"))
            test.check("hostile texts are no elements", test.number("#page :is(img, script)"), 0)
            test.check("hostile texts are shown as they are",
                       test.text("#verdict .verdict p:last-child"), hostile["verdict"][-1])


def test_paper(test):
    test.draw("sample", samples.sample())
    pdf = test.browser.print()
    test.check("it prints", pdf[:5] == b"%PDF-" and len(pdf) > 20000)
    test.check("after printing the page is as before", test.ask("clashingTexts"), [])


run_tests("compare-page.", (test_charts, test_layout, test_choices, test_rows, test_keyboard,
                            test_other_results, test_paper))
