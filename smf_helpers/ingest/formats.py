"""Registers every format: importing this module fills ``READERS``."""

from smf_helpers.ingest.channels import linkedin as linkedin
from smf_helpers.ingest.channels import meta as meta
from smf_helpers.ingest.internal import slack as slack
from smf_helpers.ingest.internal import viva_engage as viva_engage
from smf_helpers.ingest.plain import lists as lists
from smf_helpers.ingest.plain import mapped as mapped
from smf_helpers.ingest.surveys import google_forms as google_forms
from smf_helpers.ingest.surveys import limesurvey as limesurvey
from smf_helpers.ingest.surveys import microsoft_forms as microsoft_forms
