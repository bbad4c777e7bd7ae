"""Labels for the keys of the published tables, in English; the catalogues have them in other languages.

A key that the client named (a unit, a wave, an intervention) has its label in the release; a key of ours
has it here; any other is written as words.
"""

from typing import Final

from smf_helpers.framework import FACTORS

LABELS: Final[dict[str, str]] = {
    **{factor.key: factor.label for factor in FACTORS},
    "all": "Whole organisation",
    # cycles
    "internal": "Internal",
    "external": "External",
    "link": "Link",
    "whole": "Whole double cycle",
    # stages
    "none": "Not yet",
    "personal": "Own use",
    "customer": "With customers",
    # barriers
    "technology": "Afraid of the technology",
    "shyness": "Too shy to voice an opinion",
    "embarrassment": "Afraid of looking silly",
    "tool_overload": "Too many tools",
    "legal": "Legal worries",
    "security": "Security worries",
    "time": "Too busy",
    # people
    "champions": "Champions",
    "participants": "Participants",
    "bystanders": "Bystanders",
    "held_back": "Held back",
    "engager": "Engagers: give and receive",
    "catalyst": "Catalysts: receive much",
    "responder": "Responders: give much",
    "broadcaster": "Broadcasters: post, rarely answer",
    "observer": "Observers: read",
    "policy_clarity": "The policy is clear",
    "owner_known": "The owner is known",
    "access_open": "Access is open",
    "executives_seen": "Executives are seen taking part",
    "email_replaced": "E-mail has been replaced",
    # interventions
    "policy_published": "Policy published",
    "owner_appointed": "Owner appointed",
    "executive_joined": "Executive joined",
    "ban_lifted": "Ban lifted",
    "training_held": "Training held",
    "unit_joined": "Unit joined the roll-out",
    "other": "Other",
    # verdicts
    "rose": "rose",
    "fell": "fell",
    "equivalent": "no change",
    "not comparable": "not comparable",
    "not enough to say": "not enough to say",
    "need": "need",
    "no need": "no need",
    "reason": "a reason",
    "excuse": "an excuse",
    "inside": "held",
    "outside": "missed",
    "no skill": "no better than guessing on",
    "survives": "survives",
    "fails": "fails",
    "supported": "supported",
    "leaning": "leaning",
    "undecided": "undecided",
    "not tried": "not tried",
    "ahead": "ahead",
    "level": "level",
    "behind": "behind",
    "waiting": "waiting",
    "no effect seen": "no effect seen",
    "cannot be told": "cannot be told",
    # status
    "ok": "ok",
    "one_sided": "one side only",
    "boundary": "at the edge of what is possible",
    "not_identified": "the data cannot tell",
    "insufficient_data": "not enough data",
    "not_converged": "the fit did not settle",
    "not enough data": "not enough data",
    # other keys
    "paired": "same people",
    "independent": "anonymous waves",
    "observed": "observed",
    "forecast": "forecast",
    "programme": "The programme",
    "organisation": "Imitation across the organisation",
    "network": "Colleagues in one's own network",
    "executives": "Executives taking part",
    "crisis": "Crisis messages",
    "early": "Early",
    "permuted_network": "Network shuffled",
    "future_exposure": "Exposure from the future",
    "posts": "Posts",
    "audience": "Audience",
    "engagement_by_impressions": "Engagement by impressions",
    "engagement_by_reach": "Engagement by reach",
    "engagement_by_followers": "Engagement by followers",
    # named quantities
    "level_now": "Typical level now",
    "gain_so_far": "Gain so far",
    "gain_next": "Gain expected by the next wave",
    "half_life": "To half of one's gain",
    "weeks_to_80": "To 80 % of one's gain",
    "pace_spread": "Spread of pace",
    "proficient_by": "Proficient by the target date",
    "dropouts_slope": "Pace of those who left",
    "lag": "Lag behind its people",
    "strength": "Rise of the factor per point of skill",
    "share_now": "Have taken part",
    "ceiling": "Levels off at",
    "p": "Programme push",
    "q": "Imitation",
    "peak_at": "Fastest growth",
    "takeoff_at": "Take-off",
    "slowdown_at": "Slow-down",
    "peak_share": "Share at the fastest growth",
    "link_to_internal": "Link at one wave, internal cycle at the next",
    "link_to_external": "Link at one wave, external cycle at the next",
    "reproduction_number": "Reproduction number",
    "chance_sustained": "Chance that it sustains itself",
    "active_after_year": "Active a year after a stop",
    "lapse_must_fall": "Weekly lapse would have to fall by",
}

SHORT: Final[dict[str, str]] = {factor.key: factor.short for factor in FACTORS}
"""Labels of at most two words, for drawings."""

UNITS: Final[dict[str, str]] = {
    "scale points": "points on the scale of 1 to 5",
    "share": "share",
    "weeks": "weeks",
    "months": "months",
    "people": "people",
    "points": "points",
    "hours": "hours",
    "posts": "posts",
    "per week": "per week",
    "per year": "per year",
    "actions": "actions",
    "rows": "rows",
}

GRADES: Final[dict[str, str]] = {
    "measured": "Measured: counted or asked, with its sampling error.",
    "associated": "Associated: goes together in the data; the cause is open.",
    "tested": "Tested: compared with what would have happened otherwise, as far as the design allows.",
    "assumed": "Assumed: rests on a model or on what practice reports, not on this "
    "organisation's data alone.",
}
