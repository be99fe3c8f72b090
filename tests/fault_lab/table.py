"""What the fault lab found: how many verdicts are right, and which cause was taken for which.

usage: table.py FOLDER

FOLDER holds the answers that the cases wrote down. Fails when less than 95 % are right, when one is
wrong, or when one is certain beyond what can be known.
"""

import collections
import json
import pathlib
import statistics
import sys


def main():
    answers = [json.loads(file.read_text()) for file in pathlib.Path(sys.argv[1]).glob("*.json")]
    if not answers:
        sys.exit("the fault lab wrote nothing down")
    grades = collections.Counter(grade(answer) for answer in answers)
    confusion = collections.Counter((answer["expected"], answer["said"]) for answer in answers)
    print(f"{'expected':32} {'said':32} times")
    for (expected, said), times in sorted(confusion.items()):
        mark = "" if expected == said else "   <-"
        print(f"{expected:32} {said:32} {times:5}{mark}")
    took = sorted(answer["took_ms"] / 1000 for answer in answers)
    right = grades["right"] / len(answers)
    cases = len({answer["case"] for answer in answers})
    causes = len({answer["expected"] for answer in answers})
    print(f"\n{len(answers)} verdicts in {cases} cases over {causes} causes: {100 * right:.1f} % right, "
          f"{grades['hedged']} hedged, {grades['undetermined']} undetermined, {grades['wrong']} wrong, "
          f"{grades['confident']} confidently wrong")
    print(f"time to verdict: p50 {statistics.median(took):.2f} s, p95 {took[int(0.95 * (len(took) - 1))]:.2f} s")
    tell_rivals(answers)
    return 0 if right >= 0.95 and not grades["wrong"] and not grades["confident"] else 1


def tell_rivals(answers):
    """For each other program, how many answers it has for all the causes, and what each answer means."""
    for rival in sorted({rival for answer in answers for rival in answer["rivals"]}):
        meant = collections.defaultdict(set)
        for answer in answers:
            meant[answer["rivals"].get(rival, "nothing")].add(answer["expected"])
        causes = len({answer["expected"] for answer in answers})
        print(f"\n{rival}: {len(meant)} answers for {causes} causes")
        for said, meanings in sorted(meant.items(), key=lambda pair: -len(pair[1])):
            print(f"  {said}: {', '.join(sorted(meanings))}")


def grade(answer):
    certain = answer["certainty"] == "certain"
    if answer["said"] == answer["expected"]:
        if certain and "certain" not in answer["honest"]:
            return "confident"
        return "right" if answer["certainty"] in answer["honest"] else "hedged"
    if certain:
        return "confident"
    if answer["said"] == "undetermined":
        return "undetermined"
    return "hedged" if answer["expected"] in answer["alternatives"][:2] else "wrong"


if __name__ == "__main__":
    sys.exit(main())
