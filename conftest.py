"""papermill comes first: in mid-import it loads our engines by their entry points, and none of them may be half made."""

from smf_helpers.batch.imports import import_papermill

import_papermill()
