"""A wave that was released stays as it was: refused when it changed, told again as it was where that is asked for."""

from pathlib import Path

import pytest

from smf_helpers.release import open_release
from tests.main_job.conftest import make_project, smf

pytestmark = pytest.mark.xdist_group("main_job")


def test_a_changed_wave_is_refused_and_keep_frozen_tells_it_as_it_was(tmp_path: Path) -> None:
    project = make_project(tmp_path, ("pienpaja",))
    assert smf(project, "report").code == 0
    release = project / "private" / "releases" / "pienpaja.json"
    before = open_release(release).tables
    page = project / "reports" / "pienpaja" / "report.html"
    assert page.exists()

    # One late answer, and one that is read in another way now.
    survey = next((project / "data" / "sample" / "pienpaja").glob("wave 2*"))
    lines = survey.read_bytes().splitlines(keepends=True)
    changed = lines[1].replace(b";4;", b";1;", 3)
    assert changed != lines[1]
    original = survey.read_bytes()
    survey.write_bytes(b"".join([lines[0], changed, *lines[2:], lines[-1]]))
    refused = smf(project, "report")
    assert refused.code == 4, refused.said
    assert "L004" in refused.said and "--keep-frozen" in refused.said
    delivered = {path.name for path in page.parent.iterdir()} if page.parent.exists() else set()
    assert delivered <= {"failure.html"}

    kept = smf(project, "report", "--keep-frozen")
    assert kept.code == 0, kept.said
    assert page.exists()
    # All figures but the list of files, whose digests and rows are those of the files that lie there now.
    now = open_release(release).tables
    assert {name for name in before if now[name] != before[name]} <= {"sources"}

    assert smf(project, "report", "--keep-frozen", "--reissue").code == 1
    wrong = smf(project, "report", "--only", "pienpaja")
    assert wrong.code == 1 and "'pienpaja' is not an output: html, pptx, xlsx, pdf." in wrong.said
    # Six of one team who answered late may be told, and the wave stays as it was told last.
    late = [line[:1] + b"9" + line[2:] for line in lines if b";Hitsaamo;" in line][:6]
    survey.write_bytes(original + b"".join(late))
    again = smf(project, "report", "--reissue")
    assert again.code == 0, again.said
    told = open_release(release)
    assert told.tables["factors"] != before["factors"]
    assert told.audit["attacks that found something"] == "0"
    assert smf(project, "report", "--again").code == 0
    assert open_release(release).tables == told.tables
