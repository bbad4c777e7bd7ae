"""Every word of the workshop's pages, in English; the catalogue of a language has them in its own."""

from typing import Final

from smf_helpers.language import Language

TITLES: Final = {
    "factors": "How do we do today?",
    "what_if": "What if?",
    "curves": "How do people learn?",
    "barriers": "Reason or excuse?",
}

ASKS: Final = {
    "factors": "Rate each of the eight factors from 1 (not at all) to 5 (very well).",
    "what_if": "Move a lever together and see where participation would go.",
    "curves": "Which curve will the typical learner follow? Guess first, then see.",
    "barriers": "For each barrier: is it a reason that can be addressed, or an excuse that hides something?",
}

NOTES: Final = {
    "factors": "Let everybody rate alone first, three minutes. Reveal, then ask: does the weakest factor surprise you? "
    "Does learning and culture, the link, feed both cycles? Ask for an example before an explanation.",
    "what_if": "Ask for a bet before each lever: what happens if executives join, if nobody owns it, if the programme stops? "
    "Say aloud which levers are assumptions. Look at the range before the line.",
    "curves": "Let the group defend its guesses before you reveal. Afterwards: everyone's pace is different. "
    "What did we do for the slowest third? When does a person's learning become the organisation's?",
    "barriers": "An excuse is not an accusation: it may hide fear of looking silly or a missing mandate. "
    "For each reason, choose one remedy, an owner and a date before you go on.",
}

CURVE_NAMES: Final = {
    "fast": "Fast at first, then levelling off",
    "steady": "Slower, then levelling off",
    "late": "Slow start, then a jump, then level",
    "straight": "A straight line, week after week",
}

REMEDIES: Final = {
    "technology": "A four-week pilot with an adviser at your side.",
    "shyness": "Small closed groups first; answer before you post.",
    "embarrassment": "Executives post unfinished thoughts first.",
    "tool_overload": "Close one tool for each one opened.",
    "legal": "A one-page policy with examples, and whom to ask.",
    "security": "Publish what may be shared where.",
    "time": "A fixed slot in the calendar that replaces a meeting.",
}

PAGE: Final = {
    "workshop": "Workshop on the culture of social media",
    "join": "Join with your phone",
    "code": "Code",
    "votes": "votes",
    "counted": "counted in the picture",
    "reveal": "Reveal",
    "hide": "Hide",
    "close": "Close voting",
    "open": "Open voting",
    "closed": "Voting is closed",
    "reset": "Reset",
    "sure": "Really reset?",
    "notes": "Trainer's notes",
    "hands": "Hands up",
    "theme": "Light or dark",
    "export": "Export CSV",
    "import": "Import",
    "import_help": "Paste the results of Mentimeter, Slido or Forms, or choose a CSV file.",
    "import_do": "Take in",
    "cancel": "Cancel",
    "too_few": "The picture appears when at least 5 have voted.",
    "hidden": "Vote now. The result is hidden until it is revealed.",
    "reason": "Reason",
    "excuse": "Excuse",
    "send": "Send",
    "thanks": "Thank you. You may change your vote until voting is closed.",
    "wait": "Look at the wall; the next question comes here by itself.",
    "wrong_code": "This is not the code on the wall.",
    "failed": "That did not arrive. Please try again.",
    "anonymous": "Anonymous: no name, no address is kept. Nothing is shown below 5 votes.",
    "hands_help": "Arrow keys choose the line, digits add a hand, Shift and digit take one back.",
    "sample": "Invented organisation",
    "guessed": "{n} guessed this",
    "measured": "Dotted: the curve that was measured. {name}",
    "answer_all": "Please answer every line.",
    "private": "Only on this computer; start with --share to let phones in.",
}

DRAWING: Final = {
    "internal": ("Internal cycle", "strategy"),
    "external": ("External cycle", "implementation"),
    "link": ("The link", "joins both"),
}


def page_words(language: Language) -> dict[str, str]:
    """Give the words of the pages in a language, flat, for their scripts."""
    flat = dict(PAGE)
    for prefix, texts in (("title", TITLES), ("ask", ASKS), ("note", NOTES), ("curve", CURVE_NAMES)):
        flat |= {f"{prefix}_{key}": text for key, text in texts.items()}
    return {key: language.text(text) for key, text in flat.items()}
