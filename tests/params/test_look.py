"""The files of a client's look are checked before anything runs, and reach page and slides through the release."""

import base64
import zipfile

import pytest

from smf_helpers.errors import ParamsError
from smf_helpers.params import load_params
from smf_helpers.params.schema import SECTIONS
from smf_helpers.report.book import ALWAYS
from smf_helpers.report.chapters import CHAPTERS
from smf_helpers.workbook import Workbook

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
WORDS = "client: acme\nname: Acme\nsources: [{path: a.csv}]\n"


def project(folder, look, **files):
    for name in ("params", "data/raw/acme"):
        (folder / name).mkdir(parents=True)
    for name, content in files.items():
        (folder / "data/raw/acme" / name.replace("_", ".")).write_bytes(content)
    path = folder / "params" / "acme.yml"
    path.write_text(WORDS + f"brand: {look}\n", encoding="utf-8")
    return path


def template(folder, *more):
    path = folder / "made.pptx"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ppt/presentation.xml", *more):
            archive.writestr(name, "<p/>")
    return path.read_bytes()


def test_logo_and_template_reach_the_release_as_data(tmp_path):
    look = "{logo: logo.png, template: ours.pptx, font: 'Inter, Georgia', greeting: Welcome.}"
    slides = template(tmp_path)
    path = project(tmp_path, look, logo_png=PIXEL, ours_pptx=slides)
    brand = Workbook(load_params(path), {}, root=str(tmp_path)).brand()
    assert base64.b64decode(brand.logo.removeprefix("data:image/png;base64,")) == PIXEL
    assert base64.b64decode(brand.template.partition(";base64,")[2]) == slides
    assert (brand.font, brand.greeting) == ("Inter, Georgia", "Welcome.")


@pytest.mark.parametrize(
    ("look", "code", "said"),
    [
        ("{logo: none.png}", "Y005", "is not there"),
        ("{logo: text.png}", "Y005", "not a PNG, JPEG or SVG picture"),
        ("{logo: large.png}", "Y005", "more than 200,000"),
        ("{logo: ../acme.png}", "Y004", "leads out"),
        ("{template: text.pptx}", "Y005", "not a PPTX presentation"),
        ("{template: macros.pptx}", "Y005", "without macros"),
        ('{font: "x; background:url(y)"}', "Y002", "brand.font"),
        ('{primary: "#ffd400"}', "Y002", "take #8c7400 or darker"),
        ('{accent: "#fff6a0"}', "Y002", "contrast of 1.1 on white where 3 is needed"),
    ],
)
def test_a_look_that_cannot_be_used_is_refused_with_its_place_and_remedy(tmp_path, look, code, said):
    files = {"text_png": b"hello", "large_png": PIXEL + b"0" * 200_000, "text_pptx": b"hello"}
    files["macros_pptx"] = template(tmp_path, "ppt/vbaProject.bin")
    with pytest.raises(ParamsError) as refused:
        load_params(project(tmp_path, look, **files))
    fault = refused.value.faults[0]
    assert fault.code == code and fault.where == "acme.yml:4"
    assert said in f"{fault.what} {fault.remedy}"


def test_the_sections_that_a_client_may_choose_are_those_of_the_report():
    assert {*SECTIONS, *ALWAYS} == set(CHAPTERS)
