"""Times minijinja, Jinja2 and python-liquid on bench_templates.json, as far as they are installed.

usage: engines.py bench_templates.json [cart.json]   (the engines in PYTHONPATH)

Writes a line a template: engine, template, render and parse in microseconds, bytes, the text in Base64; tabs between.
The comparison template is the same in Jinja's language but for two names.
"""
import base64
import json
import sys
import time


def best(body, count, rounds=7):
    least = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(count):
            body()
        least = min(least, time.perf_counter() - start)
    return least / count * 1e6


def show(engine, name, render, parse, text):
    name = name.replace("bench_storefront_", "").replace("minijinja_", "")
    data = base64.b64encode(text.encode()).decode()
    print(engine, name, f"{render:.3f}", f"{parse:.3f}", len(text.encode()), data, sep="\t")


def jinja_source(case):
    """The comparison template with Jinja's names for what Liquid calls otherwise."""
    source = case["template"].replace("forloop.index", "loop.index").replace("upcase", "upper")
    for name in case["fs"]:
        for tag in (f"{{% render '{name}' %}}", f"{{% render \"{name}\" %}}", f"{{% include '{name}' %}}"):
            source = source.replace(tag, f"{{% include '{name}' %}}")
    return source


def liquid(cases):
    import liquid as engine

    for name, case in cases.items():
        try:
            one_liquid(engine, name, case)
        except Exception as error:
            print(f"python-liquid: {name} not measured: {str(error).splitlines()[0]}", file=sys.stderr)


def one_liquid(engine, name, case):
    environment = engine.Environment(loader=engine.DictLoader(case["fs"]))
    # The one filter of the product's own that its cart email uses, for amounts in US dollars below a thousand.
    environment.add_filter("currency", lambda amount, code: f"${amount:.2f}")
    template = environment.from_string(case["template"])
    text = template.render(**case["env"])
    show(
        "python-liquid", name, best(lambda: template.render(**case["env"]), 20),
        best(lambda: environment.from_string(case["template"]), 10), text)


def jinja2(case, name):
    import jinja2 as engine

    environment = engine.Environment(loader=engine.DictLoader(case["fs"]), cache_size=10)
    source = jinja_source(case)
    template = environment.from_string(source)
    show(
        "jinja2", name, best(lambda: template.render(case["env"]), 200),
        best(lambda: environment.from_string(source), 20), template.render(case["env"]))


def minijinja(case, name):
    import minijinja as engine

    environment = engine.Environment(templates={**case["fs"], "main": jinja_source(case)})
    environment.auto_escape_callback = lambda name: None

    def parse():
        environment.add_template("again", jinja_source(case))

    text = environment.render_template("main", **case["env"])
    show(
        "minijinja", name, best(lambda: environment.render_template("main", **case["env"]), 500), best(parse, 100),
        text)


def main():
    cases = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            cases.update(json.load(file))
    comparison = next(name for name in cases if "comparison" in name)
    for engine, body in (
        ("python-liquid", lambda: liquid(cases)),
        ("jinja2", lambda: jinja2(cases[comparison], comparison)),
        ("minijinja", lambda: minijinja(cases[comparison], comparison)),
    ):
        try:
            body()
        except Exception as error:
            print(f"{engine}: not measured: {type(error).__name__}: {error}", file=sys.stderr)


main()
