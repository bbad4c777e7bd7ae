"""What the sample clients were asked: the ready-made questionnaire, and names that the generator needs."""

from typing import Final

from smf_helpers.ingest.questionnaire import ITEMS, Question

SAMPLE_ITEMS: Final[tuple[Question, ...]] = ITEMS
SKILLS: Final = tuple(item.module.partition(":")[2] for item in ITEMS if item.module.startswith("skill:"))
