"""What the fault lab found: how many verdicts are right, and which cause was taken for which.

usage: table.py FOLDER

FOLDER holds the answers that the cases wrote down. Fails when less than 95 % are right, when one is
wrong or certain beyond what can be known, when there are fewer than 90 faults, and when no case
expects a cause that could be staged.
"""

import collections
import json
import pathlib
import re
import statistics
import sys

FAULTS_AT_LEAST = 90
RIGHT_AT_LEAST = 0.95

CAUSES = pathlib.Path(__file__).parents[2] / "src/diagnosis/cause.rs"

# Causes that no case can expect, and why.
NOT_STAGED = {
    "undetermined": "the lab stages what has a name",
}


def main():
    answers = [json.loads(file.read_text()) for file in pathlib.Path(sys.argv[1]).glob("*.json")]
    if not answers:
        sys.exit("the fault lab wrote nothing down")
    tell_confusion(answers)
    grades = collections.Counter(grade(answer) for answer in answers)
    faults = len({answer["case"] for answer in answers})
    expected = {answer["expected"][0] for answer in answers}
    right = grades["right"] / len(answers)
    print(f"\n{len(answers)} verdicts on {faults} faults over {len(expected)} causes: {100 * right:.1f} % right, "
          f"{grades['hedged']} hedged, {grades['undetermined']} undetermined, {grades['wrong']} wrong, "
          f"{grades['confident']} confidently wrong")
    took = sorted(answer["took_ms"] / 1000 for answer in answers)
    print(f"time to verdict: p50 {statistics.median(took):.2f} s, p95 {took[int(0.95 * (len(took) - 1))]:.2f} s")
    forgotten = tell_unexpected(expected)
    tell_rivals(answers)
    is_good = right >= RIGHT_AT_LEAST and not grades["wrong"] and not grades["confident"]
    return 0 if is_good and faults >= FAULTS_AT_LEAST and not forgotten else 1


def tell_confusion(answers):
    confusion = collections.Counter(("|".join(answer["expected"]), answer["said"]) for answer in answers)
    print(f"{'expected':60} {'said':28} times")
    for (expected, said), times in sorted(confusion.items()):
        mark = "" if said in expected.split("|") else "   <-"
        print(f"{expected:60} {said:28} {times:5}{mark}")


def tell_unexpected(expected):
    """Prints the causes that no case expects, with the reason where there is one. Returns those without."""
    every = set(re.findall(r'=> row\("([a-z0-9-]+)"', CAUSES.read_text()))
    print("\nno case expects")
    for cause in sorted(every - expected):
        print(f"  {cause}: {NOT_STAGED.get(cause, 'FORGOTTEN')}")
    return every - expected - NOT_STAGED.keys()


def tell_rivals(answers):
    """For each other program, how many answers it has for all the causes, and what each answer means."""
    for rival in sorted({rival for answer in answers for rival in answer["rivals"]}):
        asked = [answer for answer in answers if rival in answer["rivals"]]
        meant = collections.defaultdict(set)
        for answer in asked:
            meant[answer["rivals"][rival]].add(answer["expected"][0])
        causes = len({answer["expected"][0] for answer in asked})
        print(f"\n{rival}: {len(meant)} answers for {causes} causes")
        for said, meanings in sorted(meant.items(), key=lambda pair: -len(pair[1])):
            print(f"  {said}: {len(meanings)} causes, {', '.join(sorted(meanings))}")


def grade(answer):
    certain = answer["certainty"] == "certain"
    if answer["said"] in answer["expected"]:
        if certain and "certain" not in answer["honest"]:
            return "confident"
        return "right" if answer["certainty"] in answer["honest"] else "hedged"
    if certain:
        return "confident"
    if answer["said"] == "undetermined":
        return "undetermined"
    return "hedged" if set(answer["expected"]) & set(answer["alternatives"][:2]) else "wrong"


if __name__ == "__main__":
    sys.exit(main())
