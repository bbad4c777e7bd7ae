"""What may be published: the gate, redaction, keys, and the attacker that tries to undo it."""

from smf_helpers.privacy.attacker import attack as attack
from smf_helpers.privacy.gate import pass_gate as pass_gate
from smf_helpers.privacy.rules import Profile as Profile
from smf_helpers.privacy.rules import profile as profile
