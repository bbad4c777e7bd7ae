"""The vocabulary of the Social Media Framework: data only, no behaviour.

Eight factors stand on two cycles; the eighth, learning and building a culture, is the link at the
centre of both. People move along a path of stages, are held back by named barriers, and the
organisation acts through dated interventions. Every other room takes its keys from here and its
labels from the language catalogue.
"""

from dataclasses import dataclass
from typing import Final, Literal

Cycle = Literal["internal", "external", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One of the eight key success factors.

    Attributes
    ----------
    key : identifier used in tables, params and code.
    label : English label; other languages come from the catalogue.
    short : label of at most two words, for drawings.
    cycle : the cycle it stands on, or ``link`` for the centre.
    place : position in the order of the framework, 1 to 8.
    """

    key: str
    label: str
    short: str
    cycle: Cycle
    place: int


FACTORS: Final[tuple[Factor, ...]] = (
    Factor(key="objectives", label="Setting objectives", short="Objectives", cycle="internal", place=1),
    Factor(
        key="targets_channels",
        label="Determining target groups and channels",
        short="Targets, channels",
        cycle="internal",
        place=2,
    ),
    Factor(key="activities", label="Defining activities", short="Activities", cycle="internal", place=3),
    Factor(key="ownership", label="Assigning ownership", short="Ownership", cycle="internal", place=4),
    Factor(key="listening", label="Listening", short="Listening", cycle="external", place=5),
    Factor(key="engaging", label="Engaging", short="Engaging", cycle="external", place=6),
    Factor(
        key="measuring",
        label="Measuring and evaluating",
        short="Measuring",
        cycle="external",
        place=7,
    ),
    Factor(
        key="learning_culture",
        label="Learning and building a culture",
        short="Learning culture",
        cycle="link",
        place=8,
    ),
)
FACTOR_KEYS: Final[tuple[str, ...]] = tuple(factor.key for factor in FACTORS)
LINK: Final = "learning_culture"

STAGES: Final[tuple[str, ...]] = ("none", "personal", "internal", "customer")
"""The development path, in order."""

BARRIERS: Final[tuple[str, ...]] = (
    "technology",
    "shyness",
    "embarrassment",
    "tool_overload",
    "legal",
    "security",
    "time",
)

INTERVENTION_KINDS: Final[tuple[str, ...]] = (
    "policy_published",
    "owner_appointed",
    "executive_joined",
    "ban_lifted",
    "training_held",
    "unit_joined",
    "other",
)

REMEDIES: Final[dict[str, tuple[str, ...]]] = {
    "technology": ("training_held",),
    "shyness": ("training_held", "executive_joined"),
    "embarrassment": ("executive_joined", "training_held"),
    "tool_overload": ("owner_appointed",),
    "legal": ("policy_published",),
    "security": ("policy_published", "ban_lifted"),
    "time": ("executive_joined", "owner_appointed"),
}
"""Which kinds of intervention address which barrier."""

ACCESS: Final[tuple[str, ...]] = ("open", "restricted", "banned")

MODULES: Final[tuple[str, ...]] = (
    *FACTOR_KEYS,
    "stage",
    "skill",
    "barrier",
    "recommendation",
    "importance",
    "policy",
    "owner",
    "access",
    "executives",
    "email",
    "comment",
)
"""What an item of the questionnaire may belong to: a factor, or a module beside the factors.

Items of ``barrier``, ``importance`` and ``skill`` name their facet after a colon:
``barrier:time``, ``importance:listening``, ``skill:writing``.
"""

QUESTIONS: Final[tuple[str, ...]] = (
    "Are we learning from our experiences in social media?",
    "Is our social media culture developing as we would like it to?",
    "How can we improve this on-going process?",
)

PROPER_NAMES: Final[dict[str, str]] = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "x": "X",
    "youtube": "YouTube",
    "youtube_studio": "YouTube Studio",
    "facebook_legacy": "Facebook Insights",
    "meta_posts": "Meta Business Suite",
    "meta_cards": "Meta Business Suite",
    "linkedin_page": "LinkedIn",
    "linkedin_creator": "LinkedIn",
    "google_analytics": "Google Analytics",
    "google_forms": "Google Forms",
    "microsoft_forms": "Microsoft Forms",
    "limesurvey": "LimeSurvey",
    "qualtrics": "Qualtrics",
    "spss": "SPSS",
    "surveymonkey": "SurveyMonkey",
    "typeform": "Typeform",
    "webropol": "Webropol",
    "discourse": "Discourse",
    "mattermost": "Mattermost",
    "viva_engage": "Viva Engage",
    "sprout_social": "Sprout Social",
}
"""Channels and tools as their makers write them, the same in every language."""
