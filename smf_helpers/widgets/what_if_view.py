"""The what-if in Lab: the same JavaScript module as in the saved page and on the projector, as an anywidget."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from smf_helpers.figures.what_if import module_source, words_in
from smf_helpers.language import language
from smf_helpers.results.released import Brand

if TYPE_CHECKING:
    from smf_helpers.release.material import Material
    from smf_helpers.results.released import Release

_EXPORT: Final = """
const GROUND = { ink: "content-font-color1", soft: "content-font-color2", line: "border-color2", card: "layout-color1" };
const REST = 150; // milliseconds without a move, after which the kernel hears where the levers stand
export default {
  render({ model, el }) {
    for (const [name, lab] of Object.entries(GROUND)) el.style.setProperty("--smf-" + name, `var(--jp-${lab})`);
    el.style.setProperty("--smf-accent", model.get("accent"));
    el.style.font = "14px/1.45 var(--jp-content-font-family, sans-serif)";
    const same = (settings) => JSON.stringify(settings) === JSON.stringify(model.get("value"));
    let rest = 0;
    const live = smfWhatIf.mount(el, model.get("spec"), {
      texts: model.get("texts"),
      language: model.get("language"),
      settings: model.get("value"),
      onChange(settings) {
        clearTimeout(rest);
        rest = setTimeout(() => {
          if (same(settings)) return;
          model.set("value", settings);
          model.save_changes();
        }, REST);
      },
    });
    const follow = () => { if (!same(live.settings)) live.set(model.get("value")); };
    model.on("change:value", follow);
    return () => { clearTimeout(rest); model.off("change:value", follow); live.destroy(); };
  },
};
"""


class WhatIfView(anywidget.AnyWidget):
    """The live what-if; `value` holds the settings once the hand rests: lever → ``{"value": …, "start": week}``.

    Attributes
    ----------
    spec : the calibrated model, see `smf_helpers.results.what_if`.
    texts : the module's words.
    """

    _esm = module_source() + _EXPORT
    spec = traitlets.Dict().tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    accent = traitlets.Unicode("#d1495b").tag(sync=True)
    value = traitlets.Dict().tag(sync=True)


def what_if(shown: "Release | Material", code: str = "") -> Any:
    """Give the live what-if of a release, or the sentence that says why there is none.

    Parameters
    ----------
    shown : a release, the private preview of one, or the material of a workshop.
    code : language of the words; that of the release by default.
    """
    tongue = language(code or getattr(shown, "language", "en"))
    model = shown.what_if
    if model is None:
        return tongue.text("There is no what-if: adoption of this client could not be calibrated.")
    return WhatIfView(
        spec=model if isinstance(model, dict) else asdict(model),
        texts=words_in(tongue),
        language=tongue.code,
        accent=getattr(shown, "brand", Brand()).accent,
        value={},
    )
