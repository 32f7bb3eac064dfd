"""Pages of a web task, had again and kept for the viewer."""

from __future__ import annotations

from pathlib import Path

import pytest
from viewer_runs import apart

from treewright.domains.web import NoBrowser, find_chromium, miniwob_task
from treewright.runs.album import album_of, make_album, outline, picture
from treewright.search import Budget, SearchError, mcts, search
from treewright.value_models import ScriptedPolicy, ScriptedValue


async def clicked(run: Path) -> None:
    """Searches two small pages."""
    stream = search(
        [miniwob_task("click-test", 0), miniwob_task("click-test-2", 0)],
        domain="miniwob",
        policy=ScriptedPolicy(),
        value=ScriptedValue(),
        recipe=mcts(),
        budget=Budget(expansions=3),
        run=run,
    )
    async for _ in stream:
        pass


@pytest.mark.slow
@pytest.mark.browser
def test_an_album_lies_where_the_viewer_looks(tmp_path: Path) -> None:
    try:
        find_chromium()
    except NoBrowser as error:
        pytest.skip(str(error))
    run = tmp_path / "run"
    apart(clicked(run))
    page = make_album(run, "click-test-2-0", most=3)
    assert page == album_of(run, 1) / "index.html"
    shot = picture(run, 1, 0)
    assert shot is not None
    assert shot.read_bytes().startswith(b"\x89PNG")
    shown = outline(run, 1, 0)
    assert shown is not None
    assert "button 'ONE'" in shown
    assert picture(run, 0, 0) is None
    assert outline(run, 0, 0) is None
    with pytest.raises(SearchError, match="did you mean 'click-test-2-0'"):
        make_album(run, "click-test-2-1")
