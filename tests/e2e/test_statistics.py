"""Proves that the statistics of src/measure equal those of scipy, numpy and Python, by way of
tests/bench/statistics.c."""

import os
import random
import statistics
import subprocess

from pair import BIN, Skip, case, check, equal, main, within

try:
    import numpy
    from scipy import stats
except ImportError as error:
    numpy, missing = None, error

RESAMPLES = 10000  # ours: INTERVAL_RESAMPLES
REFERENCE = 100000  # scipy's, so that most of the noise is ours


def ask(*questions):
    """A question is a command and its lists; returns the numbers of each answer."""
    if numpy is None:
        raise Skip("make deps: %s" % missing)
    text = "\n".join(
        " ".join([command] + ["%d %s" % (len(l), " ".join(repr(float(v)) for v in l)) for l in lists])
        for command, *lists in questions
    )
    program = os.path.join(BIN, "tests", "statistics")
    done = subprocess.run([program], input=text, capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, "exit of statistics (%s)" % done.stderr)
    answers = [[float(word) for word in line.split()] for line in done.stdout.splitlines()]
    equal(len(answers), len(questions), "answers")
    return answers


def near(found, expected, what):
    check(abs(found - expected) <= 1e-12 * abs(expected), "%s: %r, not %r" % (what, found, expected))


def samples(sizes, seed):
    """Lists of values as figures are: positive, some with ties, some with a tail."""
    source = random.Random(seed)
    for n in sizes:
        yield [source.lognormvariate(3, 0.1) for _ in range(n)]
        yield [float(source.randint(20, 24)) for _ in range(n)]
        yield [20 + source.paretovariate(1.2) for _ in range(n)]


def tail(n):
    """The expanded percentile interval (Hesterberg 2015), from scipy's t and normal distributions."""
    return stats.norm.cdf(-((n / (n - 1)) ** 0.5) * stats.t.ppf(0.975, n - 1))


def check_bound(found, distribution, part, what):
    """A quantile of RESAMPLES draws lies at a rank with the spread of a binomial; so does that of the
    reference. Between the ranks that are four standard deviations off, it has to be."""
    noise = 4 * (part * (1 - part) * (1 / RESAMPLES + 1 / REFERENCE)) ** 0.5
    low, high = numpy.quantile(distribution, [max(part - noise, 0), min(part + noise, 1)])
    within(found, low * (1 - 1e-12), high * (1 + 1e-12), what)


def check_interval(answer, reference, n, what):
    parts = tail(n)
    check_bound(answer[2], reference.bootstrap_distribution, parts, what + ": low")
    check_bound(answer[3], reference.bootstrap_distribution, 1 - parts, what + ": high")


def bootstrap(data, statistic):
    return stats.bootstrap(
        data, statistic, n_resamples=REFERENCE, batch=5000, method="percentile", random_state=7
    )


@case("interval of a median is scipys")
def interval_of_a_median_is_scipys():
    lists = list(samples([6, 7, 9, 10, 25, 100], 1))
    for values, answer in zip(lists, ask(*[("interval", l) for l in lists])):
        equal(answer[0], len(values), "n")
        near(answer[1], statistics.median(values), "median")
        reference = bootstrap((values,), numpy.median)
        check_interval(answer, reference, len(values), "interval of %r" % values)


@case("interval of a ratio of medians is scipys")
def interval_of_a_ratio_of_medians_is_scipys():
    above = list(samples([6, 10, 15, 40], 2))
    below = list(samples([9, 10, 8, 60], 3))
    ratio = lambda a, b, axis: numpy.median(a, axis=axis) / numpy.median(b, axis=axis)
    answers = ask(*[("medians", a, b) for a, b in zip(above, below)])
    for a, b, answer in zip(above, below, answers):
        n = min(len(a), len(b))
        equal(answer[0], n, "n")
        near(answer[1], statistics.median(a) / statistics.median(b), "ratio")
        check_interval(answer, bootstrap((a, b), ratio), n, "interval of %r / %r" % (a, b))


@case("too few for an interval get their range")
def too_few_for_an_interval_get_their_range():
    one, three, pair = ask(
        ("interval", [4]), ("interval", [3, 9, 4]), ("medians", [6, 8], [1, 2, 4, 3, 5, 6, 7])
    )
    equal(one, [1, 4, 4, 4], "of one")
    equal(three, [3, 4, 3, 9], "of three")
    equal(pair, [2, 7 / 4, 6 / 7, 8], "of two to seven")
    equal(ask(("interval", [])), [[0, 0, 0, 0]], "of none")


@case("the same values give the same interval")
def the_same_values_give_the_same_interval():
    values = next(samples([10], 4))
    first, again, shuffled = ask(
        ("interval", values), ("interval", values), ("interval", sorted(values))
    )
    equal(first, again, "a second time")
    equal(first, shuffled, "in another order")


@case("quantiles are numpys")
def quantiles_are_numpys():
    lists = list(samples([1, 2, 3, 6, 10, 99, 1000, 20000], 5))
    parts = [0, 0.001, 0.025, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 0.975, 0.999, 1]
    for values, answer in zip(lists, ask(*[("quantiles", l, parts) for l in lists])):
        expected = numpy.percentile(values, [100 * p for p in parts], method="linear")
        for part, found, exact in zip(parts, answer, expected):
            near(found, exact, "quantile %g of %d values" % (part, len(values)))


