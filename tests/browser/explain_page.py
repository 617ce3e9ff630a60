# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws pages of slirpway explain in headless Chromium and goes through them. Speaks TAP."""
import copy
import json
import os

from page_test import DOWN, END, ENTER, ESCAPE, HERE, HOME, SPACE, UP, WIDTHS, run_tests

HOSTILE = "</script><img src=x onerror=window.injected=1><script>window.injected=1</script>\u202e\u0000'\""
PLACE = ".now .place"


def sample():
    with open(os.path.join(HERE, "explain-sample.json"), encoding="utf-8") as file:
        return json.load(file)


def hostile(value):
    """The same with every text that is no word of the format replaced."""
    if isinstance(value, dict):
        return {name: part if name in ("format", "path", "kind", "direction") else hostile(part)
                for name, part in value.items()}
    if isinstance(value, list):
        return [hostile(part) for part in value]
    return HOSTILE if isinstance(value, str) else value


def only(explanation, *names):
    """With these paths present, and the others missing."""
    for path in explanation["paths"]:
        if path["path"] not in names:
            path.clear()
            path.update(path="hybrid", about="", present=False, why="this kernel refuses it")
    return explanation


def many_events(explanation):
    path = explanation["paths"][0]
    path["events"] = [dict(copy.deepcopy(path["events"][index % len(path["events"])]), time=index / 1000, end=index / 1000)
                      for index in range(4000)]
    path["events_left_out"] = 12345
    return explanation


def place(test):
    return test.text(PLACE).split(",")[0]


def chosen(test, lane):
    """The line that a lane shows as its own."""
    return test.browser.run(
        "const step = document.querySelectorAll('.lane')[arguments[0]].querySelector('[aria-selected=true]');"
        "return step ? step.querySelector('.time').textContent : null", lane)


