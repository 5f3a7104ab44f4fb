/* A sheet shows what the screen shows. */
plan.part(() => {
  const { map, labels } = plan;

  let paper = null; // a sheet shows what the screen shows
  window.addEventListener("beforeprint", () => { paper = [map.getBounds(), map.getCenter(), map.getZoom()]; }, { signal: plan.life.signal });
  window.addEventListener("afterprint", () => {
    const back = paper;
    paper = null;
    map.invalidateSize({ animate: false });
    if (back) map.setView(back[1], back[2], { animate: false });
  }, { signal: plan.life.signal });
  window.matchMedia("print").addEventListener("change", (e) => {
    if (!e.matches || !paper) return;
    map.invalidateSize({ animate: false });
    map.fitBounds(paper[0], { animate: false });
    labels._draw();
  }, { signal: plan.life.signal });
});
