"""The sections of the report, in reading order; importing this room registers them."""

from smf_helpers.report.sections import minute as minute  # isort: skip
from smf_helpers.report.sections import hour as hour  # isort: skip
from smf_helpers.report.sections import method as method  # isort: skip
from smf_helpers.report.sections import portfolio as portfolio  # isort: skip
