"""The empty page in the house style: theme, language, the browser's back button, its end with the session.
Not here: header, navigation and content (shell.py, pages/)."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from panel_material_ui.template.base import BASE_TEMPLATE

from dashboard import theme
from dashboard.texts import Texts

# The browser's back button reloads the view of the link it returns to (Panel only pushes addresses); a bare
# address is completed in place, so that "back" does not fall into it again.
_SCRIPT = """{% extends house %}{% block postamble %}{{ super() }}<script>
document.documentElement.lang = "{{ language }}";
window.addEventListener("popstate", () => window.location.reload());
const push = history.pushState.bind(history);
history.pushState = (state, title, url) => {
  const bare = !new URLSearchParams(window.location.search).has("run");
  (bare ? history.replaceState.bind(history) : push)(state, title, url);
};
</script>{% endblock %}"""


def page_frame(texts: Texts, title: str, **areas: Any) -> pmui.Page:
    """Empty page in the house style, in the language of its texts."""
    if pn.state.curdoc is not None:
        pn.state.curdoc.theme = theme.PLOTS
    template = BASE_TEMPLATE.environment.from_string(
        _SCRIPT, globals={"house": BASE_TEMPLATE, "language": texts.language}
    )
    page = pmui.Page(
        title=title,
        template=template,
        theme_config=theme.THEME,
        theme_toggle=False,
        sidebar_width=232,
        sidebar_resizable=False,
        main_width=1480,
        busy_indicator="linear",
        sx={"& main": {"backgroundColor": theme.PAPER}},
        **areas,
    )
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        pn.state.on_session_destroyed(lambda _: let_go(page))
    return page


def let_go(page: pmui.Page) -> None:
    """Ends the page's watch on Panel's global busy flag, which would keep it and its session alive for ever.

    panel-material-ui 0.16 binds ``Page.busy`` to ``pn.state.param.busy`` and never unbinds it.
    """
    for watcher in list(pn.state.param.watchers.get("busy", {}).get("value", [])):
        if getattr(getattr(watcher.fn, "__self__", None), "self", None) is page:
            pn.state.param.unwatch(watcher)
