"""One client, public: what passed the gate, as one file; all that a report or a workshop ever sees."""

from smf_helpers.release.audit import audit_files as audit_files
from smf_helpers.release.audit import audit_sheet as audit_sheet
from smf_helpers.release.audit import scan_batch as scan_batch
from smf_helpers.release.file import open_release as open_release
from smf_helpers.release.file import read_release as read_release
from smf_helpers.release.file import save_release as save_release
from smf_helpers.release.file import write_release as write_release
from smf_helpers.release.make import Releasable as Releasable
from smf_helpers.release.make import make_release as make_release
from smf_helpers.release.portfolio import compare_releases as compare_releases
from smf_helpers.release.portfolio import write_portfolio as write_portfolio
