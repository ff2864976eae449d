"""placeholder"""

from faregate.planfile.family import Plan


def explain_in_words(plan: Plan) -> list[str]:
    return []
