"""What a comparison prints and writes."""
import json
import os
import statistics

BASE = "dun"


def inversions(numbers, width):
    """How many came after one that was published more than `width` later, and the most that one was late by."""
    newest, late, most = -1, 0, 0
    for number in numbers:
        if newest - number > width:
            late += 1
            most = max(most, newest - number)
        newest = max(newest, number)
    return {"late": late, "most": most}


def spread(values, form="{:.2f}"):
    low, middle, high = (form.format(value) for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}-{high})"


def ratios(figures, name, of, what):
    return [one[what] / other[what] for one, other in zip(figures[name], figures[of])]


def print_report(figures):
    for name, rounds in figures.items():
        print(f"\n{name}: {spread([one['rate'] for one in rounds], '{:.0f}')} a second")
        for process in rounds[0]["micros"]:
            print(f"  {spread([one['micros'][process] for one in rounds], '{:.1f}')} us of the processor each: {process}")
        for process in rounds[0].get("memory", {}):
            print(f"  {spread([one['memory'][process] / 1e6 for one in rounds], '{:.0f}')} MB at most: {process}")
        if "inversions" in rounds[0]:
            late = [one["inversions"]["late"] / one["messages"] * 100 for one in rounds]
            print(f"  {spread(late)} % came after one that is younger by more than the requests open at a time")
            print(f"  first message after {spread([one['first_after'] * 1000 for one in rounds], '{:.0f}')} ms")
    if BASE not in figures:
        return
    print()
    for name in figures:
        if name == BASE:
            continue
        rate = spread(ratios(figures, BASE, name, "rate"))
        print(f"{BASE} / {name}: rate {rate}; {name} / {BASE}: processor {spread(ratios(figures, name, BASE, 'client_and_redis'))}")
    if "writer" in figures:
        redis = [one["micros"]["redis"] / least["micros"]["redis"] for one, least in zip(figures[BASE], figures["writer"])]
        print(f"{BASE} / writer: processor of Redis {spread(redis)}")


def write_report(path, report):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump(report, file, indent=1)
    print(f"\n{path}")
    try:
        import matplotlib
    except ImportError:
        print("no plot: python3-matplotlib is missing (bench/setup)")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figures = report["figures"]
    _, (rates, costs) = pyplot.subplots(1, 2, figsize=(11, 4.5))
    names = list(figures)
    rates.boxplot([[one["rate"] for one in figures[name]] for name in names])
    rates.set_xticks(range(1, len(names) + 1), names)
    rates.set_ylabel("notices a second")
    rates.set_ylim(bottom=0)
    bottom = [0] * len(names)
    for process in ("worker", "producer", "redis", "sink"):
        values = [statistics.median(one["micros"].get(process, 0) for one in figures[name]) for name in names]
        costs.bar(names, values, bottom=bottom, label=process)
        bottom = [low + value for low, value in zip(bottom, values)]
    costs.set_ylabel("microseconds of the processor a notice")
    costs.legend()
    pyplot.tight_layout()
    picture = os.path.splitext(path)[0] + ".png"
    pyplot.savefig(picture, dpi=120)
    print(picture)