def test_content(test):
    explanation = sample()
    test.draw("sample", explanation)
    test.check("nothing is said on the console", test.log(), [])
    test.check("nothing is loaded", test.browser.run(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"), [])
    test.check("the command is there", "curl" in test.text("header .command"))
    for index, path in enumerate(explanation["paths"]):
        test.check(f"a line for each event of {path['path']}",
                   test.number(f".lanes > :nth-child({index + 1}) .step"), len(path["events"]))
        test.check(f"its summary", test.text(f".lanes > :nth-child({index + 1}) > .note"), path["summary"])
    test.check("a mark for each event", test.number(".overview .mark"),
               sum(len(path["events"]) for path in explanation["paths"]))
    test.check("all totals", test.number(".totals tbody tr"), len(explanation["paths"][0]["table"]))
    topics = {event["topic"] for path in explanation["paths"] for event in path["events"]}
    test.check("each topic once in the glossary", test.number(".glossary dt"), len(topics))


def test_keys(test):
    explanation = sample()
    packet = explanation["paths"][0]["events"]
    test.draw("sample", explanation)
    test.check("it begins at the start", place(test), f"packet: step 1 of {len(packet)}")
    for keys, step in (("j", 2), (DOWN, 3), (SPACE, 4), ("k", 3), (UP, 2), (HOME, 1), ("k", 1),
                       (END, len(packet)), ("j", len(packet)), (HOME, 1)):
        test.browser.press(keys)
        test.check(f"key {keys!r} leads to step {step}", place(test), f"packet: step {step} of {len(packet)}")
    test.browser.press("jjjjjjjj")
    event = packet[8]
    test.check("the step is told", test.text(".now-title"), f"{event['label']} {event['text']}")
    test.check("with what there is to learn", test.text(".about"), explanation["topics"][event["topic"]])
    test.check("its line is marked", chosen(test, 0), f"{event['time'] * 1000:.2f}")
    test.check("the other path is at the same time", float(chosen(test, 1)) <= event["time"] * 1000)
    test.browser.press("n")
    test.check("n goes to the other path", place(test).split(":")[0], "hybrid")
    test.browser.press("p")
    test.check("p goes back", place(test).split(":")[0], "packet")
    test.check("a step has its address", test.browser.run("return location.hash").split("-")[0], "#packet")
    test.browser.press("?")
    test.check("? shows the keys", test.browser.run("return document.querySelector('.help').open"))
    before = place(test)
    test.browser.press("j")
    test.check("keys do nothing behind it", place(test), before)
    test.browser.press(ESCAPE)
    test.check("Escape closes it", test.browser.run("return document.querySelector('.help').open"), False)


def test_pointer(test):
    test.draw("sample", sample())
    test.browser.run("document.querySelectorAll('.lane')[1].querySelectorAll('.step')[4].click()")
    test.check("a click on a line goes there", place(test).startswith("hybrid: step 5 of "))
    test.browser.click(".buttons button:nth-child(2)")
    test.check("and a button to the next", place(test).startswith("hybrid: step 6 of "))
    test.browser.press(ENTER)
    test.check("a button that has the focus keeps its keys", place(test).startswith("hybrid: step 7 of "))
    test.browser.run("document.querySelector('.overview .mark').dispatchEvent(new MouseEvent('click',"
                     "{ bubbles: true, clientX: 0, clientY: 0 }))")
    test.check("a click into the overview goes there", place(test).startswith("packet: step 1 of "))


def test_awake(test):
    explanation = sample()
    test.draw("sample", explanation)
    index = next(index for index, event in enumerate(explanation["paths"][0]["events"]) if event["topic"] == "data")
    test.browser.press(HOME + "j" * index)
    test.browser.settle()
    test.check("data of the packet path wakes the engine", test.text(".actor.awake text"), "engine")
    test.check("and has it copy", test.text(".actor.awake .state"), "wakes up, copies")
    test.check("copies are told", "The engine copies" in test.text(".costs"))
    test.check("there is no supervisor on it", "supervisor" in test.text(".diagram, .chart svg:not(.overview)"), False)


def closed_late(explanation):
    """A socket that the kernel closes a minute after the program's end."""
    explanation["paths"][0]["events"][-1].update(time=60.044444, end=60.044444)
    return explanation


def test_late_event(test):
    place_of = ("const box = document.querySelector('svg.overview').getBoundingClientRect();"
                "const mark = [...document.querySelectorAll('.overview .row')][0].querySelectorAll('.mark.%s');"
                "return (mark[mark.length - 1].getBoundingClientRect().left - box.left) / box.width")
    test.draw("late", closed_late(sample()))
    for width in WIDTHS:
        test.browser.size(width, 900)
        test.browser.settle()
        test.check(f"what comes long after the end takes no place from the rest, at {width} pixels",
                   test.browser.run(place_of % "program") > 0.55)
        test.check(f"it is behind a break, at {width} pixels", test.browser.run(
            "return document.querySelector('.overview .break line').getBoundingClientRect().left <"
            " [...document.querySelectorAll('.overview .mark')].reduce((last, mark) =>"
            " Math.max(last, mark.getBoundingClientRect().left), 0)"))
        test.check(f"no texts of pictures touch, at {width} pixels", test.ask("clashingTexts"), [])
        test.check(f"nothing is wider than {width} pixels", test.ask("overflowing"), [])
    test.check("the break's end has its time", test.text(".overview .break text").endswith("000"))
    test.browser.press(END)
    test.check("one can go there", "60044.44 ms" in test.text(PLACE))
    test.browser.size(1280, 900)


def test_layout(test):
    test.draw("sample", sample())
    for theme in ("light", "dark"):
        test.browser.theme(theme)
        for width in WIDTHS:
            test.browser.size(width, 900)
            for keys in (HOME, "jjjjj", "n" + END):
                test.browser.press(keys)
                test.browser.settle()
                where = f"at {width} pixels, {theme}, {place(test)}"
                test.check(f"nothing is wider than the window {where}", test.ask("overflowing"), [])
                test.check(f"no texts of pictures touch {where}", test.ask("clashingTexts"), [])
            test.browser.press("p")
        test.check(f"texts have contrast, {theme}", test.ask("faint"), [])
    test.check("all is labelled", test.ask("unlabelled"), [])
    test.browser.theme("light")
    test.browser.size(1920, 1080)
    test.check("on a projector all but the totals is on one screen", test.browser.run(
        "return document.querySelector('.stage').getBoundingClientRect().bottom <= innerHeight + 1"))
    test.browser.press(HOME + "j" * 20)
    test.browser.settle()
    test.check("and the step is in sight", test.browser.run(
        "const step = document.querySelector('.lane.active [aria-selected=true]').getBoundingClientRect();"
        "const list = document.querySelector('.lane.active .steps').getBoundingClientRect();"
        "return step.top >= list.top - 1 && step.bottom <= list.bottom + 1"))
    test.browser.size(360, 800)
    test.browser.press(HOME + "j" * 20)
    test.browser.settle()
    test.check("on a phone it is below what is told of it", test.browser.run(
        "const step = document.querySelector('.lane.active [aria-selected=true]').getBoundingClientRect();"
        "return step.top >= document.querySelector('.now').getBoundingClientRect().bottom - 1 && step.bottom <= innerHeight + 1"))
    test.browser.size(1280, 900)


def test_other_data(test):
    rows = {
        "one path": only(sample(), "packet"),
        "no path": only(sample()),
        "broken": {"format": "slirpway-explain", "paths": [7, {"path": "packet", "present": True, "events": [{}, None]}]},
        "nothing": {"format": "slirpway-explain"},
        "thousands of events": many_events(sample()),
        "hostile": hostile(sample()),
    }
    for name, explanation in rows.items():
        test.draw(name.replace(" ", "-"), explanation)
        for width in (360, 1280):
            test.browser.size(width, 900)
            test.check(f"{name}: nothing is wider than {width} pixels", test.ask("overflowing"), [])
        test.browser.press("jjn?" + ESCAPE)
        test.check(f"{name}: nothing is said on the console", test.log(), [])
        test.check(f"{name}: the page is there", test.number("header h1"), 1)
    test.check("hostile texts ran nothing", test.browser.run("return window.injected === undefined"))
    test.check("hostile texts are no elements", test.number("#page :is(img, script)"), 0)
    test.draw("one-path", rows["one path"])
    test.check("why a path is missing is told", "this kernel refuses it" in test.text(".missing"))


def test_paper(test):
    test.draw("sample", sample())
    pdf = test.browser.print()
    test.check("it prints", pdf[:5] == b"%PDF-" and len(pdf) > 20000)


run_tests("explain-page.", (test_content, test_keys, test_pointer, test_awake, test_late_event, test_layout, test_other_data, test_paper))
