"""What practice recommends, tied to the factor, the barrier or the condition it mends.

The sentences follow the framework: each names a first step that an organisation of any size can take.
"""

from typing import Final

FACTOR_REMEDIES: Final[dict[str, str]] = {
    "objectives": "Write down two or three objectives that a team can check each month, and say what they replace.",
    "targets_channels": "For each target group, name the one channel it really uses and stop serving the others by habit.",
    "activities": "Plan the next four weeks of activities with the teams that will carry them out, and drop what nobody owns.",
    "ownership": "Appoint an owner for each channel by function, with time set aside for it, and tell everybody who it is.",
    "listening": "Set aside a fixed hour a week to read what customers and colleagues write, and bring one thing back to the team.",
    "engaging": "Agree how fast a question is answered and by whom, and answer in a person's voice.",
    "measuring": "Pick three measures that follow from the objectives and look at them together in every review.",
    "learning_culture": "Hold a short review after each campaign or incident: what did we try, what came of it, what do we keep. "
    "Leaders take part and share their own attempts first.",
}

BARRIER_REMEDIES: Final[dict[str, str]] = {
    "technology": "Offer a four-week pilot with an adviser at people's side, in their own work.",
    "shyness": "Start in small closed groups and let people answer before they have to post.",
    "embarrassment": "Let executives and experts post unfinished thoughts first, so that a mistake is seen to cost nothing.",
    "tool_overload": "Close one tool for each one opened, and say which is used for what.",
    "legal": "Publish a one-page policy with examples of what is allowed, and name whom to ask.",
    "security": "Publish what may be shared where, and open what need not be closed.",
    "time": "Give the time a name in the calendar, and replace a report or a meeting with it.",
}

CONDITION_REMEDIES: Final[dict[str, str]] = {
    "policy_clarity": "Make the policy shorter and add examples from daily work.",
    "owner_known": "Introduce the owner in every unit, and put the name of the function where people ask.",
    "access_open": "Lift restrictions where they block useful resources; phones get round them anyway.",
    "executives_seen": "Ask each executive to answer one question in the open every week.",
    "email_replaced": "Move one recurring e-mail thread a month into an open group.",
}
