/* What is shown at first; then, two frames later, the page says that it is ready. */
plan.part(() => {
  const { data, map, small, order, resize, restack, whole, sized, labels, toggle } = plan;

  toggle(!small.matches);
  map.invalidateSize({ animate: false });
  whole();
  resize();
  for (const layer of order) if (layer.on) map.addLayer(layer.group);
  map.addLayer(labels);
  if (data.picks) data.picks.choose();
  resize();
  restack();
  const ready = document.fonts ? document.fonts.load("16px " + data.family, "楼") : Promise.resolve();
  Promise.resolve(ready).then(() => {
    for (const p of sized) if (map.hasLayer(p)) p.redraw();
    labels.redraw();
    // Two frames later everything has been drawn once.
    requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = "yes"; }));
  });
  let last = "";
  window.addEventListener("resize", () => {
    const now = window.innerWidth + "x" + window.innerHeight;
    if (now !== last) { last = now; map.invalidateSize({ animate: false }); }
  }, { signal: plan.life.signal });
});

plan.start();
window.planMap = plan;