@case("spreads are numpys")
def spreads_are_numpys():
    lists = list(samples([1, 2, 5, 6, 10, 100], 6))
    for values, answer in zip(lists, ask(*[("spread", l) for l in lists])):
        equal(answer[0], len(values), "n")
        for found, exact in zip(answer[1:], numpy.percentile(values, [0, 25, 50, 75, 100])):
            near(found, exact, "spread of %r" % values)


@case("deviations are pythons")
def deviations_are_pythons():
    # 1e9 + 4, 7, 13, 16: the textbook's example, in which a naive sum of squares loses every digit.
    lists = [[1e9 + v for v in (4, 7, 13, 16)], *samples([2, 3, 100, 10000], 8)]
    for values, (n, least, mean, most, deviation) in zip(lists, ask(*[("running", l) for l in lists])):
        equal((n, least, most), (len(values), min(values), max(values)), "n, min, max")
        near(mean, statistics.mean(values), "mean")
        check(abs(deviation - statistics.stdev(values)) < 1e-9 * deviation + 1e-300, "deviation")


@case("percentiles are numpys within a bin")
def percentiles_are_numpys_within_a_bin():
    source = random.Random(9)
    values = [int(source.lognormvariate(10, 1)) for _ in range(50000)]
    percents = [0, 0.1, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100]
    above, between = ask(("histogram", values, percents), ("between", values, percents))
    expected = numpy.percentile(values, percents, method="inverted_cdf")
    for percent, upper, middle, exact in zip(percents, above, between, expected):
        within(upper, exact, exact * (1 + 1 / 128), "percentile %g" % percent)
        within(middle, exact * (1 - 1 / 128), exact * (1 + 1 / 128), "between, %g" % percent)
        if 1 <= percent <= 99:  # hundreds of values in the bin: evenly spread, but for chance
            within(middle, exact * (1 - 1 / 1000), exact * (1 + 1 / 1000), "between, %g" % percent)


def blocks(source, n, shift=1.0):
    return [shift * source.lognormvariate(0, 0.05) for _ in range(n)]


def ratios(above, below):
    return [a / b for a, b in zip(above, below)]


@case("intervals miss the truth as seldom as they say")
def intervals_miss_the_truth_as_seldom_as_they_say():
    """Draws 1200 samples of 7 blocks whose median ratio is 1. The plain 2.5 % tails would miss it in 12.5 %."""
    source = random.Random(10)
    for n in (6, 7, 10):
        count = 1200
        drawn = [ratios(blocks(source, n), blocks(source, n)) for _ in range(count)]
        missed = sum(a[2] > 1 or a[3] < 1 for a in ask(*[("interval", d) for d in drawn]))
        print("# %d blocks: 1 is outside %.1f %% of the intervals" % (n, 100 * missed / count))
        # At most 6.6 % (interval.h), and three standard deviations of a count of 1200.
        check(missed <= count * 0.066 + 3 * (count * 0.066 * 0.934) ** 0.5, "%d of %d" % (missed, count))


@case("quantiles of t are scipys")
def quantiles_of_t_are_scipys():
    parts = [part for part in (0.5, 0.05, 0.01, 0.05 / 7, 1e-4) for _ in range(99)]
    freedoms = [freedom for _ in range(5) for freedom in range(1, 100)]
    [answer] = ask(("student", parts, freedoms))
    for part, freedom, found in zip(parts, freedoms, answer):
        exact = stats.t.isf(part / 2, freedom)
        check(abs(found / exact - 1) < 1e-7, "%g outside, %d: %r, not %r" % (part, freedom, found, exact))


@case("intervals of ratios are scipys")
def intervals_of_ratios_are_scipys():
    lists = [ratios(v, w) for v, w in zip(samples([6, 9, 10, 19, 20, 100], 12), samples([6, 9, 10, 19, 20, 100], 13))]
    for claims in (1, 3, 7):
        for values, answer in zip(lists, ask(*[("ratios", values, [claims]) for values in lists])):
            logs = numpy.log(values)
            part = (len(values) // (10 if len(values) < 20 else 5) + 1e-9) / len(values)  # scipy divides by the part that it is asked to keep
            low, high = stats.mstats.trimmed_mean_ci(logs, limits=(part, part), alpha=0.05 / claims)
            what = "%d ratios, %d claims" % (len(values), claims)
            equal(answer[0], len(values), "n")
            near(answer[1], numpy.exp(stats.trim_mean(logs, part)), what)
            check(abs(answer[2] / numpy.exp(low) - 1) < 1e-7, what + ": low %r" % answer[2])
            check(abs(answer[3] / numpy.exp(high) - 1) < 1e-7, what + ": high %r" % answer[3])


@case("verdicts are right as often as NOTES promises")
def verdicts_are_right_as_often_as_promised():
    done = subprocess.run([os.path.join(BIN, "tests", "power")], capture_output=True, text=True, timeout=120)
    print("".join("# %s\n" % line for line in done.stdout.splitlines()), end="")
    equal(done.returncode, 0, "a promise is missed")


main()
