"""Registers every format: importing this module fills ``READERS``."""

from smf_helpers.ingest.channels import analytics as analytics
from smf_helpers.ingest.channels import facebook_legacy as facebook_legacy
from smf_helpers.ingest.channels import linkedin as linkedin
from smf_helpers.ingest.channels import linkedin_creator as linkedin_creator
from smf_helpers.ingest.channels import meta as meta
from smf_helpers.ingest.channels import sprout as sprout
from smf_helpers.ingest.channels import tiktok as tiktok
from smf_helpers.ingest.channels import x as x
from smf_helpers.ingest.channels import youtube as youtube
from smf_helpers.ingest.internal import forums as forums
from smf_helpers.ingest.internal import m365 as m365
from smf_helpers.ingest.internal import slack as slack
from smf_helpers.ingest.internal import slack_analytics as slack_analytics
from smf_helpers.ingest.internal import viva_engage as viva_engage
from smf_helpers.ingest.internal import viva_insights as viva_insights
from smf_helpers.ingest.plain import lists as lists
from smf_helpers.ingest.plain import mapped as mapped
from smf_helpers.ingest.surveys import google_forms as google_forms
from smf_helpers.ingest.surveys import limesurvey as limesurvey
from smf_helpers.ingest.surveys import microsoft_forms as microsoft_forms
from smf_helpers.ingest.surveys import qualtrics as qualtrics
from smf_helpers.ingest.surveys import spss as spss
from smf_helpers.ingest.surveys import surveymonkey as surveymonkey
from smf_helpers.ingest.surveys import typeform as typeform
from smf_helpers.ingest.surveys import webropol as webropol
from smf_helpers.ingest.surveys import wide as wide
