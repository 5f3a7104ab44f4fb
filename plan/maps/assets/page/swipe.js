/* The estate as it is beside the proposal, parted by a divider. Each thing is clipped where it is drawn, on the one
   canvas: so what lies over and under what stays as it is, and no point is hidden by another pane. */
plan.part(() => {
  const { data, ui, map, mapNode, el, put, renderer } = plan;
  const gone = data.layers.filter((l) => l.before);
  const swipe = { on: false, share: 0.5, x: () => map.containerPointToLayerPoint([swipe.share * map.getSize().x, 0]).x };
  plan.swipe = swipe;

  // side: 0 in both, 1 only in the estate as it is (left), 2 only in the proposal (right)
  swipe.seen = (side, x) => (swipe.on ? !side || (side === 1) === x < swipe.share * map.getSize().x : side !== 1);
  swipe.holds = (side, x) => (swipe.on ? !side || (side === 1) === x < swipe.x() : side !== 1);
  swipe.clip = (r, side, draw) => {
    const x = swipe.x(), { min, max } = r._bounds, ctx = r._ctx;
    ctx.save(); ctx.beginPath();
    if (side === 1) ctx.rect(min.x, min.y, x - min.x, max.y - min.y); else ctx.rect(x, min.y, max.x - x, max.y - min.y);
    ctx.clip(); draw(); ctx.restore();
  };
  swipe.clipLabel = (ctx, side) => {
    if (!swipe.on || !side) return;
    const size = map.getSize(), x = swipe.share * size.x;
    ctx.beginPath();
    if (side === 1) ctx.rect(0, 0, x, size.y); else ctx.rect(x, 0, size.x - x, size.y);
    ctx.clip();
  };
  // Teach a path which side it is on; one on both whose colour tells of the proposal has its own on the left.
  swipe.part = (p, layer, i) => {
    const side = layer.sides[i], draw = p._updatePath, contains = p._containsPoint;
    if (!side && layer.id !== "buildings") return;
    p._updatePath = function () {
      const r = this._renderer;
      if (!swipe.on || !r._drawing || (!side && !this.usual)) { draw.call(this); return; }
      if (side) { swipe.clip(r, side, () => draw.call(this)); return; }
      const told = this.options.fillColor;
      swipe.clip(r, 2, () => draw.call(this));
      this.options.fillColor = this.usual;
      swipe.clip(r, 1, () => draw.call(this));
      this.options.fillColor = told;
    };
    if (side) p._containsPoint = function (at) { return swipe.holds(side, at.x) && contains.call(this, at); };
  };
  // What goes is seen where the layer that it goes from is.
  swipe.follow = () => {
    for (const layer of gone) {
      const from = data.layers.find((l) => l.id === layer.before);
      const on = swipe.on && (!from || map.hasLayer(from.group));
      if (on && !map.hasLayer(layer.group)) map.addLayer(layer.group); else if (!on) map.removeLayer(layer.group);
    }
  };
  if (!gone.length && !data.layers.some((l) => l.after)) return;

  const divider = el("div", "divider");
  divider.tabIndex = 0; divider.hidden = true;
  for (const [name, value] of [["role", "slider"], ["aria-label", ui.swipe_divider], ["aria-orientation", "horizontal"], ["aria-valuemin", "0"], ["aria-valuemax", "100"]]) divider.setAttribute(name, value);
  put(divider, el("span", "side left", ui.swipe_before), el("span", "grip"), el("span", "side right", ui.swipe_after));
  mapNode.appendChild(divider);
  L.DomEvent.disableClickPropagation(divider);

  let drawn = 0; // where the divider was when the canvas was drawn
  function redraw() {
    const now = swipe.x(), { min, max } = renderer._bounds || map.getPixelBounds();
    if (!renderer._ctx) return;
    const strip = L.bounds([Math.min(now, drawn) - 30, min.y], [Math.max(now, drawn) + 30, max.y]);
    renderer._redrawBounds = renderer._redrawBounds || strip;
    renderer._redrawBounds.extend(strip.min).extend(strip.max);
    renderer._redrawRequest = renderer._redrawRequest || L.Util.requestAnimFrame(renderer._redraw, renderer);
    drawn = now;
  }
  function move(share) {
    swipe.share = Math.max(0, Math.min(1, share));
    const percent = Math.round(swipe.share * 100);
    divider.style.left = swipe.share * 100 + "%";
    divider.setAttribute("aria-valuenow", String(percent));
    divider.setAttribute("aria-valuetext", plan.fill(ui.swipe_value, { percent }));
    redraw();
    plan.labels.redraw();
  }
  swipe.move = move;
  divider.addEventListener("pointerdown", (e) => { divider.setPointerCapture(e.pointerId); divider.focus(); e.preventDefault(); });
  divider.addEventListener("pointermove", (e) => {
    if (!divider.hasPointerCapture(e.pointerId)) return;
    const box = mapNode.getBoundingClientRect();
    move((e.clientX - box.left) / box.width);
  });
  const KEYS = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 };
  divider.addEventListener("keydown", (e) => {
    if (!(e.key in KEYS)) return;
    e.preventDefault(); e.stopPropagation();
    move(swipe.share + KEYS[e.key]);
  });
  map.on("move", () => { if (swipe.on) redraw(); }); // the divider stays where it is on the screen

  const control = L.control({ position: "topleft" });
  const button = el("button", "compare", ui.swipe);
  button.type = "button"; button.setAttribute("aria-pressed", "false");
  control.onAdd = () => { const bar = put(el("div", "leaflet-bar"), button); L.DomEvent.disableClickPropagation(bar); return bar; };
  control.addTo(map);
  swipe.toggle = (on) => {
    swipe.on = on;
    button.setAttribute("aria-pressed", String(on));
    divider.hidden = !on;
    map.closePopup();
    swipe.follow();
    plan.restack();
    move(swipe.share);
    if (renderer._ctx) renderer._update();
    if (on) divider.focus({ preventScroll: true });
  };
  button.addEventListener("click", () => swipe.toggle(!swipe.on));
});
